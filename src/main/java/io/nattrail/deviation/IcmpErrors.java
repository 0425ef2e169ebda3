package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.List;

/** ICMP errors tied to a flow by the packet they quote, on either side of the NAT. What ended a flow is told by {@link WhereItEnded}. */
final class IcmpErrors implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        List<WhereItEnded.Complaint> tooBig = new ArrayList<>(0);
        List<WhereItEnded.Complaint> others = new ArrayList<>(0);
        for (WhereItEnded.Complaint complaint : WhereItEnded.complaints(flow)) {
            (complaint.error().packetTooBig() ? tooBig : others).add(complaint);
        }
        List<Finding> findings = new ArrayList<>(2);
        if (!tooBig.isEmpty()) {
            WhereItEnded.Complaint first = tooBig.get(0);
            findings.add(Finding.of(EstablishedTypes.FRAGMENTATION_NEEDED, first.error().quotedFromOpener() ? "1.4" : "1.6",
                    trace.captures().point(first.leg().point()).name(), "%s asked for packets of at most %d bytes".formatted(
                            first.error().sender(), first.error().mtu()), WhereItEnded.frames(trace, tooBig))
                    .explaining(EstablishedTypes.LOSS, EstablishedTypes.RETRANSMISSION, EstablishedTypes.PMTU_BLACKHOLE));
        }
        if (!others.isEmpty()) {
            WhereItEnded.Complaint first = nearestSender(others);
            boolean delivered = trace.seen(Spot.TARGET_BRIDGE, Direction.REQUEST) || trace.seen(Spot.ENDPOINT_POD, Direction.REQUEST);
            String step = !first.error().quotedFromOpener() ? "2.0" : delivered ? "1.6" : "1.4";
            Finding finding = Finding.of(EstablishedTypes.ICMP_UNREACHABLE, step, trace.captures().point(first.leg().point()).name(),
                    "%s answered with ICMP %s".formatted(first.error().sender(), first.error().text()), WhereItEnded.frames(trace, others));
            findings.add(endsExchange(trace, others) ? finding.failing(step) : finding);
        }
        return findings;
    }

    /** Behind a NAT an error carries the NAT's address: its sender is named where it was seen on the sender's side. */
    private static WhereItEnded.Complaint nearestSender(List<WhereItEnded.Complaint> complaints) {
        WhereItEnded.Complaint nearest = complaints.get(0);
        boolean aboutRequests = nearest.error().quotedFromOpener();
        for (WhereItEnded.Complaint other : complaints) {
            int nearer = Integer.compare(other.leg().level(), nearest.leg().level());
            if (other.error().quotedFromOpener() == aboutRequests && (aboutRequests ? nearer : -nearer) > 0) {
                nearest = other;
            }
        }
        return nearest;
    }

    /** Whether an established exchange ended with these errors: the client's last data were complained of and never acknowledged. */
    private static boolean endsExchange(FlowTrace trace, List<WhereItEnded.Complaint> complaints) {
        Flow flow = trace.flow();
        boolean aboutRequests = complaints.stream().anyMatch(c -> c.error().quotedFromOpener());
        boolean unanswered = flow.tcp() ? !flow.story().requestAcked() : flow.sign(Sign.Kind.UNANSWERED) != null;
        return aboutRequests && flow.story().clientSawSynAck() && unanswered;
    }
}
