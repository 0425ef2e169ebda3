package io.nattrail.leg;

import io.nattrail.net.IpAddress;
import java.util.Arrays;

/**
 * Gives IPv6 addresses small numbers, so that both families have keys of one shape. Grows with the distinct addresses; confined to a
 * thread.
 */
final class AddressTable {
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private final long seed;
    private long[] halves = new long[64];
    private int[] slots = new int[64];
    private int size;

    AddressTable(long seed) {
        this.seed = seed;
    }

    /** The number of an address, given on first sight. */
    int intern(long high, long low) {
        int mask = slots.length - 1;
        int slot = slot(high, low, mask);
        while (slots[slot] != 0) {
            int id = slots[slot] - 1;
            if (halves[2 * id] == high && halves[2 * id + 1] == low) {
                return id;
            }
            slot = slot + 1 & mask;
        }
        if (2 * size >= halves.length) {
            halves = Arrays.copyOf(halves, halves.length * 2);
        }
        halves[2 * size] = high;
        halves[2 * size + 1] = low;
        slots[slot] = ++size;
        if (size * 2 > slots.length) {
            grow();
        }
        return size - 1;
    }

    IpAddress address(int id) {
        return IpAddress.v6(halves[2 * id], halves[2 * id + 1]);
    }

    private void grow() {
        int[] larger = new int[slots.length * 2];
        int mask = larger.length - 1;
        for (int id = 0; id < size; id++) {
            int slot = slot(halves[2 * id], halves[2 * id + 1], mask);
            while (larger[slot] != 0) {
                slot = slot + 1 & mask;
            }
            larger[slot] = id + 1;
        }
        slots = larger;
    }

    private int slot(long high, long low, int mask) {
        long hash = ((high ^ seed) * SPREAD ^ low) * SPREAD;
        return (int) (hash ^ hash >>> 32) & mask;
    }
}
