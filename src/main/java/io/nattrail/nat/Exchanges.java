package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.Rows;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Protocol;
import java.util.Arrays;
import java.util.List;

/**
 * What {@link DatagramMatcher} compares: the first datagrams, at least one, of each exchange, which is one tuple's legs at all points.
 * Exchanges and samples are numbers, and what is known of them lies side by side: a capture of DNS has hundreds of thousands.
 */
final class Exchanges {
    private static final int MOST_SAMPLES = 48;
    private static final int NONE = -1;
    private static final int SEVERAL = -2;

    private static final int REQUEST = 0x01;
    private static final int FRAGMENT = 0x02;
    private static final int CUT = 0x04;

    private final ClockView clocks;
    private final Numbering<Endpoint> endpoints = new Numbering<>();
    private final Rows rows = new Rows();
    private int count;
    private final int[] leg;
    private final FiveTuple[] tuple;
    private final int[] source;
    private final int[] destination;
    /** Of each endpoint the destination of its first exchange, or that it has several. */
    private final int[] asked;
    /** The first sample of each exchange, and behind the last one the number of all. */
    private final int[] from;
    private final int[] answers;
    private final int[] point;
    private final long[] time;
    private final long[] print;
    private final int[] size;
    private final int[] captured;
    private final int[] identification;
    private final byte[] ttl;
    private final byte[] bits;
    private boolean anyFragments;
    private boolean anyCut;

    /** @param joined which legs are already known to be one tuple's */
    Exchanges(List<Leg> legs, LegUnion joined, ClockView clocks) {
        this.clocks = clocks;
        int[] ofRoot = new int[legs.size()];
        Arrays.fill(ofRoot, NONE);
        int[] members = new int[legs.size() + 1];
        int samples = 0;
        for (int i = 0; i < legs.size(); i++) {
            if (takesPart(legs.get(i))) {
                int root = joined.root(i);
                if (ofRoot[root] == NONE) {
                    ofRoot[root] = count++;
                }
                members[ofRoot[root] + 1]++;
                samples += Math.min(legs.get(i).rowCount(), MOST_SAMPLES);
            }
        }
        for (int exchange = 0; exchange < count; exchange++) {
            members[exchange + 1] += members[exchange];
        }
        int[] ordered = new int[members[count]];
        for (int i = 0; i < legs.size(); i++) {
            if (takesPart(legs.get(i))) {
                ordered[members[ofRoot[joined.root(i)]]++] = i;
            }
        }
        leg = new int[count];
        tuple = new FiveTuple[count];
        source = new int[count];
        destination = new int[count];
        from = new int[count + 1];
        answers = new int[count];
        point = new int[samples];
        time = new long[samples];
        print = new long[samples];
        size = new int[samples];
        captured = new int[samples];
        identification = new int[samples];
        ttl = new byte[samples];
        bits = new byte[samples];
        int next = 0;
        for (int exchange = 0; exchange < count; exchange++) {
            from[exchange + 1] = from[exchange];
            leg[exchange] = joined.root(ordered[next]);
            tuple[exchange] = legs.get(ordered[next]).tuple();
            source[exchange] = endpoints.of(tuple[exchange].source());
            destination[exchange] = endpoints.of(tuple[exchange].destination());
            for (; next < members[exchange]; next++) {
                sample(exchange, legs.get(ordered[next]));
            }
        }
        asked = new int[endpoints.count()];
        Arrays.fill(asked, NONE);
        for (int exchange = 0; exchange < count; exchange++) {
            int known = asked[source[exchange]];
            asked[source[exchange]] = known == NONE || known == destination[exchange] ? destination[exchange] : SEVERAL;
        }
    }

    private static boolean takesPart(Leg leg) {
        return !leg.tcp() && leg.rowCount() > 0;
    }

    private void sample(int exchange, Leg of) {
        rows.clear();
        of.copyFirstRows(MOST_SAMPLES + RowFacts.MOST_FRAGMENTS, rows);
        int most = Math.min(rows.count(), MOST_SAMPLES);
        for (int row = 0; row < most; row++) {
            if (rows.laterFragment(row)) {
                continue;
            }
            boolean udp = of.protocol() == Protocol.UDP;
            boolean request = rows.fromSecond(row) == of.openedBySecond();
            boolean fragment = rows.fragment(row);
            long content = (long) rows.length(row) << 32 | rows.crc(row) & 0xffffffffL;
            int sample = from[exchange + 1]++;
            point[sample] = of.point();
            time[sample] = clocks.aligned(of.point(), rows.time(row));
            print[sample] = RowFacts.mix(content ^ (long) of.protocol().number() << 58 ^ (udp ? 0 : rows.seqAndAck(row)));
            size[sample] = !udp ? 0 : fragment ? RowFacts.datagramSize(rows, row) : rows.length(row);
            boolean cut = udp && !fragment && !rows.whole(row);
            captured[sample] = rows.captured(row);
            identification[sample] = rows.identification(row);
            ttl[sample] = (byte) rows.ttl(row);
            bits[sample] = (byte) ((request ? REQUEST : 0) | (fragment ? FRAGMENT : 0) | (cut ? CUT : 0));
            answers[exchange] += request ? 0 : 1;
            anyFragments |= fragment;
            anyCut |= cut;
        }
    }

    /** How many exchanges there are; their numbers begin with 0, in the order of their first leg. */
    int count() {
        return count;
    }

    /** The number of the leg that stands for an exchange. */
    int leg(int exchange) {
        return leg[exchange];
    }

    FiveTuple tuple(int exchange) {
        return tuple[exchange];
    }

    /** The number of the endpoint that asks, the same for all exchanges. */
    int source(int exchange) {
        return source[exchange];
    }

    /** The number of the endpoint that is asked. */
    int destination(int exchange) {
        return destination[exchange];
    }

    /** Whether who asks also asks elsewhere from the same port, and is asked here at its own address. */
    boolean givenItself(int exchange) {
        return asked[source[exchange]] == SEVERAL
                && tuple[exchange].source().address().equals(tuple[exchange].destination().address());
    }

    /** Whether two exchanges of one protocol have one tuple. */
    boolean sameTuple(int a, int b) {
        return source[a] == source[b] && destination[a] == destination[b];
    }

    /** The first sample of an exchange. */
    int from(int exchange) {
        return from[exchange];
    }

    /** The number behind the last sample of an exchange. */
    int to(int exchange) {
        return from[exchange + 1];
    }

    /** How many of an exchange's samples are answers. */
    int answers(int exchange) {
        return answers[exchange];
    }

    /** Whether any sample of an exchange is a question. */
    boolean asks(int exchange) {
        return answers[exchange] < to(exchange) - from(exchange);
    }

    boolean onlyAnswers(int exchange) {
        return answers[exchange] == to(exchange) - from(exchange);
    }

    /** Whether any sample shows its payload in part: the first fragment of a datagram, or one that the snap length cut. */
    boolean anyInPart() {
        return anyFragments || anyCut;
    }

    int point(int sample) {
        return point[sample];
    }

    /** When it was seen, on the common clock. */
    long time(int sample) {
        return time[sample];
    }

    /** Equal for equal payloads of one protocol. */
    long print(int sample) {
        return print[sample];
    }

    /** Equal for a datagram and what shows a part of it, of UDP; 0 if the whole datagram's size or its identification is not known. */
    long printByNumber(int sample) {
        return size[sample] == 0 || identification[sample] == 0 ? 0
                : RowFacts.mix(~((long) size[sample] << 32 | identification[sample]));
    }

    int identification(int sample) {
        return identification[sample];
    }

    int ttl(int sample) {
        return ttl[sample] & 0xff;
    }

    boolean request(int sample) {
        return (bits[sample] & REQUEST) != 0;
    }

    private boolean fragment(int sample) {
        return (bits[sample] & FRAGMENT) != 0;
    }

    private boolean cut(int sample) {
        return (bits[sample] & CUT) != 0;
    }

    /**
     * Whether two samples may show one datagram. One that was cut, put together by conntrack, or cut in other places on the way keeps its
     * identification and its size; the payload of a first fragment is another than the whole's, which in IPv6 has no identification. The
     * same is all that tells a datagram of which two snap lengths left different parts.
     */
    boolean alike(int s, int t) {
        if (print[s] == print[t]) {
            return true;
        }
        if (fragment(s) || fragment(t)) {
            return size[s] != 0 && size[s] == size[t] && (identification[s] == identification[t] ? identification[s] != 0
                    : fragment(s) != fragment(t) && identification[fragment(s) ? t : s] == 0);
        }
        return (cut(s) || cut(t)) && captured[s] != captured[t] && size[s] != 0 && size[s] == size[t] && identification[s] != 0
                && identification[s] == identification[t];
    }

    /** When the first sample of an exchange was seen. */
    long first(int exchange) {
        long first = Long.MAX_VALUE;
        for (int sample = from(exchange); sample < to(exchange); sample++) {
            first = Math.min(first, time[sample]);
        }
        return first;
    }

    /** When the last sample of an exchange was seen. */
    long last(int exchange) {
        long last = Long.MIN_VALUE;
        for (int sample = from(exchange); sample < to(exchange); sample++) {
            last = Math.max(last, time[sample]);
        }
        return last;
    }
}
