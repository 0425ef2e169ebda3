package io.nattrail.nat;

import io.nattrail.clock.ClockNet;
import io.nattrail.clock.StepSearch;
import io.nattrail.leg.ClockStep;
import io.nattrail.leg.Leg;
import io.nattrail.leg.Rows;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.BiConsumer;

/**
 * What connections tell of the points' clocks, before any of them is folded. Of two points that saw a request, the one where it had more
 * TTL saw it first; where no router lies in between, the one that waited longer for the answer did.
 */
public final class ClockSketch {
    private static final int MOST_SKETCHED = 1000;
    private static final int MOST_FOLLOWED = 400;
    private static final int MOST_LASTING = 4;
    private static final int HANDSHAKE_ROWS = 6;
    private static final int MIDSTREAM_ROWS = 4096;
    private static final int MOST_MIDSTREAM = 200;
    /** How far packets of one connection may be out of order between two points, and how many in a row may be missing at one. */
    private static final int MOST_DISORDER = 64;
    private static final int MOST_MISSING = 512;

    private final List<LegGroup> groups;
    private final int points;
    private final Rows left = new Rows();
    private final Rows right = new Rows();

    /** Takes a packet that was seen at one point, then at another. */
    private interface Crossing {
        void crossed(Leg from, Rows fromRows, int fromRow, Leg to, Rows toRows, int toRow);
    }

    ClockSketch(List<LegGroup> groups, int points) {
        this.groups = groups;
        this.points = points;
    }

    /**
     * What crossed in the handshakes. Of two points that share none, since one capture began later, the first packets of the one are looked
     * for among all of the other.
     */
    public ClockNet handshakes() {
        ClockNet net = new ClockNet(points);
        sketch(MOST_SKETCHED, (a, b) -> cross(a, HANDSHAKE_ROWS, b, HANDSHAKE_ROWS, 0, false, into(net)));
        ClockNet midstream = new ClockNet(points);
        int[] tried = new int[points * points];
        sketch(MOST_SKETCHED, (a, b) -> {
            boolean unknown = !net.met(a.point(), b.point());
            if (unknown && tried[a.point() * points + b.point()]++ < MOST_MIDSTREAM) {
                cross(a, HANDSHAKE_ROWS, b, MIDSTREAM_ROWS, 0, false, into(midstream));
                cross(a, MIDSTREAM_ROWS, b, HANDSHAKE_ROWS, 0, false, into(midstream));
            }
        });
        net.addAll(midstream);
        return net;
    }

    /**
     * The first clock that was set while the captures ran, as all packets of connections tell; null if none seems to have been.
     *
     * @param suspected whether handshakes contradict each other; else only the connections that lasted longest are asked
     * @param machines the machine that each point was captured on, by a number
     * @param grains how fine each point's time stamps are, 0 for exact ones
     */
    public ClockStep step(boolean suspected, int[] machines, long[] grains) {
        StepSearch search = new StepSearch(machines, grains);
        Crossing crossing = (from, fromRows, fromRow, to, toRows, toRow) -> search.crossed(sight(from, fromRows, fromRow),
                sight(to, toRows, toRow));
        BiConsumer<Leg, Leg> whole = (a, b) -> cross(a, MIDSTREAM_ROWS, b, MIDSTREAM_ROWS, grains[a.point()] + grains[b.point()], true,
                crossing);
        if (!suspected) {
            for (Lasting longest : longest()) {
                pairs(longest.group, whole);
            }
            return search.first() == null ? null : step(true, machines, grains);
        }
        sketch(MOST_FOLLOWED, whole);
        return search.first();
    }

    private record Lasting(LegGroup group, long nanos) {
    }

    private Collection<Lasting> longest() {
        PriorityQueue<Lasting> longest = new PriorityQueue<>((a, b) -> Long.compare(a.nanos, b.nanos));
        int step = Math.max(1, groups.size() / MOST_SKETCHED);
        for (int g = 0; g < groups.size(); g += step) {
            longest.add(new Lasting(groups.get(g), lasted(groups.get(g))));
            if (longest.size() > MOST_LASTING) {
                longest.remove();
            }
        }
        return longest;
    }

    private static long lasted(LegGroup group) {
        long longest = 0;
        for (Leg leg : group.legs()) {
            longest = Math.max(longest, leg.lastTime() - leg.firstTime());
        }
        return longest;
    }

    private static StepSearch.Sight sight(Leg leg, Rows rows, int row) {
        return new StepSearch.Sight(leg.point(), rows.file(row), rows.number(row), rows.time(row));
    }

    private static Crossing into(ClockNet net) {
        return (from, fromRows, fromRow, to, toRows, toRow) -> net.crossed(from.point(), fromRows.time(fromRow), to.point(),
                toRows.time(toRow));
    }

    /** Walks over pairs of legs of one connection at two points, evenly over the case. */
    private void sketch(int most, BiConsumer<Leg, Leg> pairs) {
        int step = Math.max(1, groups.size() / most);
        for (int g = 0; g < groups.size(); g += step) {
            pairs(groups.get(g), pairs);
        }
    }

    private static void pairs(LegGroup group, BiConsumer<Leg, Leg> pairs) {
        List<Leg> legs = group.legs();
        for (int i = 0; i < legs.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (legs.get(i).point() != legs.get(j).point()) {
                    pairs.accept(legs.get(i), legs.get(j));
                }
            }
        }
    }

    /**
     * @param grain a wait that is longer by no more may be as long as the other
     * @param surely whether only packets that are like no other are wanted, as repetitions without an identification are like each
     *     other
     */
    private void cross(Leg a, int aRows, Leg b, int bRows, long grain, boolean surely, Crossing crossing) {
        left.clear();
        right.clear();
        a.copyFirstRows(aRows, left);
        b.copyFirstRows(bRows, right);
        int[] twins = twins(a, b, surely);
        boolean routed = false;
        int asked = -1;
        int answered = -1;
        for (int i = 0; i < twins.length; i++) {
            if (twins[i] < 0) {
                continue;
            }
            routed |= left.ttl(i) != right.ttl(twins[i]);
            if (request(a, i) && asked < 0) {
                asked = i;
            } else if (!request(a, i) && asked >= 0 && answered < 0) {
                answered = i;
            }
        }
        long longerWait = routed || answered < 0 ? 0
                : left.time(answered) - left.time(asked) - right.time(twins[answered]) + right.time(twins[asked]);
        longerWait = Math.abs(longerWait) <= grain ? 0 : longerWait;
        for (int i = 0; i < twins.length; i++) {
            if (twins[i] < 0) {
                continue;
            }
            long leftFirst = routed ? left.ttl(i) - right.ttl(twins[i]) : request(a, i) ? longerWait : -longerWait;
            if (leftFirst > 0) {
                crossing.crossed(a, left, i, b, right, twins[i]);
            } else if (leftFirst < 0) {
                crossing.crossed(b, right, twins[i], a, left, i);
            }
        }
    }

    private boolean request(Leg leg, int leftRow) {
        return left.fromSecond(leftRow) == leg.openedBySecond();
    }

    /** The row of the right leg that is the same packet as each of the left leg's; -1 for none, or where nothing tells it from others. */
    private int[] twins(Leg a, Leg b, boolean surely) {
        int[] twins = new int[left.count()];
        int[] twinOf = new int[right.count()];
        Arrays.fill(twinOf, -1);
        int last = -1;
        for (int i = 0; i < twins.length; i++) {
            twins[i] = -1;
            if (EqualPackets.nameless(left, i) && left.length(i) == 0) {
                continue;
            }
            int end = last < 0 ? right.count() : Math.min(right.count(), last + MOST_MISSING);
            for (int j = Math.max(0, last - MOST_DISORDER); j < end; j++) {
                if (request(a, i) == (right.fromSecond(j) == b.openedBySecond()) && left.samePacket(i, right, j)
                        && left.identification(i) == right.identification(j) && (surely || twinOf[j] < 0)) {
                    boolean another = twins[i] >= 0;
                    twins[i] = another ? -1 : j;
                    last = j;
                    if (another || !surely) {
                        break;
                    }
                }
            }
            // Where one capture shows a packet twice, nothing tells which of the two the other saw.
            if (twins[i] >= 0 && twinOf[twins[i]] >= 0) {
                twins[twinOf[twins[i]]] = -1;
                twins[i] = -1;
            } else if (twins[i] >= 0) {
                twinOf[twins[i]] = i;
            }
        }
        return twins;
    }
}
