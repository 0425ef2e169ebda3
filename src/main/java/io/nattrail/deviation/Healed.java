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

    private Healed() {
    }

    /** Those of a hop's lost packets that had been made good when the flow's longest silence began; none where that is not known. */
    static List<SeenFrame> of(FlowTrace trace, FlowHop hop) {
        Sign silence = trace.flow().tcp() && trace.flow().story().established() ? trace.flow().sign(Sign.Kind.SILENCE) : null;
        List<SeenFrame> lost = hop.loss().frames();
        if (silence == null || lost.isEmpty() || hop.loss().hidden() > 0) {
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
        return before == lost.size() && hop.loss().packets() > before ? List.of() : lost.subList(0, before);
    }

    /**
     * When the last of what a hop lost was sent, on the common clock, whether or not it came when sent again: what went wrong elsewhere
     * later is no cause of it. {@link Long#MAX_VALUE} if that is not known.
     */
    static long until(FlowTrace trace, FlowHop hop) {
        List<SeenFrame> lost = hop.loss().frames();
        boolean all = trace.flow().tcp() && trace.flow().story().established() && hop.loss().hidden() == 0 && !lost.isEmpty()
                && lost.size() == hop.loss().packets();
        return all ? trace.captures().aligned(lost.get(lost.size() - 1)) : Long.MAX_VALUE;
    }

    /** Whether a moment on the common clock lies behind the beginning of the flow's longest silence. */
    static boolean afterSilence(FlowTrace trace, long moment) {
        Sign silence = trace.flow().sign(Sign.Kind.SILENCE);
        return silence != null && moment >= trace.captures().aligned(silence.frames().get(0));
    }
}
