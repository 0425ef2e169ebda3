package io.nattrail.nat;

import io.nattrail.leg.Rows;

/**
 * For the packets of one direction at the place that a hop begins at: the last copy before it that holds the whole payload. A capture with
 * a short snap length between two others says nothing of the payloads; those two are compared over it.
 */
final class CutPayloads {
    private static final Rows[] NONE = {};

    private Rows[] rows = NONE;
    private int[] row = {};
    private int[] point = {};

    /** The next hop begins at the sender. */
    void begin() {
        rows = NONE;
    }

    /** Whether an earlier copy of a packet, of the same length, is there to compare what arrived with. */
    boolean compares(int i, Rows down, int j) {
        return i < rows.length && rows[i] != null && down.whole(j) && rows[i].length(row[i]) == down.length(j);
    }

    /** Whether other bytes arrived than an earlier copy that compares has; what the hop itself shows, its rows tell. */
    boolean differs(int i, Rows down, int j) {
        return rows[i].crc(row[i]) != down.crc(j);
    }

    /** The earlier copy of a packet. */
    SeenFrame sent(int i) {
        return SeenFrame.of(rows[i], row[i], point[i]);
    }

    /** The next hop begins where this one ends. */
    void goOn(Rows up, int upPoint, Rows down, PacketMatcher matcher, boolean tcp) {
        if (!RowFacts.cut(down)) {
            rows = NONE;
            return;
        }
        Rows[] nextRows = NONE;
        int[] nextRow = row;
        int[] nextPoint = point;
        for (int j = 0; j < down.count(); j++) {
            int i = matcher.upOf(j);
            // Headers alone tell bytes of a stream by their numbers, datagrams only by an identification.
            if (i < 0 || down.whole(j) || down.length(j) == 0 || matcher.doubtful(i) || up.identification(i) != down.identification(j)
                    || !tcp && up.identification(i) == 0) {
                continue;
            }
            boolean here = up.whole(i);
            Rows copy = here ? up : i < rows.length ? rows[i] : null;
            if (copy == null) {
                continue;
            }
            if (nextRows.length == 0) {
                nextRows = new Rows[down.count()];
                nextRow = new int[down.count()];
                nextPoint = new int[down.count()];
            }
            nextRows[j] = copy;
            nextRow[j] = here ? i : row[i];
            nextPoint[j] = here ? upPoint : point[i];
        }
        rows = nextRows;
        row = nextRow;
        point = nextPoint;
    }
}
