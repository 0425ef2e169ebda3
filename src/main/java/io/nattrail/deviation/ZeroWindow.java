package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Sign;
import io.nattrail.net.Duration;
import io.nattrail.path.FlowTrace;
import java.util.ArrayList;
import java.util.List;

/**
 * A receiver that had no room. A short stop is how TCP tells a sender to be slower; it counts as trouble once the sender had reason to ask
 * whether the window is still closed.
 */
final class ZeroWindow implements Detector {
    /** The first probe is due after a retransmission timeout (RFC 9293, section 3.8.6.1), which is at least a second (RFC 6298). */
    private static final long FIRST_PROBE_NANOS = 1_000_000_000L;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        List<Finding> findings = new ArrayList<>(0);
        for (Sign sign : trace.flow().signs()) {
            if (sign.kind() == Sign.Kind.ZERO_WINDOW) {
                findings.add(judge(trace, sign));
            }
        }
        return findings;
    }

    private static Finding judge(FlowTrace trace, Sign sign) {
        boolean client = sign.direction() == Direction.REQUEST;
        Sign stuck = null;
        for (Sign other : trace.flow().signs()) {
            if (other.kind() == Sign.Kind.WINDOW_STUCK && other.direction() == sign.direction()) {
                stuck = other;
            }
        }
        String who = client ? "the client" : Frames.endpoint(trace);
        boolean forGood = stuck != null && stuck.value() >= FIRST_PROBE_NANOS;
        String message = forGood
                ? "%s announced a window of 0 and did not open it again in the %s that follow: it does not read"
                        .formatted(who, Duration.of(stuck.value()))
                : "%s announced a window of 0 %s, at the longest for %s: it did not read fast enough".formatted(who,
                        Frames.times(sign.count()), Duration.of(sign.value()));
        Finding finding = Finding.of(EstablishedTypes.ZERO_WINDOW, client ? "2.0" : "1.6", Frames.pointOf(trace, sign.place()), message,
                Frames.of(trace, sign.frames()));
        if (forGood && !client && (trace.flow().story().lastIsRequestData() || !trace.flow().story().requestAcked())) {
            return finding.failing("1.6").explaining(EstablishedTypes.RETRANSMISSION);
        }
        return forGood || sign.value() >= FIRST_PROBE_NANOS ? finding : finding.as(Severity.INFO);
    }
}
