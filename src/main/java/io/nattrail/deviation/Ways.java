package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What took the same way, added up, so that no connection that ended on it has to be compared with each of the others. */
final class Ways {
    private final Map<Way, Traffic> traffic = new HashMap<>();

    /**
     * As far as the entry node it is the client's, from there on the endpoint's.
     *
     * @param end address of the client, name of the endpoint's node, or the endpoint itself; null if that is not known
     */
    record Way(String entryNode, Object end) {
        static Way of(Ending ending, FlowFact fact) {
            return ending.atCaller() ? ofCaller(fact) : toEndpoint(fact);
        }

        static Way ofCaller(FlowFact fact) {
            return new Way(fact.entryNode(), fact.original().source().address());
        }

        static Way toEndpoint(FlowFact fact) {
            return new Way(fact.entryNode(), fact.endpointNode());
        }

        // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

        @Override
        public boolean equals(Object other) {
            return other instanceof Way that && Objects.equals(entryNode, that.entryNode) && Objects.equals(end, that.end);
        }

        @Override
        public int hashCode() {
            return 31 * Objects.hashCode(entryNode) + Objects.hashCode(end);
        }

        static Way of(Ending ending, FlowTrace trace) {
            return new Way(trace.entryNode(), ending.atCaller() ? trace.flow().original().source().address() : trace.endpointNode());
        }
    }

    private record Place(Spot from, Direction direction) {
        // By hand, as in Way.

        @Override
        public boolean equals(Object other) {
            return other instanceof Place that && from == that.from && direction == that.direction;
        }

        @Override
        public int hashCode() {
            return 31 * Objects.hashCode(from) + direction.hashCode();
        }
    }

    private static final class Traffic {
        private final Map<Place, Ended> ended = new HashMap<>();
        private long lastPassed = Long.MIN_VALUE;
        private int lastPassedBy;
        private long lastPassedOfOthers = Long.MIN_VALUE;

        private void add(FlowFact fact) {
            if (fact.lastPassed() > lastPassed) {
                lastPassedOfOthers = lastPassed;
                lastPassed = fact.lastPassed();
                lastPassedBy = fact.id();
            } else {
                lastPassedOfOthers = Math.max(lastPassedOfOthers, fact.lastPassed());
            }
        }

        private long lastPassedBeside(int flow) {
            return flow == lastPassedBy ? lastPassedOfOthers : lastPassed;
        }
    }

    /** What went no further than one place. */
    private static final class Ended {
        private final List<FlowFact> fresh = new ArrayList<>(0);
        private long first = Long.MAX_VALUE;
        private boolean withoutSilence;
        private long[] starts;
        private long[] ends;

        private void add(FlowFact fact) {
            first = Math.min(first, fact.ending().since());
            withoutSilence |= !fact.cutAfterSilence();
            if (fact.ending().fresh()) {
                fresh.add(fact);
            }
        }

        private void seal() {
            starts = fresh.stream().mapToLong(FlowFact::start).sorted().toArray();
            ends = fresh.stream().mapToLong(fact -> Math.max(fact.start(), fact.end())).sorted().toArray();
            fresh.clear();
        }
    }

    /** Only ways on which anything ended matter. */
    Ways(List<FlowFact> flows) {
        for (FlowFact fact : flows) {
            if (fact.ending() != null) {
                traffic.computeIfAbsent(Way.of(fact.ending(), fact), way -> new Traffic()).ended
                        .computeIfAbsent(place(fact.ending()), place -> new Ended()).add(fact);
            }
        }
        for (FlowFact fact : traffic.isEmpty() ? List.<FlowFact>of() : flows) {
            Traffic ofCaller = fact.tcp() ? traffic.get(Way.ofCaller(fact)) : null;
            Traffic toEndpoint = fact.tcp() ? traffic.get(Way.toEndpoint(fact)) : null;
            if (ofCaller != null) {
                ofCaller.add(fact);
            }
            if (toEndpoint != null) {
                toEndpoint.add(fact);
            }
        }
        traffic.values().forEach(one -> one.ended.values().forEach(Ended::seal));
    }

    private static Place place(Ending ending) {
        return new Place(ending.from(), ending.direction());
    }

    /** Whether nothing passed a flow's way any more since the first was lost where it was. */
    boolean endedForAll(Ending ending, FlowTrace trace) {
        Ended ended = ended(ending, trace);
        return ended != null && traffic.get(Way.of(ending, trace)).lastPassed < Math.min(ended.first, ending.since());
    }

    /** Whether anything was lost where a flow was without having been silent before. */
    boolean anyWithoutSilence(Ending ending, FlowTrace trace) {
        Ended ended = ended(ending, trace);
        return ended != null && ended.withoutSilence;
    }

    /** How many new connections ended like a flow while it did; 0 if anything else passed the way since then. */
    int newOnes(Ending ending, FlowTrace trace) {
        Ended ended = ended(ending, trace);
        if (ended == null || traffic.get(Way.of(ending, trace)).lastPassedBeside(trace.id()) > ending.since()) {
            return 0;
        }
        long end = trace.captures().aligned(trace.flow().end());
        int begun = ended.starts.length - above(ended.starts, ended.starts.length, end);
        int over = ended.ends.length - above(ended.ends, ended.ends.length, ending.since() - 1);
        return Math.max(0, begun - over);
    }

    private Ended ended(Ending ending, FlowTrace trace) {
        Traffic way = traffic.get(Way.of(ending, trace));
        return way == null ? null : way.ended.get(place(ending));
    }

    /** How many of the first values, which are sorted, are above a limit. */
    static int above(long[] sorted, int count, long limit) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] <= limit) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return count - low;
    }
}
