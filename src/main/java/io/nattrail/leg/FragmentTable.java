package io.nattrail.leg;

import io.nattrail.net.IpAddress;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Datagrams that came in fragments: later fragments have no ports, so the leg of the first is remembered by addresses, protocol and
 * identification (RFC 791, section 3.2). Rare, hence plain maps; bounded, the oldest trains are forgotten.
 */
final class FragmentTable {
    private static final int MOST_TRAINS = 8192;
    /** Linux waits this long for the rest (net.ipv4.ipfrag_time); after it the identification means another datagram. */
    private static final long WAIT_NANOS = 30_000_000_000L;
    /**
     * Once a datagram is whole nobody waits for more of it (ip_frag_reasm), and connected sockets, which each count from a number of their
     * own, may use its identification again: only what shows it once more on the way comes so late.
     */
    private static final long SHOWN_AGAIN_NANOS = 1_000_000_000L;

    private final Map<Key, Train> trains = new LinkedHashMap<>();

    private record Key(long sourceHigh, long sourceLow, long destinationHigh, long destinationLow, int protocol, int identification) {
        static Key of(PacketView p) {
            return new Key(p.sourceHigh(), p.sourceLow(), p.destinationHigh(), p.destinationLow(), p.protocol(), p.identification());
        }

        // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

        @Override
        public boolean equals(Object other) {
            return other instanceof Key that && identification == that.identification && sourceLow == that.sourceLow
                    && destinationLow == that.destinationLow && sourceHigh == that.sourceHigh && destinationHigh == that.destinationHigh
                    && protocol == that.protocol;
        }

        @Override
        public int hashCode() {
            long addresses = (sourceHigh * 31 + sourceLow) * 31 + destinationHigh * 31 + destinationLow;
            return (Long.hashCode(addresses) * 31 + identification) * 31 + protocol;
        }
    }

    /** What is being put together; {@code leg} is null until its first fragment comes. */
    static final class Train {
        Leg leg;
        boolean second;
        private long time;
        /** The frame that the train began with, while it has no leg. */
        private int file;
        private long number;
        private boolean v6;
        /** On all interfaces each fragment shows several times, which does not make up for another one. */
        private final Set<Integer> offsets = new HashSet<>(4);
        private long received;
        private long total = -1;
        private FragmentGap gap;
        private boolean whole;

        private Train(long time) {
            this.time = time;
        }

        private void add(PacketView p) {
            if (offsets.add(p.fragmentOffset())) {
                received += p.payloadLength() + (p.fragmentOffset() == 0 ? p.payloadStart() - p.transportStart() : 0);
            }
            if (!p.moreFragments()) {
                total = p.fragmentOffset() + (long) p.payloadLength();
            }
            if (leg != null && total >= 0 && received >= total) {
                whole = true;
                leg.complete(gap);
            }
        }
    }

    void first(PacketView p, Leg leg, boolean second, long number, int file, long time) {
        Train train = train(p, time);
        if (train.leg != leg) {
            train.leg = leg;
            train.gap = new FragmentGap(file, number, time, p.identification(), leg.openedBySecond() == second);
            leg.begin(train.gap);
        }
        train.second = second;
        train.add(p);
    }

    Train later(PacketView p, long number, int file, long time) {
        Train train = train(p, time);
        if (train.leg == null && train.offsets.isEmpty()) {
            train.file = file;
            train.number = number;
            train.v6 = p.network() == PacketView.NETWORK_IPV6;
        }
        train.add(p);
        return train;
    }

    /** Datagrams whose first fragment never came, of those that are remembered. */
    List<HeadlessDatagram> headless(int point) {
        List<HeadlessDatagram> headless = new ArrayList<>(0);
        for (Map.Entry<Key, Train> entry : trains.entrySet()) {
            Key key = entry.getKey();
            Train train = entry.getValue();
            if (train.leg == null) {
                DatagramId id = new DatagramId(IpAddress.of(train.v6, key.sourceHigh, key.sourceLow),
                        IpAddress.of(train.v6, key.destinationHigh, key.destinationLow), key.protocol, key.identification & 0xffff);
                headless.add(new HeadlessDatagram(point, id, train.file, train.number, train.time));
            }
        }
        return headless;
    }

    /** As the times of rows: what came after a clock was set becomes what it would have shown otherwise. */
    void undo(ClockStep step) {
        for (Train train : trains.values()) {
            if (train.leg == null && step.before(train.file, train.number)) {
                train.time -= step.aheadNanos();
            }
        }
    }

    private Train train(PacketView p, long time) {
        Key key = Key.of(p);
        Train train = trains.get(key);
        if (train == null || Math.abs(time - train.time) > (train.whole ? SHOWN_AGAIN_NANOS : WAIT_NANOS)) {
            train = new Train(time);
            trains.remove(key);
            trains.put(key, train);
            if (trains.size() > MOST_TRAINS) {
                trains.remove(trains.keySet().iterator().next());
            }
        }
        return train;
    }
}
