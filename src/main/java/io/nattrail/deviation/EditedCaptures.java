package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;

/**
 * Captures whose payloads were overwritten after they were taken, as is done before files are handed over: nearly every payload of
 * both directions differs from its twin in another capture, or does not fit its checksum. The receivers took them for right, or the
 * connections would not have gone on; no device alters all that passes both ways and keeps its numbers.
 */
final class EditedCaptures {
    /** Kept, since asking an enumeration for its values copies them. */
    private static final Direction[] DIRECTIONS = Direction.values();

    private final int points;
    /** By pair of points, the lower number first, and direction. */
    private final long[] compared;
    private final long[] altered;
    /** By point and direction, of what came from another point, and of what went on to another. */
    private final long[] comparedBefore;
    private final long[] alteredBefore;
    private final long[] comparedBehind;
    private final long[] alteredBehind;
    /** By point and direction. */
    private final long[] payloads;
    private final long[] wrong;
    private final boolean[] allDiffer;
    private final boolean[] edited;
    private final boolean[] differing;

    EditedCaptures(int points) {
        this.points = points;
        compared = new long[points * points * DIRECTIONS.length];
        altered = new long[points * points * DIRECTIONS.length];
        comparedBefore = new long[points * DIRECTIONS.length];
        alteredBefore = new long[points * DIRECTIONS.length];
        comparedBehind = new long[points * DIRECTIONS.length];
        alteredBehind = new long[points * DIRECTIONS.length];
        payloads = new long[points * DIRECTIONS.length];
        wrong = new long[points * DIRECTIONS.length];
        allDiffer = new boolean[points];
        edited = new boolean[points];
        differing = new boolean[points];
    }

    /** Takes a flow into account. */
    void add(Flow flow) {
        long[] most = new long[flow.places().size() * DIRECTIONS.length];
        for (FlowHop hop : flow.hops()) {
            if (hop.compared() > 0) {
                int direction = hop.direction().ordinal();
                int way = pair(flow, hop) * DIRECTIONS.length + direction;
                compared[way] += hop.compared();
                altered[way] += hop.altered();
                addEnds(flow, hop);
                int from = hop.from() * DIRECTIONS.length + direction;
                int to = hop.to() * DIRECTIONS.length + direction;
                most[from] = Math.max(most[from], hop.compared());
                most[to] = Math.max(most[to], hop.compared());
            }
        }
        addSums(flow, most);
    }

    private void addEnds(Flow flow, FlowHop hop) {
        int from = from(flow, hop);
        int to = flow.places().get(hop.to()).point();
        if (from != to) {
            int direction = hop.direction().ordinal();
            comparedBefore[to * DIRECTIONS.length + direction] += hop.compared();
            alteredBefore[to * DIRECTIONS.length + direction] += hop.altered();
            comparedBehind[from * DIRECTIONS.length + direction] += hop.compared();
            alteredBehind[from * DIRECTIONS.length + direction] += hop.altered();
        }
    }

    /**
     * Takes checksums into account. Where all of a place and direction are right, what hops compared tells how many payloads there were.
     *
     * @param most the most payloads that a hop compared, by place and direction
     */
    private void addSums(Flow flow, long[] most) {
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.CHECKSUM_WRONG) {
                int direction = sign.direction().ordinal();
                int way = flow.places().get(sign.place()).point() * DIRECTIONS.length + direction;
                wrong[way] += sign.count();
                payloads[way] += sign.value();
                most[sign.place() * DIRECTIONS.length + direction] = 0;
            }
        }
        for (int i = 0; i < most.length; i++) {
            payloads[flow.places().get(i / DIRECTIONS.length).point() * DIRECTIONS.length + i % DIRECTIONS.length] += most[i];
        }
    }

    /** The point whose payloads a hop compares with those of its end: over a cut capture it does not begin there. */
    private static int from(Flow flow, FlowHop hop) {
        SeenFrame sent = hop.alteredFrames().isEmpty() ? null : hop.alteredFrames().get(0);
        return sent == null ? flow.places().get(hop.from()).point() : sent.point();
    }

    private int pair(Flow flow, FlowHop hop) {
        int from = from(flow, hop);
        int to = flow.places().get(hop.to()).point();
        return Math.min(from, to) * points + Math.max(from, to);
    }

    /** Ends the first walk. */
    void seal() {
        int[] differ = new int[points];
        boolean[] agrees = new boolean[points];
        for (int point = 0; point < points; point++) {
            edited[point] = nearlyAll(wrong, payloads, point);
            allDiffer[point] = differsFromAll(point);
        }
        for (int a = 0; a < points; a++) {
            for (int b = a + 1; b < points; b++) {
                boolean differs = differ(a, b);
                boolean equal = !differs && sum(compared, a * points + b) > 0;
                differ[a] += differs ? 1 : 0;
                differ[b] += differs ? 1 : 0;
                agrees[a] |= equal;
                agrees[b] |= equal;
            }
        }
        for (int a = 0; a < points; a++) {
            for (int b = a + 1; b < points; b++) {
                if (differ(a, b)) {
                    tell(a, b, differ, agrees);
                }
            }
        }
    }

    /**
     * Whether nearly all payloads of a point differ from those of others. Questions and answers may go two ways; what nobody answered
     * has one direction only, and was changed and changed back if it differs from what came before and after it.
     */
    private boolean differsFromAll(int point) {
        for (int way = point * DIRECTIONS.length; way < (point + 1) * DIRECTIONS.length; way++) {
            if (nearlyAll(alteredBefore[way], comparedBefore[way]) && nearlyAll(alteredBehind[way], comparedBehind[way])) {
                return true;
            }
        }
        long[] others = new long[DIRECTIONS.length];
        long[] such = new long[DIRECTIONS.length];
        for (int other = 0; other < points; other++) {
            int pair = Math.min(point, other) * points + Math.max(point, other);
            for (int direction = 0; direction < DIRECTIONS.length && other != point; direction++) {
                others[direction] += compared[pair * DIRECTIONS.length + direction];
                such[direction] += altered[pair * DIRECTIONS.length + direction];
            }
        }
        return nearlyAll(such, others, 0);
    }

    private boolean differ(int a, int b) {
        int pair = a * points + b;
        boolean one = false;
        boolean both = true;
        for (int i = pair * DIRECTIONS.length; i < (pair + 1) * DIRECTIONS.length; i++) {
            if (compared[i] > 0 && !nearlyAll(altered[i], compared[i])) {
                return false;
            }
            one |= compared[i] > 0;
            both &= compared[i] > 0;
        }
        return both || one && (allDiffer[a] || allDiffer[b]);
    }

    /** Which of two captures that differ is the edited one: it differs from all others, or its checksums do not fit. */
    private void tell(int a, int b, int[] differ, boolean[] agrees) {
        differing[a] = true;
        differing[b] = true;
        if (edited[a] || edited[b]) {
            return;
        }
        int leaning = agrees[a] == agrees[b] ? Integer.compare(differ[a], differ[b]) : agrees[a] ? -1 : 1;
        if (leaning == 0) {
            leaning = Long.compare(sum(wrong, a), sum(wrong, b));
        }
        edited[a] |= leaning >= 0;
        edited[b] |= leaning <= 0;
    }

    /** Whether nearly all are such, of both directions: single ones are accidents, and one direction may have a fault of its own. */
    private static boolean nearlyAll(long[] such, long[] all, int at) {
        for (int i = at * DIRECTIONS.length; i < (at + 1) * DIRECTIONS.length; i++) {
            if (!nearlyAll(such[i], all[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean nearlyAll(long such, long all) {
        return all > 0 && such * 20 >= all * 19;
    }

    private static long sum(long[] counts, int at) {
        long sum = 0;
        for (int i = at * DIRECTIONS.length; i < (at + 1) * DIRECTIONS.length; i++) {
            sum += counts[i];
        }
        return sum;
    }

    /** Whether what a hop altered is what was overwritten in the capture of one of its ends. */
    boolean altered(Flow flow, FlowHop hop) {
        int pair = pair(flow, hop);
        return edited[pair / points] || edited[pair % points] || differ(pair / points, pair % points);
    }

    /** Whether the payloads of a point are not those of the wire, so that its checksums need not fit them. */
    boolean isEdited(int point) {
        return edited[point];
    }

    /** Whether other captures show a point's payloads otherwise. */
    boolean differs(int point) {
        return differing[point];
    }
}
