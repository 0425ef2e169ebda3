package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.CloseAll;
import io.nattrail.analysis.FlowResult;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * Lets writers of one format work on a thread of their own, so that a large case is written in the time of its slowest format. Each sees
 * the flows in order; what goes wrong is thrown to whoever sends the next flow, or at the end. A bounded number of flows waits.
 */
final class BackgroundWriter implements CaseSink, Closeable {
    private static final int BATCH = 16;
    private static final int WAITING = 4;
    private static final List<FlowResult> NO_MORE = List.of();

    private final List<ReportWriter> writers;
    private final BlockingQueue<List<FlowResult>> queue = new ArrayBlockingQueue<>(WAITING);
    private List<FlowResult> batch = new ArrayList<>(BATCH);
    private FutureTask<Void> work;
    private Thread thread;

    BackgroundWriter(List<ReportWriter> writers) {
        this.writers = List.copyOf(writers);
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        for (ReportWriter writer : writers) {
            writer.begin(header);
        }
    }

    @Override
    public void flow(FlowResult flow) throws IOException {
        batch.add(flow);
        if (batch.size() == BATCH) {
            send(batch);
            batch = new ArrayList<>(BATCH);
        }
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        write(finish());
        for (ReportWriter writer : writers) {
            writer.end(findings);
        }
    }

    /** Waits until the thread has written all it was sent; gives the flows that it was not. */
    private List<FlowResult> finish() throws IOException {
        if (work != null) {
            send(NO_MORE);
            result(work);
        }
        return batch;
    }

    @Override
    public void close() throws IOException {
        if (work != null) {
            // Does nothing to a thread that has ended. No writer is closed while the thread may still be in it.
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
        CloseAll.of(writers);
    }

    private void send(List<FlowResult> flows) throws IOException {
        if (work == null) {
            // Small cases never come here and need no thread.
            work = new FutureTask<>(this::work);
            thread = new Thread(work, "report");
            thread.setDaemon(true);
            thread.start();
        }
        try {
            while (!queue.offer(flows, 50, TimeUnit.MILLISECONDS)) {
                if (work.isDone()) {
                    result(work);
                }
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private Void work() throws IOException, InterruptedException {
        for (List<FlowResult> flows = queue.take(); flows != NO_MORE; flows = queue.take()) {
            write(flows);
        }
        return null;
    }

    private void write(List<FlowResult> flows) throws IOException {
        for (FlowResult flow : flows) {
            for (ReportWriter writer : writers) {
                writer.flow(flow);
            }
        }
    }

    /** Waits for a part of the work of a report on another thread; what went wrong in it is thrown here. */
    static <T> T result(Future<T> task) throws IOException {
        try {
            return task.get();
        } catch (InterruptedException e) {
            throw interrupted();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("a report writer failed", e.getCause());
        }
    }

    static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while reports were written");
    }
}
