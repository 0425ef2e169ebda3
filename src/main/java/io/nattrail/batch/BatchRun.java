package io.nattrail.batch;

import io.nattrail.analysis.Analysis;
import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.FlowSelection;
import io.nattrail.capture.TemporaryFileException;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.report.ErrorText;
import io.nattrail.report.ReportOptions;
import io.nattrail.report.ReportSet;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Runs the cases of a batch side by side. A case that cannot be analyzed is a row like any other. */
public final class BatchRun {
    /** What a case takes before its first flow: buffers of its readers, pools, the writers of its reports. */
    private static final long LEAST_MEMORY = 48L << 20;
    private static final String MORE_MEMORY = "give it more: NATTRAIL_OPTS=-Xmx4g nattrail batch ... --resume";

    private final Analysis analysis;
    private final BatchOptions options;
    private final BatchListener listener;
    private final MemoryBudget memory;
    private final ConcurrentLinkedQueue<CaseRow> rows = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Job> again = new ConcurrentLinkedQueue<>();
    private final AtomicLong doneBytes = new AtomicLong();
    private final AtomicInteger doneCases = new AtomicInteger();
    private long allBytes;
    private int allCases;
    private int reused;

    private record Job(BatchCase item, CaseInput input) {
    }

    /** @param lasting whether the same files would give the same row again */
    private record Outcome(CaseRow row, boolean lasting) {
    }

    public BatchRun(Analysis analysis, BatchOptions options, BatchListener listener) {
        this.analysis = analysis;
        this.options = options;
        this.listener = listener;
        this.memory = new MemoryBudget(options.memory());
    }

    /**
     * Analyses the cases and writes reports and summary.
     *
     * @throws IOException if the folder of the reports cannot be written to
     */
    public BatchResult run(List<BatchCase> cases) throws IOException {
        try (ReportFolder folder = new ReportFolder(options.out())) {
            List<Job> jobs = plan(cases, folder);
            runAll(jobs, options.jobs(), folder, false);
            // Those that did not fit beside others, one after the other.
            runAll(List.copyOf(again), 1, folder, true);
            BatchResult result = new BatchResult(List.copyOf(rows), reused);
            try {
                new BatchSummary(options).write(result);
            } catch (IOException e) {
                throw notWritten(e);
            }
            return result;
        }
    }

    /** What is still to do, the largest first, so that the end is not one processor's. */
    private List<Job> plan(List<BatchCase> cases, ReportFolder folder) throws IOException {
        List<Job> jobs = new ArrayList<>();
        for (BatchCase item : cases) {
            CaseInput input;
            try {
                input = CaseInput.of(item, options);
            } catch (IOException e) {
                end(item, unreadable(item, e), null, folder);
                continue;
            }
            ReportFolder.Marker marker = options.resume() ? folder.finished(item) : null;
            if (marker != null && marker.fingerprint() != null && marker.fingerprint().equals(input.fingerprint())) {
                rows.add(marker.row());
                reused++;
            } else {
                jobs.add(new Job(item, input));
            }
        }
        jobs.sort(Comparator.comparingLong((Job job) -> job.input().bytes()).reversed());
        allCases = jobs.size();
        allBytes = jobs.stream().mapToLong(job -> job.input().bytes()).sum();
        return jobs;
    }

    private void runAll(List<Job> jobs, int parallel, ReportFolder folder, boolean alone) throws IOException {
        if (jobs.isEmpty()) {
            return;
        }
        ExecutorService pool = Executors.newFixedThreadPool(Math.min(parallel, jobs.size()));
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Job job : jobs) {
                running.add(pool.submit(() -> {
                    analyze(job, folder, alone);
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            pool.shutdownNow();
            awaitEnd(pool);
        }
    }

    /** Cases that still run would write into a folder that is about to go. */
    private static void awaitEnd(ExecutorService pool) {
        try {
            pool.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void analyze(Job job, ReportFolder folder, boolean alone) throws IOException, InterruptedException {
        long share = memory.take(alone ? Long.MAX_VALUE : estimate(job));
        Counter counter = new Counter(job.input().bytes());
        try {
            Outcome outcome = result(job, share, folder, counter);
            counter.end();
            doneCases.incrementAndGet();
            end(job.item(), outcome.row(), outcome.lasting() ? job.input() : null, folder);
            counter.tell();
        } catch (OutOfMemoryError e) {
            // The estimate was wrong, or another case's was. What this one held is garbage now; once it is alone, it may fit.
            if (!alone) {
                counter.undo();
                folder.discard(job.item());
                again.add(job);
            } else {
                String text = "not enough memory: the Java heap of " + Runtime.getRuntime().maxMemory() / (1 << 20) + " MB is full";
                end(job.item(), CaseRow.withoutResult(job.item(), CaseState.BROKEN, text, MORE_MEMORY), null, folder);
                counter.end();
                doneCases.incrementAndGet();
                counter.tell();
            }
        } finally {
            memory.giveBack(share);
        }
    }

    private Outcome result(Job job, long share, ReportFolder folder, Counter counter) throws IOException {
        BatchCase item = job.item();
        Path made = folder.begin(item);
        RowSink sums = new RowSink();
        // A case so large that few run beside it gets their threads too.
        int threads = Math.max(Math.max(1, options.threads() / Math.min(options.jobs(), Math.max(1, allCases))),
                (int) Math.round((double) options.threads() * share / options.memory()));
        CaseRequest request = new CaseRequest(item.inputs(), item.points(), null, null, FlowSelection.ALL, threads,
                options.formats().contains("pcapng"));
        List<String> files;
        try (ReportSet reports = new ReportSet(made, options.formats(), new ReportOptions(options.failOn()))) {
            files = reports.files();
            analysis.run(request, new Both(reports, sums, item.name()), counter::progress);
        } catch (UnreadableInputException e) {
            return new Outcome(CaseRow.withoutResult(item, CaseState.UNREADABLE, e.getMessage(), e.remedy()), true);
        } catch (IOException e) {
            return new Outcome(unreadable(item, e), false);
        } catch (RuntimeException | StackOverflowError e) {
            refuseIfOutOfMemory(e);
            // A fault of ours in one case must not cost the user the others; it is in the summary and in the exit status.
            return new Outcome(CaseRow.withoutResult(item, CaseState.BROKEN, "internal error: " + e + at(e),
                    "this is a fault of NatTrail, not of the captures; please report it: nattrail analyze shows where it happened"), false);
        }
        return new Outcome(sums.row(item, files), true);
    }

    /** Threads of the analysis may have wrapped it. */
    private static void refuseIfOutOfMemory(Throwable thrown) {
        for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError error) {
                throw error;
            }
        }
    }

    private static String at(Throwable e) {
        StackTraceElement[] trace = e.getStackTrace();
        return trace.length == 0 ? "" : " at " + trace[0];
    }

    private static CaseRow unreadable(BatchCase item, IOException e) {
        String remedy = e instanceof NoSuchFileException ? "look whether it was moved or renamed, or take the case off the list"
                : e instanceof TemporaryFileException ? "make room there or name another, and run the batch again with --resume"
                        : "make it readable, and run the batch again with --resume";
        return CaseRow.withoutResult(item, CaseState.UNREADABLE, ErrorText.of(e), remedy);
    }

    /**
     * Puts a finished case where it belongs.
     *
     * @param input null if it is to be done again in the next run, whatever its files: what the file system refused, or a fault of ours,
     *     may be gone then without a change in the files
     */
    private void end(BatchCase item, CaseRow row, CaseInput input, ReportFolder folder) throws IOException {
        if (row.error() != null) {
            folder.begin(item);
        }
        try {
            folder.finish(item, new ReportFolder.Marker(input == null ? null : input.fingerprint(), row));
        } catch (IOException e) {
            throw notWritten(e);
        }
        rows.add(row);
        listener.finished(row);
    }

    /** What the system says of a full disk names no file. */
    private IOException notWritten(IOException e) {
        return e instanceof FileSystemException ? e : new IOException(options.out() + ": cannot be written: " + ErrorText.of(e)
                + "; make room, and run the batch again with --resume", e);
    }

    /**
     * What a case takes. It grows with packets and open connections, of which size is all that is known before. Measured: 100 MB take
     * 130 MB where a million packets were cut to 96 bytes, 48 MB where they are whole.
     */
    private static long estimate(Job job) {
        return LEAST_MEMORY + job.input().unpackedBytes();
    }

    /** How much of one case is read, as a part of the whole. */
    private final class Counter {
        private final long size;
        private long counted;

        Counter(long size) {
            this.size = size;
        }

        void progress(long done, long total) {
            // The reader's total may be another measure than the files' sizes: only the share counts.
            count(total > 0 ? (long) (size * Math.min(1.0, (double) done / total)) : Math.min(size, done));
        }

        void end() {
            count(size);
        }

        void undo() {
            count(0);
        }

        private synchronized void count(long now) {
            doneBytes.addAndGet(now - counted);
            counted = now;
            tell();
        }

        void tell() {
            listener.progress(doneCases.get(), allCases, doneBytes.get(), allBytes);
        }
    }

    /** Reports and row get the same case, under the name that it has in the batch. */
    private record Both(CaseSink reports, CaseSink row, String name) implements CaseSink {
        @Override
        public void begin(CaseHeader header) throws IOException {
            CaseHeader named = new CaseHeader(name, header.toolVersion(), header.points(), header.notes(), header.cluster());
            reports.begin(named);
            row.begin(named);
        }

        @Override
        public void flow(FlowResult flow) throws IOException {
            reports.flow(flow);
            row.flow(flow);
        }

        @Override
        public void end(CaseFindings findings) throws IOException {
            reports.end(findings);
            row.end(findings);
        }
    }
}
