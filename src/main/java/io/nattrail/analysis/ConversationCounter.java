package io.nattrail.analysis;

import io.nattrail.wire.PacketView;

/**
 * Counts distinct pairs of endpoints without keeping them: 16 bytes each, whatever the address family. Two pairs that share a 64-bit
 * fingerprint count as one; among ten million pairs that happens in one capture of 400,000.
 */
final class ConversationCounter {
    private static final int INITIAL = 1 << 10;

    /** Fingerprints; 0 is free. */
    private long[] keys = new long[INITIAL];
    /** Of a pair: direction and initial sequence number of the last SYN seen, plus one; 0 without any. */
    private long[] openings = new long[INITIAL];
    private int size;
    private long again;

    long count() {
        return size + again;
    }

    void add(PacketView packet) {
        find(packet);
    }

    /** Counts a packet that opens a connection: with another sequence number than the last, it opens another. */
    void addOpening(PacketView packet) {
        int slot = find(packet);
        long opening = (forward(packet) ? 1L << 33 : 0) + (packet.sequence() & 0xffffffffL) + 1;
        if (openings[slot] != 0 && openings[slot] >>> 33 == opening >>> 33 && openings[slot] != opening) {
            again++;
        }
        openings[slot] = opening;
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
