package io.nattrail.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ChecksumsTest {
    private static final String UDP = "4500 001d 0001 0000 4011 66cd 0a000001 0a000002 c000 0035 0009 %04x 61";

    @Test
    void sumsTheExampleOfRfc1071() {
        byte[] bytes = Hex.bytes("0001 f203 f4f5 f6f7");
        assertThat(Checksums.sum(bytes, 0, 8)).isEqualTo(0xddf2);
    }

    @Test
    void judgesTheIpv4Header() {
        byte[] bytes = Hex.bytes(UDP.formatted(0));
        assertThat(Checksums.ipv4HeaderRight(bytes, 0, bytes.length)).isTrue();
        bytes[8]--;
        assertThat(Checksums.ipv4HeaderRight(bytes, 0, bytes.length)).isFalse();
    }

    @Test
    void tellsRightUnfinishedWrongAbsentAndUnknownApart() {
        // Pseudo header: 0a00 + 0001 + 0a00 + 0002 + 0011 + 0009; datagram: c000 + 0035 + 0009 + 6100.
        int pseudo = 0x0a00 + 1 + 0x0a00 + 2 + 17 + 9;
        int sum = pseudo + 0xc000 + 0x35 + 9 + 0x6100;
        int right = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
        assertThat(judged(right)).isEqualTo(Checksums.Verdict.RIGHT);
        assertThat(judged(pseudo)).isEqualTo(Checksums.Verdict.PSEUDO_HEADER_ONLY);
        assertThat(judged(right ^ 1)).isEqualTo(Checksums.Verdict.WRONG);
        assertThat(judged(0)).isEqualTo(Checksums.Verdict.ABSENT);
        byte[] cut = Arrays.copyOf(Hex.bytes(UDP.formatted(right)), 28);
        assertThat(Checksums.transport(Hex.decode(LinkType.RAW, cut))).isEqualTo(Checksums.Verdict.UNKNOWN);
    }

    private static Checksums.Verdict judged(int checksum) {
        return Checksums.transport(Hex.decode(LinkType.RAW, UDP.formatted(checksum)));
    }
}
