package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.net.Endpoint;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * No source port was left to masquerade to. The range is not told by any capture; that it is full shows when all ports between the lowest
 * and the highest ever given towards an endpoint are in use at once, which free choice does not bring about.
 */
final class SnatPortsExhausted implements Detector {
    /** Linux gives clients with high ports one of 1024 to 65535. */
    private static final int LINUX_RANGE = 65_535 - 1024 + 1;
    private static final int LEAST_PORTS = 4;
    /** nf_conntrack_tcp_timeout_time_wait: so long a port stays taken after its connection ended. */
    private static final long TIME_WAIT_NANOS = 120_000_000_000L;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        FlowLeg in = trace.leg(Spot.ENTRY_IN, Direction.REQUEST);
        if (flow.translated() != null || flow.story().clientSawSynAck() || in == null || in.firstRequest() == null
                || trace.captures().translatedBlind(in.point())) {
            return List.of();
        }
        long time = trace.captures().aligned(in.firstRequest());
        List<CaseFacts.FlowFact> served = facts.front(flow.original()).flows();
        for (Endpoint endpoint : facts.cluster().seenEndpoints(flow.protocol(), flow.original().destination())) {
            int live = full(served, endpoint, trace.entryNode(), time);
            if (live > 0) {
                return List.of(Finding.fatal(TranslationTypes.SNAT_PORTS_EXHAUSTED,
                        "1.2.2", Frames.point(trace, Spot.ENTRY_IN),
                        "%s got it %s and sent nothing on: all %d ports that it masquerades to towards %s were in use".formatted(
                                trace.entryNode() == null ? "the node" : trace.entryNode(), Frames.times(trace.packets(Spot.ENTRY_IN,
                                        Direction.REQUEST)), live, endpoint), Frames.requests(trace, Spot.ENTRY_IN))
                        .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishmentTypes.CONNTRACK_TABLE_FULL,
                                EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION));
            }
        }
        return List.of();
    }

    /** How many ports are in use, if that is all there are; else 0. */
    private static int full(List<CaseFacts.FlowFact> served, Endpoint endpoint, String node, long time) {
        Set<Integer> ever = new TreeSet<>();
        Set<Integer> live = new TreeSet<>();
        int chosen = 0;
        for (CaseFacts.FlowFact fact : served) {
            boolean masqueraded = fact.translated() != null && endpoint.equals(fact.endpoint())
                    && node != null && node.equals(fact.entryNode())
                    && !fact.translated().source().address().equals(fact.original().source().address());
            if (!masqueraded) {
                continue;
            }
            int port = fact.translated().source().port();
            ever.add(port);
            if (fact.start() <= time && time <= fact.end() + TIME_WAIT_NANOS) {
                live.add(port);
                chosen += port != fact.original().source().port() ? 1 : 0;
            }
        }
        if (live.size() < LEAST_PORTS || chosen * 2 < live.size()) {
            return 0;
        }
        int lowest = ever.iterator().next();
        int highest = lowest;
        for (int port : ever) {
            highest = port;
        }
        boolean wholeRange = live.size() == highest - lowest + 1;
        return wholeRange || live.size() >= LINUX_RANGE / 10 * 9 ? live.size() : 0;
    }
}
