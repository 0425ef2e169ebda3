package io.nattrail.cluster;

import io.nattrail.net.Endpoint;

/** The ports in which node ports lie, if the cluster was not told otherwise. */
public final class NodePortRange {
    /** The default of kube-apiserver's {@code --service-node-port-range}. */
    private static final int FIRST = 30_000;
    private static final int LAST = 32_767;

    private NodePortRange() {
    }

    /** Whether an endpoint's port lies in it. */
    public static boolean contains(Endpoint endpoint) {
        return endpoint.port() >= FIRST && endpoint.port() <= LAST;
    }
}
