package io.nattrail.baseline;

import java.util.Comparator;

/**
 * Where flows go; what they are told apart by.
 *
 * @param path e.g. {@code nodeport}
 * @param service namespace/name:port, or the address that was called
 * @param endpoint namespace/pod, or its address, or {@code unknown}; null if flows are told apart by service only
 */
public record Target(String path, String protocol, String service, String endpoint) implements Comparable<Target> {
    private static final Comparator<Target> ORDER = Comparator.comparing(Target::path).thenComparing(Target::protocol)
            .thenComparing(Target::service).thenComparing(Target::endpoint, Comparator.nullsFirst(Comparator.naturalOrder()));

    @Override
    public int compareTo(Target other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return path + " " + protocol + " " + service + (endpoint == null ? "" : " -> " + endpoint);
    }
}
