package io.nattrail.nat;

import java.util.Arrays;

/** How well the datagrams of two exchanges fit together: by payload, identification, time and TTL. */
final class ExchangeWeights {
    /** A packet waits this long at most inside a node or between two before its translated twin shows. */
    static final long MOST_CROSSING_NANOS = 2_000_000_000L;
    /** What a pair of datagrams weighs at least that have an identification and share it. */
    static final double SAME_PACKET = 3.6;

    private static final double MILLI = 1_000_000;
    /** Far less than conntrack is ever told to remember. */
    private static final long LEAST_FORGETTING_NANOS = 1_000_000_000L;

    private final Exchanges exchanges;
    private final ClockView clocks;
    private boolean[] taken = new boolean[64];

    ExchangeWeights(Exchanges exchanges, ClockView clocks) {
        this.exchanges = exchanges;
        this.clocks = clocks;
    }

    /**
     * Whether two exchanges of the same words are two of the clients', not one before and after the NAT: a point shows both, but no
     * datagram of the one has the identification of one of the other, or, where they have none, two senders' questions have the same TTL.
     * A bridge's hook that masquerades takes no TTL either, but then nobody else says the same, or a pod was given itself.
     */
    boolean isAnother(int a, int b) {
        boolean numbered = false;
        boolean sameTtl = false;
        boolean twoSenders = exchanges.source(a) != exchanges.source(b) && !hairpin(a, b);
        for (int s = exchanges.from(a); s < exchanges.to(a); s++) {
            for (int t = exchanges.from(b); t < exchanges.to(b); t++) {
                if (exchanges.point(s) == exchanges.point(t) && exchanges.request(s) == exchanges.request(t) && exchanges.alike(s, t)) {
                    int own = exchanges.identification(s);
                    int other = exchanges.identification(t);
                    if (own != 0 && own == other) {
                        return false;
                    }
                    numbered |= own != 0 && other != 0;
                    sameTtl |= exchanges.request(s) && exchanges.ttl(s) == exchanges.ttl(t);
                }
            }
        }
        return numbered || sameTtl && twoSenders;
    }

    /**
     * Whether one of two exchanges with one destination is of a pod that called a service and was given itself: it is masqueraded next,
     * which costs no TTL where that is done from port to port of a bridge.
     */
    private boolean hairpin(int a, int b) {
        return exchanges.destination(a) == exchanges.destination(b) && exchanges.givenItself(a) != exchanges.givenItself(b);
    }

    /**
     * How well one exchange's datagrams are found again in the other's.
     *
     * @return the weight, negative if the second exchange is the one before the NAT; 0 if nothing is found again
     */
    double weigh(int a, int b) {
        int first = exchanges.from(b);
        int count = exchanges.to(b) - first;
        if (count > taken.length) {
            taken = new boolean[2 * count];
        }
        Arrays.fill(taken, 0, count, false);
        // What leaves the destination alone is a router's masquerade, and costs TTL: else they are two senders of the same words.
        boolean oneDestination = exchanges.destination(a) == exchanges.destination(b) && !hairpin(a, b);
        double weight = 0;
        int aFirst = 0;
        int asked = 0;
        for (int s = exchanges.from(a); s < exchanges.to(a); s++) {
            int best = -1;
            double bestWorth = 0;
            for (int j = 0; j < count; j++) {
                int t = first + j;
                if (!taken[j] && exchanges.alike(t, s) && exchanges.request(t) == exchanges.request(s)
                        && !(oneDestination && exchanges.ttl(t) == exchanges.ttl(s))) {
                    double worth = worth(s, t);
                    if (worth > bestWorth) {
                        bestWorth = worth;
                        best = j;
                    }
                }
            }
            if (best >= 0) {
                taken[best] = true;
                weight += bestWorth;
                aFirst += order(s, first + best);
                asked += exchanges.request(s) ? 1 : 0;
            }
        }
        // A server says the same to all who ask; two that asked it nothing in the same words are two.
        boolean onlyAnswers = asked == 0 && exchanges.asks(a) && exchanges.asks(b);
        return onlyAnswers && (oneDestination || askedAtOnePoint(a, b)) ? 0 : aFirst >= 0 ? weight : -weight;
    }

    /** Whether a point shows questions of both: one that passes it before and after the NAT says the same each time. */
    private boolean askedAtOnePoint(int a, int b) {
        for (int s = exchanges.from(a); s < exchanges.to(a); s++) {
            for (int t = exchanges.from(b); t < exchanges.to(b); t++) {
                if (exchanges.request(s) && exchanges.request(t) && exchanges.point(s) == exchanges.point(t)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** How surely two samples that are alike show one datagram; 0 if they cannot. */
    double worth(int s, int t) {
        boolean onePoint = exchanges.point(s) == exchanges.point(t);
        boolean oneClock = onePoint || clocks.known(exchanges.point(s), exchanges.point(t));
        long apart = Math.abs(exchanges.time(s) - exchanges.time(t));
        if (oneClock && apart > MOST_CROSSING_NANOS) {
            return 0;
        }
        double identity = exchanges.identification(s) == exchanges.identification(t) ? exchanges.identification(s) != 0 ? 4 : 1 : 0.25;
        double nearness = oneClock ? 1.0 / (1 + apart / MILLI) : 0.1;
        return identity * (onePoint ? 1 : 0.9) + nearness;
    }

    /** Positive if the first is before the NAT: a request loses TTL on its way in, an answer on its way out. */
    private int order(int s, int t) {
        int byTtl = Integer.compare(exchanges.ttl(s), exchanges.ttl(t));
        if (byTtl != 0) {
            return exchanges.request(s) ? 2 * byTtl : -2 * byTtl;
        }
        int byTime = Long.compare(exchanges.time(t), exchanges.time(s));
        return exchanges.request(s) ? byTime : -byTime;
    }

    /** Whether all that one exchange holds shows elsewhere as answers of another, by payload, identification and time. */
    boolean answersOf(int exchange, int other) {
        for (int s = exchanges.from(exchange); s < exchanges.to(exchange); s++) {
            if (!shows(other, s, false, true)) {
                return false;
            }
        }
        return true;
    }

    /** Whether all that one exchange holds as answers are questions of another; words alone do not tell, since a service may echo them. */
    boolean sendsOn(int exchange, int other) {
        for (int s = exchanges.from(exchange); s < exchanges.to(exchange); s++) {
            if (!exchanges.request(s) && (exchanges.identification(s) == 0 || !shows(other, s, true, false))) {
                return false;
            }
        }
        return true;
    }

    private boolean shows(int other, int s, boolean asRequest, boolean elsewhere) {
        for (int t = exchanges.from(other); t < exchanges.to(other); t++) {
            if (exchanges.request(t) == asRequest && !(elsewhere && exchanges.point(t) == exchanges.point(s)) && exchanges.alike(t, s)
                    && exchanges.identification(t) == exchanges.identification(s) && worth(s, t) > 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether one exchange had ended when the other began: a flow has them one after the other, not to choose from. Where nobody
     * masquerades, an endpoint that is chosen again has the tuple that it had before: then each is silent for a time before the other goes
     * on.
     */
    boolean apart(int a, int b) {
        return exchanges.last(a) < exchanges.first(b) || exchanges.last(b) < exchanges.first(a) || takeTurns(a, b);
    }

    private boolean takeTurns(int a, int b) {
        int ofA = exchanges.to(a) - exchanges.from(a);
        long[] times = new long[ofA + exchanges.to(b) - exchanges.from(b)];
        for (int i = 0; i < times.length; i++) {
            // The last bit, a nanosecond, tells whose it is.
            times[i] = i < ofA ? exchanges.time(exchanges.from(a) + i) & ~1L : exchanges.time(exchanges.from(b) + i - ofA) | 1;
        }
        Arrays.sort(times);
        for (int i = 1; i < times.length; i++) {
            if ((times[i] & 1) != (times[i - 1] & 1) && times[i] - times[i - 1] < LEAST_FORGETTING_NANOS) {
                return false;
            }
        }
        return true;
    }
}
