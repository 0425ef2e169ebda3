package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Leg;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.Rows;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Flow.TrailSighting;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Folds a group of legs into a {@link Flow}: places in the order of the path, what each hop did to the packets, what was notable, how it
 * went. Reads every row once or twice and keeps none. Reused; not for several threads.
 */
public final class FlowFolder {
    private static final int CROSSINGS_BLOCK = 32;
    private static final int MOST_FRAMES = 8;
    private static final int FURTHEST_WINDOW = 1 << 26;
    private static final long LEAST_SILENCE_NANOS = 900_000_000L;

    private final FoldContext context;
    private static final long LONG_THOUGHT_NANOS = 500_000_000L;
    private static final int MOST_LOST_TO_TRACE = 64;
    /** Where Linux' ports of clients begin (net.ipv4.ip_local_port_range). */
    private static final int FIRST_EPHEMERAL = 32_768;
    private static final long ON_ITS_WAY_NANOS = 100_000_000L;

    private final PacketMatcher matcher = new PacketMatcher();
    private final PacketMatcher beyond = new PacketMatcher();
    private final PacketMatcher before = new PacketMatcher();
    private final List<LoadedLeg> pool = new ArrayList<>();
    private final List<LoadedLeg> loaded = new ArrayList<>();
    private final List<FlowHop> hops = new ArrayList<>();
    private final List<Sign> signs = new ArrayList<>();
    private long[] delays = new long[64];
    private GroupLayout layout;
    private List<Place> places;
    private TrailBuilder trail;

    FlowFolder(FoldContext context) {
        this.context = context;
    }

    /** @param keepTrail whether to keep the packets one by one */
    Flow fold(LegGroup group, boolean keepTrail) {
        loaded.clear();
        hops.clear();
        signs.clear();
        for (Leg leg : group.legs()) {
            if (loaded.size() == pool.size()) {
                pool.add(new LoadedLeg());
            }
            LoadedLeg next = pool.get(loaded.size());
            next.load(leg);
            loaded.add(next);
        }
        boolean tcp = group.legs().get(0).tcp();
        if (beganWithAnAnswer()) {
            for (LoadedLeg l : loaded) {
                l.leg().reverse();
                l.load(l.leg());
            }
        }
        layout = new GroupLayout(loaded, context);
        places = layout.places();
        trail = keepTrail ? new TrailBuilder() : null;
        EvidenceCollector evidence = new EvidenceCollector(loaded, group, tcp);
        foldHops(tcp, evidence);
        List<FlowLeg> legs = foldLegs(tcp);
        if (tcp) {
            TcpSensors.sense(places, loaded, signs);
        }
        silence();
        Story story = story(tcp);
        SeenFrame start = edge(true);
        SeenFrame end = edge(false);
        return new Flow(layout.original(), layout.translated(), legs, List.copyOf(places), List.copyOf(hops), evidence.kinds(),
                group.confidence(), group.rivals(), start, end, List.copyOf(signs), story, trail == null ? null : trail.packets());
    }

    /**
     * A capture may begin with an answer. What comes to the client's machine from afar, for a port as clients have, is one; its own
     * questions leave it with a TTL that no router has touched.
     */
    private boolean beganWithAnAnswer() {
        boolean answer = false;
        for (LoadedLeg l : loaded) {
            if (l.leg().tcp() && l.leg().hasClientIsn()) {
                return false;
            }
            int request = GroupLayout.firstTelling(l.requests(), l.leg().tcp());
            int reply = GroupLayout.firstTelling(l.replies(), l.leg().tcp());
            boolean atClient = context.role(l.leg().point()) == PointRole.CLIENT && l.leg().tuple().destination().port() >= FIRST_EPHEMERAL;
            answer |= atClient && request >= 0 && !GroupLayout.freshlySent(l.requests().ttl(request))
                    && (reply < 0 || GroupLayout.freshlySent(l.replies().ttl(reply)));
        }
        return answer;
    }

    /** The rows of a place in one direction, or null. */
    private Rows rows(Place place, Direction direction) {
        int leg = direction == Direction.REQUEST ? place.requestLeg() : place.replyLeg();
        if (leg < 0) {
            return null;
        }
        return direction == Direction.REQUEST ? loaded.get(leg).requests() : loaded.get(leg).replies();
    }

    private static int legOf(Place place, Direction direction) {
        return direction == Direction.REQUEST ? place.requestLeg() : place.replyLeg();
    }

    // Hops

    private void foldHops(boolean tcp, EvidenceCollector evidence) {
        for (Direction direction : Direction.values()) {
            int last = lastSeen(direction);
            int from = -1;
            for (int i = 0; i < places.size(); i++) {
                int place = direction == Direction.REQUEST ? i : places.size() - 1 - i;
                Rows here = rows(places.get(place), direction);
                boolean empty = here == null || here.count() == 0;
                boolean laterShowIt = direction == Direction.REQUEST ? place < last : place > last;
                if (empty && (laterShowIt || from < 0 || legOf(places.get(place), Direction.REQUEST) < 0)) {
                    continue;
                }
                if (from >= 0) {
                    foldHop(from, place, direction, here, tcp, evidence);
                } else if (trail != null) {
                    trail.begin(here, legOf(places.get(place), direction), direction, places.get(place).point());
                }
                if (empty) {
                    break;
                }
                from = place;
            }
        }
    }

    /** The place furthest along the way that shows packets of a direction, or -1. */
    private int lastSeen(Direction direction) {
        for (int i = 0; i < places.size(); i++) {
            int place = direction == Direction.REQUEST ? places.size() - 1 - i : i;
            Rows here = rows(places.get(place), direction);
            if (here != null && here.count() > 0) {
                return place;
            }
        }
        return -1;
    }

    private static final Rows NO_ROWS = new Rows();

    private void foldHop(int from, int to, Direction direction, Rows there, boolean tcp, EvidenceCollector evidence) {
        Place a = places.get(from);
        Place b = places.get(to);
        Rows up = rows(a, direction);
        Rows down = there == null ? NO_ROWS : there;
        matcher.match(up, down, tcp, expected(a, up, b, down));
        int count = up.count();
        if (delays.length < count) {
            delays = new long[count * 2];
        }
        int crossings = 0;
        int surelyLost = 0;
        int lost = 0;
        int lostData = 0;
        int lostOld = 0;
        int leastLost = 0;
        int mostDelivered = 0;
        int hidden = 0;
        int missed = 0;
        int traced = 0;
        boolean searched = false;
        long travel = 0;
        int firstFound = count;
        int lastFound = -1;
        Rows later = null;
        Rows answers = null;
        int top = 0;
        boolean topKnown = false;
        long first = 0;
        int slowest = -1;
        int quickest = -1;
        List<SeenFrame> lostFrames = new ArrayList<>(0);
        List<SeenFrame> alteredFrames = new ArrayList<>(0);
        List<SeenFrame> missedFrames = new ArrayList<>(0);
        for (int i = 0; i < count; i++) {
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
            if (j >= 0) {
                long delay = down.time(j) - up.time(i);
                if (crossings == 0) {
                    first = delay;
                }
                delays[crossings++] = delay;
                if (slowest < 0 || delay > down.time(slowest) - up.time(matcher.upOf(slowest))) {
                    slowest = j;
                }
                if (!matcher.doubtful(i) && (quickest < 0 || delay < down.time(matcher.downOf(quickest)) - up.time(quickest))) {
                    quickest = i;
                }
                if (crossings % CROSSINGS_BLOCK == 0) {
                    crossed(a, b, up, down, quickest);
                    quickest = -1;
                }
                if (matcher.altered(i) && alteredFrames.size() < MOST_FRAMES) {
                    alteredFrames.add(frame(up, i, a.point()));
                    alteredFrames.add(frame(down, j, b.point()));
                }
            } else if (j == PacketMatcher.LOST && !excused(up, i, down, tcp)) {
                if (!searched) {
                    searched = true;
                    travel = travel(up, down, a.point(), b.point());
                    firstFound = found(0, count, 1);
                    lastFound = found(count - 1, -1, -1);
                    later = laterRows(to, direction);
                    answers = rows(a, direction == Direction.REQUEST ? Direction.REPLY : Direction.REQUEST);
                    if (later != null) {
                        beyond.match(up, later, tcp);
                    }
                }
                Coverage coverage = context.coverage(a.point(), up.time(i), b.point());
                Coverage arriving = context.coverage(a.point(), up.time(i) + travel, b.point());
                coverage = arriving.compareTo(coverage) > 0 ? arriving : coverage;
                if (i > firstFound && i < lastFound) {
                    // Others of the flow arrived before and after it: the capture ran, however near its edge is.
                    coverage = Coverage.SURE;
                }
                boolean trace = answers != null && traced++ < MOST_LOST_TO_TRACE;
                if (later != null && sameSending(beyond.downOf(i), up, i, later) || trace && tcp && acknowledged(up, i, answers, true)) {
                    // Where only answers stray, nothing tells that the others should have shown.
                    if (coverage != Coverage.SURE || nearAnEdge(a.point(), up.time(i), b.point())) {
                        hidden++;
                    } else if (!matcher.resegmented() && b.requestLeg() >= 0) {
                        missed++;
                        if (missedFrames.size() < MOST_FRAMES) {
                            missedFrames.add(frame(up, i, a.point()));
                        }
                    }
                    continue;
                }
                // Just beyond the edge of a capture only what was sent again, in vain, is surely lost.
                boolean beyondProof = coverage == Coverage.LIKELY && (!tells(up, i) || (tcp ? !sentAgain(up, i) || arrivedOtherwise(up, i)
                        : matcher.delivered() > 0 || up.time(count - 1) - up.time(0) < LEAST_SILENCE_NANOS)
                        || trace && answered(up, i, answers, tcp));
                if (coverage == Coverage.NO || beyondProof) {
                    hidden++;
                } else {
                    lost++;
                    surelyLost += coverage == Coverage.SURE ? 1 : 0;
                    lostData += tells(up, i) ? 1 : 0;
                    lostOld += old || tcp && acknowledgesTheUnsent(up, i, answers) ? 1 : 0;
                    leastLost = length > 0 && (leastLost == 0 || length < leastLost) ? length : leastLost;
                    if (lostFrames.size() < MOST_FRAMES) {
                        lostFrames.add(frame(up, i, a.point()));
                    }
                }
            }
        }
        if (surelyLost == 0 && hidden > 0) {
            hidden += lost;
            lost = 0;
            lostData = 0;
            lostOld = 0;
            leastLost = 0;
            lostFrames.clear();
        }
        crossed(a, b, up, down, quickest);
        if (missed > 0 && lostData == 0) {
            // Where the capture dropped packets, an acknowledgement that is not in it tells nothing either.
            lost = 0;
            lostOld = 0;
            lostFrames.clear();
        }
        evidence.hop(a, b, up, down, matcher);
        List<SeenFrame> duplicates = new ArrayList<>(0);
        List<SeenFrame> late = new ArrayList<>(0);
        int duplicated = 0;
        int appeared = 0;
        Rows earlier = null;
        boolean earlierKnown = false;
        for (int j = 0; j < down.count(); j++) {
            int i = matcher.upOf(j);
            if (i >= 0) {
                if (matcher.late(j) && late.size() < MOST_FRAMES) {
                    late.add(frame(down, j, b.point()));
                }
            } else if (i == PacketMatcher.LOST) {
                if (matcher.duplicateOf(j) >= 0) {
                    if (down.identification(j) == 0 && nearAnEdge(b.point(), down.time(j), a.point())) {
                        // Nothing tells it from another sending of the same, which the first capture did not show.
                        continue;
                    }
                    duplicated++;
                    if (duplicates.size() < MOST_FRAMES) {
                        duplicates.add(frame(down, j, b.point()));
                    }
                } else if (!down.fragment(j)) {
                    if (!earlierKnown) {
                        earlierKnown = true;
                        earlier = earlierRows(from, direction);
                        if (earlier != null) {
                            before.match(earlier, down, tcp);
                        }
                    }
                    if (earlier == null || before.upOf(j) < 0 || earlier.identification(before.upOf(j)) != down.identification(j)) {
                        appeared++;
                        appeared(to, direction, down, j, b);
                    }
                }
            }
        }
        Arrays.sort(delays, 0, crossings);
        boolean lastArrived = count > 0 && matcher.downOf(count - 1) != PacketMatcher.LOST;
        hops.add(new FlowHop(from, to, direction, count, matcher.delivered(), lost, lostData, lostOld, leastLost, mostDelivered, hidden,
                missed, duplicated, matcher.reordered(), matcher.alteredCount(), appeared, lastArrived, matcher.resegmented(), crossings == 0 ? 0 : delays[0],
                crossings == 0 ? 0 : delays[crossings / 2], crossings == 0 ? 0 : delays[crossings - 1], first, List.copyOf(lostFrames),
                List.copyOf(missedFrames), List.copyOf(late), List.copyOf(duplicates), List.copyOf(alteredFrames), slowest < 0 ? null : frame(down, slowest, b.point())));
        if (trail != null) {
            trail.hop(up, down, matcher, legOf(b, direction), b.point(), direction);
        }
    }

    /** The difference of two points' clocks where both show something: what a packet takes that is under way for no time. */
    private long expected(Place a, Rows up, Place b, Rows down) {
        if (a.point() == b.point()) {
            return 0;
        }
        if (up.count() == 0 || down.count() == 0) {
            return Long.MIN_VALUE;
        }
        return down.time(0) - context.aligned(b.point(), down.time(0)) - up.time(0) + context.aligned(a.point(), up.time(0));
    }

    /** Only the quickest packet of a block bounds the clocks. */
    private void crossed(Place a, Place b, Rows up, Rows down, int row) {
        if (row >= 0 && a.point() != b.point()) {
            context.crossed(a.point(), up.time(row), b.point(), down.time(matcher.downOf(row)));
        }
    }

    /** Bytes sent before, or further away than any window reaches (RFC 7323 allows 1 GiB; nobody configures more than some MiB). */
    private static boolean outsideOrBefore(int seq, int length, int top) {
        int ahead = seq + length - top;
        return ahead <= 0 || ahead > FURTHEST_WINDOW;
    }

    /**
     * Where offload merges segments, acknowledgements without data may be merged too. Fragments are put together by conntrack and cut
     * anew; the datagram is there if its first fragment, or the whole, is.
     */
    private boolean excused(Rows up, int row, Rows down, boolean tcp) {
        if (up.fragment(row)) {
            return up.laterFragment(row) || hasDatagram(down, up.identification(row));
        }
        if (!tcp && up.identification(row) != 0 && cutIntoFragments(down, up.identification(row))) {
            return true;
        }
        return tcp && matcher.resegmented() && !tells(up, row);
    }

    private static boolean cutIntoFragments(Rows rows, int identification) {
        for (int row = 0; row < rows.count(); row++) {
            if (rows.fragment(row) && rows.identification(row) == identification) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasDatagram(Rows rows, int identification) {
        for (int row = 0; row < rows.count(); row++) {
            if (rows.identification(row) == identification && !rows.laterFragment(row)) {
                return true;
            }
        }
        return false;
    }

    // What a capture lost, not the network

    /** The rows of the nearest place beyond one that shows packets of a direction, or null. */
    private Rows laterRows(int place, Direction direction) {
        return nextRows(place, direction == Direction.REQUEST ? 1 : -1, direction);
    }

    /** The same on the sender's side. */
    private Rows earlierRows(int place, Direction direction) {
        return nextRows(place, direction == Direction.REQUEST ? -1 : 1, direction);
    }

    private Rows nextRows(int place, int step, Direction direction) {
        for (int p = place + step; p >= 0 && p < places.size(); p += step) {
            Rows rows = rows(places.get(p), direction);
            if (rows != null && rows.count() > 0) {
                return rows;
            }
        }
        return null;
    }

    /** A repetition has an identification of its own. */
    private static boolean sameSending(int down, Rows up, int row, Rows rows) {
        return down >= 0 && up.identification(row) == rows.identification(down);
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
    private long travel(Rows up, Rows down, int from, int to) {
        long longest = 0;
        for (int i = 0; i < up.count(); i++) {
            int j = matcher.downOf(i);
            if (j >= 0) {
                longest = Math.max(longest, context.aligned(to, down.time(j)) - context.aligned(from, up.time(i)));
            }
        }
        return longest;
    }

    /** Whether a packet may still have been, or already be, on its way when a capture began or ended. */
    private boolean nearAnEdge(int from, long time, int to) {
        return context.coverage(from, time - ON_ITS_WAY_NANOS, to) != Coverage.SURE || context.coverage(from, time + ON_ITS_WAY_NANOS, to) != Coverage.SURE;
    }

    /** At the edge of a capture, what was answered is taken to have passed: in the end it did, or the answer would not be there. */
    private static boolean answered(Rows sent, int row, Rows answers, boolean tcp) {
        return tcp ? acknowledged(sent, row, answers, false) : answers.count() > 0 && answers.time(answers.count() - 1) > sent.time(row);
    }

    /**
     * Whether the other side acknowledged a packet. What was sent only once and acknowledged did arrive, whatever a capture shows.
     *
     * @param once whether its bytes must not have been sent again
     */
    private static boolean acknowledged(Rows sent, int row, Rows answers, boolean once) {
        if (!tells(sent, row) || (sent.flags(row) & PacketView.RST) != 0) {
            return false;
        }
        if (once && sentAgain(sent, row)) {
            return false;
        }
        int end = sequenceEnd(sent, row);
        for (int answer = answers.count() - 1; answer >= 0; answer--) {
            boolean acks = (answers.flags(answer) & (PacketView.ACK | PacketView.RST)) == PacketView.ACK;
            int beyondEnd = answers.ack(answer) - end;
            if (acks && beyondEnd >= 0 && beyondEnd < FURTHEST_WINDOW) {
                return true;
            }
        }
        return false;
    }

    /** Whether other packets carry bytes of this one, too. */
    private static boolean sentAgain(Rows sent, int row) {
        int start = sent.seq(row);
        int end = sequenceEnd(sent, row);
        for (int other = 0; other < sent.count() && end != start; other++) {
            if (other != row && tells(sent, other) && SequenceNumber.isBefore(sent.seq(other), end)
                    && SequenceNumber.isAfter(sequenceEnd(sent, other), start)) {
                return true;
            }
        }
        return false;
    }

    /** Whether another packet that carries bytes of this one was found again at the next place. */
    private boolean arrivedOtherwise(Rows sent, int row) {
        int start = sent.seq(row);
        int end = sequenceEnd(sent, row);
        for (int other = 0; other < sent.count(); other++) {
            if (other != row && matcher.downOf(other) != PacketMatcher.LOST && tells(sent, other)
                    && SequenceNumber.isBefore(sent.seq(other), end) && SequenceNumber.isAfter(sequenceEnd(sent, other), start)) {
                return true;
            }
        }
        return false;
    }

    private static int sequenceEnd(Rows rows, int row) {
        return rows.seq(row) + rows.length(row) + ((rows.flags(row) & (PacketView.SYN | PacketView.FIN)) != 0 ? 1 : 0);
    }

    /** conntrack calls a segment INVALID if it acknowledges more than the other side has sent. */
    private static boolean acknowledgesTheUnsent(Rows rows, int row, Rows others) {
        if (others == null || others.count() == 0 || (rows.flags(row) & (PacketView.ACK | PacketView.SYN)) != PacketView.ACK) {
            return false;
        }
        int top = sequenceEnd(others, 0);
        for (int other = 1; other < others.count(); other++) {
            if ((others.flags(other) & PacketView.RST) == 0) {
                top = SequenceNumber.latest(top, sequenceEnd(others, other));
            }
        }
        return SequenceNumber.isAfter(rows.ack(row), top);
    }

    private static boolean tells(Rows rows, int row) {
        return rows.length(row) > 0 || (rows.flags(row) & (PacketView.SYN | PacketView.FIN)) != 0;
    }

    private void appeared(int place, Direction direction, Rows rows, int row, Place at) {
        boolean reset = (rows.flags(row) & PacketView.RST) != 0;
        addOrCount(reset ? Sign.Kind.RESET : Sign.Kind.APPEARED, place, legOf(at, direction), direction, rows.ttl(row),
                frame(rows, row, at.point()));
    }

    private void addOrCount(Sign.Kind kind, int place, int leg, Direction direction, long value, SeenFrame frame) {
        for (int i = 0; i < signs.size(); i++) {
            Sign sign = signs.get(i);
            if (sign.kind() == kind && sign.place() == place && sign.direction() == direction) {
                List<SeenFrame> frames = new ArrayList<>(sign.frames());
                if (frames.size() < MOST_FRAMES) {
                    frames.add(frame);
                }
                signs.set(i, new Sign(kind, place, leg, direction, sign.count() + 1, sign.value(), frames));
                return;
            }
        }
        signs.add(new Sign(kind, place, leg, direction, 1, value, List.of(frame)));
    }

    static SeenFrame frame(Rows rows, int row, int point) {
        return new SeenFrame(point, rows.file(row), rows.number(row), rows.time(row));
    }

    // Legs

    private List<FlowLeg> foldLegs(boolean tcp) {
        List<FlowLeg> legs = new ArrayList<>(loaded.size());
        for (int i = 0; i < loaded.size(); i++) {
            LoadedLeg l = loaded.get(i);
            Rows requests = l.requests();
            Rows replies = l.replies();
            int point = l.leg().point();
            SeenFrame firstRequest = requests.count() == 0 ? null : frame(requests, 0, point);
            SeenFrame firstReply = replies.count() == 0 ? null : frame(replies, 0, point);
            SeenFrame lastRequest = requests.count() == 0 ? null : frame(requests, requests.count() - 1, point);
            SeenFrame lastReply = replies.count() == 0 ? null : frame(replies, replies.count() - 1, point);
            int request = GroupLayout.firstTelling(requests, tcp);
            int reply = GroupLayout.firstTelling(replies, tcp);
            legs.add(new FlowLeg(point, l.leg().tuple(), layout.relation(i), layout.level(i), tcp ? l.history() : "",
                    requests.count() + (long) l.requestCopies(), replies.count() + (long) l.replyCopies(),
                    l.requestCopies() + (long) l.replyCopies(), earlier(firstRequest, firstReply, true),
                    earlier(lastRequest, lastReply, false), firstRequest, firstReply, request < 0 ? -1 : requests.ttl(request),
                    reply < 0 ? -1 : replies.ttl(reply), tcp ? syns(requests, PacketView.SYN) : 0,
                    tcp ? syns(replies, PacketView.SYN | PacketView.ACK) : 0, tcp ? mss(requests) : 0, tcp ? mss(replies) : 0,
                    laterFragments(requests) + laterFragments(replies), stamp(requests, true), stamp(requests, false),
                    cut(requests) || cut(replies), l.leg().errors(), l.leg().gaps()));
            forwarded(i, l, point);
            if (tcp) {
                httpError(i, l, point);
                ownResets(i, requests, Direction.REQUEST, point);
                ownResets(i, replies, Direction.REPLY, point);
            }
        }
        return legs;
    }

    private void forwarded(int leg, LoadedLeg loadedLeg, int point) {
        int count = loadedLeg.forwardedCount();
        if (count > 0) {
            List<SeenFrame> frames = new ArrayList<>(count);
            for (int i = 0; i < loadedLeg.forwarded().count(); i++) {
                frames.add(frame(loadedLeg.forwarded(), i, point));
            }
            signs.add(new Sign(Sign.Kind.FORWARDED, placeOf(leg, Direction.REQUEST), leg, Direction.REQUEST, count,
                    loadedLeg.forwarded().ttl(0), frames));
        }
    }

    private void httpError(int leg, LoadedLeg loadedLeg, int point) {
        Rows replies = loadedLeg.replies();
        for (int row = 0; row < replies.count() && loadedLeg.leg().httpError() > 0; row++) {
            if (replies.length(row) > 0) {
                signs.add(new Sign(Sign.Kind.HTTP_ERROR, placeOf(leg, Direction.REPLY), leg, Direction.REPLY, 1, loadedLeg.leg().httpError(),
                        List.of(frame(replies, row, point))));
                return;
            }
        }
    }

    private int placeOf(int leg, Direction direction) {
        for (int p = 0; p < places.size(); p++) {
            if (legOf(places.get(p), direction) == leg) {
                return p;
            }
        }
        return -1;
    }

    /** Resets at the first place of their direction, and those on legs that are no place: nobody before can have sent them. */
    private void ownResets(int leg, Rows rows, Direction direction, int point) {
        int place = placeOf(leg, direction);
        if (place >= 0 && arrivesFromAnotherPlace(place, direction)) {
            return;
        }
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & PacketView.RST) != 0) {
                addOrCountLeg(place, leg, direction, rows.ttl(row), frame(rows, row, point));
            }
        }
    }

    private void addOrCountLeg(int place, int leg, Direction direction, long ttl, SeenFrame frame) {
        for (Sign sign : signs) {
            if (sign.kind() == Sign.Kind.RESET && sign.leg() == leg && sign.direction() == direction) {
                return;
            }
        }
        signs.add(new Sign(Sign.Kind.RESET, place, leg, direction, 1, ttl, List.of(frame)));
    }

    private boolean arrivesFromAnotherPlace(int place, Direction direction) {
        for (FlowHop hop : hops) {
            if (hop.to() == place && hop.direction() == direction) {
                return true;
            }
        }
        return false;
    }

    private static SeenFrame earlier(SeenFrame a, SeenFrame b, boolean wantEarlier) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        boolean aFirst = a.timeNanos() != b.timeNanos() ? a.timeNanos() < b.timeNanos() : a.number() <= b.number();
        return aFirst == wantEarlier ? a : b;
    }

    private static int syns(Rows rows, int flags) {
        int count = 0;
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (PacketView.SYN | PacketView.ACK | PacketView.RST)) == flags) {
                count++;
            }
        }
        return count;
    }

    private static int mss(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (PacketView.SYN | PacketView.RST)) == PacketView.SYN && rows.length(row) == 0) {
                return rows.mss(row);
            }
        }
        return 0;
    }

    private static int laterFragments(Rows rows) {
        int count = 0;
        for (int row = 0; row < rows.count(); row++) {
            count += rows.laterFragment(row) ? 1 : 0;
        }
        return count;
    }

    private static int stamp(Rows rows, boolean first) {
        for (int i = 0; i < rows.count(); i++) {
            int row = first ? i : rows.count() - 1 - i;
            if (rows.timestamps(row)) {
                return rows.tsVal(row);
            }
        }
        return 0;
    }

    private static boolean cut(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if (!rows.whole(row) && rows.length(row) > 0 && !rows.laterFragment(row)) {
                return true;
            }
        }
        return false;
    }

    private SeenFrame edge(boolean first) {
        SeenFrame best = null;
        long bestTime = 0;
        for (LoadedLeg l : loaded) {
            for (Rows rows : List.of(l.requests(), l.replies())) {
                if (rows.count() > 0) {
                    int row = first ? 0 : rows.count() - 1;
                    long time = context.aligned(l.leg().point(), rows.time(row));
                    if (best == null || (first ? time < bestTime : time > bestTime)) {
                        best = frame(rows, row, l.leg().point());
                        bestTime = time;
                    }
                }
            }
        }
        if (best == null) {
            Leg leg = loaded.get(0).leg();
            best = leg.errors().isEmpty() ? new SeenFrame(leg.point(), 0, 0, leg.firstTime())
                    : new SeenFrame(leg.point(), leg.errors().get(0).file(), leg.errors().get(0).number(), leg.errors().get(0).timeNanos());
        }
        return best;
    }

    // The longest silence, at the first place that shows both directions

    private void silence() {
        for (int p = 0; p < places.size(); p++) {
            Rows requests = rows(places.get(p), Direction.REQUEST);
            Rows replies = rows(places.get(p), Direction.REPLY);
            if (requests == null || replies == null || requests.count() == 0 || replies.count() == 0) {
                continue;
            }
            long longest = LEAST_SILENCE_NANOS;
            SeenFrame before = null;
            SeenFrame after = null;
            Direction next = Direction.REQUEST;
            int i = 0;
            int j = 0;
            boolean lastWasRequest = false;
            int lastRow = -1;
            int point = places.get(p).point();
            int[] top = new int[2];
            boolean[] topKnown = new boolean[2];
            while (i < requests.count() || j < replies.count()) {
                boolean request = j == replies.count() || i < requests.count() && requests.time(i) <= replies.time(j);
                Rows rows = request ? requests : replies;
                int row = request ? i++ : j++;
                Rows lastRows = lastWasRequest ? requests : replies;
                // The pause before a repetition is the sender's timer, no silence.
                int side = request ? 0 : 1;
                int end = sequenceEnd(rows, row);
                boolean carries = tells(rows, row);
                boolean repeated = carries && topKnown[side] && SequenceNumber.isBeforeOrEqual(end, top[side]);
                if (carries && !repeated) {
                    top[side] = end;
                    topKnown[side] = true;
                }
                if (lastRow >= 0 && !(repeated && loaded.get(0).leg().tcp()) && rows.time(row) - lastRows.time(lastRow) > longest) {
                    longest = rows.time(row) - lastRows.time(lastRow);
                    before = frame(lastRows, lastRow, point);
                    after = frame(rows, row, point);
                    next = request ? Direction.REQUEST : Direction.REPLY;
                }
                lastWasRequest = request;
                lastRow = row;
            }
            if (before != null) {
                signs.add(new Sign(Sign.Kind.SILENCE, p, places.get(p).requestLeg(), next, 1, longest, List.of(before, after)));
            }
            return;
        }
    }

    // How it went

    private Story story(boolean tcp) {
        boolean synAck = false;
        boolean established = false;
        long requestBytes = 0;
        long replyBytes = 0;
        long endpointBytes = 0;
        boolean requestAcked = true;
        boolean replyAcked = true;
        boolean lastIsRequest = false;
        boolean midstream = tcp;
        for (LoadedLeg l : loaded) {
            midstream &= !l.leg().hasClientIsn();
        }
        int front = places.isEmpty() ? -1 : 0;
        if (front >= 0) {
            Rows requests = rows(places.get(0), Direction.REQUEST);
            Rows replies = rows(places.get(0), Direction.REPLY);
            requests = requests == null ? NO_ROWS : requests;
            replies = replies == null ? NO_ROWS : replies;
            if (tcp) {
                TcpSensors.Stream sent = TcpSensors.stream(requests);
                TcpSensors.Stream answered = TcpSensors.stream(replies);
                requestBytes = sent.bytes();
                replyBytes = answered.bytes();
                requestAcked = sent.acknowledgedBy(replies);
                replyAcked = answered.acknowledgedBy(requests);
                long synAckTime = timeOf(replies, PacketView.SYN | PacketView.ACK);
                synAck = synAckTime != Long.MIN_VALUE || midstream && replies.count() > 0 && !onlyResets(replies);
                // Whoever acknowledges has got what he acknowledges, whether or not his own capture still shows it.
                for (LoadedLeg l : loaded) {
                    synAck |= !midstream && acknowledges(l.requests());
                }
                established = synAck && (acknowledges(requests) || acknowledgedAnywhere());
                lastIsRequest = sent.lastDataTime() > answered.lastDataTime();
            } else {
                requestBytes = payload(requests);
                replyBytes = payload(replies);
                synAck = replies.count() > 0;
                established = synAck;
                lastIsRequest = requests.count() > 0 && (replies.count() == 0
                        || requests.time(requests.count() - 1) > replies.time(replies.count() - 1));
            }
            for (int p = places.size() - 1; p >= 0 && endpointBytes == 0; p--) {
                Rows back = rows(places.get(p), Direction.REPLY);
                endpointBytes = back == null ? 0 : tcp ? TcpSensors.stream(back).bytes() : payload(back);
            }
        }
        long thought = -1;
        for (int p = places.size() - 1; p >= 0 && thought < 0; p--) {
            thought = thought(p, tcp);
        }
        if (!tcp) {
            unanswered();
        }
        Rows asked = firstRows(Direction.REQUEST);
        Rows told = firstRows(Direction.REPLY);
        long clientFin = Long.MAX_VALUE;
        long endpointFin = Long.MAX_VALUE;
        if (tcp) {
            for (LoadedLeg l : loaded) {
                clientFin = Math.min(clientFin, finTime(l.requests(), l.leg().point()));
                endpointFin = Math.min(endpointFin, finTime(l.replies(), l.leg().point()));
            }
        }
        return new Story(synAck, established, requestBytes, replyBytes, endpointBytes, clientFin != Long.MAX_VALUE,
                endpointFin != Long.MAX_VALUE, clientFin <= endpointFin, requestAcked, replyAcked, lastIsRequest, midstream,
                thought, asked == null ? 0 : print(asked), told == null ? 0 : print(told));
    }

    /** The longest wait at a place from the last of a question to the first of its answer; -1 without any answer. */
    private long thought(int place, boolean tcp) {
        Rows requests = rows(places.get(place), Direction.REQUEST);
        Rows replies = rows(places.get(place), Direction.REPLY);
        if (requests == null || replies == null) {
            return -1;
        }
        long longest = -1;
        int asked = -1;
        int askedForLongest = -1;
        int answeredLongest = -1;
        int top = 0;
        boolean topKnown = false;
        int i = 0;
        for (int j = 0; j < replies.count(); j++) {
            if (replies.length(j) == 0) {
                continue;
            }
            while (i < requests.count() && requests.time(i) <= replies.time(j)) {
                boolean repeated = tcp && topKnown && SequenceNumber.isBeforeOrEqual(requests.seq(i) + requests.length(i), top);
                if (requests.length(i) > 0 && !repeated) {
                    asked = i;
                    top = requests.seq(i) + requests.length(i);
                    topKnown = true;
                }
                i++;
            }
            if (asked >= 0 && replies.time(j) - requests.time(asked) > longest) {
                longest = replies.time(j) - requests.time(asked);
                askedForLongest = asked;
                answeredLongest = j;
            }
            asked = -1;
        }
        if (longest >= LONG_THOUGHT_NANOS) {
            int point = places.get(place).point();
            signs.add(new Sign(Sign.Kind.THOUGHT_LONG, place, places.get(place).replyLeg(), Direction.REPLY, 1, longest,
                    List.of(frame(requests, askedForLongest, point), frame(replies, answeredLongest, point))));
        }
        return longest;
    }

    /** Datagrams after the last answer, at the first place that shows answers. */
    private void unanswered() {
        for (int p = 0; p < places.size(); p++) {
            Rows requests = rows(places.get(p), Direction.REQUEST);
            Rows replies = rows(places.get(p), Direction.REPLY);
            if (requests == null || replies == null || replies.count() == 0) {
                continue;
            }
            long last = replies.time(replies.count() - 1);
            List<SeenFrame> frames = new ArrayList<>(0);
            int count = 0;
            for (int row = 0; row < requests.count(); row++) {
                if (requests.time(row) > last && !requests.laterFragment(row)) {
                    count++;
                    if (frames.size() < MOST_FRAMES) {
                        frames.add(frame(requests, row, places.get(p).point()));
                    }
                }
            }
            if (count > 1) {
                signs.add(new Sign(Sign.Kind.UNANSWERED, p, places.get(p).requestLeg(), Direction.REQUEST, count,
                        requests.time(requests.count() - 1) - last, frames));
            }
            return;
        }
    }

    /** The rows of the first place, seen from the client, that shows a direction; or null. */
    private Rows firstRows(Direction direction) {
        for (Place place : places) {
            Rows rows = rows(place, direction);
            if (rows != null && rows.count() > 0) {
                return rows;
            }
        }
        return null;
    }

    private static long print(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if (rows.length(row) > 0 && rows.whole(row)) {
                return (long) rows.length(row) << 32 | rows.crc(row) & 0xffffffffL;
            }
        }
        return 0;
    }

    private long finTime(Rows rows, int point) {
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & PacketView.FIN) != 0) {
                return context.aligned(point, rows.time(row));
            }
        }
        return Long.MAX_VALUE;
    }

    private static boolean onlyResets(Rows rows) {
        return GroupLayout.firstTelling(rows, true) < 0;
    }

    private static boolean acknowledges(Rows requests) {
        for (int row = 0; row < requests.count(); row++) {
            if ((requests.flags(row) & (PacketView.ACK | PacketView.RST | PacketView.SYN)) == PacketView.ACK) {
                return true;
            }
        }
        return false;
    }

    private boolean acknowledgedAnywhere() {
        for (LoadedLeg l : loaded) {
            if (acknowledges(l.requests())) {
                return true;
            }
        }
        return false;
    }

    private static long timeOf(Rows rows, int flags) {
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (flags | PacketView.RST)) == flags) {
                return rows.time(row);
            }
        }
        return Long.MIN_VALUE;
    }

    private static long payload(Rows rows) {
        long bytes = 0;
        for (int row = 0; row < rows.count(); row++) {
            bytes += rows.length(row);
        }
        return bytes;
    }

    /** Arrows for the ladder. */
    private final class TrailBuilder {
        private final List<Flow.TrailPacket> packets = new ArrayList<>();
        private final List<List<TrailSighting>> sightings = new ArrayList<>();
        private int[] ids = new int[0];
        private int requestBase;
        private int replyBase;
        private boolean requestBaseKnown;
        private boolean replyBaseKnown;

        void begin(Rows rows, int leg, Direction direction, int point) {
            ids = new int[rows.count()];
            for (int row = 0; row < rows.count(); row++) {
                ids[row] = open(rows, row, direction, "");
                sightings.get(ids[row]).add(new TrailSighting(leg, frame(rows, row, point)));
            }
            repeated(rows);
        }

        /** Marks what was sent again: the same bytes as before. */
        private void repeated(Rows rows) {
            int top = 0;
            boolean known = false;
            for (int row = 0; row < rows.count(); row++) {
                boolean syn = (rows.flags(row) & PacketView.SYN) != 0;
                boolean fin = (rows.flags(row) & PacketView.FIN) != 0;
                int length = rows.length(row) + (syn || fin ? 1 : 0);
                if (length == 0 || !tcpRows()) {
                    continue;
                }
                int end = rows.seq(row) + length;
                if (known && SequenceNumber.isBeforeOrEqual(end, top)) {
                    note(ids[row], rows.length(row) == 1 && end == top ? "keep-alive" : "retransmission");
                }
                top = known ? SequenceNumber.latest(top, end) : end;
                known = true;
            }
        }

        private boolean tcpRows() {
            return loaded.get(0).leg().tcp();
        }

        void hop(Rows up, Rows down, PacketMatcher matcher, int leg, int point, Direction direction) {
            int[] next = new int[down.count()];
            for (int i = 0; i < up.count(); i++) {
                if (matcher.downOf(i) == PacketMatcher.LOST) {
                    note(ids[i], "lost");
                } else if (matcher.downOf(i) >= 0 && matcher.altered(i)) {
                    note(ids[i], "altered");
                }
            }
            for (int j = 0; j < down.count(); j++) {
                int i = matcher.upOf(j);
                if (i >= 0) {
                    next[j] = ids[i];
                    if (matcher.late(j)) {
                        note(ids[i], "out-of-order");
                    }
                } else {
                    String note = i == PacketMatcher.RESEGMENTED ? "" : matcher.duplicateOf(j) >= 0 ? "duplicate" : "";
                    next[j] = open(down, j, direction, note);
                }
                sightings.get(next[j]).add(new TrailSighting(leg, frame(down, j, point)));
            }
            ids = next;
        }

        private void note(int id, String note) {
            Flow.TrailPacket p = packets.get(id);
            if (p.note().isEmpty() || note.equals("lost")) {
                packets.set(id, new Flow.TrailPacket(p.direction(), p.flags(), p.sequence(), p.acknowledgment(), p.length(), note,
                        p.sightings()));
            }
        }

        private int open(Rows rows, int row, Direction direction, String note) {
            boolean request = direction == Direction.REQUEST;
            if (tcpRows()) {
                if (request && !requestBaseKnown) {
                    requestBase = rows.seq(row);
                    requestBaseKnown = true;
                    if (!replyBaseKnown && (rows.flags(row) & PacketView.SYN) == 0) {
                        replyBase = rows.ack(row);
                        replyBaseKnown = true;
                    }
                } else if (!request && (!replyBaseKnown || (rows.flags(row) & PacketView.SYN) != 0)) {
                    replyBase = rows.seq(row);
                    replyBaseKnown = true;
                }
            }
            int own = request ? requestBase : replyBase;
            int other = request ? replyBase : requestBase;
            boolean acks = (rows.flags(row) & PacketView.ACK) != 0 && tcpRows();
            List<TrailSighting> seen = new ArrayList<>(4);
            sightings.add(seen);
            packets.add(new Flow.TrailPacket(direction, tcpRows() ? rows.flags(row) : 0, tcpRows() ? rows.seq(row) - own & 0xffffffffL : 0,
                    acks ? acknowledged(rows.ack(row), other, request) : 0, rows.length(row), note, seen));
            return packets.size() - 1;
        }

        /** The other side's first number may not be known yet when requests are folded first; the handshake's ACK tells it. */
        private long acknowledged(int ack, int other, boolean request) {
            if (request && !replyBaseKnown) {
                replyBase = ack - 1;
                replyBaseKnown = true;
                return 1;
            }
            return ack - other & 0xffffffffL;
        }

        List<Flow.TrailPacket> packets() {
            return packets;
        }
    }
}
