package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.LegTable;
import io.nattrail.leg.Rows;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Datagrams have no handshake that tells where one use of a tuple ends and the next begins. Conntrack forgets a question and its answer
 * after 30 s (nf_conntrack_udp_timeout), and may then masquerade another client by the same port: where those before and after a pause
 * came from different senders, as their contents tell, the leg is divided.
 */
final class ReusedTuples {
    /** Conntrack's time-out may be set lower, hardly to so little. */
    private static final long LEAST_PAUSE_NANOS = 10_000_000_000L;
    /** By how much a pause may differ from point to point: a packet waits so long at most on its way. */
    private static final long JITTER_NANOS = ExchangeWeights.MOST_CROSSING_NANOS;
    /** A leg that lasted for less has no room for another use of its tuple. */
    static final long SHORTEST_NANOS = LEAST_PAUSE_NANOS - JITTER_NANOS;
    /** What more tuples show than this tells nobody apart. */
    private static final int MOST_TUPLES = 6;
    private static final Shown[] NOWHERE = {};

    private final List<Leg> paused = new ArrayList<>();
    private final Rows rows = new Rows();
    /** The prints of the datagrams that a use may begin with, once all are noted sorted and each once; and which tuples show each. */
    private long[] prints = new long[64];
    private int count;
    private Shown[][] shown;
    /** The datagrams with which another's use of a tuple begins. */
    private final Map<FiveTuple, long[]> begins = new HashMap<>();

    private ReusedTuples() {
    }

    /** @param ttl the highest with which the tuple shows it at any point */
    private record Shown(FiveTuple tuple, int ttl) {
    }

    /** Divides legs of datagrams. To be called once all captures were read. */
    static void divide(List<LegTable> tables) {
        ReusedTuples reused = new ReusedTuples();
        for (LegTable table : tables) {
            reused.findUses(table);
        }
        if (reused.paused.isEmpty()) {
            return;
        }
        reused.sortPrints();
        reused.shown = new Shown[reused.count][];
        for (LegTable table : tables) {
            reused.look(table);
        }
        for (Leg leg : reused.paused) {
            reused.compare(leg);
        }
        for (Leg leg : reused.paused) {
            reused.divide(leg);
        }
    }

    private void findUses(LegTable table) {
        for (Leg leg : table.legs()) {
            if (leg.protocol() != Protocol.UDP || leg.rowCount() < 2
                    || leg.lastTime() - leg.firstTime() < SHORTEST_NANOS) {
                continue;
            }
            read(leg);
            int next = next(leg, 1, SHORTEST_NANOS);
            if (next == rows.count()) {
                continue;
            }
            paused.add(leg);
            note(print(0));
            while (next < rows.count()) {
                note(print(next));
                next = next(leg, next + 1, SHORTEST_NANOS);
            }
        }
    }

    private void read(Leg leg) {
        rows.clear();
        leg.copyRows(rows);
    }

    private void note(long print) {
        if (count == prints.length) {
            prints = Arrays.copyOf(prints, count * 2);
        }
        prints[count++] = print;
    }

    /** The next row with which another use may begin: a request after a pause. The number of rows if there is none. */
    private int next(Leg leg, int from, long pause) {
        int row = from;
        while (row < rows.count() && (rows.time(row) - rows.time(row - 1) < pause || !request(leg, row))) {
            row++;
        }
        return row;
    }

    private boolean request(Leg leg, int row) {
        return rows.fromSecond(row) == leg.openedBySecond() && !rows.laterFragment(row);
    }

    /** What NAT leaves alone. */
    private long print(int row) {
        return RowFacts.mix(((long) rows.length(row) << 32 | rows.crc(row) & 0xffffffffL) ^ (long) rows.identification(row) << 48);
    }

    /** Heartbeats without identification are all alike: one of them is enough. */
    private void sortPrints() {
        Arrays.sort(prints, 0, count);
        int different = 1;
        for (int i = 1; i < count; i++) {
            if (prints[i] != prints[i - 1]) {
                prints[different++] = prints[i];
            }
        }
        count = different;
    }

    private int find(long print) {
        return Arrays.binarySearch(prints, 0, count, print);
    }

    /** Which tuples show what a use begins with. */
    private void look(LegTable table) {
        for (Leg leg : table.legs()) {
            if (leg.protocol() != Protocol.UDP) {
                continue;
            }
            read(leg);
            for (int row = 0; row < rows.count(); row++) {
                int found = request(leg, row) ? find(print(row)) : -1;
                if (found >= 0) {
                    shown[found] = with(shown[found] == null ? NOWHERE : shown[found], leg.tuple(), rows.ttl(row));
                }
            }
        }
    }

    private static Shown[] with(Shown[] known, FiveTuple tuple, int ttl) {
        for (int i = 0; i < known.length; i++) {
            if (known[i].tuple.equals(tuple)) {
                known[i] = known[i].ttl >= ttl ? known[i] : new Shown(tuple, ttl);
                return known;
            }
        }
        if (known.length > MOST_TUPLES) {
            return known;
        }
        Shown[] more = Arrays.copyOf(known, known.length + 1);
        more[known.length] = new Shown(tuple, ttl);
        return more;
    }

    /** Notes where a tuple's datagrams begin to come from another sender. */
    private void compare(Leg leg) {
        read(leg);
        List<FiveTuple> before = senders(leg.tuple(), 0);
        for (int row = next(leg, 1, LEAST_PAUSE_NANOS); row < rows.count(); row = next(leg, row + 1, LEAST_PAUSE_NANOS)) {
            List<FiveTuple> now = senders(leg.tuple(), row);
            List<FiveTuple> both = new ArrayList<>(now);
            both.retainAll(before);
            if (both.isEmpty() && !before.isEmpty() && !now.isEmpty()) {
                begins.merge(leg.tuple(), new long[] {name(row)}, ReusedTuples::both);
                before = now;
            } else if (before.isEmpty() || !both.isEmpty()) {
                before = both.isEmpty() ? now : both;
            }
        }
    }

    private static long[] both(long[] known, long[] more) {
        if (contains(known, more[0])) {
            return known;
        }
        long[] all = Arrays.copyOf(known, known.length + 1);
        all[known.length] = more[0];
        return all;
    }

    private static boolean contains(long[] names, long name) {
        for (long other : names) {
            if (other == name) {
                return true;
            }
        }
        return false;
    }

    /** Under which tuples a datagram was sent that shows translated here; each router and NAT on its way took from its TTL. */
    private List<FiveTuple> senders(FiveTuple tuple, int row) {
        List<FiveTuple> senders = new ArrayList<>(1);
        Shown[] here = shown[find(print(row))];
        Shown[] all = here == null ? NOWHERE : here;
        int own = 0;
        for (Shown one : all) {
            own = one.tuple.equals(tuple) ? one.ttl : own;
        }
        for (Shown one : all) {
            if (own > 0 && one.ttl > own && all.length <= MOST_TUPLES) {
                senders.add(one.tuple);
            }
        }
        return senders;
    }

    /** The same at all points of a tuple, whatever their snap lengths. */
    private long name(int row) {
        return rows.identification(row) == 0 ? print(row) : (long) rows.length(row) << 16 | rows.identification(row);
    }

    private void divide(Leg leg) {
        long[] others = begins.get(leg.tuple());
        if (others == null) {
            return;
        }
        read(leg);
        int[] starts = new int[rows.count()];
        int found = 0;
        long pause = SHORTEST_NANOS;
        for (int row = next(leg, 1, pause); row < rows.count(); row = next(leg, row + 1, pause)) {
            if (contains(others, name(row))) {
                starts[found++] = row;
            }
        }
        if (found > 0) {
            leg.divide(rows, Arrays.copyOf(starts, found));
        }
    }
}
