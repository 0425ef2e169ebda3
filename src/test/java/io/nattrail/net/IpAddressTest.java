package io.nattrail.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @Test
    void anIpv4AddressIsItsThirtyTwoBits() {
        IpAddress node = IpAddress.parse("10.240.0.4");

        assertThat(node).isEqualTo(IpAddress.v4(0x0af00004));
        assertThat(node.v6()).isFalse();
        assertThat(node).hasToString("10.240.0.4");
    }

    @Test
    void theHighestIpv4AddressIsNotNegative() {
        assertThat(IpAddress.v4(-1)).hasToString("255.255.255.255").isGreaterThan(IpAddress.parse("127.255.255.255"));
    }

    @Test
    void anIpv6AddressIsItsTwoHalves() {
        assertThat(IpAddress.parse("2001:db8::1")).isEqualTo(IpAddress.v6(0x20010db800000000L, 1));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"127.0.0.1, true", "127.0.0.6, true", "::1, true", "128.0.0.1, false", "10.244.0.3, false", "::2, false", "fd00::1, false"})
    void aHostsOwnAddressesAreLoopback(String text, boolean loopback) {
        assertThat(IpAddress.parse(text).isLoopback()).isEqualTo(loopback);
    }

    @ParameterizedTest(name = "{0} is written {1}")
    @CsvSource({
        // RFC 5952, section 1: one address, many texts
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8::1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8::0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0db8::1:0:0:1, 2001:db8::1:0:0:1",
        "2001:DB8:0:0:1::1, 2001:db8::1:0:0:1",
        // section 2.1: leading zeros
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:001, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
        // section 2.2 and 4.2.2: one group of zeros is not shortened
        "2001:db8:aaaa:bbbb:cccc:dddd::1, 2001:db8:aaaa:bbbb:cccc:dddd:0:1",
        "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        // section 4.2.3: the longest run, of equal ones the first
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:0, 2001:db8:0:0:1::",
        // section 4.3: lower case
        "2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:AAAA, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa",
        // RFC 4291, section 2.2
        "::, ::", "0:0:0:0:0:0:0:0, ::", "::1, ::1", "1::, 1::", "FF01:0:0:0:0:0:0:101, ff01::101",
        "::13.1.68.3, ::d01:4403", "::FFFF:129.144.52.38, ::ffff:8190:3426", "64:ff9b::10.244.1.2, 64:ff9b::af4:102",
        "1:2:3:4:5:6:10.0.0.1, 1:2:3:4:5:6:a00:1",
        "[fd00::1], fd00::1", "fe80::1%eth0, fe80::1"})
    void ipv6IsWrittenInTheCanonicalFormOfRfc5952(String text, String canonical) {
        assertThat(IpAddress.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0", "10.0.0.0.1", "10.0.0.256", "10.0.0.-1", "10.0.0.+1", "10.0.0.1000", "10..0.1", "1.2.3.",
            ".1.2.3",
        "a.b.c.d", "localhost", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
        "12345::", "g::", "1:", ":1", "1:2:3:4:5:6:7:", "::-1", "::+1", "::1.2.3", "::1.2.3.256", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4::"})
    void whatIsNoAddressIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> IpAddress.parse(text)).withMessageContaining("'" + text + "'");
    }

    @Test
    void addressesAreOrderedUnsignedAndIpv4ComesFirst() {
        assertThat(Stream.of("ffff::", "8000::", "::1", "192.0.2.1", "::", "10.0.0.1").map(IpAddress::parse).sorted()
                .map(IpAddress::toString))
                .containsExactly("10.0.0.1", "192.0.2.1", "::", "::1", "8000::", "ffff::");
    }

    @Test
    void anIpv4AddressOfMoreThanThirtyTwoBitsCannotBeWrittenDown() {
        assertThatIllegalArgumentException().isThrownBy(() -> new IpAddress(1, 0, false));
        assertThatIllegalArgumentException().isThrownBy(() -> new IpAddress(0, 1L << 32, false));
    }
}
