package io.nattrail.serve;

import io.nattrail.analysis.Analysis;
import io.nattrail.analysis.CaseArchive;
import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FileTree;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.FlowSelection;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.report.ReportOptions;
import io.nattrail.report.ReportSet;
import io.nattrail.report.ReportWriters;
import io.nattrail.report.Unexplained;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Analyses cases, a few at a time, in the order in which they came; stops those that take too long, fill the disk or were deleted. */
final class CaseRunner implements Closeable {
    private static final String PCAPNG = "pcapng";
    private static final long WATCH_MILLIS = 200;

    private final Analysis analysis;
    private final CaseStore store;
    private final Limits limits;
    private final Metrics metrics;
    private final ServeLog log;
    private final int threads;
    private final ExecutorService workers;
    private final ScheduledExecutorService watch;
    private final Set<Run> runs = ConcurrentHashMap.newKeySet();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean closed;

    CaseRunner(Analysis analysis, CaseStore store, ServeSettings settings, Metrics metrics, ServeLog log) {
        this.analysis = analysis;
        this.store = store;
        this.limits = settings.limits();
        this.metrics = metrics;
        this.log = log;
        this.threads = Math.max(1, Runtime.getRuntime().availableProcessors() / settings.jobs());
        AtomicInteger number = new AtomicInteger();
        workers = Executors.newFixedThreadPool(settings.jobs(), task -> new Thread(task, "analysis-" + number.incrementAndGet()));
        watch = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "analysis-watch");
            thread.setDaemon(true);
            return thread;
        });
        watch.scheduleWithFixedDelay(this::look, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Puts a case into the queue. */
    void submit(CaseStore.Entry entry) {
        waiting.incrementAndGet();
        workers.execute(() -> {
            waiting.decrementAndGet();
            if (!closed) {
                work(entry);
            }
        });
    }

    /** How many cases wait. */
    int waiting() {
        return waiting.get();
    }

    /** How many are being analyzed. */
    int running() {
        return runs.size();
    }

    private void look() {
        for (Run run : runs) {
            store.changed();
            if (run.nanos() > limits.analysisTime().toNanos()) {
                run.stop(Run.Stop.TIME);
            }
            try {
                if (store.quota().full()) {
                    run.stop(Run.Stop.DISK);
                }
            } catch (IOException e) {
                log.log("the disk's free space cannot be told: " + e.getMessage());
            }
        }
    }

    private void work(CaseStore.Entry entry) {
        try {
            Run run = store.begin(entry);
            if (run != null) {
                runs.add(run);
                if (closed) {
                    run.stop(Run.Stop.SHUTDOWN);
                }
                try {
                    analyze(entry, run);
                } finally {
                    runs.remove(run);
                }
            }
        } catch (IOException | RuntimeException e) {
            store.lost(entry, new CaseRecord.Fault("the record of the case cannot be written on the server",
                    "make room on its disk and start it again: then it analyzes the case"));
            log.log("case " + entry.id() + ": its state cannot be kept: " + e, e instanceof RuntimeException ? e : null);
            metrics.analyzed("failed", 0);
        }
    }

    private void analyze(CaseStore.Entry entry, Run run) throws IOException {
        CaseRecord.Fault fault;
        try {
            CaseRecord done = analyseUnguarded(entry, run);
            store.done(entry, done);
            metrics.analyzed("done", run.nanos());
            log.log("case %s: %d flows: %d ok, %d degraded, %d failed, %d undetermined, in %.1f s".formatted(entry.id(),
                    done.summary().flows(), done.summary().ok(), done.summary().degraded(), done.summary().failed(),
                    done.summary().undetermined(), run.nanos() / 1e9));
            return;
        } catch (UnreadableInputException e) {
            fault = new CaseRecord.Fault(relative(entry, e.getMessage()), relative(entry, e.remedyForSender()));
        } catch (IOException e) {
            fault = new CaseRecord.Fault(relative(entry, e.getMessage() == null ? e.toString() : e.getMessage()),
                    "see the server's messages, then upload the case again");
        } catch (OutOfMemoryError e) {
            fault = new CaseRecord.Fault("not enough memory: the Java heap of " + Sizes.of(Runtime.getRuntime().maxMemory()) + " is full",
                    "give the server more: NATTRAIL_OPTS=-Xmx4g nattrail serve");
        } catch (RuntimeException | Error e) {
            // Also errors such as a native library that cannot be loaded: the case says so, and the others go on.
            fault = new CaseRecord.Fault("internal error: " + relative(entry, e.toString()),
                    "this is a fault of NatTrail, not of your captures; please report it with the server's messages");
            if (run.stopped() == null) {
                log.log("case " + entry.id() + ": internal error", e);
            }
        }
        ended(entry, run, fault);
    }

    private void ended(CaseStore.Entry entry, Run run, CaseRecord.Fault fault) throws IOException {
        Run.Stop stop = run.stopped();
        long nanos = run.nanos();
        run.end();
        if (stop == Run.Stop.SHUTDOWN) {
            store.undone(entry, entry.record().queued());
            return;
        }
        CaseRecord.Fault told = stop == null ? fault : switch (stop) {
            case DELETED -> new CaseRecord.Fault("deleted", "");
            case TIME -> new CaseRecord.Fault("the analysis took longer than " + words(limits.analysisTime()),
                    "start the server with a greater --max-analysis-time, or run nattrail analyze on the files");
            default -> new CaseRecord.Fault("the disk is full", "delete cases that are no longer needed, then upload the case again");
        };
        store.undone(entry, entry.record().failed(CaseStore.now(), told));
        metrics.analyzed(stop == Run.Stop.DELETED ? "deleted" : "failed", nanos);
        log.log("case " + entry.id() + ": " + told.what());
    }

    private CaseRecord analyseUnguarded(CaseStore.Entry entry, Run run) throws IOException {
        CaseRecord record = entry.record();
        List<String> formats = new ArrayList<>(ReportWriters.formats());
        if (!record.annotate()) {
            formats.remove(PCAPNG);
        }
        Path folder = entry.newReports();
        Watched sink;
        List<String> files;
        try (Archives archives = new Archives(entry, run); ReportSet reports = new ReportSet(folder, formats, ReportOptions.DEFAULT)) {
            files = reports.files();
            CaseRequest request = request(entry, record, archives);
            sink = new Watched(reports, record.name(), archives.notes, run);
            analysis.run(request, sink, run);
        }
        run.check();
        if (sink.findings == null) {
            throw new IllegalStateException("the analysis ended without findings");
        }
        return record.done(CaseStore.now(), CaseStore.written(folder, files), sink.counts(), sink.cause(), sink.notes);
    }

    private CaseRequest request(CaseStore.Entry entry, CaseRecord record, Archives archives) throws IOException {
        List<Path> inputs = new ArrayList<>();
        Map<String, List<Path>> points = new LinkedHashMap<>();
        for (CaseRecord.InputFile file : record.files()) {
            Path path = entry.input().resolve(file.file());
            if (file.point() == null) {
                inputs.add(archives.unpacked(path));
            } else {
                points.computeIfAbsent(file.point(), point -> new ArrayList<>()).add(path);
            }
        }
        return new CaseRequest(inputs, points, null, null, FlowSelection.ALL, threads, record.annotate());
    }

    /** Archives among the files of a case, unpacked beside them for as long as it is analyzed. */
    private final class Archives implements Closeable {
        private final CaseStore.Entry entry;
        private final Run run;
        private final List<CaseArchive> open = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();

        Archives(CaseStore.Entry entry, Run run) {
            this.entry = entry;
            this.run = run;
        }

        /** The folder with what the file holds, if it is an archive; else the file. */
        Path unpacked(Path file) throws IOException {
            if (!CaseArchive.isArchive(file)) {
                return file;
            }
            run.phase("unpacking");
            CaseArchive.Limits usual = CaseArchive.Limits.USUAL;
            long room = Math.min(store.quota().usable() - limits.freeBytes(), limits.dataBytes() - store.quota().used());
            CaseArchive archive = CaseArchive.unpack(file, Folders.own(entry.unpacked()), new CaseArchive.Limits(usual.entries(),
                    Math.max(1, Math.min(room, usual.bytes())), usual.ratio(), usual.bytesBeforeRatio(), usual.header()));
            open.add(archive);
            notes.addAll(archive.notes());
            run.phase("reading");
            return archive.folder();
        }

        @Override
        public void close() throws IOException {
            for (CaseArchive archive : open) {
                archive.close();
            }
            FileTree.remove(entry.unpacked());
        }
    }

    /** A message without the server's own folders. Each archive is unpacked in one more, of a random name. */
    private static String relative(CaseStore.Entry entry, String message) {
        String archive = Pattern.quote(entry.unpacked() + File.separator) + "[^\\s:/\\\\]+";
        return message.replace(entry.input() + File.separator, "").replace(entry.input().toString(), "the case")
                .replaceAll(archive + Pattern.quote(File.separator), "").replaceAll(archive, "the case");
    }

    private static String words(Duration time) {
        return time.toSeconds() % 60 == 0 ? time.toMinutes() + " min" : time.toSeconds() + " s";
    }

    /** Passes the case on under the client's name for it, and keeps what the list of cases shows. */
    private static final class Watched implements CaseSink {
        private final CaseSink next;
        private final String name;
        private final Run run;
        private final Unexplained unexplained = new Unexplained();
        private final SortedSet<String> failedSteps = new TreeSet<>();
        private List<String> notes;
        private CaseFindings findings;

        Watched(CaseSink next, String name, List<String> notes, Run run) {
            this.next = next;
            this.name = name;
            this.notes = notes;
            this.run = run;
        }

        @Override
        public void begin(CaseHeader header) throws IOException {
            run.phase("writing");
            run.check();
            notes = Stream.concat(notes.stream(), header.notes().stream()).toList();
            next.begin(new CaseHeader(name, header.toolVersion(), header.points(), notes, header.cluster()));
        }

        @Override
        public void flow(FlowResult flow) throws IOException {
            run.check();
            unexplained.add(flow);
            if (flow.failedStep() != null) {
                failedSteps.add(flow.failedStep());
            }
            next.flow(flow);
        }

        @Override
        public void end(CaseFindings found) throws IOException {
            run.check();
            next.end(found);
            findings = found;
        }

        private CaseRecord.Counts counts() {
            CaseFindings.Summary summary = findings.summary();
            return new CaseRecord.Counts(summary.flows(), summary.ok(), summary.degraded(), summary.failed(), summary.undetermined(),
                    List.copyOf(failedSteps));
        }

        private CaseFindings.RootCause cause() {
            return unexplained.first(findings.summary().rootCauses());
        }
    }

    /** Stops what runs; it is analyzed anew by the next server, as is what waits. */
    @Override
    public void close() throws IOException {
        closed = true;
        watch.shutdownNow();
        workers.shutdown();
        for (Run run : runs) {
            run.stop(Run.Stop.SHUTDOWN);
        }
        try {
            if (!workers.awaitTermination(20, TimeUnit.SECONDS)) {
                log.log("an analysis did not stop in time; the next start begins it anew");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
