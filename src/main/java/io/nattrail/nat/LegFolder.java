package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.net.Protocol;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.ArrayList;
import java.util.List;

/** What the legs of one flow show, each by itself. */
final class LegFolder {
    /** A kernel answers what it got for a connection that it does not know within microseconds; so much more for a busy node. */
    private static final long RESET_AT_ONCE_NANOS = 50_000_000L;
    /** Who sends the rest of what it began does not wait so long: it is the least retransmission timeout of Linux. */
    private static final long LEAST_QUIET_NANOS = 200_000_000L;

    private final FoldContext context;
    private final PlacedLegs legs;
    private final List<FlowHop> hops;
    private final Signs signs;

    private LegFolder(FoldContext context, PlacedLegs legs, List<FlowHop> hops, Signs signs) {
        this.context = context;
        this.legs = legs;
        this.hops = hops;
        this.signs = signs;
    }

    /** The legs in the order in which they were loaded. */
    static List<FlowLeg> fold(FoldContext context, PlacedLegs legs, GroupLayout layout, List<FlowHop> hops, Signs signs) {
        return new LegFolder(context, legs, hops, signs).fold(layout);
    }

    private List<FlowLeg> fold(GroupLayout layout) {
        boolean tcp = legs.tcp();
        List<LoadedLeg> loaded = legs.loaded();
        List<FlowLeg> folded = new ArrayList<>(loaded.size());
        for (int i = 0; i < loaded.size(); i++) {
            LoadedLeg l = loaded.get(i);
            Rows requests = l.requests();
            Rows replies = l.replies();
            int point = l.leg().point();
            SeenFrame firstRequest = requests.count() == 0 ? null : SeenFrame.of(requests, 0, point);
            SeenFrame firstReply = replies.count() == 0 ? null : SeenFrame.of(replies, 0, point);
            SeenFrame lastRequest = requests.count() == 0 ? null : SeenFrame.of(requests, requests.count() - 1, point);
            SeenFrame lastReply = replies.count() == 0 ? null : SeenFrame.of(replies, replies.count() - 1, point);
            int request = RowFacts.firstTelling(requests, tcp);
            int reply = RowFacts.firstTelling(replies, tcp);
            folded.add(new FlowLeg(point, l.leg().tuple(), layout.relation(i), layout.level(i), tcp ? l.history() : "",
                    requests.count() + (long) l.requestCopies(), replies.count() + (long) l.replyCopies(),
                    l.requestCopies() + (long) l.replyCopies(), l.requestCopies(), earlier(firstRequest, firstReply, true),
                    earlier(lastRequest, lastReply, false), firstRequest, firstReply, request < 0 ? -1 : requests.ttl(request),
                    reply < 0 ? -1 : replies.ttl(reply), tcp ? RowFacts.syns(requests, PacketView.SYN) : 0,
                    tcp ? RowFacts.syns(replies, PacketView.SYN | PacketView.ACK) : 0, tcp ? RowFacts.mss(requests) : 0,
                    tcp ? RowFacts.mss(replies) : 0, RowFacts.laterFragments(requests), RowFacts.laterFragments(replies),
                    tcp ? 0 : RowFacts.doubles(requests, replies),
                    RowFacts.stamp(requests, true), RowFacts.stamp(requests, false),
                    RowFacts.cut(requests) || RowFacts.cut(replies),
                    context.cutQuotes().isEmpty() ? l.leg().errors() : QuotesFound.errors(context, l), l.leg().gaps()));
            forwarded(i, l, point);
            if (l.relayed() && firstRequest != null) {
                signs.add(new Sign(Sign.Kind.RELAYED, legs.placeOf(i, Direction.REQUEST), i, Direction.REQUEST, 1, 0,
                        List.of(firstRequest)));
            }
            if (tcp) {
                httpError(i, l, point);
                ownResets(i, requests, Direction.REQUEST, point);
                resetAfterSilence(i, requests, replies, point);
                ownResets(i, replies, Direction.REPLY, point);
                resetWhenQuiet(i, replies, point);
            } else if (l.leg().protocol() == Protocol.SCTP) {
                ownAborts(i, requests, replies, Direction.REQUEST, point);
                ownAborts(i, replies, requests, Direction.REPLY, point);
            }
        }
        moved(layout, folded);
        return folded;
    }

    /** Best told by what came to the other node, else by what that made of it. */
    private void moved(GroupLayout layout, List<FlowLeg> folded) {
        int leg = layout.moved().first();
        if (leg >= 0) {
            FlowLeg there = folded.get(leg);
            signs.add(new Sign(Sign.Kind.MOVED, -1, leg, Direction.REQUEST, 1, 0, there.firstReply() == null
                    ? List.of(there.firstRequest()) : List.of(there.firstRequest(), there.firstReply())));
        }
    }

    private void forwarded(int leg, LoadedLeg loadedLeg, int point) {
        int count = loadedLeg.forwardedCount();
        if (count > 0) {
            List<SeenFrame> frames = new ArrayList<>(count);
            for (int i = 0; i < loadedLeg.forwarded().count(); i++) {
                frames.add(SeenFrame.of(loadedLeg.forwarded(), i, point));
            }
            signs.add(new Sign(Sign.Kind.FORWARDED, legs.placeOf(leg, Direction.REQUEST), leg, Direction.REQUEST, count,
                    loadedLeg.forwarded().ttl(0), frames));
        }
    }

    private void httpError(int leg, LoadedLeg loadedLeg, int point) {
        Rows replies = loadedLeg.replies();
        for (int row = 0; row < replies.count() && loadedLeg.leg().httpError() > 0; row++) {
            if (replies.length(row) > 0) {
                signs.add(new Sign(Sign.Kind.HTTP_ERROR, legs.placeOf(leg, Direction.REPLY), leg, Direction.REPLY, 1,
                        loadedLeg.leg().httpError(), List.of(SeenFrame.of(replies, row, point))));
                return;
            }
        }
    }

    /** Resets at the first place of their direction, and those on legs that are no place: nobody before can have sent them. */
    private void ownResets(int leg, Rows rows, Direction direction, int point) {
        int place = legs.placeOf(leg, direction);
        if (place >= 0 && arrivesFromAnotherPlace(place, direction)) {
            return;
        }
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & PacketView.RST) != 0) {
                signs.add(new Sign(Sign.Kind.RESET, place, leg, direction, 1, rows.ttl(row), List.of(SeenFrame.of(rows, row, point))));
                return;
            }
        }
    }

    /** What the silence before an answer tells of a RST that answers it: who sent it had forgotten the connection meanwhile. */
    private void resetAfterSilence(int leg, Rows requests, Rows replies, int point) {
        if (!signs.has(Sign.Kind.RESET, leg, Direction.REQUEST)) {
            return;
        }
        int reset = RowFacts.firstWith(requests, PacketView.RST);
        long atOnce = requests.time(reset) - RESET_AT_ONCE_NANOS;
        int answer = 0;
        int end = 0;
        while (answer < replies.count() && replies.time(answer) < atOnce) {
            int next = RowFacts.sequenceEnd(replies, answer);
            end = answer == 0 ? next : SequenceNumber.latest(end, next);
            answer++;
        }
        if (answer == 0 || answer == replies.count() || replies.time(answer) > requests.time(reset) || replies.seq(answer) != end) {
            return;
        }
        long last = replies.time(answer - 1);
        for (int row = 0; row < reset && requests.time(row) <= replies.time(answer); row++) {
            last = Math.max(last, requests.time(row));
        }
        if (replies.time(answer) - last >= StoryFolder.LEAST_SILENCE_NANOS) {
            signs.add(new Sign(Sign.Kind.RESET_AFTER_SILENCE, legs.placeOf(leg, Direction.REQUEST), leg, Direction.REQUEST, 1,
                    replies.time(answer) - last, List.of(SeenFrame.of(replies, answer, point))));
        }
    }

    /** Whether an endpoint's RST cut nothing off, as that of a server that is tired of a kept connection. */
    private void resetWhenQuiet(int leg, Rows replies, int point) {
        int place = legs.placeOf(leg, Direction.REPLY);
        // The answers of a node's own pod show half translated, as a leg of their own.
        Rows requests = place < 0 ? null : legs.rows(place, Direction.REQUEST);
        if (requests == null || !signs.has(Sign.Kind.RESET, leg, Direction.REPLY)) {
            return;
        }
        int reset = RowFacts.firstWith(replies, PacketView.RST);
        int answer = -1;
        int told = 0;
        for (int row = 0; row < reset; row++) {
            int next = RowFacts.sequenceEnd(replies, row);
            if (replies.length(row) > 0 && (answer < 0 || SequenceNumber.isAfter(next, told))) {
                told = next;
                answer = row;
            }
        }
        if (answer < 0 || replies.time(reset) - replies.time(answer) < LEAST_QUIET_NANOS || replies.seq(reset) != told
                || !RowFacts.acknowledged(replies, answer, requests, false)) {
            return;
        }
        for (int row = requests.count() - 1; row >= 0 && requests.time(row) > replies.time(answer); row--) {
            if (RowFacts.tells(requests, row)) {
                return;
            }
        }
        signs.add(new Sign(Sign.Kind.RESET_WHEN_QUIET, place, leg, Direction.REPLY, 1,
                replies.time(reset) - replies.time(answer),
                List.of(SeenFrame.of(replies, answer, point), SeenFrame.of(replies, reset, point))));
    }

    /** The same of SCTP's ABORT: it refuses an association or ends it, unless both sides were closing it by then. */
    private void ownAborts(int leg, Rows rows, Rows back, Direction direction, int point) {
        int abort = RowFacts.firstAbort(rows);
        int place = legs.placeOf(leg, direction);
        if (abort < 0 || place >= 0 && arrivesFromAnotherPlace(place, direction)
                || RowFacts.shutDownBefore(rows, rows.time(abort)) || RowFacts.shutDownBefore(back, rows.time(abort))) {
            return;
        }
        signs.add(new Sign(Sign.Kind.RESET, place, leg, direction, 1, rows.ttl(abort), List.of(SeenFrame.of(rows, abort, point))));
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
}
