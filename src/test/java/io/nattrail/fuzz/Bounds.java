package io.nattrail.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * A small input takes little memory and time, whatever it says of itself. Time is the thread's own, so that a busy machine proves nothing.
 */
final class Bounds {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long MOST_NANOS = 5_000_000_000L;
    /** An input is read several times, and the buffer of one reading has a megabyte. */
    private static final long MOST_BYTES = 64L << 20;
    /** Jazzer's hooks, above all those of regular expressions, allocate in the thread that they watch. */
    private static final int FACTOR = Boolean.getBoolean("jazzer.hooks") ? 16 : 1;

    private Bounds() {
    }

    /** What is run for one input. */
    interface Check {
        void run(byte[] input) throws Exception;
    }

    static void within(byte[] input, Check check) {
        String excess = measure(input, check);
        // Loading a class takes memory and time too, the more where it is instrumented; it is loaded once.
        for (int again = 0; again < 2 && excess != null; again++) {
            excess = measure(input, check);
        }
        require(excess == null, excess);
    }

    private static String measure(byte[] input, Check check) {
        long thread = Thread.currentThread().getId();
        long bytes = THREADS.getThreadAllocatedBytes(thread);
        long nanos = THREADS.getCurrentThreadCpuTime();
        try {
            check.run(input);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError("an exception that no input may cause", e);
        }
        nanos = THREADS.getCurrentThreadCpuTime() - nanos;
        bytes = THREADS.getThreadAllocatedBytes(thread) - bytes;
        return nanos > FACTOR * MOST_NANOS || bytes > FACTOR * MOST_BYTES
                ? nanos / 1_000_000 + " ms and " + bytes + " bytes of memory for an input of " + input.length : null;
    }

    /** Without building the text where all is well: this runs some ten thousand times in a second. */
    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    static void same(Object one, Object other, String what) {
        if (!one.equals(other)) {
            throw new AssertionError(what + ":\n" + one + "\nand\n" + other);
        }
    }
}
