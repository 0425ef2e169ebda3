package io.nattrail.analysis;

import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.leg.Leg;
import io.nattrail.leg.LegTable;
import io.nattrail.leg.Rows;
import io.nattrail.wire.Bytes;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import io.nattrail.wire.PacketView;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes a file apart into which the captures of several places were merged, as mergecap does: it makes one interface of equal ones, and
 * nothing in the file tells any more where a frame was captured but its MAC addresses.
 *
 * <p>What one interface shows has that interface's address on every frame, and what a bridge shows hangs together by the addresses of its
 * ports. That one packet shows between two addresses and again between two others, or comes to an address and leaves it again with the same
 * TTL, as through a cloud's gateway, no single place ever sees. A host that captures and forwards takes one off the TTL; a copy made by
 * capturing keeps its addresses.
 */
final class MergedCaptures {
    private static final int LOOKED_AT_LEGS = 64;
    /** Of many legs that many at a time: a connection's two tuples begin at about the same time. */
    private static final int SIDE_BY_SIDE = 8;
    /** Packets that are looked at in all, and of each leg at least and at most so many of its first. */
    private static final int LOOKED_AT = 4096;
    private static final int LEAST_OF_LEG = 64;
    private static final int MOST_OF_LEG = 256;
    /** One odd packet proves nothing. */
    private static final int LEAST_PACKETS = 2;
    /** Two captures of one wire, not some packets that were sent twice: so many of it show twice. */
    private static final int LEAST_DOUBLED = 4;
    private static final int DOUBLED_SHARE = 5;
    /** Nobody merges more by hand: a switch's mirror port sees that many stations. */
    private static final int MOST_PLACES = 32;
    private static final int MOST_STATIONS = 4_096;
    private static final long GROUP_ADDRESS = 1L << 40;
    private static final int ADDRESSES_LENGTH = 12;
    private static final int NOWHERE = -1;
    /** Packet types of Linux cooked captures, as rows mark them. */
    private static final int COOKED_TYPE = 0xf;
    private static final int COOKED_TO_US = 1;
    private static final int COOKED_OUTGOING = 5;

    private final Map<Long, Station> stations = new HashMap<>();
    private final Map<Long, Wire> wires = new HashMap<>();
    private final List<Wire> inOrder = new ArrayList<>();
    private final Map<Long, Integer> crossings = new HashMap<>();
    private final Map<Object, Integer> places = new HashMap<>();
    private final Set<Integer> inseparable = new HashSet<>();
    private PacketSightings sightings = new PacketSightings();
    /** Whether it is of a kind that addresses do not take apart. */
    private boolean foreign;

    /** An address that frames are sent to and from. */
    static final class Station {
        private final int number;
        private Station group = this;
        /** Packets that came to it and left with the same TTL, with less, and under another tuple. */
        private int passed;
        private int routed;
        private int translated;
        private boolean transit;

        Station(int number) {
            this.number = number;
        }

        Station root() {
            Station at = this;
            while (at.group != at) {
                at = at.group;
            }
            return at;
        }

        void join(Station other) {
            other.root().group = root();
        }
    }

    /** Two stations that send to each other. */
    static final class Wire {
        private final int number;
        private final Station low;
        private final Station high;
        private int packets;
        /** Packets that it shows again, and among them those under another tuple, by who sent them. */
        private int doubled;
        private int renamedByLow;
        private int renamedByHigh;
        /** Whether any packet of it shows again, on another wire or translated. */
        private boolean related;
        /** Whether both ends' captures show it. */
        private boolean twice;
        /** Whether it may be of another place than what it hangs together with. */
        private boolean doubtful;

        Wire(int number, Station low, Station high) {
            this.number = number;
            this.low = low;
            this.high = high;
        }

        Station end(boolean second) {
            return second ? high : low;
        }

        /** Whether packets make a good part of those that it carries. */
        private boolean isMany(int some) {
            return some >= LEAST_DOUBLED && some * DOUBLED_SHARE >= packets;
        }

        private int renamed() {
            return renamedByLow + renamedByHigh;
        }

        /**
         * Whether it was captured on both sides of the bridge that translates what it carries. Where a tool has made all addresses the
         * same, everything seems to go one way.
         */
        private boolean throughNat() {
            return renamedByLow >= LEAST_PACKETS && renamedByHigh >= LEAST_PACKETS && isMany(renamed());
        }

        private boolean joins() {
            return !twice && !doubtful && !low.transit && !high.transit;
        }

        private boolean sharesWith(Wire other) {
            return low == other.low || low == other.high || high == other.low || high == other.high;
        }
    }

    private MergedCaptures() {
    }

    /**
     * Whether what was read of a point shows packets more than once, from other senders or with another TTL, or under another tuple from
     * the same sender or with no host that can have translated them: worth a closer look.
     */
    static boolean suspected(LegTable table) {
        Translations translations = new Translations();
        return count(table, (first, before, now) -> {
            if (cooked(before) != 0) {
                return false;
            }
            if (leg(before) == leg(now)) {
                return before != now;
            }
            translations.add(before, now);
            return sender(before) == sender(now);
        }) >= LEAST_PACKETS || translations.elsewhere(table);
    }

    /**
     * Who sent the packets that show under two tuples. A host that translates what passes the place of a capture sends the translated
     * request and the answer that is translated back; where nobody sends in both directions, the host is none that the capture shows, and
     * where no answer shows so, nothing tells.
     */
    private static final class Translations {
        /** By the two legs: senders of the request before and after, and of the answer. */
        private final Map<Long, int[]> senders = new HashMap<>();

        void add(long before, long now) {
            int[] of = senders.computeIfAbsent(Math.min(leg(before), leg(now)) << 32 | Math.max(leg(before), leg(now)), legs -> new int[4]);
            int direction = isRequest(now) ? 0 : 2;
            of[direction] = sender(before);
            of[direction + 1] = sender(now);
        }

        boolean elsewhere(LegTable table) {
            for (Map.Entry<Long, int[]> entry : senders.entrySet()) {
                int[] of = entry.getValue();
                boolean named = table.legs().get(entry.getKey().intValue()).tcp() && of[0] != 0 && of[1] != 0 && of[2] != 0 && of[3] != 0;
                if (named && of[0] != of[2] && of[0] != of[3] && of[1] != of[2] && of[1] != of[3]) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * Whether cooked captures of several hosts were merged: packets that one of them sent, another received. No host receives what it sent
     * but through its loopback, which has no address, and through a promiscuous bridge, which hands over what it has sent from port to
     * port: that the host received before, of the same sender.
     */
    static boolean cookedOfSeveral(LegTable table) {
        return count(table, (first, before, now) -> leg(before) == leg(now) && sender(before) != 0 && sender(now) != 0
                && isCooked(before, COOKED_OUTGOING) && isCooked(now, COOKED_TO_US)
                && !(isCooked(first, COOKED_TO_US) && sender(first) == sender(now))) >= LEAST_PACKETS;
    }

    private static boolean isCooked(long how, int type) {
        return (cooked(how) & COOKED_TYPE) == type;
    }

    private interface Again {
        /** @param first how a packet showed first of all, under whatever tuple */
        boolean tells(long first, long before, long now);
    }

    /** How often packets show again in a way that tells something; no further than it matters. */
    private static int count(LegTable table, Again again) {
        List<Leg> legs = table.legs();
        int skipped = Math.max(1, legs.size() / LOOKED_AT_LEGS) * SIDE_BY_SIDE - SIDE_BY_SIDE;
        int most = Math.max(LEAST_OF_LEG, Math.min(MOST_OF_LEG, LOOKED_AT / Math.max(1, legs.size())));
        Rows rows = new Rows();
        Map<Long, Long> ofAll = new HashMap<>();
        Map<Long, Long> ofLeg = new HashMap<>();
        int count = 0;
        for (int i = 0; i < legs.size() && count < LEAST_PACKETS; i += i % SIDE_BY_SIDE == SIDE_BY_SIDE - 1 ? 1 + skipped : 1) {
            Leg leg = legs.get(i);
            rows.clear();
            ofLeg.clear();
            leg.copyFirstRows(most, rows);
            for (int row = 0; row < rows.count(); row++) {
                long shape = (long) rows.identification(row) << 32 | (long) rows.length(row) << 8 | rows.flags(row);
                long sent = (long) rows.tsVal(row) << 32 | rows.crc(row) & 0xffffffffL;
                boolean request = rows.fromSecond(row) == leg.openedBySecond();
                long numbers = PacketSightings.mix(rows.seqAndAck(row)) + (request ? 1 : 0);
                long packet = PacketSightings.mix(PacketSightings.mix(numbers ^ shape) ^ sent);
                long how = (long) i << 41 | (request ? 1L << 40 : 0) | (long) rows.cooked(row) << 24 | (long) rows.sender(row) << 8
                        | rows.ttl(row);
                Long before = ofAll.putIfAbsent(packet, how);
                Long beforeInLeg = ofLeg.putIfAbsent(packet, how);
                boolean told = before != null && again.tells(before, before, how)
                        || beforeInLeg != null && again.tells(before, beforeInLeg, how);
                count += told ? 1 : 0;
            }
        }
        return count;
    }

    private static int cooked(long how) {
        return (int) (how >>> 24) & 0xffff;
    }

    private static long leg(long how) {
        return how >>> 41;
    }

    private static boolean isRequest(long how) {
        return (how >>> 40 & 1) != 0;
    }

    private static int sender(long how) {
        return (int) (how >>> 8) & 0xffff;
    }

    /**
     * Reads files to learn which places their frames come from.
     *
     * @return null if nothing proves that there are several
     */
    static MergedCaptures of(List<Path> files) throws IOException {
        MergedCaptures merged = new MergedCaptures();
        FrameView frame = new FrameView();
        for (Path file : files) {
            try (CaptureReader reader = CaptureReader.open(file)) {
                while (reader.next(frame)) {
                    merged.learn(frame);
                    if (merged.foreign) {
                        return null;
                    }
                }
            } catch (UnreadableInputException | FileSystemException e) {
                // Reading it for the analysis says so.
                continue;
            }
        }
        return merged.conclude() ? merged : null;
    }

    private void learn(FrameView frame) {
        if (frame.linkType() != LinkType.ETHERNET || stations.size() > MOST_STATIONS) {
            foreign = true;
            return;
        }
        long from = sender(frame);
        long to = receiver(frame);
        if (!unicast(from) || !unicast(to) || from == to || !sightings.understands(frame)) {
            return;
        }
        Station sender = stations.computeIfAbsent(from, mac -> new Station(stations.size()));
        Station receiver = stations.computeIfAbsent(to, mac -> new Station(stations.size()));
        Wire wire = wires.computeIfAbsent(key(sender, receiver), key -> {
            Wire made = new Wire(inOrder.size(), sender.number < receiver.number ? sender : receiver,
                    sender.number < receiver.number ? receiver : sender);
            inOrder.add(made);
            return made;
        });
        PacketSightings.Sighting now = sightings.add(wire, wire.high == sender, frame.timeNanos());
        boolean copy = false;
        for (PacketSightings.Sighting before = now.before(); before != null; before = before.before()) {
            copy |= compare(before, now);
        }
        // Hosts send the same reset any number of times, at once.
        if (!sightings.has(PacketView.RST)) {
            wire.doubled += copy ? 1 : 0;
            wire.packets += copy ? 0 : 1;
        }
    }

    /** @return whether the wire shows the packet again, as it was or translated in between */
    private boolean compare(PacketSightings.Sighting before, PacketSightings.Sighting now) {
        boolean sameTuple = before.tuple() == now.tuple();
        if (before.wire() == now.wire() && before.fromHigh() == now.fromHigh()) {
            // conntrack may translate a SYN that is sent again anew, but nothing of a connection that is under way.
            if (!sameTuple && !sightings.has(PacketView.SYN)) {
                now.wire().renamedByLow += now.fromHigh() ? 0 : 1;
                now.wire().renamedByHigh += now.fromHigh() ? 1 : 0;
            }
            return now.samePacket(before) && (!sameTuple || before.ttl() == now.ttl());
        }
        // Merged by clocks that differ, what came later may come first.
        boolean through = now.sender() == before.receiver();
        PacketSightings.Sighting first = through ? before : now;
        PacketSightings.Sighting second = through ? now : before;
        Station between = second.sender();
        if (between != first.receiver()) {
            if (!before.wire().sharesWith(now.wire()) && (sameTuple || sightings.tcp())) {
                cross(before.wire(), now.wire());
            }
        } else if (!sameTuple) {
            between.translated++;
            before.wire().related = true;
            now.wire().related = true;
        } else if (before.wire() != now.wire()) {
            between.passed += first.ttl() == second.ttl() ? 1 : 0;
            between.routed += first.ttl() > second.ttl() ? 1 : 0;
            cross(before.wire(), now.wire());
        }
        return false;
    }

    private void cross(Wire one, Wire other) {
        one.related = true;
        other.related = true;
        crossings.merge((long) Math.min(one.number, other.number) << 32 | Math.max(one.number, other.number), 1, Integer::sum);
    }

    private boolean conclude() {
        for (Station station : stations.values()) {
            station.transit = station.passed >= LEAST_PACKETS;
        }
        group();
        int proof = 0;
        for (Map.Entry<Long, Integer> crossing : crossings.entrySet()) {
            Wire one = inOrder.get((int) (crossing.getKey() >>> 32));
            Wire other = inOrder.get(crossing.getKey().intValue());
            proof += place(one) == place(other) ? 0 : crossing.getValue();
        }
        for (Wire wire : inOrder) {
            proof += wire.throughNat() ? wire.renamed() : 0;
        }
        if (proof < LEAST_PACKETS) {
            return false;
        }
        // Now that there are several places: routers between them are none, and where two lie on one wire each has its own share of it.
        for (Station station : stations.values()) {
            station.transit |= station.routed >= LEAST_PACKETS && station.routed >= station.translated;
        }
        for (Wire wire : inOrder) {
            wire.doubtful = !wire.related && (besideRelated(wire.low) || besideRelated(wire.high));
            wire.twice = !wire.doubtful && !wire.low.transit && !wire.high.transit && wire.isMany(wire.doubled);
        }
        group();
        for (Wire wire : inOrder) {
            boolean unsure = wire.doubtful || wire.renamed() >= LEAST_PACKETS || wire.twice && wire.low.root() == wire.high.root();
            for (Station end : List.of(wire.low, wire.high)) {
                Object place = wire.twice ? end.root() : place(wire);
                places.putIfAbsent(place, places.size());
                if (unsure) {
                    inseparable.add(places.get(place));
                }
            }
        }
        sightings = new PacketSightings();
        return places.size() <= MOST_PLACES;
    }

    /**
     * A wire of which nothing shows elsewhere may have been captured with the others at this station, or be all that another place's
     * capture shows of it.
     */
    private boolean besideRelated(Station station) {
        if (station.transit) {
            return false;
        }
        for (Wire wire : inOrder) {
            if (wire.related && (wire.low == station || wire.high == station)) {
                return true;
            }
        }
        return false;
    }

    private void group() {
        for (Station station : stations.values()) {
            station.group = station;
        }
        for (Wire wire : inOrder) {
            if (wire.joins()) {
                wire.low.join(wire.high);
            }
        }
    }

    /** What a wire's place is known by. */
    private static Object place(Wire wire) {
        Station end = wire.low.transit ? wire.high : wire.low;
        return end.transit || wire.doubtful ? wire : end.root();
    }

    /** How many places there are. */
    int count() {
        return places.size();
    }

    /** Whether nothing tells for sure that all frames of a place, and no others, were captured there. */
    boolean inseparable(int place) {
        return inseparable.contains(place);
    }

    /** The number of the place where a frame was captured, from 0; -1 if it does not matter for any connection and nothing tells. */
    int place(FrameView frame) {
        Station sender = stations.get(sender(frame));
        Station receiver = stations.get(receiver(frame));
        Wire wire = sender == null || receiver == null || sender == receiver ? null : wires.get(key(sender, receiver));
        if (wire == null) {
            return sender == null || sender.transit ? NOWHERE : places.getOrDefault(sender.root(), NOWHERE);
        }
        if (!wire.twice) {
            return places.get(place(wire));
        }
        boolean again = sightings.understands(frame) && sentBefore(sightings.add(wire, wire.high == sender, frame.timeNanos()));
        return places.get((again ? receiver : sender).root());
    }

    /** Whether the sender's own place, which saw a packet first, has shown it. */
    private static boolean sentBefore(PacketSightings.Sighting now) {
        for (PacketSightings.Sighting before = now.before(); before != null; before = before.before()) {
            if (before.sender() == now.sender() && now.samePacket(before)) {
                return true;
            }
        }
        return false;
    }

    private static long key(Station one, Station other) {
        return (long) Math.min(one.number, other.number) << 32 | Math.max(one.number, other.number);
    }

    private static long receiver(FrameView frame) {
        return frame.capturedLength() < ADDRESSES_LENGTH ? 0 : Bytes.u48(frame.buffer(), frame.start());
    }

    private static long sender(FrameView frame) {
        return frame.capturedLength() < ADDRESSES_LENGTH ? 0 : Bytes.u48(frame.buffer(), frame.start() + 6);
    }

    private static boolean unicast(long mac) {
        return mac != 0 && (mac & GROUP_ADDRESS) == 0;
    }
}
