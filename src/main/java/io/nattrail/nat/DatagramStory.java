package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.QuotedError;
import io.nattrail.leg.Rows;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.List;

/** What datagrams tell of being answered, which nobody acknowledges. */
final class DatagramStory {
    private static final int LEAST_ONE_WAY = 8;
    /** So few tell it only where each says something else. */
    private static final int LEAST_SENT_ON = 3;
    /** A question in several datagrams, as for an address of each kind, is repeated with all of them. */
    private static final int LONGEST_QUESTION = 4;
    /** What only keeps a NAT's mapping is sent no sooner than every 15 s (RFC 8085, section 3.5); timers vary. */
    private static final long SOONEST_KEEP_ALIVE_NANOS = 10_000_000_000L;

    private final PlacedLegs legs;
    private final Signs signs;

    DatagramStory(PlacedLegs legs, Signs signs) {
        this.legs = legs;
        this.signs = signs;
    }

    /** What stayed unanswered, and what was asked next, become signs. */
    void tell() {
        unanswered();
        askedOn();
        oneWay();
    }

    /** Datagrams after the last answer, at the first place that shows answers. */
    private void unanswered() {
        for (int p = 0; p < legs.count(); p++) {
            Rows requests = legs.rows(p, Direction.REQUEST);
            Rows replies = legs.rows(p, Direction.REPLY);
            if (requests == null || replies == null) {
                continue;
            }
            long last = replies.time(replies.count() - 1);
            Protocol protocol = legs.loaded().get(legs.place(p).requestLeg()).leg().protocol();
            List<SeenFrame> frames = new ArrayList<>(0);
            int count = 0;
            for (int row = 0; row < requests.count(); row++) {
                if (requests.time(row) > last && !requests.laterFragment(row) && RowFacts.asks(requests, row, protocol)
                        && !RowFacts.isDouble(requests, row)) {
                    count++;
                    if (frames.size() < Sign.MOST_FRAMES) {
                        frames.add(SeenFrame.of(requests, row, legs.place(p).point()));
                    }
                }
            }
            if (count == 1 && refused(frames.get(0))) {
                signs.add(new Sign(Sign.Kind.LAST_REFUSED, p, legs.place(p).requestLeg(), Direction.REQUEST, 1, 0, frames));
            }
            if (count > 1 && (complainedOf() || !keepAlives(requests, last))) {
                signs.add(new Sign(Sign.Kind.UNANSWERED, p, legs.place(p).requestLeg(), Direction.REQUEST, count,
                        requests.time(requests.count() - 1) - last, frames));
                if (oneQuestion(requests, last)) {
                    signs.add(new Sign(Sign.Kind.ASKED_AGAIN, p, legs.place(p).requestLeg(), Direction.REQUEST, count, 0, frames));
                }
            }
            return;
        }
    }

    /**
     * Whether all datagrams after the last answer only keep the mapping of a NAT: shorter than each before, and far apart. Nobody answers
     * those of IPsec (RFC 3948, section 4), of STUN (indications, RFC 8445, section 11), of SIP phones and of WireGuard. An ICMP error
     * tells of them as of all others that nobody gets them.
     */
    private static boolean keepAlives(Rows requests, long answered) {
        int least = Integer.MAX_VALUE;
        long previous = Long.MIN_VALUE;
        for (int row = 0; row < requests.count(); row++) {
            if (requests.time(row) <= answered) {
                least = Math.min(least, requests.length(row));
                continue;
            }
            boolean soon = previous != Long.MIN_VALUE && requests.time(row) - previous < SOONEST_KEEP_ALIVE_NANOS;
            if (soon || requests.length(row) >= least) {
                return false;
            }
            previous = requests.time(row);
        }
        return least < Integer.MAX_VALUE;
    }

    /** Whether all datagrams after the last answer say the same, none before did, and each came soon after the one before. */
    private static boolean oneQuestion(Rows requests, long answered) {
        int question = requests.count() - 1;
        long next = requests.time(question);
        for (int row = question; row >= 0; row--) {
            boolean after = requests.time(row) > answered;
            if (requests.fragment(row) || !requests.whole(row) || requests.samePacket(row, requests, question) != after
                    || after && next - requests.time(row) >= SOONEST_KEEP_ALIVE_NANOS) {
                return false;
            }
            next = requests.time(row);
        }
        return true;
    }

    /** Whether an error that a host sends at once says, at the point that shows a datagram and after it, that nobody there takes it. */
    private boolean refused(SeenFrame asked) {
        for (LoadedLeg l : legs.loaded()) {
            for (QuotedError error : l.leg().errors()) {
                if (l.leg().point() == asked.point() && error.timeNanos() >= asked.timeNanos() && error.quotedFromOpener()
                        && (error.portUnreachable() || error.protocolUnreachable() || error.prohibited())) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean complainedOf() {
        for (LoadedLeg l : legs.loaded()) {
            for (QuotedError error : l.leg().errors()) {
                if (error.quotedFromOpener()) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Whoever waits for answers that do not come asks the same again, or waits longer and longer, and gives up; who sends on and on what
     * he has to say waits for none.
     */
    private void oneWay() {
        int place = mostRequests();
        Rows requests = place < 0 || legs.last(Direction.REPLY) >= 0 ? RowFacts.NONE : legs.rows(place, Direction.REQUEST);
        int count = 0;
        int others = 0;
        int repeated = 0;
        int previous = -1;
        List<SeenFrame> frames = new ArrayList<>(0);
        for (int row = 0; row < requests.count(); row++) {
            if (requests.laterFragment(row)) {
                continue;
            }
            boolean soon = previous >= 0 && requests.time(row) - requests.time(previous) < RowFacts.SOONEST_REPETITION_NANOS;
            boolean repeats = repeats(requests, row);
            others += soon || !repeats ? 1 : 0;
            repeated += repeats ? 1 : 0;
            count++;
            previous = row;
            if (frames.size() < Sign.MOST_FRAMES) {
                frames.add(SeenFrame.of(requests, row, legs.place(place).point()));
            }
        }
        if (count < LEAST_SENT_ON || count < LEAST_ONE_WAY && repeated > 0 || others * 4 < count * 3) {
            return;
        }
        long start = requests.time(0);
        long middle = requests.time(requests.count() / 2);
        long end = requests.time(previous);
        if (end - middle <= 3 * (middle - start)) {
            Sign.Kind kind = count < LEAST_ONE_WAY ? Sign.Kind.SENT_ON : Sign.Kind.ONE_WAY;
            signs.add(new Sign(kind, place, legs.place(place).requestLeg(), Direction.REQUEST, count, end - start, frames));
        }
    }

    /** The first place that shows as many requests as any, since the captures of others may have begun late or ended early; or -1. */
    private int mostRequests() {
        int most = -1;
        for (int p = legs.first(Direction.REQUEST); p >= 0; p = legs.furtherOn(p, Direction.REQUEST)) {
            most = most < 0 || legs.rows(p, Direction.REQUEST).count() > legs.rows(most, Direction.REQUEST).count() ? p : most;
        }
        return most;
    }

    private static boolean repeats(Rows rows, int row) {
        for (int earlier = Math.max(0, row - LONGEST_QUESTION); earlier < row; earlier++) {
            if (rows.length(earlier) == rows.length(row) && rows.crc(earlier) == rows.crc(row)) {
                return true;
            }
        }
        return false;
    }

    /**
     * A client that asks something else as soon as the answer can be there has got it, whether or not its own capture shows that: what it
     * waits for in vain it asks again, or gives up, after its timer.
     */
    private void askedOn() {
        int place = legs.last(Direction.REPLY);
        Rows requests = place <= 0 || legs.first(Direction.REQUEST) != 0 ? null : legs.rows(place, Direction.REQUEST);
        if (requests == null || legs.rows(0, Direction.REPLY) != null) {
            return;
        }
        Rows replies = legs.rows(place, Direction.REPLY);
        int count = 0;
        int answer = -1;
        long wait = 0;
        List<SeenFrame> frames = List.of();
        for (int row = 1; row < requests.count(); row++) {
            while (answer + 1 < replies.count() && replies.time(answer + 1) <= requests.time(row)) {
                answer++;
            }
            boolean answered = answer >= 0 && replies.time(answer) > requests.time(row - 1);
            if (answered && RowFacts.another(requests, row) && requests.time(row) - replies.time(answer) <= RowFacts.MOST_HEELS_NANOS) {
                if (count++ == 0) {
                    int point = legs.place(place).point();
                    wait = requests.time(row) - replies.time(answer);
                    frames = List.of(SeenFrame.of(replies, answer, point), SeenFrame.of(requests, row, point));
                }
            }
        }
        if (count > 0) {
            signs.add(new Sign(Sign.Kind.ASKED_ON, place, legs.place(place).requestLeg(), Direction.REQUEST, count, wait, frames));
        }
    }
}
