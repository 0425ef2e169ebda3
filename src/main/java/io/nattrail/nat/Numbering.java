package io.nattrail.nat;

import java.util.Arrays;

/**
 * Gives numbers from 0 on to objects, the same to equal ones: what is compared often is compared as a number.
 *
 * @param <T> has {@code equals} and {@code hashCode}
 */
final class Numbering<T> {
    /** Nobody can make objects that meet at one place; what comes out does not hang on it. */
    private final long seed = System.nanoTime();
    private Object[] objects = new Object[16];
    private int count;
    /** At a hash the number of the object with it, or the next free place behind; one more than the number, 0 where none is. */
    private int[] slots = new int[32];

    /** The number of an object, which is given one if it has none. */
    int of(T object) {
        int slot = slot(object);
        if (slots[slot] == 0) {
            if (count == objects.length) {
                grow();
                slot = slot(object);
            }
            objects[count] = object;
            slots[slot] = ++count;
        }
        return slots[slot] - 1;
    }

    /** How many numbers were given. */
    int count() {
        return count;
    }

    private void grow() {
        objects = Arrays.copyOf(objects, 2 * count);
        slots = new int[4 * count];
        for (int i = 0; i < count; i++) {
            slots[slot(objects[i])] = i + 1;
        }
    }

    private int slot(Object object) {
        int mask = slots.length - 1;
        int slot = (int) RowFacts.mix(object.hashCode() ^ seed) & mask;
        while (slots[slot] > 0 && !objects[slots[slot] - 1].equals(object)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }
}
