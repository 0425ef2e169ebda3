package io.nattrail.path;

import io.nattrail.cluster.NodePortRange;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import io.nattrail.net.Ttl;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * ClusterIPs that nothing translates, where no state of the cluster tells of services: what pods call in vain. Kubernetes takes them from a
 * range of its own, which overlaps those of pods and nodes nowhere.
 */
final class UntoldServices {
    /** What services use of it: private addresses (RFC 1918, 6598, 4193), and what GKE takes of Google's own by default. */
    private static final List<Cidr> RANGES = List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("172.16.0.0/12"), Cidr.parse("192.168.0.0/16"),
            Cidr.parse("100.64.0.0/10"), Cidr.parse("fc00::/7"), Cidr.parse("34.118.224.0/20"));
    /** Round trips take less. */
    private static final long LONG_WAIT_NANOS = 500_000_000L;
    private static final int DNS = 53;

    private final CaptureSet captures;
    /** Where clients, pods and nodes are, and whoever answered under the address that was called. */
    private final Set<Cidr> inhabited = new HashSet<>();
    private final Set<Cidr> services = new HashSet<>();

    UntoldServices(CaptureSet captures) {
        this.captures = captures;
    }

    void note(Flow flow) {
        inhabited(flow.original().source().address());
        if (flow.translated() != null) {
            inhabited(flow.translated().source().address());
            inhabited(flow.translated().destination().address());
        } else if (answered(flow)) {
            inhabited(flow.original().destination().address());
        }
    }

    /** Notes an address that is no service's. */
    void inhabited(IpAddress address) {
        inhabited.add(new Cidr(address, address.v6() ? 48 : 16));
    }

    /** Notes an address that pods call, and that is translated. */
    void service(IpAddress address) {
        services.add(around(address));
    }

    /** The smallest part of a range that services of one cluster are worth. */
    private static Cidr around(IpAddress address) {
        return new Cidr(address, address.v6() ? 112 : 24);
    }

    /**
     * Whether a pod called in vain what must be a service: beside others; or near no client, pod or node, while the pod's own node sent
     * it on as it was, as it does what no rule knows, or not at all.
     */
    boolean calledInVain(Flow flow, ClusterView cluster) {
        Endpoint called = flow.original().destination();
        FlowLeg call = callOfPod(flow);
        if (call == null || flow.translated() != null || answered(flow) || NodePortRange.contains(called)) {
            return false;
        }
        if (services.contains(around(called.address()))) {
            return true;
        }
        boolean answerDue = flow.tcp() ? flow.handshakeOnly() && call.syns() > 0
                : flow.protocol() == Protocol.UDP && called.port() == DNS;
        return answerDue && mayBeService(called.address())
                && captures.window(call.point()).last() - call.firstRequest().timeNanos() >= LONG_WAIT_NANOS
                && (sentOnAsItWas(flow) || keptOnNode(flow, cluster));
    }

    private boolean mayBeService(IpAddress address) {
        return RANGES.stream().anyMatch(range -> range.contains(address))
                && !inhabited.contains(new Cidr(address, address.v6() ? 48 : 16));
    }

    private FlowLeg callOfPod(Flow flow) {
        for (FlowLeg leg : flow.legs()) {
            if (Refusal.leftPod(leg, captures) && leg.firstRequest() != null && !captures.answersBlind(leg.point())) {
                return leg;
            }
        }
        return null;
    }

    private static boolean answered(Flow flow) {
        return flow.legs().stream().anyMatch(FlowLeg::answered);
    }

    /** The interface of the first node shows it with the pod's own address and one router behind it: nothing masqueraded it either. */
    private boolean sentOnAsItWas(Flow flow) {
        for (Place place : flow.places()) {
            FlowLeg leg = flow.requestLeg(place);
            if (leg != null && captures.showsNodeInterface(place.point()) && Ttl.routersPassed(leg.requestTtl()) == 1) {
                return true;
            }
        }
        return false;
    }

    /** The node of the pod got it, and its interface, which shows what others' requests became, shows nothing of it. */
    private boolean keptOnNode(Flow flow, ClusterView cluster) {
        String node = cluster.nodeOfPod(flow.original().source().address());
        for (Place place : flow.places()) {
            node = node == null && captures.role(place.point()) == PointRole.BRIDGE ? captures.node(place.point()) : node;
            if (captures.showsNodeInterface(place.point())) {
                return false;
            }
        }
        return node != null && cluster.wouldShowTranslated(flow, node);
    }
}
