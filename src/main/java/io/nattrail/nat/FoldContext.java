package io.nattrail.nat;

import io.nattrail.leg.CutQuote;
import io.nattrail.leg.DatagramId;
import io.nattrail.leg.HeadlessDatagram;
import io.nattrail.leg.PointRole;
import java.util.List;
import java.util.Map;

/** What folding a flow needs to know of the capture points and their clocks. */
public interface FoldContext {
    /** Could a capture have shown a packet? */
    enum Coverage {
        /** Frames before and after it are in the capture. */
        SURE,
        /** Only just outside of what was captured, by less than the capture's own silences. */
        LIKELY,
        NO
    }

    /** The point's role, or null if nothing tells. */
    PointRole role(int point);

    /** The point's node, or null. */
    String node(int point);

    /** A point's time on the common clock. */
    long aligned(int point, long timeNanos);

    /** What drifts have added by then, as far as they are known, to the difference of the clocks that a packet crossed between. */
    default long drifted(int from, long left, int to, long arrived) {
        return 0;
    }

    /** Whether {@code to} could have shown a packet that {@code from} saw at a time of its own clock. */
    Coverage coverage(int from, long timeNanos, int to);

    /** Datagrams that came to points without their first fragment. */
    default Map<DatagramId, List<HeadlessDatagram>> headless() {
        return Map.of();
    }

    /** ICMP errors that lack the ports of the packet that they quote, by that packet; those of each point in the order of its file. */
    default Map<DatagramId, List<CutQuote>> cutQuotes() {
        return Map.of();
    }

    /** A packet was seen at {@code from} and then at {@code to}, each on its own clock. */
    void crossed(int from, long fromNanos, int to, long toNanos);
}
