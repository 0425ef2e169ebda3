package io.nattrail.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;

class NetProperties {
    /** Addresses of both families, IPv6 ones with many groups of zeros, since these are what the canonical form is about. */
    @Provide
    Arbitrary<IpAddress> addresses() {
        Arbitrary<Integer> groups = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just(0)),
                Tuple.of(2, Arbitraries.integers().between(0, 0xffff)));
        Arbitrary<Long> halves = groups.list().ofSize(4).map(four -> four.stream().mapToLong(Integer::longValue)
                .reduce(0, (a, b) -> a << 16 | b));
        return Arbitraries.oneOf(
                Arbitraries.integers().map(IpAddress::v4),
                Combinators.combine(halves, halves).as(IpAddress::v6));
    }

    @Property
    void anAddressIsReadBackFromItsText(@ForAll("addresses") IpAddress address) {
        assertThat(IpAddress.parse(address.toString())).isEqualTo(address);
    }

    @Property
    void theJdkReadsTheSameAddressFromTheText(@ForAll("addresses") IpAddress address) throws UnknownHostException {
        byte[] bytes = InetAddress.getByName(address.toString()).getAddress();
        // The JDK turns an IPv4-mapped address into an IPv4 address.
        boolean mapped = address.v6() && address.high() == 0 && address.low() >>> 32 == 0xffff;
        if (!address.v6() || mapped) {
            assertThat(bytes).isEqualTo(ByteBuffer.allocate(4).putInt((int) address.low()).array());
        } else {
            assertThat(bytes).isEqualTo(ByteBuffer.allocate(16).putLong(address.high()).putLong(address.low()).array());
        }
    }

    @Property
    void noTextIsReadAsAnythingButAnAddressOrRefused(
            @ForAll @StringLength(max = 24) @CharRange(from = '0', to = ':') @CharRange(from = 'a', to = 'g') String text) {
        try {
            IpAddress address = IpAddress.parse(text.replace('/', '.'));
            assertThat(IpAddress.parse(address.toString())).isEqualTo(address);
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageContaining("is no IP address");
        } catch (IndexOutOfBoundsException e) {
            fail("'%s' was neither read nor refused", text);
        }
    }

    @Property
    void anEndpointIsReadBackFromItsText(@ForAll("addresses") IpAddress address, @ForAll @IntRange(max = 65_535) int port) {
        Endpoint endpoint = new Endpoint(address, port);

        assertThat(Endpoint.parse(endpoint.toString())).isEqualTo(endpoint);
    }

    @Property
    void aPrefixOfAnAddressContainsItAndIsReadBack(@ForAll("addresses") IpAddress address, @ForAll @IntRange(max = 128) int bits) {
        Cidr prefix = new Cidr(address, address.v6() ? bits : bits / 4);

        assertThat(prefix.contains(address)).isTrue();
        assertThat(prefix.contains(prefix.network())).isTrue();
        assertThat(Cidr.parse(prefix.toString())).isEqualTo(prefix);
    }

    @Property
    void aPrefixContainsExactlyTheAddressesWithItsLeadingBits(
            @ForAll("addresses") IpAddress one, @ForAll("addresses") IpAddress other, @ForAll @IntRange(max = 128) int bits) {
        int length = one.v6() ? bits : bits / 4;

        assertThat(new Cidr(one, length).contains(other)).isEqualTo(one.v6() == other.v6() && commonBits(one, other) >= length);
    }

    private static int commonBits(IpAddress a, IpAddress b) {
        if (!a.v6()) {
            return Integer.numberOfLeadingZeros((int) (a.low() ^ b.low()));
        }
        int high = Long.numberOfLeadingZeros(a.high() ^ b.high());
        return high < 64 ? high : 64 + Long.numberOfLeadingZeros(a.low() ^ b.low());
    }
}
