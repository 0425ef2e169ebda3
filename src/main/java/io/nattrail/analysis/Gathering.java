package io.nattrail.analysis;

import io.nattrail.capture.FrameFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads all points of a case into their leg tables, several at a time, and all of them equally far in the time since their first frame:
 * what has ended everywhere can then be folded while the rest is not read yet. How far each goes before all pause hangs on the captures
 * only, never on the threads.
 */
final class Gathering implements AutoCloseable {
    private static final long FIRST_STRETCH_NANOS = 1_000_000_000L;
    /** A pause costs some fractions of a millisecond: not too often; memory grows in between: not too seldom. */
    private static final long FEW_FRAMES = 100_000;
    private static final long MANY_FRAMES = 300_000;

    private final int threads;
    private final long rowsToFold;
    private final Progress progress;
    private final AtomicLong done = new AtomicLong();
    private final List<PointReader> readers = new ArrayList<>();

    /** What can be done with packets while reading pauses. */
    @FunctionalInterface
    interface Pause {
        void run() throws IOException;
    }

    /** @param rowsToFold how many packets may wait before reading pauses */
    Gathering(int threads, long rowsToFold, Progress progress) {
        this.threads = threads;
        this.rowsToFold = rowsToFold;
        this.progress = progress;
    }

    void add(CaseFinder.Source source, FrameFilter filter) {
        readers.add(new PointReader(source, filter, done));
    }

    List<PointReader> readers() {
        return readers;
    }

    /** Reads everything; {@code pause} runs when many packets wait, and again when they have doubled. */
    void read(Pause pause) throws IOException {
        long total = 0;
        for (PointReader reader : readers) {
            total += size(reader);
        }
        // The largest first, so that it is not what everybody waits for at the end.
        List<PointReader> bySize = new ArrayList<>(readers);
        bySize.sort((a, b) -> Long.compare(size(b), size(a)));
        ExecutorService pool = threads < 2 || readers.size() < 2 ? null : Executors.newFixedThreadPool(Math.min(threads, readers.size()));
        try {
            long readTo = 0;
            long stretch = FIRST_STRETCH_NANOS;
            long pauseAt = rowsToFold;
            boolean together = true;
            while (!finished()) {
                long before = frames();
                readTo = readTo + stretch < readTo ? Long.MAX_VALUE : readTo + stretch;
                readTo(readTo, bySize, pool, total);
                long frames = frames() - before;
                if (frames < FEW_FRAMES) {
                    stretch = stretch > Long.MAX_VALUE / 2 ? stretch : stretch * 2;
                } else if (frames > MANY_FRAMES) {
                    stretch = Math.max(1, stretch / 2);
                }
                if (together && (finished() || rows() > pauseAt)) {
                    together = false;
                    for (PointReader reader : readers) {
                        reader.putInOrder(readTo);
                        reader.takeApart(readTo);
                    }
                }
                if (!finished() && rows() > pauseAt) {
                    pause.run();
                    pauseAt = Math.max(rowsToFold, 2 * rows());
                }
            }
        } finally {
            if (pool != null) {
                pool.shutdownNow();
            }
        }
        progress.progress(total, total);
    }

    private void readTo(long nanos, List<PointReader> bySize, ExecutorService pool, long total) throws IOException {
        List<Future<?>> running = new ArrayList<>();
        for (PointReader reader : pool == null ? readers : bySize) {
            if (reader.finished()) {
                continue;
            }
            if (pool == null) {
                reader.read(nanos);
                progress.progress(done.get(), total);
            } else {
                running.add(pool.submit(() -> {
                    reader.read(nanos);
                    return null;
                }));
            }
        }
        for (Future<?> future : running) {
            waitFor(future, total);
        }
    }

    private void waitFor(Future<?> future, long total) throws IOException {
        while (true) {
            try {
                future.get(100, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                progress.progress(done.get(), total);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while reading", e);
            } catch (ExecutionException e) {
                throw CaseAnalyzer.rethrown(e);
            }
        }
    }

    private boolean finished() {
        for (PointReader reader : readers) {
            if (!reader.finished()) {
                return false;
            }
        }
        return true;
    }

    private long frames() {
        long frames = 0;
        for (PointReader reader : readers) {
            frames += reader.frames();
        }
        return frames;
    }

    private long rows() {
        long rows = 0;
        for (PointReader reader : readers) {
            for (PointReader.Part part : reader.parts()) {
                rows += part.table().heldRows();
            }
        }
        return rows;
    }

    private static long size(PointReader reader) {
        long size = 0;
        for (Path file : reader.source().files()) {
            try {
                size += Files.size(file);
            } catch (IOException e) {
                // Opening it says so.
                continue;
            }
        }
        return size;
    }

    @Override
    public void close() throws IOException {
        for (PointReader reader : readers) {
            reader.close();
        }
    }
}
