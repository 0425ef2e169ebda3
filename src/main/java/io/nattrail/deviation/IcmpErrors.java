package io.nattrail.deviation;

import io.nattrail.nat.Flow;
import io.nattrail.path.FlowTrace;
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
            WhereItEnded.Complaint first = others.get(0);
            findings.add(Finding.of(EstablishedTypes.ICMP_UNREACHABLE, first.error().quotedFromOpener() ? "1.4" : "2.0",
                    trace.captures().point(first.leg().point()).name(), "%s answered with ICMP %s".formatted(first.error().sender(),
                            first.error().text()), WhereItEnded.frames(trace, others)));
        }
        return findings;
    }
}
