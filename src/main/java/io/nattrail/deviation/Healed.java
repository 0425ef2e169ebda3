package io.nattrail.deviation;

import io.nattrail.nat.FlowHop;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;
import java.util.List;

/**
 * Losses that were made good before something else befell the connection. Its longest silence parts them: what had not arrived before it
 * would have been sent again in it, since it is longer than a retransmission timeout (RFC 6298), and a hop that lost that too shows it.
 */
final class Healed {
    /** The shortest retransmission timeout of Linux; what is lost in the last flight of all is sent again no sooner. */
    private static final long LEAST_TIMEOUT_NANOS = 200_000_000L;

    /** Where something lies beside the longest silence of its flow. */
    enum Side {
        /** On both sides, or not known. */
        ANY,
        /** All of it before. */
        BEFORE,
        /** All of it since. */
        SINCE
    }

    private Healed() {
    }

    /** Those of a hop's lost packets that had been made good when the flow's longest silence began; none where that is not known. */
    static List<SeenFrame> of(FlowTrace trace, FlowHop hop) {
        Sign silence = trace.flow().tcp() && trace.flow().story().established() ? trace.flow().sign(Sign.Kind.SILENCE) : null;
        List<SeenFrame> lost = hop.lostFrames();
        if (silence == null || lost.isEmpty() || hop.hidden() > 0) {
            return List.of();
        }
        long begin = trace.captures().aligned(silence.frames().get(0));
        Sign reset = Resets.first(trace);
        if (reset != null && trace.captures().aligned(reset.frames().get(0)) <= begin) {
            // Nobody sends a reset again, nor what it made void.
            return List.of();
        }
        int before = 0;
        while (before < lost.size() && trace.captures().aligned(lost.get(before)) < begin) {
            before++;
        }
        if (before < lost.size() && trace.captures().aligned(lost.get(before)) < trace.captures().aligned(silence.frames().get(1))) {
            // What is silence to one side is full of what the hop loses: the last of what was lost before is sent again in it, in vain.
            while (before > 0 && trace.captures().aligned(lost.get(before - 1)) > begin - LEAST_TIMEOUT_NANOS) {
                before--;
            }
        }
        // Of more than are kept the last may have been lost since.
        return before == lost.size() && hop.lost() > before ? List.of() : lost.subList(0, before);
    }

    /** The side of all that a hop lost. */
    static Side sideOf(FlowTrace trace, FlowHop hop) {
        List<SeenFrame> healed = of(trace, hop);
        return !healed.isEmpty() && healed.size() == hop.lost() ? Side.BEFORE : Side.ANY;
    }

    /** The side of what began with a frame. */
    static Side sideSince(FlowTrace trace, SeenFrame first) {
        Sign silence = trace.flow().sign(Sign.Kind.SILENCE);
        return silence != null && first != null && trace.captures().aligned(first) > trace.captures().aligned(silence.frames().get(0))
                ? Side.SINCE : Side.ANY;
    }
}
