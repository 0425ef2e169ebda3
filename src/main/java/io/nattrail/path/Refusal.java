package io.nattrail.path;

import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.QuotedError;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.Sign;
import io.nattrail.net.Ttl;

/**
 * A RST, or an ICMP error that says that a port is closed, as it leaves the node that the client called. One of the node's own has a TTL
 * that nobody has lowered; a pod's has lost one there, and another one on the pod's node if that is a different one.
 */
final class Refusal {
    private Refusal() {
    }

    /** How many routers the refusal of an endpoint had passed when it left the entry node; 0 if none is seen there, or the node's own. */
    static int routersPassed(Flow flow, CaptureSet captures, String entry) {
        for (Sign sign : flow.signs()) {
            boolean reset = sign.kind() == Sign.Kind.RESET && sign.direction() == Direction.REPLY && sign.place() >= 0;
            if (reset && flow.places().get(sign.place()).level() == 0 && leaves(flow.places().get(sign.place()).point(), captures, entry)) {
                return routersPassed(sign.value());
            }
        }
        for (FlowLeg leg : flow.legs()) {
            for (QuotedError error : leg.errors()) {
                if (leg.level() == 0 && leaves(leg.point(), captures, entry) && error.quotedFromOpener() && error.portUnreachable()) {
                    return routersPassed(error.ttl());
                }
            }
        }
        return 0;
    }

    private static int routersPassed(long ttl) {
        return Ttl.fresh(ttl) ? 0 : (int) Ttl.routersPassed(ttl);
    }

    private static boolean leaves(int point, CaptureSet captures, String entry) {
        return captures.showsNodeInterface(point) && entry != null && entry.equals(captures.node(point));
    }

    /**
     * Whether what a client sent, as its own capture shows, was refused by a RST or ICMP error in the called address's own name that leaves
     * a node with an untouched TTL: the address is that node's, even if nothing else ever tells so.
     */
    static boolean byNodeCalled(Flow flow, CaptureSet captures) {
        Place first = flow.places().isEmpty() ? null : flow.places().get(0);
        if (first == null || captures.role(first.point()) != PointRole.CLIENT || first.level() > 0 || flow.requestLeg(first) == null) {
            return false;
        }
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.RESET && sign.direction() == Direction.REPLY && sign.place() >= 0 && Ttl.fresh(sign.value())
                    && captures.showsNodeInterface(flow.places().get(sign.place()).point())) {
                return true;
            }
        }
        for (FlowLeg leg : flow.legs()) {
            if (captures.showsNodeInterface(leg.point()) && portClosed(leg, true)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a calling pod got a RST: no rule of kube-proxy answers a pod so. */
    static boolean ofCall(Flow flow, CaptureSet captures) {
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.RESET && sign.direction() == Direction.REPLY && sign.place() >= 0) {
                Place place = flow.places().get(sign.place());
                return place.level() == 0 && captures.showsPods(place.point());
            }
        }
        return false;
    }

    /**
     * Whether a pod's own node says that a port of somebody else is closed: kube-proxy rejects a call of a service without endpoints so.
     * The error has come through no router, and is in the name of another address than the one that was called.
     */
    static boolean byNodeOfCaller(Flow flow, CaptureSet captures) {
        for (FlowLeg leg : flow.legs()) {
            if (leftPod(leg, captures) && portClosed(leg, false)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a node that a client's call came to says that a port of somebody else, as a load balancer's address is, is closed. */
    static boolean byNodeOfArrival(Flow flow, CaptureSet captures) {
        boolean fromClient = false;
        for (Place place : flow.places()) {
            FlowLeg leg = flow.requestLeg(place);
            if (place.level() != 0 || leg == null) {
                continue;
            }
            if (fromClient && captures.showsNodeInterface(place.point()) && portClosed(leg, false)) {
                return true;
            }
            fromClient |= captures.role(place.point()) == PointRole.CLIENT;
        }
        return false;
    }

    /** Whether a pod, of which the point shows all, sent a request that nothing had translated. */
    static boolean leftPod(FlowLeg leg, CaptureSet captures) {
        return leg.level() == 0 && captures.showsPods(leg.point()) && Ttl.fresh(leg.requestTtl());
    }

    /** Whether an ICMP error that came through no router says that the port is closed, in the called address's own name or in another. */
    private static boolean portClosed(FlowLeg leg, boolean inCalledName) {
        for (QuotedError error : leg.errors()) {
            if (error.quotedFromOpener() && error.portUnreachable() && Ttl.fresh(error.ttl())
                    && error.sender().equals(leg.tuple().destination().address()) == inCalledName) {
                return true;
            }
        }
        return false;
    }
}
