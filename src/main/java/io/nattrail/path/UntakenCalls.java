package io.nattrail.path;

import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.Sign;
import io.nattrail.net.TransportEndpoint;
import java.util.HashSet;
import java.util.Set;

/** Calls that no rule of the node they came to translates: it rejects them, or passes them on as they came. */
final class UntakenCalls {
    private final CaptureSet captures;
    private final Set<TransportEndpoint> rejectedToPods = new HashSet<>();
    private final Set<TransportEndpoint> rejectedToClients = new HashSet<>();
    /** Captures of nodes that let others' connections through as they came, with success, as routers do. */
    private final Set<Integer> atRouters = new HashSet<>();

    UntakenCalls(CaptureSet captures) {
        this.captures = captures;
    }

    /** Takes a flow into account that nothing translated. */
    void add(Flow flow) {
        int passing = passedOnAt(flow);
        if (passing >= 0 && flow.legs().stream().anyMatch(leg -> leg.replies() > 0)) {
            atRouters.add(passing);
        }
        if (Refusal.byNodeOfCaller(flow, captures)) {
            rejectedToPods.add(called(flow));
        } else if (Refusal.byNodeOfArrival(flow, captures)) {
            rejectedToClients.add(called(flow));
        }
    }

    boolean rejectedToPods(Flow flow) {
        return rejectedToPods.contains(called(flow));
    }

    boolean rejectedToClients(Flow flow) {
        return rejectedToClients.contains(called(flow));
    }

    boolean passedOnInVain(Flow flow) {
        int passing = passedOnAt(flow);
        if (passing < 0 || atRouters.contains(passing) || flow.sign(Sign.Kind.FORWARDED).count() < 2) {
            return false;
        }
        for (FlowLeg leg : flow.legs()) {
            if (leg.point() != passing && captures.role(leg.point()) != PointRole.CLIENT || leg.replies() > 0) {
                return false;
            }
        }
        return true;
    }

    /** The capture of a node's interface that shows a client's requests twice, the second time with less TTL; -1 if there is none. */
    private int passedOnAt(Flow flow) {
        Sign forwarded = flow.sign(Sign.Kind.FORWARDED);
        if (forwarded == null || forwarded.place() < 0) {
            return -1;
        }
        int point = flow.places().get(forwarded.place()).point();
        Place first = flow.places().get(0);
        boolean fromClient = captures.role(first.point()) == PointRole.CLIENT && first.level() == 0 && flow.requestLeg(first) != null;
        return fromClient && captures.role(point) == PointRole.NODE_INTERFACE ? point : -1;
    }

    private static TransportEndpoint called(Flow flow) {
        return new TransportEndpoint(flow.protocol(), flow.original().destination());
    }
}
