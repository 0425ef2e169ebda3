package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * What the other side did next tells that it got a packet, though the second place of a hop does not show it. Reused; not for several
 * threads.
 */
final class ProvenArrivals {
    /** A capture that loses packets loses of both directions: hardly so many of one in a row, and none of the other meanwhile. */
    private static final int LEAST_ALONE = 8;
    /** What was under way as its sender went ends sooner. */
    private static final long LEAST_UNHEARD_NANOS = 1_000_000_000L;

    private final FoldContext context;
    private final IntPredicate unshown;
    private HopSides hop;
    private Signs signs;
    private Rows up;
    private Rows answers;
    private boolean asksKnown;
    private boolean asksAhead;
    /** The end of the last row of packets that were looked at together, and whether the other direction went on meanwhile. */
    private int runEnd;
    private boolean runAlone;

    /** @param unshown whether no place further on shows a packet of the first either */
    ProvenArrivals(FoldContext context, IntPredicate unshown) {
        this.context = context;
        this.unshown = unshown;
    }

    /** @param signs takes that the other side heard nothing any more */
    void begin(HopSides sides, Signs signs) {
        hop = sides;
        this.signs = signs;
        up = sides.up();
        answers = sides.opposite(sides.from());
        asksKnown = false;
        runEnd = 0;
    }

    /** What the other side sent, as the first place shows it, or null. */
    Rows answers() {
        return answers;
    }

    /**
     * A datagram that was not translated as the others, but had its answer before the next was asked: once conntrack had forgotten the
     * connection, a pod on the node itself got it.
     */
    boolean answeredElsewhere(int i) {
        if (hop.tcp() || hop.direction() != Direction.REQUEST || hop.a().level() == hop.b().level() || answers == null) {
            return false;
        }
        long asked = up.time(i);
        long next = i + 1 < up.count() ? up.time(i + 1) : Long.MAX_VALUE / 2;
        boolean heard = RowFacts.between(answers, asked, next);
        for (int place = 0; place < hop.from() && !heard; place++) {
            heard = answeredAt(place, asked, next);
        }
        return heard && !answeredAt(hop.to(), asked, next);
    }

    /** Whether a place shows any answer between two moments of the first place's clock. */
    private boolean answeredAt(int place, long after, long before) {
        Rows shown = hop.opposite(place);
        long ahead = hop.ahead(context, after, hop.legs().place(place).point());
        return shown != null && RowFacts.between(shown, after + ahead, before + ahead);
    }

    /** Whether what the other side did next tells that it got the packet, so that it passed the second place unseen. */
    boolean isProven(int i) {
        if (hop.tcp()) {
            return RowFacts.acknowledged(up, i, answers, true) && !openedAnew(i) || echoed(i);
        }
        return !alone(i) && (hop.direction() == Direction.REQUEST ? answeredInTurn(i)
                : RowFacts.askedOn(answers, up.time(i)) && !asksAhead());
    }

    /** Whether a SYN or SYN-ACK was followed by one of another number, little higher by the clock: what is acknowledged is that one. */
    private boolean openedAnew(int i) {
        if ((up.flags(i) & PacketView.SYN) == 0) {
            return false;
        }
        for (int later = i + 1; later < up.count(); later++) {
            if ((up.flags(later) & PacketView.SYN) != 0 && up.seq(later) != up.seq(i)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a datagram is one of many in a row that the second place does not show, though it shows all of the other direction in that
     * time: two streams side by side, as of voice, look like questions and answers, and none of them tells that the other came.
     */
    private boolean alone(int i) {
        if (i < runEnd) {
            return runAlone;
        }
        runEnd = i + 1;
        while (runEnd < up.count() && unshown.test(runEnd)) {
            runEnd++;
        }
        Rows shown = hop.opposite(hop.to());
        runAlone = false;
        if (runEnd - i >= LEAST_ALONE && shown != null) {
            long start = up.time(i);
            long end = up.time(runEnd - 1);
            long ahead = hop.ahead(context, start, hop.b().point());
            int here = RowFacts.countBetween(answers, start, end);
            runAlone = here >= LEAST_ALONE - 1 && RowFacts.countBetween(shown, start + ahead, end + ahead) >= here - 1;
            if (runAlone && runEnd == up.count() && end - start >= LEAST_UNHEARD_NANOS) {
                unheard(i, end - start);
            }
        }
        return runAlone;
    }

    private void unheard(int first, long nanos) {
        List<SeenFrame> frames = new ArrayList<>(Sign.MOST_FRAMES);
        for (int i = first; i < up.count() && frames.size() < Sign.MOST_FRAMES; i++) {
            frames.add(SeenFrame.of(up, i, hop.a().point()));
        }
        int leg = hop.a().leg(hop.direction());
        signs.add(new Sign(Sign.Kind.UNHEARD, hop.from(), leg, hop.direction(), up.count() - first, nanos, frames));
    }

    /** Looked up once for a hop, since a stream may have lost many. */
    private boolean asksAhead() {
        if (!asksKnown) {
            asksKnown = true;
            asksAhead = RowFacts.asksAhead(answers, up);
        }
        return asksAhead;
    }

    /**
     * Whether an answer echoes the time stamp of a packet without data (RFC 7323, section 4.3), which no other packet has. That proves the
     * arrival of acknowledgements, which nobody acknowledges. Data share theirs with what was sent in the same write, in other segments.
     */
    private boolean echoed(int i) {
        boolean echo = false;
        for (int answer = 0; answer < answers.count() && !echo && up.timestamps(i) && up.length(i) == 0; answer++) {
            echo = answers.timestamps(answer) && answers.tsEcr(answer) == up.tsVal(i)
                    && RowFacts.hasAcknowledgement(answers, answer);
        }
        for (int other = 0; other < up.count() && echo; other++) {
            echo = other == i || up.tsVal(other) != up.tsVal(i) || !up.timestamps(other);
        }
        return echo;
    }

    /** A question that had its answer before the next was asked, as the one before it, where no question has two. */
    private boolean answeredInTurn(int i) {
        long next = i + 1 < up.count() ? up.time(i + 1) : Long.MAX_VALUE;
        return answers.count() <= up.count() && RowFacts.between(answers, up.time(i), next)
                && (i == 0 || RowFacts.between(answers, up.time(i - 1), up.time(i)));
    }
}
