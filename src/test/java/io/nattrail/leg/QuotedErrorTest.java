package io.nattrail.leg;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.net.IpAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What ICMP (RFC 792, RFC 1812) and ICMPv6 (RFC 4443) say by type and code. */
class QuotedErrorTest {
    @ParameterizedTest
    @CsvSource({"3, 0, network unreachable", "3, 1, host unreachable", "3, 2, protocol unreachable", "3, 3, port unreachable",
        "3, 4, 'fragmentation needed, MTU 1400'", "3, 5, ICMP type 3 code 5", "3, 9, administratively prohibited",
        "3, 10, administratively prohibited", "3, 13, administratively prohibited", "11, 0, time exceeded",
        "11, 1, fragment reassembly time exceeded", "12, 0, ICMP type 12 code 0",
        // The same codes of another type say something else.
        "5, 1, ICMP type 5 code 1", "12, 2, ICMP type 12 code 2", "5, 3, ICMP type 5 code 3", "12, 4, ICMP type 12 code 4",
        "12, 9, ICMP type 12 code 9"})
    void icmp(int type, int code, String text) {
        check(error(false, type, code), text);
    }

    @ParameterizedTest
    @CsvSource({"1, 0, network unreachable", "1, 3, host unreachable", "1, 4, port unreachable", "1, 1, administratively prohibited",
        "1, 5, administratively prohibited", "1, 6, administratively prohibited", "1, 2, ICMPv6 type 1 code 2",
        "2, 0, 'packet too big, MTU 1400'", "3, 0, time exceeded", "3, 1, fragment reassembly time exceeded",
        "4, 1, unrecognized next header", "4, 0, ICMPv6 type 4 code 0", "4, 3, ICMPv6 type 4 code 3", "4, 4, ICMPv6 type 4 code 4",
        "4, 5, ICMPv6 type 4 code 5"})
    void icmpv6(int type, int code, String text) {
        check(error(true, type, code), text);
    }

    @ParameterizedTest
    @CsvSource({"false, 4, 0, true", "false, 5, 1, true", "false, 3, 1, false", "true, 4, 0, false"})
    void aRedirectAndASourceQuenchStopNothing(boolean v6, int type, int code, boolean harmless) {
        assertThat(error(v6, type, code).harmless()).isEqualTo(harmless);
    }

    private static void check(QuotedError error, String text) {
        assertThat(error.text()).isEqualTo(text);
        assertThat(error.hostUnreachable()).isEqualTo(text.equals("network unreachable") || text.equals("host unreachable"));
        assertThat(error.addressUnreachable()).isEqualTo(text.equals("host unreachable"));
        assertThat(error.portUnreachable()).isEqualTo(text.equals("port unreachable"));
        assertThat(error.protocolUnreachable()).isEqualTo(text.equals("protocol unreachable") || text.equals("unrecognized next header"));
        assertThat(error.packetTooBig()).isEqualTo(text.endsWith("MTU 1400"));
        assertThat(error.prohibited()).isEqualTo(text.equals("administratively prohibited"));
        assertThat(error.timeExceeded()).isEqualTo(text.equals("time exceeded"));
    }

    private static QuotedError error(boolean v6, int type, int code) {
        IpAddress nobody = IpAddress.of(v6, 0, 1);
        return QuotedError.of(0, 1, 0, v6, type, code, 1400, nobody, nobody, 64, true, 0, 0);
    }
}
