package io.nattrail.deviation;

import io.nattrail.leg.FrameRef;
import io.nattrail.leg.QuotedError;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;
import java.util.ArrayList;
import java.util.List;

/** An ICMP error that a flow's packets caused, and the leg under whose tuple it was seen. */
record Complaint(FlowLeg leg, QuotedError error) {
    private static final int MOST_FRAMES = 6;

    /** Errors about the flow's packets, oldest first in the order of legs; harmless ones are left out. */
    static List<Complaint> of(Flow flow) {
        List<Complaint> found = new ArrayList<>(0);
        for (FlowLeg leg : flow.legs()) {
            for (QuotedError error : leg.errors()) {
                if (!error.harmless()) {
                    found.add(new Complaint(leg, error));
                }
            }
        }
        return found;
    }

    /** The first frames that show them. */
    static List<FrameRef> frames(FlowTrace trace, List<Complaint> complaints) {
        List<SeenFrame> frames = new ArrayList<>();
        for (Complaint complaint : complaints) {
            if (frames.size() < MOST_FRAMES) {
                frames.add(complaint.frame());
            }
        }
        return trace.captures().refs(frames);
    }

    /** Whether the client's data was acknowledged since: what it sent in vain at the end, it sent later. */
    boolean over(FlowTrace trace) {
        Sign vain = trace.flow().sign(Sign.Kind.SENT_IN_VAIN);
        return error.quotedFromOpener() && vain != null
                && trace.captures().aligned(frame()) < trace.captures().aligned(vain.frames().get(0));
    }

    SeenFrame frame() {
        return new SeenFrame(leg.point(), error.file(), error.number(), error.timeNanos());
    }

    /** Errors seen nearer to their origin tell more, and rank higher: what stands in front of the node may have given them its own name. */
    int rank(Flow flow) {
        return leg.level() > 0 ? 1 + leg.level() : leg.tuple().equals(flow.original()) ? 1 : 0;
    }
}
