package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.net.Endpoint;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.BitSet;
import java.util.List;

/**
 * No source port was left to masquerade to. The range is not told by any capture; that it is full shows when all ports between the lowest
 * and the highest ever given towards an endpoint are in use at once, which free choice does not bring about.
 */
final class SnatPortsExhausted implements Detector {
    /** Linux gives clients with high ports one of 1024 to 65535. */
    private static final int LINUX_RANGE = 65_535 - 1024 + 1;
    /** Where so many found no other ports, these are not neighbours by chance. */
    private static final int LEAST_FLOWS = 4;
    private static final int LEAST_PORTS = 2;
    /** nf_conntrack_tcp_timeout_time_wait: so long a port stays taken after its connection ended. */
    private static final long TIME_WAIT_NANOS = 120_000_000_000L;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        FlowLeg in = trace.leg(Spot.ENTRY_IN, Direction.REQUEST);
        if (flow.translated() != null || flow.story().clientSawSynAck() || in == null
                || trace.captures().translatedBlind(in.point())) {
            return List.of();
        }
        long time = trace.captures().aligned(in.firstRequest());
        FrontFacts served = facts.fronts().of(flow.original());
        for (Endpoint endpoint : facts.cluster().seenEndpoints(flow.protocol(), flow.original().destination())) {
            FrontFacts.Masqueraded masqueraded = served.masqueraded(trace.entryNode(), endpoint);
            int live = full(masqueraded, time);
            if (live > 0) {
                return List.of(Finding.fatal(TranslationTypes.SNAT_PORTS_EXHAUSTED,
                        "1.2.2", Frames.point(trace, Spot.ENTRY_IN),
                        "%s got it %s and sent nothing on: all %d ports that it masquerades to towards %s were in use".formatted(
                                Frames.entryNode(trace), Frames.times(trace.packets(Spot.ENTRY_IN,
                                        Direction.REQUEST)), live, endpoint), Frames.requests(trace, Spot.ENTRY_IN))
                        .checking(count(endpoint, masqueraded))
                        .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishmentTypes.CONNTRACK_TABLE_FULL,
                                EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION));
            }
        }
        return List.of();
    }

    /** How to count them: a flow that was not translated tells neither address, those that hold the ports tell both. */
    private static String count(Endpoint endpoint, FrontFacts.Masqueraded masqueraded) {
        return TranslationTypes.SNAT_PORTS_EXHAUSTED.checks().get(0).replace("{pod_ip}", endpoint.address().toString())
                .replace("{source}", masqueraded.flows().iterator().next().translated().source().address().toString());
    }

    /** How many ports are in use, if that is all there are; else 0. */
    private static int full(FrontFacts.Masqueraded masqueraded, long time) {
        if (masqueraded == null || !mayFill(masqueraded, masqueraded.ports())) {
            return 0;
        }
        BitSet live = new BitSet();
        int chosen = 0;
        for (FlowFact fact : masqueraded.flows()) {
            if (fact.start() <= time && time <= fact.end() + TIME_WAIT_NANOS) {
                int port = fact.translated().source().port();
                live.set(port);
                chosen += port != fact.original().source().port() ? 1 : 0;
            }
        }
        int count = live.cardinality();
        return mayFill(masqueraded, count) && chosen * 2 >= count ? count : 0;
    }

    private static boolean mayFill(FrontFacts.Masqueraded masqueraded, int ports) {
        return masqueraded.flows().size() >= LEAST_FLOWS && ports >= LEAST_PORTS
                && (ports == masqueraded.range() || ports >= LINUX_RANGE / 10 * 9);
    }
}
