package io.nattrail.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PacketDecoderProperties {
    private static final String VXLAN = "4500006e 0001 0000 40 11 0000 0a000001 0a000002 c000 12b5 005a 0000 08000000 00000100"
            + Hex.ETHERNET + "0800" + Hex.IPV4_SYN;

    @Property
    void anyBytesOnAnyLinkTypeAreSurvived(@ForAll @Size(max = 200) byte[] bytes, @ForAll @From("linkTypes") int linkType) {
        check(linkType, bytes);
    }

    @Property
    void anyPrefixWithAnyByteChangedIsSurvived(@ForAll @IntRange(max = 124) int length, @ForAll @IntRange(max = 123) int at,
            @ForAll byte value) {
        byte[] whole = Hex.bytes(Hex.ETHERNET + "0800" + VXLAN);
        whole[at] = value;
        check(LinkType.ETHERNET, Arrays.copyOf(whole, length));
        check(Hex.decode(LinkType.ETHERNET, Arrays.copyOf(whole, length), whole.length), length);
    }

    @Provide
    Arbitrary<Integer> linkTypes() {
        return Arbitraries.of(0, 1, 9, 12, 14, 50, 51, 101, 104, 108, 113, 228, 229, 276);
    }

    /** The array ends where the frame does, so a read behind it would throw. */
    private static void check(int linkType, byte[] bytes) {
        check(Hex.decode(linkType, bytes), bytes.length);
    }

    private static void check(PacketView packet, int length) {
        assertThat(packet.payloadStart()).isBetween(0, length);
        assertThat(packet.payloadStart() + packet.payloadCaptured()).isBetween(0, length);
        assertThat(packet.payloadLength()).isGreaterThanOrEqualTo(packet.payloadCaptured());
        new PacketDecoder().decodeQuoted(packet, new PacketView());
    }
}
