package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import java.util.HashSet;
import java.util.Set;

/**
 * Captures of which nearly no packet has an address that the cluster's state knows, while it knows those of other captures: their addresses
 * were replaced, as is done before files are handed over. Connections are still found again by what the packets say; who was called, and
 * whether a translation is the right one, such a capture does not tell.
 */
final class StrangeAddresses {
    /** Of so many packets, one may have been given a known address by accident. */
    private static final int MOST_KNOWN = 20;

    private final ClusterIndex told;
    private final Set<IpAddress> services = new HashSet<>();
    private final long[] known;
    private final long[] unknown;

    StrangeAddresses(ClusterIndex told, int points) {
        this.told = told;
        known = new long[points];
        unknown = new long[points];
        for (ClusterState.Service service : told.state().services()) {
            services.addAll(service.clusterIps());
            services.addAll(service.externalAddresses());
        }
    }

    /** Takes a flow into account. */
    void add(Flow flow) {
        for (FlowLeg leg : flow.legs()) {
            // A leg without packets is known by what an ICMP error quotes, which is payload to who replaces addresses.
            long[] such = isKnown(leg.tuple()) ? known : unknown;
            such[leg.point()] += leg.requestPackets() + leg.replyPackets();
        }
    }

    private boolean isKnown(FiveTuple tuple) {
        return isKnown(tuple.destination()) || isKnown(tuple.source());
    }

    private boolean isKnown(Endpoint endpoint) {
        IpAddress address = endpoint.address();
        return told.nodeOfAddress(address) != null || told.isPodAddress(address) || services.contains(address);
    }

    /** Whether a point's addresses are not those of the wire; from the end of the first walk on. */
    boolean at(int point) {
        if (!strange(point)) {
            return false;
        }
        for (int other = 0; other < known.length; other++) {
            if (known[other] > 0 && !strange(other)) {
                return true;
            }
        }
        return false;
    }

    private boolean strange(int point) {
        return unknown[point] > 0 && known[point] * MOST_KNOWN < unknown[point];
    }

    /** Whether only such captures show what a flow was translated to. */
    boolean translated(Flow flow) {
        boolean any = false;
        for (FlowLeg leg : flow.legs()) {
            if (leg.tuple().equals(flow.translated())) {
                if (!at(leg.point())) {
                    return false;
                }
                any = true;
            }
        }
        return any;
    }
}
