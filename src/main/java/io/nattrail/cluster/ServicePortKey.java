package io.nattrail.cluster;

import io.nattrail.net.Protocol;

/**
 * A port of a service by its name.
 *
 * @param service namespace and name
 * @param port its name, empty where the only port has none
 */
record ServicePortKey(String service, String port, Protocol protocol) {
    // Written by hand, as in FrontKey.

    @Override
    public boolean equals(Object other) {
        return other instanceof ServicePortKey that && protocol == that.protocol && port.equals(that.port) && service.equals(that.service);
    }

    @Override
    public int hashCode() {
        return (31 * protocol.number() + service.hashCode()) * 31 + port.hashCode();
    }
}
