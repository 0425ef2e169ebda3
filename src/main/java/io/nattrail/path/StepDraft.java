package io.nattrail.path;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.SeenFrame;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.path.StepTemplate.Condition;
import io.nattrail.path.StepTemplate.TupleKind;
import java.util.ArrayList;
import java.util.List;

/** One flow's steps in the making: what each step shows, where it was captured, and what proves it where it was not. */
final class StepDraft {
    private final FlowTrace trace;
    private final ClusterView cluster;
    private final CaptureSet captures;
    private final StepTitles titles;
    private final Flow flow;
    private final PathTemplate template;
    private final List<Spot> spots;
    private final String entry;
    private final String target;
    private final Boolean local;
    private final ClusterIndex.Front front;
    private final Endpoint clusterIp;
    private final Endpoint endpoint;
    private final boolean translatedSeen;
    private final boolean answered;
    private final boolean answeredAtEntry;
    private final boolean refusedByEndpoint;
    private final String[] tuples = new String[TupleKind.values().length];

    StepDraft(FlowTrace trace, ClusterView cluster, StepTitles titles) {
        this.trace = trace;
        this.cluster = cluster;
        this.captures = trace.captures();
        this.titles = titles;
        this.flow = trace.flow();
        this.template = trace.template();
        this.spots = trace.spots();
        this.entry = trace.entryNode();
        this.target = trace.endpointNode();
        this.local = trace.local();
        this.front = trace.front();
        this.clusterIp = trace.clusterIp();
        this.endpoint = trace.endpoint();
        this.translatedSeen = flow.translated() != null;
        this.answered = flow.story().clientSawSynAck();
        this.answeredAtEntry = trace.answeredAtEntry();
        this.refusedByEndpoint = trace.refusedByEndpoint();
    }

    List<Step> steps() {
        List<Step> steps = new ArrayList<>(template.steps().size());
        for (StepTemplate step : template.steps()) {
            steps.add(step(step));
        }
        return steps;
    }

    private Step step(StepTemplate step) {
        String tuple = tuple(step.tuple());
        String notTaken = notTaken(step);
        if (notTaken != null) {
            return unseen(step, tuple, StepStatus.NOT_APPLICABLE, notTaken);
        }
        if (step.inKernel()) {
            return kernelStep(step, tuple);
        }
        List<FrameRef> evidence = new ArrayList<>();
        int firstPlace = -1;
        for (Spot spot : step.spots()) {
            int place = spots.indexOf(spot);
            SeenFrame frame = place < 0 ? null : trace.firstFrame(place, step.direction());
            if (frame != null) {
                evidence.add(captures.ref(frame));
                firstPlace = firstPlace < 0 ? place : firstPlace;
            }
        }
        if (!evidence.isEmpty()) {
            return observed(step, tuple, evidence, firstPlace);
        }
        return unobserved(step, tuple);
    }

    private String notTaken(StepTemplate step) {
        if (step.condition() == Condition.REMOTE_ENDPOINT && Boolean.TRUE.equals(local)) {
            return "the endpoint is on the node that received the packet";
        }
        if (step.spots().contains(Spot.TARGET_BRIDGE) && step.direction() == Direction.REQUEST && cluster.isHostNetwork(endpoint)) {
            return "the endpoint is in the network of " + (target == null ? "its node" : target) + ": no bridge is on its way";
        }
        if (step.condition() == Condition.MASQUERADED) {
            boolean changed = translatedSeen && !flow.translated().source().equals(flow.original().source());
            if (front != null && front.service().externalLocal() && !changed) {
                return "externalTrafficPolicy Local keeps the client's address";
            }
            if (!translatedSeen && front == null && Boolean.TRUE.equals(local)
                    && cluster.keepsSources(flow.protocol(), flow.original().destination())) {
                return "the addresses of its other clients were kept, as under externalTrafficPolicy Local";
            }
            boolean kept = translatedSeen && flow.translated().source().address().equals(flow.original().source().address());
            if (kept && trace.directServerReturn()) {
                return "the pod's node answers the client in this node's name (direct server return): nothing is masqueraded";
            }
            if (kept && front == null && Boolean.TRUE.equals(local)) {
                return "the client's address was kept and the endpoint is on this node, as under externalTrafficPolicy Local";
            }
        }
        return null;
    }

    private Step kernelStep(StepTemplate step, String tuple) {
        if (translatedSeen) {
            return unseen(step, tuple, StepStatus.INFERRED, "inside the kernel: concluded from the packet before and after it");
        }
        if (answered || answeredAtEntry || refusedByEndpoint) {
            return unseen(step, tuple, StepStatus.INFERRED, "inside the kernel: concluded from the answer");
        }
        boolean arrived = spots.contains(Spot.ENTRY_IN) || spots.contains(Spot.CALLER_BRIDGE);
        if (arrived && cluster.wouldShowTranslated(flow, entry)) {
            return unseen(step, tuple, StepStatus.MISSING, "the packet arrived and no translated packet left the node");
        }
        return unseen(step, tuple, StepStatus.NOT_CAPTURED, arrived ? "no capture could show the translated packet"
                : "the packet was not seen at the node");
    }

    private Step observed(StepTemplate step, String tuple, List<FrameRef> evidence, int place) {
        Long latency = null;
        Long uncertainty = null;
        FlowHop into = hopInto(place, step.direction());
        for (FlowHop hop : flow.hops()) {
            // Within the step, from its first place to its last, is what 1.1 and 2.0 take.
            if (into == null && hop.direction() == step.direction() && hop.from() == place
                    && step.spots().contains(spots.get(hop.to()))) {
                into = hop;
            }
        }
        if (into != null && into.delay().slowest() != null) {
            long open = trace.uncertainty(into);
            if (open != Long.MAX_VALUE) {
                latency = trace.alignedMedian(into);
                uncertainty = open;
            }
        }
        return new Step(step.number(), title(step), tuple, StepStatus.OBSERVED, evidence, packets(place, step.direction()), latency,
                uncertainty, refusedByOthers(step, spots.get(place))
                        ? "only a RST, and nothing shows that a pod sent it" : endsEarly(step));
    }

    /** A RST of the node itself, or of a box on the way: no translation was reversed for it. */
    private boolean refusedByOthers(StepTemplate step, Spot spot) {
        return step.direction() == Direction.REPLY && flow.tcp() && !translatedSeen && !refusedByEndpoint && onlyRefused(spot);
    }

    /** An answer that was seen on its way, but not where the step ends. */
    private String endsEarly(StepTemplate step) {
        Spot last = lastOf(step);
        int end = spots.indexOf(last);
        boolean there = end >= 0 && trace.firstFrame(end, step.direction()) != null;
        if (there || step.spots().size() < 2) {
            return null;
        }
        int point = capturedAt(last, step.direction());
        return point < 0 ? null : "not seen at " + captures.point(point).name();
    }

    /** What a pod calls leaves its node translated: that it does not show at eth0 as it was called is as it should be. */
    private static Spot lastOf(StepTemplate step) {
        Spot last = step.spots().get(step.spots().size() - 1);
        return last == Spot.ENTRY_IN && step.spots().contains(Spot.CALLER_BRIDGE) ? Spot.CALLER_BRIDGE : last;
    }

    private FlowHop hopInto(int place, Direction direction) {
        for (FlowHop hop : flow.hops()) {
            if (hop.to() == place && hop.direction() == direction) {
                return hop;
            }
        }
        return null;
    }

    private Step unobserved(StepTemplate step, String tuple) {
        boolean proven = provenLater(step);
        int point = capturedHere(step);
        if (proven) {
            return unseen(step, tuple, StepStatus.INFERRED, point < 0 ? "no capture at this place; later packets prove it"
                    : "not in the capture at " + captures.point(point).name() + "; later packets prove it");
        }
        if (point < 0) {
            return unseen(step, tuple, StepStatus.NOT_CAPTURED, "no capture could show it");
        }
        if (step.condition() == Condition.REMOTE_ENDPOINT && local == null && !translatedSeen) {
            return unseen(step, tuple, StepStatus.NOT_CAPTURED, "the endpoint is not known");
        }
        if (captures.coverage(flow.start().point(), flow.start().timeNanos(), point) == Coverage.NO) {
            return unseen(step, tuple, StepStatus.NOT_CAPTURED, captures.point(point).name() + " was not captured at this time");
        }
        if (answered && step.direction() == Direction.REQUEST) {
            return unseen(step, tuple, StepStatus.NOT_CAPTURED,
                    "it was answered, and " + captures.point(point).name() + " does not show it");
        }
        return unseen(step, tuple, StepStatus.MISSING, captures.point(point).name() + " should have shown it");
    }

    /** A point that captured where this step shows, for this flow; -1 if none. */
    private int capturedHere(StepTemplate step) {
        for (Spot spot : step.spots()) {
            int point = capturedAt(spot, step.direction());
            if (point >= 0) {
                return point;
            }
        }
        return -1;
    }

    private int capturedAt(Spot spot, Direction direction) {
        boolean behind = spot != Spot.CLIENT && spot != Spot.CALLER_POD && spot != Spot.CALLER_BRIDGE && spot != Spot.ENTRY_IN;
        for (int point = 0; point < captures.count(); point++) {
            boolean hidden = direction == Direction.REPLY && captures.answersBlind(point)
                    || direction == Direction.REQUEST && spot == Spot.ENTRY_IN && captures.questionsBlind(point)
                    || cluster.mayHide(flow, point, behind, direction);
            if (!hidden && isSpot(point, spot)) {
                return point;
            }
        }
        return -1;
    }

    private boolean isSpot(int point, Spot spot) {
        PointRole role = captures.role(point);
        String node = captures.node(point);
        boolean atEntry = node != null && node.equals(entry);
        boolean atTarget = node != null && node.equals(target);
        boolean nodeWide = captures.showsNodeInterface(point);
        boolean blind = captures.translatedBlind(point);
        if (captures.mayHide(flow.original(), point)) {
            return false;
        }
        return switch (spot) {
            case CLIENT -> role == PointRole.CLIENT && cluster.isClientAt(point, flow.called().source().address());
            case CALLER_POD -> role == PointRole.POD && (atEntry || isPlaceOf(Spot.CALLER_POD, point));
            case CALLER_BRIDGE -> role == PointRole.BRIDGE && atEntry;
            case ENTRY_IN -> nodeWide && atEntry && !captures.originalBlind(point);
            case ENTRY_OUT -> nodeWide && atEntry && !blind;
            case TARGET_ETH0 -> nodeWide && atTarget && !atEntry;
            case TARGET_BRIDGE -> role == PointRole.BRIDGE && atTarget && !cluster.isHostNetwork(endpoint);
            case ENDPOINT_POD -> endpoint != null && point == cluster.podPoint(endpoint);
        };
    }

    private boolean isPlaceOf(Spot spot, int point) {
        int place = spots.indexOf(spot);
        return place >= 0 && flow.places().get(place).point() == point;
    }

    /** Packets of a later step prove that the earlier one happened. */
    private boolean provenLater(StepTemplate step) {
        boolean after = false;
        for (StepTemplate other : template.steps()) {
            if (other == step) {
                after = true;
            } else if (after && !other.inKernel() && notTaken(other) == null) {
                for (Spot spot : other.spots()) {
                    int place = spots.indexOf(spot);
                    if (place >= 0 && trace.firstFrame(place, other.direction()) != null && proves(spot, other, step)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** An answer at the entry proves the whole way only if it is the endpoint's: one from the node itself proves nothing. */
    private boolean proves(Spot spot, StepTemplate later, StepTemplate step) {
        if (later.direction() == Direction.REQUEST) {
            return true;
        }
        if (step.direction() == Direction.REPLY) {
            return !refusedByOthers(later, spot);
        }
        if (flow.tcp() && !answered && (capturedHere(step) >= 0 || !translatedSeen) && onlyRefused(spot)) {
            // A RST can come from any box on the way, or from a pod of the same node.
            return false;
        }
        return spot != Spot.ENTRY_IN && spot != Spot.CLIENT || answered && translatedSeen;
    }

    private boolean onlyRefused(Spot spot) {
        FlowLeg leg = trace.leg(spot, Direction.REPLY);
        return leg != null && leg.synAcks() == 0 && leg.history().contains("r");
    }

    private long packets(int place, Direction direction) {
        FlowLeg leg = trace.leg(place, direction);
        return leg == null ? 0 : leg.packets(direction);
    }

    private Step unseen(StepTemplate step, String tuple, StepStatus status, String reason) {
        return new Step(step.number(), title(step), tuple, status, List.of(), 0, null, null, reason);
    }

    private String title(StepTemplate step) {
        return titles.of(step, entry, target);
    }

    private String tuple(TupleKind kind) {
        if (tuples[kind.ordinal()] == null) {
            tuples[kind.ordinal()] = text(kind);
        }
        return tuples[kind.ordinal()];
    }

    private String text(TupleKind kind) {
        FiveTuple original = flow.original();
        FiveTuple translated = flow.translated();
        return switch (kind) {
            case ORIGINAL -> original.toString();
            case ORIGINAL_REPLY -> original.reversed().toString();
            case CLUSTER_IP -> clusterIp == null ? null : original.source() + " -> " + clusterIp;
            case DESTINATION_CHOSEN -> endpoint == null ? null : original.source() + " -> " + endpoint;
            case TRANSLATED -> translated == null ? null : translated.toString();
            case TRANSLATED_REPLY -> translated == null ? null : translated.reversed().toString();
        };
    }
}
