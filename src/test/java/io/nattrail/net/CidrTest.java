package io.nattrail.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    @ParameterizedTest(name = "{0} contains {1}: {2}")
    @CsvSource({
        "10.244.0.0/24, 10.244.0.3, true",
        "10.244.0.0/24, 10.244.0.255, true",
        "10.244.0.0/24, 10.244.1.0, false",
        "10.244.0.0/24, 10.243.255.255, false",
        "10.244.0.0/16, 10.244.1.2, true",
        "10.240.0.4/32, 10.240.0.4, true",
        "10.240.0.4/32, 10.240.0.5, false",
        "0.0.0.0/0, 255.255.255.255, true",
        "128.0.0.0/1, 200.1.1.1, true",
        "128.0.0.0/1, 127.255.255.255, false",
        "fd00:244::/64, fd00:244::ffff:1, true",
        "fd00:244::/64, fd00:244:0:1::, false",
        "fd00:244::/63, fd00:244:0:1::, true",
        "fd00:244::/65, fd00:244::8000:0:0:0, false",
        "fd00:244::5/128, fd00:244::5, true",
        "::/0, ffff::, true"})
    void aPrefixContainsTheAddressesThatShareItsBits(String cidr, String address, boolean contained) {
        assertThat(Cidr.parse(cidr).contains(IpAddress.parse(address))).isEqualTo(contained);
    }

    @Test
    void theFamiliesAreApart() {
        assertThat(Cidr.parse("0.0.0.0/0").contains(IpAddress.parse("::"))).isFalse();
        assertThat(Cidr.parse("::/0").contains(IpAddress.parse("10.0.0.1"))).isFalse();
    }

    @Test
    void bitsAfterThePrefixAreDropped() {
        assertThat(Cidr.parse("10.244.1.2/24")).isEqualTo(Cidr.parse("10.244.1.0/24")).hasToString("10.244.1.0/24");
        assertThat(Cidr.parse("fd00:244:0:1::2/48")).hasToString("fd00:244::/48");
    }

    @Test
    void anAddressAloneIsAPrefixOfAllItsBits() {
        assertThat(Cidr.parse("10.240.0.4")).hasToString("10.240.0.4/32");
        assertThat(Cidr.parse("::1")).hasToString("::1/128");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/x", "::/129", "/8", "10.0.0/8", "10.0.0.0/8/8"})
    void whatIsNoPrefixIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Cidr.parse(text));
    }
}
