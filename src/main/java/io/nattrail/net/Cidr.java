package io.nattrail.net;

/**
 * A prefix of addresses; bits after the prefix are zero.
 *
 * @param length 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record Cidr(IpAddress network, int length) {
    public Cidr {
        if (length < 0 || length > (network.v6() ? 128 : 32)) {
            throw new IllegalArgumentException("no prefix length of " + network + ": " + length);
        }
        network = mask(network, length);
    }

    /**
     * Parses {@code 10.244.0.0/24} or a single address.
     *
     * @throws IllegalArgumentException if the text is no prefix
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            IpAddress address = IpAddress.parse(text);
            return new Cidr(address, address.v6() ? 128 : 32);
        }
        try {
            return new Cidr(IpAddress.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no CIDR prefix", e);
        }
    }

    public boolean contains(IpAddress address) {
        return address.v6() == network.v6() && mask(address, length).equals(network);
    }

    private static IpAddress mask(IpAddress a, int length) {
        if (!a.v6()) {
            return IpAddress.v4(length == 0 ? 0 : (int) a.low() & -1 << 32 - length);
        }
        long high = length == 0 ? 0 : a.high() & -1L << Math.max(0, 64 - length);
        long low = length <= 64 ? 0 : a.low() & -1L << 128 - length;
        return IpAddress.v6(high, low);
    }

    @Override
    public String toString() {
        return network + "/" + length;
    }

    // Written by hand, as in Endpoint.

    @Override
    public boolean equals(Object other) {
        return other instanceof Cidr that && length == that.length && network.equals(that.network);
    }

    @Override
    public int hashCode() {
        return 31 * network.hashCode() + length;
    }
}
