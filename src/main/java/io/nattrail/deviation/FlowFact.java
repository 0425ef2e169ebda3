package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Sign;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Protocol;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;

/**
 * One flow, in numbers: what is kept of each, to look at many at once.
 *
 * @param start on the common clock
 * @param arrived when its first request reached the entry node, on the common clock, of a pod's call when it left the pod; MAX_VALUE if
 *     never seen there
 * @param sent when its first translated request left, on the common clock; MAX_VALUE if never seen
 * @param firstSynForwarded whether the first request that reached the entry node left it
 * @param answered whether the client got an answer
 * @param delivered whether a request was seen at the endpoint's bridge or pod
 * @param replied whether the endpoint was seen to answer anywhere
 * @param rejected whether an ICMP error or a reset answered before any SYN-ACK
 * @param lastForwarded when a packet of it was last seen translated at the entry node, on the common clock; MIN_VALUE if never
 * @param stopped whether its last packets came to the entry node and went no further, though some had before
 * @param lastStamp the last TCP timestamp of the requests after translation; 0 without any
 * @param silence its longest silence, nanoseconds; 0 for none that is notable
 * @param cutAfterSilence whether nothing got through any more after that silence
 * @param ending where its packets went no further for good; null if they did not
 * @param lastPassed when a packet was last known to pass its whole way, on the common clock; MIN_VALUE if nothing tells
 */
public record FlowFact(int id, Protocol protocol, FiveTuple original, FiveTuple translated, Endpoint endpoint, String endpointNode,
        String entryNode, long start, long end, long arrived, long sent, boolean firstSynForwarded, boolean answered, boolean delivered,
        boolean replied, boolean rejected, long lastForwarded, boolean stopped, int lastStamp, long silence, boolean cutAfterSilence,
        Ending ending, long lastPassed) {
    static FlowFact of(FlowTrace trace) {
        Flow flow = trace.flow();
        boolean delivered = trace.delivered();
        boolean replied = trace.seen(Spot.TARGET_BRIDGE, Direction.REPLY) || trace.seen(Spot.ENDPOINT_POD, Direction.REPLY)
                || trace.seen(Spot.ENTRY_OUT, Direction.REPLY) || trace.answeredAtEntry() || flow.story().clientSawSynAck();
        Ending ending = Ending.of(trace);
        int in = placeBeforeNat(trace);
        return new FlowFact(trace.id(), flow.protocol(), flow.original(), flow.translated(), trace.endpoint(), trace.endpointNode(),
                trace.entryNode(), trace.captures().aligned(flow.start()), trace.captures().aligned(flow.end()),
                firstRequest(trace, in), firstRequest(trace, trace.placeAt(Spot.ENTRY_OUT)), firstForwarded(trace, in),
                flow.story().clientSawSynAck(), delivered, replied, rejected(flow), lastForwarded(trace), stopped(trace, in),
                lastStamp(trace), silence(flow), IdleTimeout.cutAfterSilence(trace), ending, Ending.lastPassed(trace, ending));
    }

    boolean tcp() {
        return protocol == Protocol.TCP;
    }

    /** Whether its first request went through the entry node; to a pod on that node only the answer shows it. */
    boolean passedEntry() {
        return firstSynForwarded || translated == null && replied;
    }

    /** Whether the entry node took its requests, sent nothing on and said nothing. */
    boolean swallowed() {
        return arrived != Long.MAX_VALUE && sent == Long.MAX_VALUE && !answered && !replied && !rejected;
    }

    /**
     * The place that shows what comes to the entry node before it is translated; of a pod's call the pod itself, where a capture of the
     * bridge would show what the node took to its own pods. -1 if there is none.
     */
    static int placeBeforeNat(FlowTrace trace) {
        int in = trace.placeAt(Spot.ENTRY_IN);
        boolean call = in < 0 && trace.template() == PathTemplates.CLUSTERIP && trace.placeAt(Spot.CALLER_POD) == 0
                && trace.flow().places().get(0).level() == 0 && !trace.captures().find(PointRole.BRIDGE, trace.entryNode()).isEmpty();
        return call ? 0 : in;
    }

    private static long firstRequest(FlowTrace trace, int place) {
        FlowLeg leg = place < 0 ? null : trace.leg(place, Direction.REQUEST);
        return leg == null ? Long.MAX_VALUE : trace.captures().aligned(leg.firstRequest());
    }

    /** Whether the first request at the entry node is not among those that went no further. */
    private static boolean firstForwarded(FlowTrace trace, int in) {
        FlowHop hop = in < 0 ? null : trace.flow().hopFrom(in, Direction.REQUEST);
        if (hop == null || hop.delivered() == 0) {
            return false;
        }
        FlowLeg leg = trace.leg(in, Direction.REQUEST);
        return hop.loss().frames().isEmpty() || !hop.loss().frames().get(0).equals(leg.firstRequest());
    }

    /** What ends a TCP connection carries no data, and nobody waits for it. */
    private static boolean stopped(FlowTrace trace, int in) {
        FlowHop hop = in < 0 ? null : trace.flow().hopFrom(in, Direction.REQUEST);
        return hop != null && hop.delivered() > 0 && !hop.lastArrived() && Frames.insideEntryNode(trace, hop.from(), hop.to())
                && (trace.flow().tcp() ? hop.loss().data() : hop.loss().packets()) > 0;
    }

    private static boolean rejected(Flow flow) {
        for (FlowLeg leg : flow.legs()) {
            if (!leg.errors().isEmpty() || leg.history().contains("r")) {
                return true;
            }
        }
        return false;
    }

    private static long lastForwarded(FlowTrace trace) {
        FlowLeg leg = trace.leg(Spot.ENTRY_OUT, Direction.REQUEST);
        return leg == null ? Long.MIN_VALUE : trace.captures().aligned(leg.last());
    }

    private static int lastStamp(FlowTrace trace) {
        FlowLeg leg = TranslationChecks.translatedLeg(trace.flow());
        return leg == null ? 0 : leg.lastStamp();
    }

    private static long silence(Flow flow) {
        Sign silence = flow.sign(Sign.Kind.SILENCE);
        return silence == null ? 0 : silence.value();
    }
}
