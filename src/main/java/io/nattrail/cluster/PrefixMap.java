package io.nattrail.cluster;

import io.nattrail.net.Cidr;
import io.nattrail.net.IpAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/** Values by prefix; the longest prefix that contains an address counts. A lookup costs one probe for each length in use. */
final class PrefixMap<V> {
    private final Map<Cidr, V> values = new HashMap<>();
    private final TreeSet<Integer> lengthsV4 = new TreeSet<>(Comparator.reverseOrder());
    private final TreeSet<Integer> lengthsV6 = new TreeSet<>(Comparator.reverseOrder());

    /** Keeps what was put first. */
    void put(Cidr prefix, V value) {
        values.putIfAbsent(prefix, value);
        (prefix.network().v6() ? lengthsV6 : lengthsV4).add(prefix.length());
    }

    /** The value of the longest prefix that contains the address, or null. */
    V of(IpAddress address) {
        for (int length : address.v6() ? lengthsV6 : lengthsV4) {
            V value = values.get(new Cidr(address, length));
            if (value != null) {
                return value;
            }
        }
        return null;
    }
}
