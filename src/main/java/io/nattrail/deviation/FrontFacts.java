package io.nattrail.deviation;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The flows to one destination, found by what detectors ask of them: each detector that walked over all of them for each flow would be
 * quadratic.
 */
final class FrontFacts {
    private final List<FlowFact> flows = new ArrayList<>();
    private final Map<Endpoint, FlowFact> firstAnswered = new HashMap<>();
    private final Map<Endpoint, FlowFact> lastAnswered = new HashMap<>();
    /** The last flow that pods of a node answered which took it itself, where no capture shows which pod. */
    private final Map<String, FlowFact> lastAnsweredHere = new HashMap<>();
    private final Map<Endpoint, List<FlowFact>> forwarded = new HashMap<>();
    private final Map<Ways.Way, List<FlowFact>> replied = new HashMap<>();
    private final Map<Ways.Way, Masqueraded> masqueraded = new HashMap<>();
    /** By entry node: the numbers of the first and the last flow from outside that no node takes as under policy Local. */
    private final Map<String, int[]> notLocal = new HashMap<>();
    /** By entry node: when the first and the last flow that was answered began. */
    private final Map<String, long[]> served = new HashMap<>();
    private boolean answersUntranslated;
    private boolean delivers;

    /** The flows that a node masqueraded towards an endpoint. */
    static final class Masqueraded {
        private final List<FlowFact> flows = new ArrayList<>();
        private final BitSet ports = new BitSet();

        private void add(FlowFact fact) {
            flows.add(fact);
            ports.set(fact.translated().source().port());
        }

        /** In order of their numbers. */
        List<FlowFact> flows() {
            return flows;
        }

        /** How many ports were ever given. */
        int ports() {
            return ports.cardinality();
        }

        /** How many ports there are from the lowest to the highest ever given. */
        int range() {
            return ports.length() - ports.nextSetBit(0);
        }
    }

    /**
     * Takes a flow in; the next one has a higher number.
     *
     * @param outside whether it is of neither a pod nor the node itself, for which externalTrafficPolicy is not
     * @param affinity whether the service keeps a client at its endpoint, so that what each client got before is asked
     */
    void add(FlowFact fact, boolean outside, boolean affinity) {
        flows.add(fact);
        if (outside && fact.translated() != null && fact.entryNode() != null && (sentToAnotherNode(fact)
                || !fact.translated().source().address().equals(fact.original().source().address()))) {
            notLocal.computeIfAbsent(fact.entryNode(), n -> new int[] {fact.id(), fact.id()})[1] = fact.id();
        }
        if (fact.answered()) {
            // Of which endpoint may be unknown: null is a key too.
            firstAnswered.putIfAbsent(fact.endpoint(), fact);
            lastAnswered.put(fact.endpoint(), fact);
            answersUntranslated |= fact.translated() == null;
            if (fact.entryNode() != null) {
                noteServed(served, fact);
            }
            if (fact.endpoint() == null && fact.entryNode() != null && fact.entryNode().equals(fact.endpointNode())) {
                lastAnsweredHere.put(fact.entryNode(), fact);
            }
        }
        delivers |= fact.delivered() || fact.sent() != Long.MAX_VALUE;
        if (fact.endpoint() != null && fact.firstSynForwarded() && fact.sent() != Long.MAX_VALUE) {
            forwarded.computeIfAbsent(fact.endpoint(), e -> new ArrayList<>()).add(fact);
        }
        if (fact.translated() != null && fact.endpoint() != null && fact.entryNode() != null
                && !fact.translated().source().address().equals(fact.original().source().address())) {
            masqueraded.computeIfAbsent(new Ways.Way(fact.entryNode(), fact.endpoint()), w -> new Masqueraded()).add(fact);
        }
        if (affinity && fact.endpoint() != null && fact.entryNode() != null && fact.replied()) {
            replied.computeIfAbsent(Ways.Way.ofCaller(fact), c -> new ArrayList<>()).add(fact);
        }
    }

    /** And came to nothing: what is answered though it keeps its address may be meant so, by a proxy other than kube-proxy. */
    private static boolean sentToAnotherNode(FlowFact fact) {
        return !fact.answered() && fact.sent() != Long.MAX_VALUE && fact.endpointNode() != null
                && !fact.endpointNode().equals(fact.entryNode());
    }

    /** Whether a node took connections from outside, before a flow and after it, as it does not under policy Local. */
    boolean policyIsNotLocal(String entryNode, int id) {
        int[] shown = notLocal.get(entryNode);
        return shown != null && shown[0] < id && id < shown[1];
    }

    /** All were added. */
    void seal() {
        for (List<FlowFact> list : forwarded.values()) {
            list.sort((a, b) -> Long.compare(a.sent(), b.sent()));
        }
    }

    /** In order of their numbers. */
    List<FlowFact> flows() {
        return flows;
    }

    /** What a node masqueraded towards an endpoint; null if nothing. */
    Masqueraded masqueraded(String entryNode, Endpoint endpoint) {
        return entryNode == null ? null : masqueraded.get(new Ways.Way(entryNode, endpoint));
    }

    /** Whether any flow was answered. */
    boolean answers() {
        return !lastAnswered.isEmpty();
    }

    /** @param served by entry node: when the first and the last flow that was answered began */
    static void noteServed(Map<String, long[]> served, FlowFact fact) {
        long[] times = served.computeIfAbsent(fact.entryNode(), n -> new long[] {fact.start(), fact.start()});
        times[0] = Math.min(times[0], fact.start());
        times[1] = Math.max(times[1], fact.start());
    }

    /** When the first and the last flow that came to a node and was answered began; null without any. */
    long[] served(String entryNode) {
        return served.get(entryNode);
    }

    /** The first and the last answered flow of each endpoint; of those that nothing names under null. */
    Map<Endpoint, FlowFact> firstAnswered() {
        return firstAnswered;
    }

    Map<Endpoint, FlowFact> lastAnswered() {
        return lastAnswered;
    }

    /** Whether any flow was answered whose translated packets nobody saw. */
    boolean answersUntranslated() {
        return answersUntranslated;
    }

    /** Whether any flow was seen on its way to its endpoint, or there. */
    boolean delivers() {
        return delivers;
    }

    /** The first flow to an endpoint that was answered, or null. */
    FlowFact firstAnswered(Endpoint endpoint) {
        return firstAnswered.get(endpoint);
    }

    /** The last answered flow whose endpoint is known and another, if its number is higher; or null. */
    FlowFact lastAnsweredByAnother(Endpoint endpoint, int id) {
        FlowFact last = null;
        for (FlowFact fact : lastAnswered.values()) {
            boolean later = fact.id() > id && (last == null || fact.id() > last.id());
            last = later && fact.endpoint() != null && !fact.endpoint().equals(endpoint) ? fact : last;
        }
        return last;
    }

    /** The last flow that unseen pods of the node that took it answered, if its number is higher; or null. */
    FlowFact lastAnsweredOn(String entryNode, int id) {
        FlowFact last = lastAnsweredHere.get(entryNode);
        return last != null && last.id() > id ? last : null;
    }

    /** Whether any flow was answered that did not go to an endpoint, as far as is known. */
    boolean answersWithout(Endpoint endpoint) {
        return lastAnswered.size() > (lastAnswered.containsKey(endpoint) ? 1 : 0);
    }

    /** The flow with the lowest number, but not this one, whose first request went on to an endpoint within a time of another; or null. */
    FlowFact forwardedAt(Endpoint endpoint, long time, long within, int otherThan) {
        List<FlowFact> list = forwarded.getOrDefault(endpoint, List.of());
        FlowFact found = null;
        for (int i = below(list, FlowFact::sent, time - within); i < list.size() && list.get(i).sent() <= time + within; i++) {
            FlowFact fact = list.get(i);
            found = fact.id() != otherThan && (found == null || fact.id() < found.id()) ? fact : found;
        }
        return found;
    }

    /** The last flow before this one that an endpoint answered to the same client through the same node; or null. */
    FlowFact repliedBefore(IpAddress client, String entryNode, int id) {
        List<FlowFact> list = replied.getOrDefault(new Ways.Way(entryNode, client), List.of());
        int before = below(list, FlowFact::id, id);
        return before == 0 ? null : list.get(before - 1);
    }

    /** How many flows of a list, which is in order of a number of theirs, have one below a limit. */
    private static int below(List<FlowFact> list, ToLongFunction<FlowFact> number, long limit) {
        int low = 0;
        int high = list.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (number.applyAsLong(list.get(middle)) < limit) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
