package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.net.Protocol;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The packets of one hop that its second place does not show: lost by the network, or missed by its capture, or hidden where that could
 * not have shown them. What is asked only where something is missing is looked up then. Reused; not for several threads.
 */
final class HopLosses {
    private static final int MOST_LOST_TO_TRACE = 64;
    private static final int LEAST_LARGE_LOST = 3;
    private static final long AT_ONCE_NANOS = 1_000_000L;
    private static final long ON_ITS_WAY_NANOS = 100_000_000L;
    /** Datagrams of a flow that lasted so long were not all just under way. */
    private static final long LASTING_NANOS = 900_000_000L;

    private final FoldContext context;
    private final PacketMatcher matcher;
    private final PacketMatcher beyond = new PacketMatcher();
    private final ProvenArrivals arrivals;

    // Of the hop

    private HopSides hop;
    private Signs signs;
    private boolean tcp;
    private boolean udp;
    private Place a;
    private Place b;
    private Rows up;
    private Rows down;
    private int lost;
    private int surelyLost;
    private int lostData;
    private int lostOld;
    private int leastLost;
    private int hidden;
    private int missed;
    private int unseen;
    private List<SeenFrame> lostFrames;
    private List<SeenFrame> lostFlagged;
    private List<SeenFrame> missedFrames;

    // Of what is asked only where something is missing

    private boolean searched;
    private boolean shownKnown;
    private final DatagramsShown shown = new DatagramsShown();
    private boolean carriedKnown;
    private final CarriedBytes carried = new CarriedBytes();
    private final CarriedBytes carriedOn = new CarriedBytes();
    private boolean resetKnown;
    private boolean reset;
    private long travel;
    private long lastArrival;
    private boolean finSeen;
    private int finSeq;
    private int firstFound;
    private int lastFound;
    private int traced;
    private boolean[] seenFurtherOn = new boolean[64];
    private boolean[] seenBeside = new boolean[64];
    /** Of those sent before each packet: when the last of them came, and how long that one was on its way. */
    private long[] cameBefore = new long[64];
    private long[] tookBefore = new long[64];
    private boolean answered;
    private int answeredTo;

    /** @param matcher has matched the packets of the hop when one of them is asked for */
    HopLosses(FoldContext context, PacketMatcher matcher) {
        this.context = context;
        this.matcher = matcher;
        arrivals = new ProvenArrivals(context, this::unshown);
    }

    void begin(HopSides sides, Signs ofFlow) {
        hop = sides;
        signs = ofFlow;
        tcp = sides.tcp();
        udp = sides.protocol() == Protocol.UDP;
        a = sides.a();
        b = sides.b();
        up = sides.up();
        down = sides.down();
        lost = 0;
        surelyLost = 0;
        lostData = 0;
        lostOld = 0;
        leastLost = 0;
        hidden = 0;
        missed = 0;
        unseen = 0;
        lostFrames = new ArrayList<>(0);
        lostFlagged = new ArrayList<>(0);
        missedFrames = new ArrayList<>(0);
        searched = false;
        shownKnown = false;
        carriedKnown = false;
        resetKnown = false;
        traced = 0;
    }

    /**
     * Where offload merges segments, acknowledgements without data may be merged too. Fragments are put together by conntrack and cut
     * anew; the datagram is there if its first fragment, or the whole, is.
     */
    boolean excused(int row) {
        if (hop.relay() && (up.flags(row) & PacketView.RST) != 0) {
            // The proxy resets its own side by its own number.
            return true;
        }
        if (up.fragment(row)) {
            return up.laterFragment(row) || shown().hasBeginningOf(up.identification(row)) || udp && shown().hasWholeOrCut(up, row);
        }
        if (tcp) {
            return matcher.resegmented() && !RowFacts.tells(up, row);
        }
        return shown().hasFragmentsOf(up.identification(row)) || udp && shown().hasWholeOrCut(up, row);
    }

    /** Which datagrams the second place shows; looked up once for a hop, since many may be lost. */
    private DatagramsShown shown() {
        if (!shownKnown) {
            shownKnown = true;
            shown.note(down, udp);
        }
        return shown;
    }

    void notFound(int i, boolean old) {
        search();
        if (arrivals.answeredElsewhere(i) || seenBeside[i] || isResetThatArrived(i)) {
            return;
        }
        Coverage coverage = coverage(i);
        boolean trace = arrivals.answers() != null && traced++ < MOST_LOST_TO_TRACE;
        if (seenFurtherOn[i] || trace && arrivals.isProven(i)) {
            arrivedUnseen(i, coverage);
            return;
        }
        // Just beyond the edge of a capture only what was sent again, in vain, is surely lost.
        boolean beyondProof = coverage == Coverage.LIKELY && (!RowFacts.tells(up, i) || !inVain(i)
                || trace && RowFacts.answered(up, i, arrivals.answers(), tcp));
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

    /**
     * Whether a segment is a RST of which another, sent at the same moment, arrived: one more of it ends nothing. Looked for among its
     * neighbours, since a storm of them may be lost.
     */
    private boolean isResetThatArrived(int i) {
        if ((up.flags(i) & PacketView.RST) == 0 || !resetArrived()) {
            return false;
        }
        int end = Math.min(up.count(), i + PacketMatcher.AHEAD);
        for (int other = Math.max(0, i - PacketMatcher.AHEAD); other < end; other++) {
            if (matcher.downOf(other) >= 0 && up.flags(other) == up.flags(i) && up.seq(other) == up.seq(i) && up.ack(other) == up.ack(i)
                    && Math.abs(up.time(other) - up.time(i)) <= AT_ONCE_NANOS) {
                return true;
            }
        }
        return false;
    }

    /** Whether a segment carries bytes behind the end of what its sender had to send, as its FIN marks it: no window reaches there. */
    private boolean beyondFin(int i) {
        int beyond = up.seq(i) - finSeq;
        return finSeen && up.length(i) > 0 && beyond > 0 && beyond < RowFacts.FURTHEST_WINDOW;
    }

    private boolean unshown(int i) {
        return matcher.downOf(i) == PacketMatcher.LOST && !seenFurtherOn[i] && !seenBeside[i];
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
        arrivals.begin(hop, signs);
        Rows answers = arrivals.answers();
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
        PlacedLegs legs = hop.legs();
        for (int place = legs.furtherOn(hop.to(), hop.direction()); place >= 0; place = legs.furtherOn(place, hop.direction())) {
            Rows later = legs.rows(place, hop.direction());
            boolean beside = apart || tcp && legs.place(place).point() == b.point() && a.point() != b.point() && noneOf(down, later);
            beyond.match(up, later, tcp, HopSides.expected(context, up, a.point(), later, legs.place(place).point()));
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
                signs.count(Sign.Kind.PASSED_UNSEEN, hop.to(), b.requestLeg(), hop.direction(), 0, SeenFrame.of(up, i, a.point()));
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
        Rows answers = arrivals.answers();
        boolean goesOn = hop.direction() == Direction.REQUEST
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
        return !RowFacts.mayProbe(up, i) && carried.another(i) && !carriedOn.another(i);
    }

    /** Whether a packet may still have been, or already be, on its way when a capture began or ended. */
    boolean nearAnEdge(int seenAt, long time, int other) {
        return context.coverage(seenAt, time - ON_ITS_WAY_NANOS, other) != Coverage.SURE
                || context.coverage(seenAt, time + ON_ITS_WAY_NANOS, other) != Coverage.SURE;
    }

    /** What was lost, behind the last packet. */
    HopLoss judge() {
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
        if (lost == 0 && hidden == 0 && missed == 0) {
            return HopLoss.NONE;
        }
        if (tcp && lost >= LEAST_LARGE_LOST && lost == lostData && !matcher.resegmented()) {
            narrowed();
        }
        return new HopLoss(lost, lostData, lostOld, leastLost, hidden, missed, List.copyOf(lostFrames), List.copyOf(lostFlagged),
                List.copyOf(missedFrames));
    }

    /** Whether all that is as large as what was lost came up to a moment, and nothing of it since, but smaller packets between the lost. */
    private void narrowed() {
        int small = -1;
        int lostAfter = 0;
        int lostSince = 0;
        int largestSince = 0;
        for (int i = up.count() - 1; i >= 0; i--) {
            int length = up.length(i);
            boolean large = length > 0 && length >= leastLost;
            if (matcher.downOf(i) == PacketMatcher.LOST) {
                if (!large) {
                    return;
                }
                lostSince++;
            } else if (large) {
                if (small >= 0 && lostSince > lostAfter && lostSince >= LEAST_LARGE_LOST) {
                    signs.add(new Sign(Sign.Kind.NARROWED, hop.to(), b.leg(hop.direction()), hop.direction(), lostSince, largestSince,
                            List.of(SeenFrame.of(up, i, a.point()), SeenFrame.of(up, small, a.point()))));
                }
                return;
            } else {
                largestSince = Math.max(largestSince, length);
                if (small < 0 && lostSince > 0) {
                    small = i;
                    lostAfter = lostSince;
                }
            }
        }
    }

    private void noneLost() {
        lost = 0;
        lostOld = 0;
        lostFrames.clear();
        lostFlagged.clear();
    }
}
