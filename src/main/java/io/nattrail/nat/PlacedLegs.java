package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import java.util.List;

/**
 * The loaded legs of one flow and its places in the order of the path. "On" and "back" are said as the packets of a direction go: requests
 * to higher places, answers to lower ones.
 */
final class PlacedLegs {
    private final List<LoadedLeg> loaded;
    private final List<Place> places;
    private final List<LoadedLeg> apart;
    private final List<LoadedLeg> moved;
    private final TcpStream[] streams;
    /** Behind the packet that was found last at no place: the next one mostly stands there, however long the leg is. */
    private int shownNext;

    /**
     * @param apart legs at no place, begun by a SYN of their own or by a datagram
     * @param moved legs at no place, at a node to which the connection was moved
     */
    PlacedLegs(List<LoadedLeg> loaded, List<Place> places, List<LoadedLeg> apart, List<LoadedLeg> moved) {
        this.loaded = loaded;
        this.places = places;
        this.apart = apart;
        this.moved = moved;
        this.streams = new TcpStream[2 * loaded.size()];
    }

    List<LoadedLeg> loaded() {
        return loaded;
    }

    boolean tcp() {
        return loaded.get(0).leg().tcp();
    }

    int count() {
        return places.size();
    }

    Place place(int place) {
        return places.get(place);
    }

    /** The rows of a place in one direction, at least one, or null. */
    Rows rows(int place, Direction direction) {
        int leg = places.get(place).leg(direction);
        return leg < 0 ? null : loaded.get(leg).rows(direction);
    }

    /** Takes the marked rows of a place out, which its capture made. */
    void takeOut(int place, Direction direction, boolean[] copies) {
        loaded.get(places.get(place).leg(direction)).takeOut(direction, copies);
    }

    /** Whether a place shows a direction behind a proxy in the kernel. */
    boolean relayed(int place, Direction direction) {
        int leg = places.get(place).leg(direction);
        return leg >= 0 && loaded.get(leg).relayed();
    }

    /** The bytes of one direction that a place shows. */
    TcpStream stream(int place, Direction direction) {
        int leg = places.get(place).leg(direction);
        if (leg < 0) {
            return TcpStream.of(RowFacts.NONE);
        }
        int slot = 2 * leg + direction.ordinal();
        if (streams[slot] == null) {
            streams[slot] = TcpStream.of(loaded.get(leg).rows(direction));
        }
        return streams[slot];
    }

    /**
     * Whether a packet that one place shows went on, there or at the next, under a translation of its own that is at no place, or to
     * another node; behind the NAT of one point everything did that came once there was one.
     */
    boolean wentApart(Rows rows, int row, Direction direction, Place here, Place next) {
        for (LoadedLeg leg : apart) {
            boolean there = leg.leg().point() == next.point();
            if (!there && leg.leg().point() != here.point()) {
                continue;
            }
            if (tcp() && there && here.point() == next.point() && rows.time(row) >= leg.leg().firstTime()) {
                return true;
            }
            if (shows(leg, direction, rows, row)) {
                return true;
            }
        }
        return wentElsewhere(rows, row, direction);
    }

    /** Whether another node, to which the connection was moved, shows a packet of one place. */
    boolean wentElsewhere(Rows rows, int row, Direction direction) {
        for (LoadedLeg leg : moved) {
            if (shows(leg, direction, rows, row)) {
                return true;
            }
        }
        return false;
    }

    private boolean shows(LoadedLeg leg, Direction direction, Rows rows, int row) {
        Rows others = leg.rows(direction);
        int other = shownNext < others.count() ? shownNext : 0;
        for (int looked = 0; looked < others.count(); looked++) {
            if (rows.identification(row) == others.identification(other) && rows.samePacket(row, others, other)) {
                shownNext = other + 1;
                return true;
            }
            other = other + 1 < others.count() ? other + 1 : 0;
        }
        return false;
    }

    /** The place where a leg carries a direction, or -1. */
    int placeOf(int leg, Direction direction) {
        for (int p = 0; p < places.size(); p++) {
            if (places.get(p).leg(direction) == leg) {
                return p;
            }
        }
        return -1;
    }

    /** The place nearest to the sender that shows packets of a direction, or -1. */
    int first(Direction direction) {
        return next(direction == Direction.REQUEST ? -1 : places.size(), step(direction), direction);
    }

    /**
     * The place nearest to the sender that shows more of a direction than SYN, FIN and RST: whatever further places show passed those
     * before it, whose filter of flags hides it. The very first where all show no more than that.
     */
    int firstTelling(Direction direction) {
        for (int p = first(direction); p >= 0; p = furtherOn(p, direction)) {
            if (RowFacts.moreThanFlags(rows(p, direction))) {
                return p;
            }
        }
        return first(direction);
    }

    /** The place furthest along the way that shows packets of a direction, or -1. */
    int last(Direction direction) {
        return next(direction == Direction.REQUEST ? places.size() : -1, -step(direction), direction);
    }

    /** The nearest place further on that shows packets of a direction, or -1. */
    int furtherOn(int place, Direction direction) {
        return next(place, step(direction), direction);
    }

    /** The rows of the nearest place further back that shows packets of a direction, or null. */
    Rows furtherBack(int place, Direction direction) {
        return rowsOrNull(next(place, -step(direction), direction), direction);
    }

    /** The rows of the first place, seen from the client, that shows packets of a direction, or null. */
    Rows nearestToClient(Direction direction) {
        return rowsOrNull(next(-1, 1, direction), direction);
    }

    private Rows rowsOrNull(int place, Direction direction) {
        return place < 0 ? null : rows(place, direction);
    }

    private int next(int place, int step, Direction direction) {
        for (int p = place + step; p >= 0 && p < places.size(); p += step) {
            if (places.get(p).leg(direction) >= 0) {
                return p;
            }
        }
        return -1;
    }

    private static int step(Direction direction) {
        return direction == Direction.REQUEST ? 1 : -1;
    }
}
