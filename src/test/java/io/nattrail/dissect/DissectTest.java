package io.nattrail.dissect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class DissectTest {
    private static final byte[] SYN = HexFormat.of().parseHex("0200000000020200000000010800"
            + "45000028123440004006000" + "00af100040af0000496007d0001020304000000005002faf000000000");

    @Test
    void namesLayersAndFields() {
        var layers = PacketDissector.dissect(SYN, LinkType.ETHERNET);
        assertThat(layers).extracting(DissectedLayer::name).anyMatch(name -> name.startsWith("TCP Header"));
        assertThat(layers.get(2).fields()).extracting(DissectedField::name).contains("Source port", "Destination port");
    }

    @Test
    void survivesEveryPrefix() {
        for (int length = 0; length < SYN.length; length++) {
            assertThat(PacketDissector.dissect(Arrays.copyOf(SYN, length), LinkType.ETHERNET)).isNotEmpty();
        }
    }

    @Test
    void filtersAsTcpdumpDoes() throws FilterException {
        try (BpfFilter hit = filter("tcp dst port 32000"); BpfFilter miss = filter("udp")) {
            FrameView frame = new FrameView();
            frame.set(SYN, 0, SYN.length, SYN.length, 0, true, 1, 0, LinkType.ETHERNET, 0);
            assertThat(hit.matches(frame)).isTrue();
            assertThat(miss.matches(frame)).isFalse();
        }
    }

    @Test
    void saysWhatIsWrongWithAnExpression() {
        assertThatThrownBy(() -> filter("tcp prot 1")).isInstanceOf(FilterException.class).hasMessageContaining("tcp prot 1");
    }

    private static BpfFilter filter(String expression) throws FilterException {
        try {
            return BpfFilter.compile(expression);
        } catch (FilterException e) {
            Assumptions.assumeFalse(e.getCause() instanceof LinkageError, "libpcap is not installed");
            throw e;
        }
    }
}
