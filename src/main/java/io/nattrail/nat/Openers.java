package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.Rows;
import io.nattrail.net.Endpoint;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/** Who opened what began before the capture, told by all legs together. */
final class Openers {
    private static final int FIRST_EPHEMERAL = 32_768;
    private static final int ROWS_TO_SHOW_BOTH = 16;

    private final List<Leg> legs;
    private final LegEnds ends;
    private final Map<Endpoint, Integer> earlierCalls;
    private final Numbering<Long> tuples = new Numbering<>();
    private final Rows rows = new Rows();

    /** @param earlierCalls how often each destination was called in legs that are no longer there */
    Openers(List<Leg> legs, LegEnds ends, Map<Endpoint, Integer> earlierCalls) {
        this.legs = legs;
        this.ends = ends;
        this.earlierCalls = earlierCalls;
    }

    /**
     * A leg without a handshake may begin with an answer. An end that is called in other legs, and does not call, is a server; where
     * nothing tells, one whose port lies below the ephemeral range (32768 and up on Linux) and whose peer's does not, or one whose port
     * handshakes call elsewhere and whose peer's none. What other points show under the same tuple tells nothing, since all captures may
     * have begun at one moment, with an answer; nor what shows one direction only where another leg of its tuple shows both: a capture of
     * one direction may be all answers.
     */
    void settle() {
        List<Endpoint> earlier = List.copyOf(earlierCalls.keySet());
        int[] earlierEnds = earlier.stream().mapToInt(ends::number).toArray();
        int[] calls = new int[ends.count()];
        for (int i = 0; i < earlierEnds.length; i++) {
            calls[earlierEnds[i]] = earlierCalls.get(earlier.get(i));
        }
        int[] tuple = new int[legs.size()];
        for (int i = 0; i < legs.size(); i++) {
            tuple[i] = tuples.of(ends.unordered(i));
        }
        BitSet tellNothing = halves(tuple);
        // How often the end with the higher number is called under each tuple, less how often the other one is.
        int[] ofTuple = new int[tuples.count()];
        BitSet calledPorts = new BitSet();
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (isEcho(leg) || tellNothing.get(i)) {
                continue;
            }
            ofTuple[tuple[i]] += Integer.compare(ends.destination(i), ends.source(i));
            if (leg.hasClientIsn()) {
                calledPorts.set(leg.tuple().destination().port());
            }
            calls[ends.destination(i)]++;
            calls[ends.source(i)]--;
        }
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (leg.hasClientIsn() || isEcho(leg) || leg.rowCount() == 0) {
                continue;
            }
            int own = ofTuple[tuple[i]] * Integer.compare(ends.destination(i), ends.source(i));
            int source = calls[ends.source(i)] + own;
            int destination = calls[ends.destination(i)] - own;
            int from = leg.tuple().source().port();
            int to = leg.tuple().destination().port();
            // A single other leg may be the one that begins with an answer, where the ports say otherwise.
            boolean opensByPorts = from >= FIRST_EPHEMERAL && to < FIRST_EPHEMERAL;
            boolean reversed = source > (opensByPorts ? 1 : 0) && source > destination
                    || source == destination && (from < FIRST_EPHEMERAL && to >= FIRST_EPHEMERAL
                    || calledPorts.get(from) && !calledPorts.get(to));
            if (reversed) {
                leg.reverse();
            }
        }
    }

    /** Legs that show one direction of a tuple of which others show both. */
    private BitSet halves(int[] tuple) {
        BitSet halves = new BitSet();
        BitSet wholes = new BitSet();
        for (int i = 0; i < legs.size(); i++) {
            if (legs.get(i).hasClientIsn() || showsBothDirections(legs.get(i))) {
                wholes.set(tuple[i]);
            } else {
                halves.set(i);
            }
        }
        for (int i = halves.nextSetBit(0); i >= 0; i = halves.nextSetBit(i + 1)) {
            halves.set(i, wholes.get(tuple[i]));
        }
        return halves;
    }

    private boolean showsBothDirections(Leg leg) {
        rows.clear();
        leg.copyFirstRows(ROWS_TO_SHOW_BOTH, rows);
        for (int row = 1; row < rows.count(); row++) {
            if (rows.fromSecond(row) != rows.fromSecond(0)) {
                return true;
            }
        }
        return false;
    }

    /** The type tells who asks, and the identifier is no port that anybody calls. */
    private static boolean isEcho(Leg leg) {
        return !leg.tcp() && !leg.datagrams();
    }
}
