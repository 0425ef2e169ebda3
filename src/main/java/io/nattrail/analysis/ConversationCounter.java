package io.nattrail.analysis;

import io.nattrail.wire.PacketView;

/**
 * Counts distinct pairs of endpoints without keeping them: 16 bytes each, whatever the address family. Two pairs that share a 64-bit
 * fingerprint count as one; among ten million pairs that happens in one capture of 400,000.
 */
final class ConversationCounter {
    private static final int INITIAL = 1 << 10;
    /** A SYN that comes after data of its connection is at most so far before what was taken for the beginning. */
    private static final int LATE = 1 << 20;

    /** Fingerprints; 0 is free. */
    private long[] keys = new long[INITIAL];
    /** Of a pair: where the sequence numbers of its last connection begin, of those that go forward above; 0 where none was seen. */
    private long[] openings = new long[INITIAL];
    private int size;
    private long again;

    long count() {
        return size + again;
    }

    /** Counts a datagram. */
    void add(PacketView packet) {
        find(packet);
    }

    /** Counts a segment of TCP that does not open a connection; if nothing was seen before it, the connection was open already. */
    void addSegment(PacketView packet) {
        int slot = find(packet);
        int shift = forward(packet) ? 32 : 0;
        if ((int) (openings[slot] >>> shift) == 0) {
            boolean answer = (packet.flags() & PacketView.SYN) != 0;
            openings[slot] |= begin(answer ? packet.sequence() : packet.sequence() - 1) << shift;
        }
    }

    /** Counts a segment that opens a connection: with another sequence number than the last one began with, it opens another. */
    void addOpening(PacketView packet) {
        int slot = find(packet);
        int shift = forward(packet) ? 32 : 0;
        int last = (int) (openings[slot] >>> shift);
        if (last == 0) {
            openings[slot] |= begin(packet.sequence()) << shift;
        } else if (Integer.compareUnsigned(last - (int) begin(packet.sequence()), LATE) > 0) {
            again++;
            openings[slot] = begin(packet.sequence()) << shift;
        }
    }

    private static long begin(int sequence) {
        return sequence == 0 ? 1 : sequence & 0xffffffffL;
    }

    private int find(PacketView packet) {
        long key = fingerprint(packet);
        int slot = slot(keys, key);
        if (keys[slot] == 0) {
            if (++size * 2L > keys.length) {
                grow();
                slot = slot(keys, key);
            }
            keys[slot] = key;
        }
        return slot;
    }

    private static int slot(long[] keys, long key) {
        int slot = (int) key & keys.length - 1;
        while (keys[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 & keys.length - 1;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldOpenings = openings;
        keys = new long[oldKeys.length * 2];
        openings = new long[keys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                int slot = slot(keys, oldKeys[i]);
                keys[slot] = oldKeys[i];
                openings[slot] = oldOpenings[i];
            }
        }
    }

    /** Whether the source is the end that is written first. */
    private static boolean forward(PacketView packet) {
        int order = Long.compareUnsigned(packet.sourceHigh(), packet.destinationHigh());
        if (order == 0) {
            order = Long.compareUnsigned(packet.sourceLow(), packet.destinationLow());
        }
        return order == 0 ? packet.sourcePort() <= packet.destinationPort() : order < 0;
    }

    private static long fingerprint(PacketView packet) {
        long source = end(packet.network(), packet.sourceHigh(), packet.sourceLow(), packet.sourcePort());
        long destination = end(packet.network(), packet.destinationHigh(), packet.destinationLow(), packet.destinationPort());
        long first = forward(packet) ? source : destination;
        long key = mix(mix(first) + (first == source ? destination : source));
        return key == 0 ? 1 : key;
    }

    private static long end(int network, long high, long low, int port) {
        return mix(mix(mix(high + network) ^ low) + port);
    }

    /** The finalizer of SplitMix64: every bit of the result depends on every bit given. */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
