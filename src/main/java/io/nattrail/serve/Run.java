package io.nattrail.serve;

import io.nattrail.analysis.Progress;

/** One analysis under way: how far it is, and the means to stop it. */
final class Run implements Progress {
    /** Why an analysis is stopped. */
    enum Stop {
        DELETED, TIME, DISK, SHUTDOWN
    }

    /** Thrown into an analysis that is to stop. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped(Stop why) {
            super("stopped: " + why, null, false, false);
        }
    }

    private final Thread thread = Thread.currentThread();
    private final long began = System.nanoTime();
    private volatile long done;
    private volatile long total;
    private volatile String phase = "reading";
    private volatile Stop stop;
    private boolean ended;

    @Override
    public void progress(long bytesDone, long bytesTotal) {
        total = bytesTotal;
        done = bytesDone;
        check();
    }

    /** What goes on now: {@code unpacking}, {@code reading} or {@code writing}. */
    void phase(String now) {
        phase = now;
    }

    /** Ends the analysis here if it is to stop. */
    void check() {
        if (stop != null) {
            throw new Stopped(stop);
        }
    }

    /** Asks it to stop; the first reason counts. */
    synchronized void stop(Stop why) {
        if (stop == null && !ended) {
            stop = why;
            thread.interrupt();
        }
    }

    /** After this nothing interrupts the thread any more. */
    synchronized void end() {
        ended = true;
        Thread.interrupted();
    }

    Stop stopped() {
        return stop;
    }

    long nanos() {
        return System.nanoTime() - began;
    }

    View view() {
        long read = done;
        long all = total;
        boolean matching = all > 0 && read >= all && phase.equals("reading");
        return new View(matching ? "matching" : phase, all > 0 ? Math.min(read, all) : read, all);
    }

    /**
     * What the API tells.
     *
     * @param phase {@code unpacking}, {@code reading}, {@code matching} or {@code writing}
     * @param done bytes read
     * @param total bytes to read, 0 if unknown
     */
    record View(String phase, long done, long total) {
    }
}
