package io.nattrail.nat;

import java.util.Arrays;

/**
 * Numbers filed under keys of 64 bits: a hash table with open addressing, whose entries are chains in the order in which their numbers were
 * filed. Hundreds of thousands of datagrams are compared at once; lists in a map would take most of the time to be collected again.
 */
final class Chains {
    private static final int NONE = -1;

    /** Nobody can make contents that meet at one place; what comes out does not hang on it. */
    private final long seed = System.nanoTime();

    /** The keys in the order of their first number, and the first and last link of each. */
    private long[] keys = new long[16];
    private int[] first = new int[16];
    private int[] last = new int[16];
    private int count;
    /** At a hash the key with it, or the next free place behind; one more than the key's place, 0 where none is. */
    private int[] slots = new int[32];
    private int[] values = new int[16];
    private int[] next = new int[16];
    private int links;

    /** Files a number under a key. */
    void add(long key, int value) {
        link(place(key), value);
    }

    /** Files a number unless it is the last that was filed under the key. */
    void addOnce(long key, int value) {
        int place = place(key);
        if (last[place] == NONE || values[last[place]] != value) {
            link(place, value);
        }
    }

    /** How many keys there are. */
    int count() {
        return count;
    }

    /** A key, by its place in the order of the keys' first numbers. */
    long key(int place) {
        return keys[place];
    }

    /** The first link under the key of a place. */
    int firstOf(int place) {
        return first[place];
    }

    /** The first link under a key, or a negative number: there is none. */
    int first(long key) {
        int place = slots[slot(key)] - 1;
        return place < 0 ? NONE : first[place];
    }

    /** The link behind another, or a negative number: that was the last. */
    int next(int link) {
        return next[link];
    }

    int value(int link) {
        return values[link];
    }

    private void link(int place, int value) {
        if (links == values.length) {
            values = Arrays.copyOf(values, 2 * links);
            next = Arrays.copyOf(next, 2 * links);
        }
        values[links] = value;
        next[links] = NONE;
        if (last[place] == NONE) {
            first[place] = links;
        } else {
            next[last[place]] = links;
        }
        last[place] = links++;
    }

    private int place(long key) {
        int slot = slot(key);
        if (slots[slot] > 0) {
            return slots[slot] - 1;
        }
        if (count == keys.length) {
            keys = Arrays.copyOf(keys, 2 * count);
            first = Arrays.copyOf(first, 2 * count);
            last = Arrays.copyOf(last, 2 * count);
            slots = new int[4 * count];
            for (int i = 0; i < count; i++) {
                slots[slot(keys[i])] = i + 1;
            }
            slot = slot(key);
        }
        keys[count] = key;
        last[count] = NONE;
        slots[slot] = ++count;
        return count - 1;
    }

    private int slot(long key) {
        int mask = slots.length - 1;
        int slot = (int) RowFacts.mix(key ^ seed) & mask;
        while (slots[slot] > 0 && keys[slots[slot] - 1] != key) {
            slot = slot + 1 & mask;
        }
        return slot;
    }
}
