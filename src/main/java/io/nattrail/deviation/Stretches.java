package io.nattrail.deviation;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Stretches of new flows in a row, in the order in which they came to a node, none of which went through it at first. */
final class Stretches {
    private final Map<Integer, Stretch> byFlow = new HashMap<>();
    private final Map<Integer, Stretch> ofCallers = new HashMap<>();

    /**
     * Neighbours in the order of arrival.
     *
     * @param callers how many addresses called: what stops one of them alone may be a policy
     * @param served how many of them go to what answers at other times: what never does fails by itself, and says nothing of the node
     * @param ended whether later flows went through again: a rule that was put in does not do that
     * @param oldFlowsWentOn whether what had come through before was still sent on
     * @param oldFlowsStopped whether of what had come through before to the same destinations some was stopped too, and none sent on
     * @param stoppedOn whether those of them that asked again while new flows went through, one at least, did so in vain
     */
    record Stretch(int count, int callers, long begin, long end, int served, boolean ended, boolean oldFlowsWentOn,
            boolean oldFlowsStopped, boolean stoppedOn) {
    }

    /** Of the flows to one destination that had come through: when one was sent on last, and when one that was stopped asked last. */
    private static final class Old {
        private long lastForwarded = Long.MIN_VALUE;
        private long lastInVain = Long.MIN_VALUE;
    }

    /** @param byNode the flows that came in by each node, in the order of their arrival there */
    Stretches(Collection<List<FlowFact>> byNode, CaseFacts facts) {
        for (List<FlowFact> arrivals : byNode) {
            find(arrivals, facts, byFlow);
            Map<IpAddress, List<FlowFact>> byCaller = new HashMap<>();
            for (FlowFact fact : byFlow.isEmpty() ? List.<FlowFact>of() : arrivals) {
                byCaller.computeIfAbsent(fact.original().source().address(), c -> new ArrayList<>()).add(fact);
            }
            for (List<FlowFact> calls : byCaller.values()) {
                find(calls, facts, ofCallers);
            }
        }
    }

    private static void find(List<FlowFact> arrivals, CaseFacts facts, Map<Integer, Stretch> found) {
        long lastForwarded = Long.MIN_VALUE;
        Map<Endpoint, Old> byFront = new HashMap<>();
        for (int first = 0; first < arrivals.size(); first++) {
            FlowFact fact = arrivals.get(first);
            if (stopped(fact)) {
                int behind = first;
                int served = 0;
                Set<IpAddress> callers = new HashSet<>();
                while (behind < arrivals.size() && stopped(arrivals.get(behind))) {
                    callers.add(arrivals.get(behind).original().source().address());
                    served += facts.fronts().of(arrivals.get(behind++).original()).answers() ? 1 : 0;
                }
                boolean ended = behind < arrivals.size() && arrivals.get(behind).arrived() != Long.MAX_VALUE;
                Stretch stretch = new Stretch(behind - first, callers.size(), fact.arrived(), arrivals.get(behind - 1).arrived(), served,
                        ended, lastForwarded > fact.arrived(), oldFlowsStopped(arrivals.subList(first, behind), byFront),
                        ended && stoppedOn(arrivals, first, behind));
                for (FlowFact each : arrivals.subList(first, behind)) {
                    found.put(each.id(), stretch);
                }
                first = behind - 1;
            } else if (fact.passedEntry()) {
                lastForwarded = Math.max(lastForwarded, fact.lastForwarded());
                Old old = byFront.computeIfAbsent(fact.original().destination(), f -> new Old());
                old.lastForwarded = Math.max(old.lastForwarded, fact.lastForwarded());
                old.lastInVain = fact.stopped() ? Math.max(old.lastInVain, fact.end()) : old.lastInVain;
            }
        }
    }

    /** A rule for a pod stops old flows to it as well; a full table only new ones. */
    private static boolean oldFlowsStopped(List<FlowFact> stretch, Map<Endpoint, Old> byFront) {
        long begin = stretch.get(0).arrived();
        for (FlowFact fact : stretch) {
            Old old = byFront.get(fact.original().destination());
            if (old == null || old.lastInVain <= begin || old.lastForwarded > begin) {
                return false;
            }
        }
        return true;
    }

    /** Whether those of a stretch that asked again after it, between flows that went through, did so in vain. */
    private static boolean stoppedOn(List<FlowFact> arrivals, int first, int behind) {
        boolean inVain = false;
        for (FlowFact fact : arrivals.subList(first, behind)) {
            if (fact.end() <= arrivals.get(behind).arrived()) {
                continue;
            }
            if (!fact.swallowed()) {
                return false;
            }
            int next = firstAfter(arrivals, fact.end());
            inVain |= arrivals.get(next - 1).passedEntry() && (next == arrivals.size() || !stopped(arrivals.get(next)));
        }
        return inVain;
    }

    /** The first that arrived later. */
    private static int firstAfter(List<FlowFact> arrivals, long time) {
        int low = 0;
        int high = arrivals.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (arrivals.get(middle).arrived() > time) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private static boolean stopped(FlowFact fact) {
        return fact.arrived() != Long.MAX_VALUE && !fact.passedEntry() && !fact.rejected()
                && (fact.swallowed() || fact.sent() != Long.MAX_VALUE);
    }

    /** The stretch that a flow is one of, or null. */
    Stretch of(int flow) {
        return byFlow.get(flow);
    }

    /** The same among the flows of its own caller alone, whatever others did meanwhile; or null. */
    Stretch ofCaller(int flow) {
        return ofCallers.get(flow);
    }
}
