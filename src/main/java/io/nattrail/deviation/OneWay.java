package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Sign;
import io.nattrail.net.Amount;
import io.nattrail.net.Protocol;
import io.nattrail.path.FlowTrace;
import java.util.Set;

/**
 * Datagrams that nobody need answer, as those of syslog, metrics and flow records: that no answer comes says nothing. Only where they are
 * lost can be told.
 */
final class OneWay {
    /**
     * Ports of protocols in which who is asked answers, after the registry of IANA: DNS, NTP, SNMP, QUIC, IKE, DNS over QUIC, RADIUS, STUN,
     * SIP.
     */
    private static final Set<Integer> ANSWERING = Set.of(53, 123, 161, 443, 500, 4500, 853, 1812, 1813, 3478, 5060);
    /** Those of them in which each question has one answer, and nothing else is sent. */
    private static final Set<Integer> ANSWERING_EACH = Set.of(53, 123, 161, 1812, 1813);
    /** Those of protocols that have no answer, so that one datagram tells: syslog, traps of SNMP, IPFIX, sFlow, StatsD, collectd. */
    private static final Set<Integer> SILENT = Set.of(514, 162, 4739, 6343, 8125, 25826);
    private static final int LEAST_LOST = 3;
    private static final long LEAST_IN_VAIN_NANOS = 500_000_000L;

    private OneWay() {
    }

    /** Whether it is so: the flow looks like it, and the protocol may be one without answers. */
    static boolean is(FlowTrace trace, CaseFacts facts) {
        return (trace.flow().sign(Sign.Kind.ONE_WAY) != null || called(trace, SILENT)) && mayBe(trace, facts);
    }

    /** Whether it may be so: of what was sent too few tell, but none of it was asked again. */
    static boolean perhaps(FlowTrace trace, CaseFacts facts) {
        return is(trace, facts) || trace.flow().sign(Sign.Kind.SENT_ON) != null && mayBe(trace, facts);
    }

    /** What to add where datagrams too few to tell were not answered. */
    static String doubt(FlowTrace trace, CaseFacts facts) {
        return mayBe(trace, facts) ? "; nothing is wrong if its protocol has no answers, as syslog's has none" : "";
    }

    /**
     * Whether no flow to the same destination was ever answered, and no port tells that who is asked answers. Every host answers an echo
     * (RFC 1122, section 3.2.2.6; RFC 4443, section 4.2), and SCTP what it gets (RFC 9260, sections 5.1 and 6.2).
     */
    private static boolean mayBe(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (flow.protocol() != Protocol.UDP || facts.fronts().of(flow.original()).answers()) {
            return false;
        }
        return !called(trace, ANSWERING);
    }

    /** Whether the flow is of a protocol in which each question has its answer. */
    static boolean answersEach(FlowTrace trace) {
        return trace.flow().protocol() == Protocol.UDP && called(trace, ANSWERING_EACH);
    }

    /** Whether the flow is for one of these ports: of the service, as it was called or is defined, or of its endpoint. */
    private static boolean called(FlowTrace trace, Set<Integer> ports) {
        return ports.contains(trace.flow().original().destination().port())
                || trace.front() != null && ports.contains(trace.front().port().port())
                || trace.endpoint() != null && ports.contains(trace.endpoint().port());
    }

    /** What the judge says of it where nothing was lost. */
    static String text(FlowTrace trace) {
        int last = Judge.lastRequestPlace(trace);
        FlowLeg leg = trace.flow().requestLeg(trace.flow().places().get(last));
        if (called(trace, SILENT)) {
            return "%s shows %s and no answer; its port is that of a protocol that has none (syslog, metrics)".formatted(
                    Frames.pointOf(trace, last), Amount.of(leg.requestPackets(), "datagram"));
        }
        return ("%s shows %d datagrams and no answer; they were sent without waiting for any, as in protocols that have none (syslog, "
                + "metrics): if this one has, the endpoint is silent").formatted(Frames.pointOf(trace, last), leg.requestPackets());
    }

    /** Whether any place may not have been captured when something was sent on there: that is what is unknown first. */
    static boolean hidden(FlowTrace trace) {
        for (FlowHop hop : trace.flow().hops()) {
            if (hop.direction() == Direction.REQUEST && hop.loss().hidden() > 0) {
                return true;
            }
        }
        return false;
    }

    /** Everything was delivered for a time, and then nothing more: the hop that lost it. Null if there is none. */
    static Finding cutOff(FlowTrace trace) {
        Flow flow = trace.flow();
        for (FlowHop hop : flow.hops()) {
            if (hop.direction() != Direction.REQUEST || hop.loss().packets() < LEAST_LOST || hop.lastArrived()) {
                continue;
            }
            FlowLeg sent = flow.requestLeg(flow.places().get(hop.from()));
            FlowLeg arrived = flow.requestLeg(flow.places().get(hop.to()));
            long vain = trace.captures().aligned(sent.last()) - trace.captures().aligned(arrived.last());
            // What comes once the second capture is over tells nothing.
            boolean ranOn = trace.captures().coverage(arrived.point(), arrived.last().timeNanos() + LEAST_IN_VAIN_NANOS, arrived.point())
                    == Coverage.SURE;
            if (vain >= LEAST_IN_VAIN_NANOS && ranOn) {
                return CutOff.lost(trace, hop, "the last datagrams " + Frames.lostOn(trace, hop, "", "were"),
                        Frames.of(trace, hop.loss().frames())).explaining(EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE);
            }
        }
        return null;
    }
}
