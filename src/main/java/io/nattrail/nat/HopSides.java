package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.net.Protocol;

/**
 * The two places of one hop of a flow, and what each shows of one direction.
 *
 * @param from index of the place nearer to the sender
 * @param to index of the place nearer to the receiver
 * @param relay whether a proxy stands between them
 * @param up the packets at {@code from}
 * @param down the packets at {@code to}
 */
record HopSides(PlacedLegs legs, int from, int to, Direction direction, boolean relay, Rows up, Rows down) {
    static HopSides of(PlacedLegs legs, int from, int to, Direction direction) {
        boolean relay = legs.relayed(from, direction) != legs.relayed(to, direction);
        return new HopSides(legs, from, to, direction, relay, legs.rows(from, direction),
                RowFacts.orNone(legs.rows(to, direction)));
    }

    /** The place nearer to the sender. */
    Place a() {
        return legs.place(from);
    }

    /** The place nearer to the receiver. */
    Place b() {
        return legs.place(to);
    }

    boolean tcp() {
        return legs.tcp();
    }

    Protocol protocol() {
        return legs.loaded().get(0).leg().protocol();
    }

    /** What a place of the hop shows of the other direction, or null. */
    Rows opposite(int place) {
        return legs.rows(place, direction.opposite());
    }

    /** What to add to a time of the first place's clock to have that of another point's, as far as the clocks are known. */
    long ahead(FoldContext context, long time, int point) {
        return a().point() == point ? 0 : context.aligned(a().point(), time) - context.aligned(point, time);
    }

    /** The difference of two points' clocks where both show something: what a packet takes that is under way for no time. */
    static long expected(FoldContext context, Rows here, int point, Rows there, int other) {
        if (point == other) {
            return 0;
        }
        if (there.count() == 0) {
            return Long.MIN_VALUE;
        }
        return there.time(0) - context.aligned(other, there.time(0)) - here.time(0) + context.aligned(point, here.time(0));
    }
}
