package io.nattrail.capture;

import java.util.BitSet;

/** Some of a file's frames, by number. Filled while the file is read. */
public final class FrameNumbers {
    private final BitSet numbers = new BitSet();

    /** Adds a frame; no file that anybody merged has more of them than an {@code int} counts. */
    public void add(long number) {
        numbers.set((int) Math.min(Integer.MAX_VALUE - 1, number));
    }

    public boolean contains(long number) {
        return numbers.get((int) Math.min(Integer.MAX_VALUE - 1, number));
    }
}
