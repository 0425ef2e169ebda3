package io.nattrail.baseline;

import java.util.Locale;

/** How finely flows are told apart. */
public enum Grouping {
    /** By path, protocol, service and endpoint: for captures that are analyzed again. */
    ENDPOINT,
    /** By path, protocol and service: kube-proxy chooses endpoints at random, so new captures of the same thing spread differently. */
    SERVICE;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return label();
    }
}
