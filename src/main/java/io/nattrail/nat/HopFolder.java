package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.net.Protocol;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of one flow's packets from each place to the next: delivered, lost, hidden from a capture, altered, doubled, appeared from
 * nowhere, and how long they took. Reused; not for several threads.
 */
final class HopFolder {
    /** Kept, since asking an enumeration for its values copies them. */
    private static final Direction[] DIRECTIONS = Direction.values();

    private final FoldContext context;
    private final PacketMatcher matcher = new PacketMatcher();
    private final PacketMatcher before = new PacketMatcher();
    private final CutPayloads cutPayloads = new CutPayloads();
    private final HopDelays delays;
    private final HopLosses losses;
    private Signs signs;

    // Of the hop

    private HopSides hop;
    private boolean tcp;
    private Place a;
    private Place b;
    private Rows up;
    private Rows down;
    private int mostDelivered;
    private int duplicated;
    private int alteredOverCut;
    private int compared;
    private int appeared;
    private List<SeenFrame> alteredFrames;
    private List<SeenFrame> lateFrames;
    private List<SeenFrame> duplicateFrames;

    HopFolder(FoldContext context) {
        this.context = context;
        delays = new HopDelays(context, matcher);
        losses = new HopLosses(context, matcher);
    }

    /**
     * The hops of both directions, each from the sender on.
     *
     * @param trail takes the packets one by one, or null
     */
    List<FlowHop> fold(PlacedLegs legs, Signs signs, EvidenceCollector evidence, TrailBuilder trail) {
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
                    hop = HopSides.of(legs, previous, place, way);
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

    private FlowHop hop() {
        tcp = hop.tcp();
        a = hop.a();
        b = hop.b();
        up = hop.up();
        down = hop.down();
        matcher.match(up, down, tcp, HopSides.expected(context, up, a.point(), down, b.point()));
        delays.begin(hop);
        losses.begin(hop, signs);
        mostDelivered = 0;
        duplicated = 0;
        alteredOverCut = 0;
        compared = 0;
        appeared = 0;
        alteredFrames = new ArrayList<>(0);
        lateFrames = new ArrayList<>(0);
        duplicateFrames = new ArrayList<>(0);
        sent();
        HopDelay delay = delays.end();
        HopLoss loss = losses.judge();
        arrived();
        cutPayloads.goOn(up, a.point(), down, matcher, tcp);
        int count = up.count();
        boolean lastArrived = matcher.downOf(count - 1) != PacketMatcher.LOST;
        return new FlowHop(hop.from(), hop.to(), hop.direction(), count, matcher.delivered(), mostDelivered, lastArrived,
                matcher.resegmented(), loss, delay, duplicated, matcher.reordered(), matcher.alteredCount() + alteredOverCut, compared,
                appeared, List.copyOf(lateFrames), List.copyOf(duplicateFrames), List.copyOf(alteredFrames));
    }

    // What the first place shows

    private void sent() {
        int top = 0;
        boolean topKnown = false;
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
                delays.delivered(i);
            } else if (j == PacketMatcher.LOST && !losses.excused(i) && !hop.legs().wentApart(up, i, hop.direction(), a, b)) {
                losses.notFound(i, old);
            }
        }
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
        return hop.relay() && rows.length(row) == 0 && (rows.flags(row) & (PacketView.FIN | PacketView.RST)) == 0;
    }

    /** Bytes sent before, or further away than any window reaches. */
    private static boolean outsideOrBefore(int seq, int length, int top) {
        int ahead = seq + length - top;
        return ahead <= 0 || ahead > RowFacts.FURTHEST_WINDOW;
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
            } else if (i == PacketMatcher.LOST && !down.fragment(j) && !hop.legs().wentElsewhere(down, j, hop.direction())) {
                if (!earlierKnown) {
                    earlierKnown = true;
                    earlier = hop.legs().furtherBack(hop.from(), hop.direction());
                    if (earlier != null) {
                        before.match(earlier, down, tcp);
                    }
                }
                if (earlier == null || before.upOf(j) < 0 || earlier.identification(before.upOf(j)) != down.identification(j)) {
                    appeared++;
                    signs.count(resets(down, j) ? Sign.Kind.RESET : Sign.Kind.APPEARED, hop.to(), b.leg(hop.direction()), hop.direction(),
                            down.ttl(j), SeenFrame.of(down, j, b.point()));
                }
            }
        }
    }

    /** What TCP says with a flag SCTP says with a type of chunk, whose number has other meanings in its bits. */
    private boolean resets(Rows rows, int row) {
        return tcp ? (rows.flags(row) & PacketView.RST) != 0
                : hop.protocol() == Protocol.SCTP && rows.flags(row) == PacketDecoder.SCTP_ABORT;
    }

    private void duplicate(int j) {
        if (down.identification(j) == 0 && !down.timestamps(j) && losses.nearAnEdge(b.point(), down.time(j), a.point())) {
            // Nothing tells it from another sending of the same, which the first capture did not show.
            return;
        }
        duplicated++;
        if (duplicateFrames.size() < Sign.MOST_FRAMES) {
            duplicateFrames.add(SeenFrame.of(down, j, b.point()));
        }
    }
}
