package io.nattrail.leg;

/**
 * The legs of a capture point by their tuples, the last of each: open addressing over two {@code long}s per key. Both directions of a
 * connection meet in one key.
 */
final class LegIndex {
    static final long SPREAD = 0x9e3779b97f4a7c15L;
    private static final int FEWEST_SLOTS = 1 << 12;

    private final long seed;
    private Leg[] slots = new Leg[FEWEST_SLOTS];
    private int occupied;

    LegIndex(long seed) {
        this.seed = seed;
    }

    /** What tells a tuple from others between the same addresses. */
    static long key(int protocol, boolean v6, int ports) {
        return (protocol & 0xffL) << 33 | (v6 ? 1L << 32 : 0) | ports & 0xffffffffL;
    }

    /**
     * The last leg of a tuple, or null.
     *
     * @param endpoints both addresses, or their numbers, the lower one first
     */
    Leg get(long endpoints, long key) {
        int mask = slots.length - 1;
        int slot = slot(endpoints, key, mask);
        Leg leg = slots[slot];
        while (leg != null && (leg.endpoints != endpoints || key(leg) != key)) {
            slot = slot + 1 & mask;
            leg = slots[slot];
        }
        return leg;
    }

    /** Takes a leg whose tuple has none yet. */
    void add(Leg leg) {
        place(leg);
        if (++occupied * 2 > slots.length) {
            Leg[] old = slots;
            slots = new Leg[old.length * 4];
            for (Leg known : old) {
                if (known != null) {
                    place(known);
                }
            }
        }
    }

    /** From now on the tuple means another leg. */
    void replace(Leg old, Leg leg) {
        int mask = slots.length - 1;
        int slot = slot(old.endpoints, key(old), mask);
        while (slots[slot] != old) {
            slot = slot + 1 & mask;
        }
        slots[slot] = leg;
    }

    void clear() {
        slots = new Leg[1 << 4];
        occupied = 0;
    }

    /**
     * Forgets the tuples of connections that are settled and whose last packet came at a time or before.
     *
     * @return when the last packet came of that of the settled ones left of which this is longest ago; {@code Long.MAX_VALUE} without any
     */
    long forgetSettled(long latest) {
        Leg[] old = slots;
        occupied = 0;
        for (Leg leg : old) {
            occupied += leg != null && stays(leg, latest) ? 1 : 0;
        }
        slots = new Leg[Math.max(FEWEST_SLOTS, Integer.highestOneBit(Math.max(1, occupied)) * 4)];
        long earliest = Long.MAX_VALUE;
        for (Leg leg : old) {
            if (leg != null && stays(leg, latest)) {
                place(leg);
                earliest = leg.settled() ? Math.min(earliest, leg.lastTime) : earliest;
            }
        }
        return earliest;
    }

    private static boolean stays(Leg leg, long latest) {
        return !leg.settled() || leg.lastTime > latest;
    }

    private void place(Leg leg) {
        int mask = slots.length - 1;
        int slot = slot(leg.endpoints, key(leg), mask);
        while (slots[slot] != null) {
            slot = slot + 1 & mask;
        }
        slots[slot] = leg;
    }

    private static long key(Leg leg) {
        return key(leg.protocol, leg.v6, leg.ports);
    }

    private int slot(long endpoints, long key, int mask) {
        long hash = ((endpoints ^ seed) * SPREAD ^ key) * SPREAD;
        return (int) (hash ^ hash >>> 32) & mask;
    }
}
