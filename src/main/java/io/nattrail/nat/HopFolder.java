package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.net.Protocol;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What became of one flow's packets from each place to the next: delivered, lost, hidden from a capture, altered, doubled, appeared from
 * nowhere, and how long they took. Reused; not for several threads.
 */
final class HopFolder {
    /** Kept, since asking an enumeration for its values copies them. */
    private static final Direction[] DIRECTIONS = Direction.values();
    private static final int CROSSINGS_BLOCK = 32;
    private static final int MOST_LOST_TO_TRACE = 64;
    /** A capture that loses packets loses of both directions: hardly so many of one in a row, and none of the other meanwhile. */
    private static final int LEAST_ALONE = 8;
    /** What was under way as its sender went ends sooner. */
    private static final long LEAST_UNHEARD_NANOS = 1_000_000_000L;
    private static final long ON_ITS_WAY_NANOS = 100_000_000L;
    /** Datagrams of a flow that lasted so long were not all just under way. */
    private static final long LASTING_NANOS = 900_000_000L;
    private static final long LEAST_DRIFT_NANOS = 1_000_000L;

    private final FoldContext context;
    private final PacketMatcher matcher = new PacketMatcher();
    private final CutPayloads cutPayloads = new CutPayloads();
    private final PacketMatcher beyond = new PacketMatcher();
    private final PacketMatcher before = new PacketMatcher();
    private long[] delays = new long[64];

    // Of the flow

    private PlacedLegs legs;
    private boolean tcp;
    private Signs signs;

    // Of the hop

    private int from;
    private int to;
    private Place a;
    private Place b;
    private Direction direction;
    private boolean relay;
    private Rows up;
    private Rows down;
    private int crossings;
    private long firstDelay;
    private int slowest;
    private long slowestDelay;
    private boolean drifting;
    private int lost;
    private int surelyLost;
    private int lostData;
    private int lostOld;
    private int leastLost;
    private int mostDelivered;
    private int hidden;
    private int missed;
    private int unseen;
    private int duplicated;
    private int alteredOverCut;
    private int compared;
    private int appeared;
    private List<SeenFrame> lostFrames;
    private List<SeenFrame> lostFlagged;
    private List<SeenFrame> missedFrames;
    private List<SeenFrame> alteredFrames;
    private List<SeenFrame> lateFrames;
    private List<SeenFrame> duplicateFrames;

    // Of what is asked only where something was lost

    private boolean searched;
    private boolean shownKnown;
    private final DatagramsShown shown = new DatagramsShown();
    private boolean carriedKnown;
    private final CarriedBytes carried = new CarriedBytes();
    private final CarriedBytes carriedOn = new CarriedBytes();
    private boolean asksKnown;
    private boolean ahead;
    private boolean resetKnown;
    private boolean reset;
    private long travel;
    private long lastArrival;
    private boolean finSeen;
    private int finSeq;
    private int firstFound;
    private int lastFound;
    private int traced;
    /** The end of the last row of packets that were looked at together, and whether the other direction went on meanwhile. */
    private int runEnd;
    private boolean runAlone;
    private boolean[] seenFurtherOn = new boolean[64];
    private boolean[] seenBeside = new boolean[64];
    /** Of those sent before each packet: when the last of them came, and how long that one was on its way. */
    private long[] cameBefore = new long[64];
    private long[] tookBefore = new long[64];
    private Rows answers;
    private boolean answered;
    private int answeredTo;

    HopFolder(FoldContext context) {
        this.context = context;
    }

    /**
     * The hops of both directions, each from the sender on.
     *
     * @param trail takes the packets one by one, or null
     */
    List<FlowHop> fold(PlacedLegs legs, Signs signs, EvidenceCollector evidence, TrailBuilder trail) {
        this.legs = legs;
        this.tcp = legs.tcp();
        this.signs = signs;
        List<FlowHop> hops = new ArrayList<>();
        for (Direction way : DIRECTIONS) {
            cutPayloads.begin();
            int last = legs.last(way);
            int previous = -1;
            for (int i = 0; i < legs.count(); i++) {
                int place = way == Direction.REQUEST ? i : legs.count() - 1 - i;
                Rows here = legs.rows(place, way);
                boolean laterShowIt = way == Direction.REQUEST ? place < last : place > last;
                if (here == null && (laterShowIt || previous < 0 || legs.place(place).requestLeg() < 0)) {
                    continue;
                }
                if (previous >= 0) {
                    begin(previous, place, way);
                    hops.add(hop());
                    evidence.hop(a, b, up, down, matcher);
                    if (trail != null) {
                        trail.hop(up, down, matcher, b.leg(way), b.point(), way);
                    }
                } else if (trail != null) {
                    trail.begin(here, legs.place(place).leg(way), way, legs.place(place).point());
                }
                if (here == null) {
                    break;
                }
                previous = place;
            }
        }
        return hops;
    }

    private void begin(int from, int to, Direction direction) {
        this.from = from;
        this.to = to;
        this.direction = direction;
        a = legs.place(from);
        b = legs.place(to);
        relay = legs.relayed(from, direction) != legs.relayed(to, direction);
        up = legs.rows(from, direction);
        Rows there = legs.rows(to, direction);
        down = there == null ? RowFacts.NONE : there;
        if (delays.length < up.count()) {
            delays = new long[up.count() * 2];
        }
        crossings = 0;
        firstDelay = 0;
        slowest = -1;
        lost = 0;
        surelyLost = 0;
        lostData = 0;
        lostOld = 0;
        leastLost = 0;
        mostDelivered = 0;
        hidden = 0;
        missed = 0;
        unseen = 0;
        duplicated = 0;
        alteredOverCut = 0;
        compared = 0;
        appeared = 0;
        lostFrames = new ArrayList<>(0);
        lostFlagged = new ArrayList<>(0);
        missedFrames = new ArrayList<>(0);
        alteredFrames = new ArrayList<>(0);
        lateFrames = new ArrayList<>(0);
        duplicateFrames = new ArrayList<>(0);
        searched = false;
        shownKnown = false;
        carriedKnown = false;
        asksKnown = false;
        resetKnown = false;
        traced = 0;
        runEnd = 0;
    }

    /** Whether clocks drifted so far apart meanwhile that it tells among the delays; of a few packets less is easily thought. */
    private boolean drifting() {
        if (down.count() == 0) {
            return false;
        }
        long begin = context.drifted(a.point(), up.time(0), b.point(), down.time(0));
        return Math.abs(context.drifted(a.point(), up.time(up.count() - 1), b.point(), down.time(down.count() - 1)) - begin)
                > LEAST_DRIFT_NANOS;
    }

    private FlowHop hop() {
        matcher.match(up, down, tcp, expected(up, a.point(), down, b.point()));
        drifting = drifting();
        sent();
        judgeLosses();
        arrived();
        cutPayloads.goOn(up, a.point(), down, matcher, tcp);
        Arrays.sort(delays, 0, crossings);
        int count = up.count();
        boolean lastArrived = matcher.downOf(count - 1) != PacketMatcher.LOST;
        boolean any = crossings > 0;
        int median = any ? tookSteadily(delays[crossings / 2]) : -1;
        long drifted = any ? drifted(median) : 0;
        return new FlowHop(from, to, direction, count, matcher.delivered(), lost, lostData, lostOld, leastLost, mostDelivered, hidden,
                missed, duplicated, matcher.reordered(), matcher.alteredCount() + alteredOverCut, compared, appeared, lastArrived,
                matcher.resegmented(), any ? delays[0] + drifted : 0, any ? delays[crossings / 2] + drifted : 0,
                any ? down.time(matcher.downOf(median)) : 0, any ? delays[crossings - 1] + drifted : 0, firstDelay,
                List.copyOf(lostFrames), List.copyOf(lostFlagged), List.copyOf(missedFrames), List.copyOf(lateFrames),
                List.copyOf(duplicateFrames), List.copyOf(alteredFrames), slowest < 0 ? null : SeenFrame.of(down, slowest, b.point()));
    }

    /** The difference of two points' clocks where both show something: what a packet takes that is under way for no time. */
    private long expected(Rows here, int point, Rows there, int other) {
        if (point == other) {
            return 0;
        }
        if (there.count() == 0) {
            return Long.MIN_VALUE;
        }
        return there.time(0) - context.aligned(other, there.time(0)) - here.time(0) + context.aligned(point, here.time(0));
    }

    // What the first place shows

    private void sent() {
        int top = 0;
        boolean topKnown = false;
        int quickest = -1;
        for (int i = 0; i < up.count(); i++) {
            int j = matcher.downOf(i);
            int length = up.length(i);
            boolean old = topKnown && length > 0 && outsideOrBefore(up.seq(i), length, top);
            if (tcp && length > 0 && !old) {
                top = up.seq(i) + length;
                topKnown = true;
            }
            if (j != PacketMatcher.LOST) {
                mostDelivered = Math.max(mostDelivered, length);
            }
            if (ofProxy(up, i)) {
                continue;
            }
            compared += j != PacketMatcher.LOST && length > 0 && up.whole(i) && (j < 0 || down.whole(j)) ? 1 : 0;
            if (matcher.altered(i) && alteredFrames.size() < Sign.MOST_FRAMES) {
                alteredFrames.add(SeenFrame.of(up, i, a.point()));
                alteredFrames.add(SeenFrame.of(down, matcher.alteredTo(i), b.point()));
            }
            if (j >= 0) {
                alteredOverCut(i, j);
                delivered(i, j);
                if (!matcher.doubtful(i) && (quickest < 0 || delay(i) < delay(quickest))) {
                    quickest = i;
                }
                if (crossings % CROSSINGS_BLOCK == 0) {
                    crossed(quickest);
                    quickest = -1;
                }
            } else if (j == PacketMatcher.LOST && !excused(i) && !legs.wentApart(up, i, direction, a, b)) {
                notFound(i, old);
            }
        }
        crossed(quickest);
    }

    private void alteredOverCut(int i, int j) {
        if (!cutPayloads.compares(i, down, j)) {
            return;
        }
        compared++;
        if (cutPayloads.differs(i, down, j)) {
            alteredOverCut++;
            if (alteredFrames.size() < Sign.MOST_FRAMES) {
                alteredFrames.add(cutPayloads.sent(i));
                alteredFrames.add(SeenFrame.of(down, j, b.point()));
            }
        }
    }

    /** Between the sides of a proxy each has a handshake of its own, and acknowledgements that the proxy sends to open the window. */
    private boolean ofProxy(Rows rows, int row) {
        return relay && rows.length(row) == 0 && (rows.flags(row) & (PacketView.FIN | PacketView.RST)) == 0;
    }

    private long delay(int row) {
        return down.time(matcher.downOf(row)) - up.time(row);
    }

    private long drifted(int row) {
        return !drifting ? 0 : context.drifted(a.point(), up.time(row), b.point(), down.time(matcher.downOf(row)));
    }

    /** The first packet that took so long by clocks that do not drift. */
    private int tookSteadily(long delay) {
        int row = 0;
        while (matcher.downOf(row) < 0 || delay(row) - drifted(row) != delay) {
            row++;
        }
        return row;
    }

    private void delivered(int i, int j) {
        long delay = delay(i);
        if (crossings == 0) {
            firstDelay = delay;
        }
        // The packets of a long flow are compared by clocks that do not drift.
        long steady = delay - drifted(i);
        delays[crossings++] = steady;
        if (slowest < 0 || steady > slowestDelay) {
            slowest = j;
            slowestDelay = steady;
        }
    }

    /** Only the quickest packet of a block bounds the clocks. */
    private void crossed(int row) {
        if (row >= 0 && a.point() != b.point()) {
            context.crossed(a.point(), up.time(row), b.point(), down.time(matcher.downOf(row)));
        }
    }

    /** Bytes sent before, or further away than any window reaches. */
    private static boolean outsideOrBefore(int seq, int length, int top) {
        int ahead = seq + length - top;
        return ahead <= 0 || ahead > RowFacts.FURTHEST_WINDOW;
    }

    /**
     * Where offload merges segments, acknowledgements without data may be merged too. Fragments are put together by conntrack and cut
     * anew; the datagram is there if its first fragment, or the whole, is.
     */
    private boolean excused(int row) {
        if (relay && (up.flags(row) & PacketView.RST) != 0) {
            // The proxy resets its own side by its own number.
            return true;
        }
        if (up.fragment(row)) {
            return up.laterFragment(row) || shown().hasBeginningOf(up.identification(row)) || udp() && shown().hasWholeOrCut(up, row);
        }
        if (tcp) {
            return matcher.resegmented() && !RowFacts.tells(up, row);
        }
        return shown().hasFragmentsOf(up.identification(row)) || udp() && shown().hasWholeOrCut(up, row);
    }

    private boolean udp() {
        return legs.loaded().get(0).leg().protocol() == Protocol.UDP;
    }

    /** Which datagrams the second place shows; looked up once for a hop, since many may be lost. */
    private DatagramsShown shown() {
        if (!shownKnown) {
            shownKnown = true;
            shown.note(down, udp());
        }
        return shown;
    }

    // What the second place does not show: lost by the network, or by the capture

    private void notFound(int i, boolean old) {
        search();
        if (answeredElsewhere(i) || seenBeside[i]) {
            return;
        }
        Coverage coverage = coverage(i);
        boolean trace = answers != null && traced++ < MOST_LOST_TO_TRACE;
        if (seenFurtherOn[i] || trace && arrivalIsProven(i)) {
            arrivedUnseen(i, coverage);
            return;
        }
        // Just beyond the edge of a capture only what was sent again, in vain, is surely lost.
        boolean beyondProof = coverage == Coverage.LIKELY && (!RowFacts.tells(up, i) || !inVain(i)
                || trace && RowFacts.answered(up, i, answers, tcp));
        if (coverage == Coverage.NO || beyondProof) {
            hidden++;
            return;
        }
        int length = up.length(i);
        lost++;
        surelyLost += coverage == Coverage.SURE ? 1 : 0;
        lostData += RowFacts.tells(up, i) ? 1 : 0;
        lostOld += old || tcp && (answered && RowFacts.acknowledgesTheUnsent(up, i, answeredTo) || beyondFin(i)) ? 1 : 0;
        leastLost = length > 0 && (leastLost == 0 || length < leastLost) ? length : leastLost;
        if (lostFrames.size() < Sign.MOST_FRAMES) {
            lostFrames.add(SeenFrame.of(up, i, a.point()));
        }
        if (tcp && lostFlagged.size() < Sign.MOST_FRAMES && shownByFlag(up.flags(i))) {
            lostFlagged.add(SeenFrame.of(up, i, a.point()));
        }
    }

    /** Whether a filter of flags shows such a segment; one that shows a RST shows others. */
    private boolean shownByFlag(int flags) {
        return (flags & (PacketView.SYN | PacketView.FIN)) != 0 || (flags & PacketView.RST) != 0 && resetArrived();
    }

    /** Looked up once for a hop, since a storm of them may be lost. */
    private boolean resetArrived() {
        if (!resetKnown) {
            resetKnown = true;
            reset = false;
            for (int i = 0; i < up.count() && !reset; i++) {
                reset = (up.flags(i) & PacketView.RST) != 0 && matcher.downOf(i) >= 0;
            }
        }
        return reset;
    }

    /** Whether a segment carries bytes behind the end of what its sender had to send, as its FIN marks it: no window reaches there. */
    private boolean beyondFin(int i) {
        int beyond = up.seq(i) - finSeq;
        return finSeen && up.length(i) > 0 && beyond > 0 && beyond < RowFacts.FURTHEST_WINDOW;
    }

    /**
     * A datagram that was not translated as the others, but had its answer before the next was asked: once conntrack had forgotten the
     * connection, a pod on the node itself got it.
     */
    private boolean answeredElsewhere(int i) {
        if (tcp || direction != Direction.REQUEST || a.level() == b.level() || answers == null) {
            return false;
        }
        long asked = up.time(i);
        long next = i + 1 < up.count() ? up.time(i + 1) : Long.MAX_VALUE / 2;
        boolean heard = RowFacts.between(answers, asked, next);
        for (int place = 0; place < from && !heard; place++) {
            heard = answeredAt(place, asked, next);
        }
        return heard && !answeredAt(to, asked, next);
    }

    /** Whether a place shows any answer between two moments of the first place's clock. */
    private boolean answeredAt(int place, long after, long before) {
        Rows shown = legs.rows(place, Direction.REPLY);
        int point = legs.place(place).point();
        long ahead = a.point() == point ? 0 : context.aligned(a.point(), after) - context.aligned(point, after);
        return shown != null && RowFacts.between(shown, after + ahead, before + ahead);
    }

    /** Whether what the other side did next tells that it got the packet, so that it passed the second place unseen. */
    private boolean arrivalIsProven(int i) {
        if (tcp) {
            return RowFacts.acknowledged(up, i, answers, true) || echoed(i);
        }
        return !alone(i) && (direction == Direction.REQUEST ? answeredInTurn(i)
                : RowFacts.askedOn(answers, up.time(i)) && !asksAhead());
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
        while (runEnd < up.count() && unshown(runEnd)) {
            runEnd++;
        }
        Rows shown = legs.rows(to, direction == Direction.REQUEST ? Direction.REPLY : Direction.REQUEST);
        runAlone = false;
        if (runEnd - i >= LEAST_ALONE && shown != null) {
            long start = up.time(i);
            long end = up.time(runEnd - 1);
            long ahead = a.point() == b.point() ? 0 : context.aligned(a.point(), start) - context.aligned(b.point(), start);
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
            frames.add(SeenFrame.of(up, i, a.point()));
        }
        signs.add(new Sign(Sign.Kind.UNHEARD, from, a.leg(direction), direction, up.count() - first, nanos, frames));
    }

    private boolean unshown(int i) {
        return matcher.downOf(i) == PacketMatcher.LOST && !seenFurtherOn[i] && !seenBeside[i];
    }

    /** Looked up once for a hop, since a stream may have lost many. */
    private boolean asksAhead() {
        if (!asksKnown) {
            asksKnown = true;
            ahead = RowFacts.asksAhead(answers, up);
        }
        return ahead;
    }

    /**
     * Whether an answer echoes the time stamp of a packet without data (RFC 7323, section 4.3), which no other packet has. That proves the
     * arrival of acknowledgements, which nobody acknowledges. Data share theirs with what was sent in the same write, in other segments.
     */
    private boolean echoed(int i) {
        boolean echo = false;
        for (int answer = 0; answer < answers.count() && !echo && up.timestamps(i) && up.length(i) == 0; answer++) {
            echo = answers.timestamps(answer) && answers.tsEcr(answer) == up.tsVal(i)
                    && (answers.flags(answer) & (PacketView.ACK | PacketView.RST)) == PacketView.ACK;
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

    /** Looks around for what helps to tell lost from hidden; once for a hop. */
    private void search() {
        if (searched) {
            return;
        }
        searched = true;
        travel = travel();
        finSeen = false;
        for (int i = up.count() - 1; tcp && i >= 0 && !finSeen; i--) {
            finSeen = (up.flags(i) & PacketView.FIN) != 0;
            finSeq = up.seq(i) + up.length(i);
        }
        firstFound = found(0, up.count(), 1);
        lastFound = found(up.count() - 1, -1, -1);
        lookFurtherOn();
        answers = legs.rows(from, direction == Direction.REQUEST ? Direction.REPLY : Direction.REQUEST);
        answered = answers != null;
        answeredTo = tcp && answered ? RowFacts.furthestEnd(answers) : 0;
    }

    /**
     * Which packets any later place shows; a repetition has an identification of its own. What does not go on to a second place of its own
     * point, or shows at another than this one of that point, was translated for a part of the connection only: it is beside what is there.
     */
    private void lookFurtherOn() {
        if (seenFurtherOn.length < up.count()) {
            seenFurtherOn = new boolean[up.count() * 2];
            seenBeside = new boolean[up.count() * 2];
        }
        Arrays.fill(seenFurtherOn, 0, up.count(), false);
        Arrays.fill(seenBeside, 0, up.count(), false);
        boolean apart = tcp && a.point() == b.point() && matcher.delivered() == 0;
        for (int place = legs.furtherOn(to, direction); place >= 0; place = legs.furtherOn(place, direction)) {
            Rows later = legs.rows(place, direction);
            boolean beside = apart || tcp && legs.place(place).point() == b.point() && a.point() != b.point() && noneOf(down, later);
            beyond.match(up, later, tcp, expected(up, a.point(), later, legs.place(place).point()));
            for (int i = 0; i < up.count(); i++) {
                int further = beyond.downOf(i);
                boolean same = further >= 0 && up.identification(i) == later.identification(further);
                seenFurtherOn[i] |= same;
                seenBeside[i] |= same && beside;
            }
        }
    }

    /** Whether no packet of one place shows at another. */
    private boolean noneOf(Rows here, Rows there) {
        beyond.match(here, there, tcp);
        for (int i = 0; i < here.count(); i++) {
            if (beyond.downOf(i) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** The first row from one end that was found again, or the other end. */
    private int found(int from, int end, int step) {
        int row = from;
        while (row != end && matcher.downOf(row) < 0) {
            row += step;
        }
        return row;
    }

    /** The longest that a packet took from one place to the other, by the clocks as far as they are known; 0 if none arrived. */
    private long travel() {
        if (cameBefore.length < up.count()) {
            cameBefore = new long[up.count() * 2];
            tookBefore = new long[up.count() * 2];
        }
        long longest = 0;
        long took = 0;
        lastArrival = Long.MIN_VALUE;
        for (int i = 0; i < up.count(); i++) {
            cameBefore[i] = lastArrival;
            tookBefore[i] = took;
            int j = matcher.downOf(i);
            if (j >= 0) {
                long arrival = context.aligned(b.point(), down.time(j));
                long way = arrival - context.aligned(a.point(), up.time(i));
                longest = Math.max(longest, way);
                took = arrival >= lastArrival ? way : took;
                lastArrival = Math.max(lastArrival, arrival);
            }
        }
        return longest;
    }

    private Coverage coverage(int i) {
        long sent = context.aligned(a.point(), up.time(i));
        // What follows others that are still on a slow way takes as long as they do.
        long way = cameBefore[i] > sent ? tookBefore[i] : 0;
        if (i > firstFound && i < lastFound && sent + way <= lastArrival) {
            // Others of the flow arrived before and after it would have: the capture ran, however near its edge is.
            return Coverage.SURE;
        }
        Coverage leaving = context.coverage(a.point(), up.time(i), b.point());
        Coverage arriving = context.coverage(a.point(), up.time(i) + travel, b.point());
        return arriving.compareTo(leaving) > 0 ? arriving : leaving;
    }

    /** It must have passed the second place, whose capture does not show it. */
    private void arrivedUnseen(int i, Coverage coverage) {
        unseen++;
        // Where only answers stray, nothing tells that the others should have shown.
        if (coverage != Coverage.SURE || nearAnEdge(a.point(), up.time(i), b.point())) {
            hidden++;
            if (coverage != Coverage.SURE && b.requestLeg() >= 0) {
                signs.count(Sign.Kind.PASSED_UNSEEN, to, b.requestLeg(), direction, 0, SeenFrame.of(up, i, a.point()));
            }
        } else if (!matcher.resegmented() && b.requestLeg() >= 0) {
            missed++;
            if (missedFrames.size() < Sign.MOST_FRAMES) {
                missedFrames.add(SeenFrame.of(up, i, a.point()));
            }
        }
    }

    private boolean inVain(int i) {
        if (tcp) {
            return sentAgain(i);
        }
        // Answers were sent in vain if the question came again after them.
        boolean goesOn = direction == Direction.REQUEST
                || answers != null && answers.time(answers.count() - 1) > up.time(i);
        return matcher.delivered() == 0 && goesOn && up.time(up.count() - 1) - up.time(0) >= LASTING_NANOS;
    }

    /** Whether another packet carries bytes of this one, and none that does was found again at the second place. */
    private boolean sentAgain(int i) {
        if (!carriedKnown) {
            carriedKnown = true;
            carried.note(up, null);
            carriedOn.note(up, matcher.fates());
        }
        return carried.another(i) && !carriedOn.another(i);
    }

    /** Whether a packet may still have been, or already be, on its way when a capture began or ended. */
    private boolean nearAnEdge(int seenAt, long time, int other) {
        return context.coverage(seenAt, time - ON_ITS_WAY_NANOS, other) != Coverage.SURE
                || context.coverage(seenAt, time + ON_ITS_WAY_NANOS, other) != Coverage.SURE;
    }

    private void judgeLosses() {
        if (surelyLost == 0 && hidden > 0) {
            hidden += lost;
            noneLost();
            lostData = 0;
            leastLost = 0;
        }
        if (unseen > 0 && lostData == 0) {
            // Where the capture lacks packets that passed, an acknowledgement that is not in it tells nothing either.
            noneLost();
        }
    }

    private void noneLost() {
        lost = 0;
        lostOld = 0;
        lostFrames.clear();
        lostFlagged.clear();
    }

    // What only the second place shows

    private void arrived() {
        Rows earlier = null;
        boolean earlierKnown = false;
        for (int j = 0; j < down.count(); j++) {
            int i = matcher.upOf(j);
            if (ofProxy(down, j)) {
                continue;
            }
            if (i >= 0) {
                if (matcher.late(j) && lateFrames.size() < Sign.MOST_FRAMES) {
                    lateFrames.add(SeenFrame.of(down, j, b.point()));
                }
            } else if (i == PacketMatcher.LOST && matcher.duplicateOf(j) >= 0) {
                duplicate(j);
            } else if (i == PacketMatcher.LOST && !down.fragment(j) && !legs.wentElsewhere(down, j, direction)) {
                if (!earlierKnown) {
                    earlierKnown = true;
                    earlier = legs.furtherBack(from, direction);
                    if (earlier != null) {
                        before.match(earlier, down, tcp);
                    }
                }
                if (earlier == null || before.upOf(j) < 0 || earlier.identification(before.upOf(j)) != down.identification(j)) {
                    appeared++;
                    signs.count(resets(down, j) ? Sign.Kind.RESET : Sign.Kind.APPEARED, to, b.leg(direction), direction, down.ttl(j),
                            SeenFrame.of(down, j, b.point()));
                }
            }
        }
    }

    /** What TCP says with a flag SCTP says with a type of chunk, whose number has other meanings in its bits. */
    private boolean resets(Rows rows, int row) {
        return tcp ? (rows.flags(row) & PacketView.RST) != 0
                : legs.loaded().get(0).leg().protocol() == Protocol.SCTP && rows.flags(row) == PacketDecoder.SCTP_ABORT;
    }

    private void duplicate(int j) {
        if (down.identification(j) == 0 && !down.timestamps(j) && nearAnEdge(b.point(), down.time(j), a.point())) {
            // Nothing tells it from another sending of the same, which the first capture did not show.
            return;
        }
        duplicated++;
        if (duplicateFrames.size() < Sign.MOST_FRAMES) {
            duplicateFrames.add(SeenFrame.of(down, j, b.point()));
        }
    }
}
