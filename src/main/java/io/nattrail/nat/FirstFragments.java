package io.nattrail.nat;

import io.nattrail.leg.DatagramId;
import io.nattrail.leg.Direction;
import io.nattrail.leg.HeadlessDatagram;
import io.nattrail.leg.Rows;
import io.nattrail.net.FiveTuple;
import java.util.List;

/**
 * Datagrams that reach another point without their first fragment, which alone has the ports: there they belong to no flow. Their addresses
 * and identification tell whose they are; where a node translates, it puts fragments together first, so that none goes on alone.
 */
final class FirstFragments {
    /** As long as a packet waits at most on its way. */
    private static final long ON_THE_WAY_NANOS = 2_000_000_000L;

    private FirstFragments() {
    }

    static void sense(FoldContext context, PlacedLegs legs, Signs signs) {
        for (Direction direction : Direction.values()) {
            for (int place = 0; place < legs.count(); place++) {
                int leg = legs.place(place).leg(direction);
                Rows rows = leg < 0 ? null : legs.rows(place, direction);
                for (int row = 0; rows != null && row < rows.count(); row++) {
                    if (rows.fragment(row) && !rows.laterFragment(row)) {
                        sense(context, legs, signs, place, leg, direction, row);
                    }
                }
            }
        }
    }

    private static void sense(FoldContext context, PlacedLegs legs, Signs signs, int place, int leg, Direction direction, int row) {
        Rows rows = legs.rows(place, direction);
        int point = legs.place(place).point();
        FiveTuple called = legs.loaded().get(leg).leg().tuple();
        FiveTuple tuple = direction == Direction.REQUEST ? called : called.reversed();
        DatagramId id = new DatagramId(tuple.source().address(), tuple.destination().address(), tuple.protocol().number(),
                rows.identification(row));
        for (HeadlessDatagram other : context.headless().getOrDefault(id, List.of())) {
            long late = context.aligned(other.point(), other.timeNanos()) - context.aligned(point, rows.time(row));
            if (other.point() != point && Math.abs(late) <= ON_THE_WAY_NANOS) {
                signs.count(Sign.Kind.FIRST_FRAGMENT_LOST, place, leg, direction, 0,
                        new SeenFrame(other.point(), other.file(), other.number(), other.timeNanos()));
            }
        }
    }
}
