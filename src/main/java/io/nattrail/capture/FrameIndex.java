package io.nattrail.capture;

import io.nattrail.wire.FrameView;
import java.util.Arrays;

/**
 * Where some of a capture's frames begin, about one for every {@value #DISTANCE} bytes: who wants a few frames again need not read all
 * before them. Filled while the capture is read; 24 bytes for each place.
 */
public final class FrameIndex {
    private static final long DISTANCE = 1 << 16;

    private long[] numbers = new long[16];
    private long[] offsets = new long[16];
    private int[] interfaces = new int[16];
    private int size;
    private long next;

    /** Offset in the uncompressed stream from which on a frame is worth remembering. */
    public long next() {
        return next;
    }

    /**
     * Remembers a frame.
     *
     * @param known interfaces that the file has described before it
     */
    public void add(FrameView frame, int known) {
        if (size == numbers.length) {
            numbers = Arrays.copyOf(numbers, size * 2);
            offsets = Arrays.copyOf(offsets, size * 2);
            interfaces = Arrays.copyOf(interfaces, size * 2);
        }
        numbers[size] = frame.number();
        offsets[size] = frame.fileOffset();
        interfaces[size++] = known;
        next = frame.fileOffset() + DISTANCE;
    }

    /** Bytes of the uncompressed stream to be read before a frame, but for less than the distance of two places. */
    public long offsetBefore(long number) {
        int place = place(number);
        return place < 0 ? 0 : offsets[place];
    }

    /** The last place that is not behind a frame, or -1. */
    int place(long number) {
        int found = Arrays.binarySearch(numbers, 0, size, number);
        return found >= 0 ? found : -found - 2;
    }

    long number(int place) {
        return numbers[place];
    }

    long offset(int place) {
        return offsets[place];
    }

    int interfaces(int place) {
        return interfaces[place];
    }
}
