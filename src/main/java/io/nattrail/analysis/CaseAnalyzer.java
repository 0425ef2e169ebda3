package io.nattrail.analysis;

import io.nattrail.capture.CaptureFacts;
import io.nattrail.capture.FrameFilter;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.clock.ClockFit;
import io.nattrail.cluster.ClusterFiles;
import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.deviation.CaseFacts;
import io.nattrail.deviation.CaptureJudge;
import io.nattrail.deviation.CaseJudge;
import io.nattrail.deviation.Judge;
import io.nattrail.deviation.Judgement;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FlowStore;
import io.nattrail.net.Endpoint;
import io.nattrail.path.BridgedCalls;
import io.nattrail.path.ClusterView;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplate;
import io.nattrail.path.Reconstructor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** The three movements of an analysis: gather (captures to legs), join (legs to flows), judge (flows to steps, deviations, reports). */
public final class CaseAnalyzer implements Analysis {
    private final String toolVersion;
    private final FilterCompiler filters;
    private final InputStream standardInput;
    private final MemoryLimits limits;

    /** Makes a filter of an expression; called once for each reader, since filters are confined to a thread. */
    @FunctionalInterface
    public interface FilterCompiler {
        /** @throws IOException with a message for the user if the expression cannot be used */
        FrameFilter compile(String expression) throws IOException;
    }

    /**
     * @param toolVersion as reports name it
     * @param standardInput for points whose file is {@code -}
     */
    public CaseAnalyzer(String toolVersion, FilterCompiler filters, InputStream standardInput) {
        this(toolVersion, filters, standardInput, MemoryLimits.USUAL);
    }

    CaseAnalyzer(String toolVersion, FilterCompiler filters, InputStream standardInput, MemoryLimits limits) {
        this.limits = limits;
        this.toolVersion = toolVersion;
        this.filters = filters;
        this.standardInput = standardInput;
    }

    /** For callers within a program: no filter expressions, no standard input. */
    public static CaseAnalyzer plain() {
        String version = CaseAnalyzer.class.getPackage().getImplementationVersion();
        return new CaseAnalyzer(version == null ? "development" : version, expression -> {
            throw new IOException("filter \"" + expression + "\": there is nothing here to compile it");
        }, InputStream.nullInputStream());
    }

    @Override
    public void run(CaseRequest asked, CaseSink sink, Progress progress) throws IOException {
        try (CaseInputs inputs = CaseInputs.open(asked, standardInput)) {
            try {
                run(inputs, sink, progress);
            } catch (UnreadableInputException e) {
                throw inputs.asNamed(e);
            }
        } catch (UncheckedIOException e) {
            // From where no other may be thrown, such as the store of flows.
            throw e.getCause();
        }
    }

    private void run(CaseInputs inputs, CaseSink sink, Progress progress) throws IOException {
        CaseRequest request = inputs.request();
        CaseFinder finder = CaseFinder.find(request, inputs.archives());
        ClusterIndex told = new ClusterIndex(ClusterFiles.read(finder.dumps(), finder.nodes()));
        try (FlowStore flows = new FlowStore(limits.flows(), limits.flowBytes()); Gathering gathering = new Gathering(request.threads(),
                limits.rows(), progress)) {
            for (CaseFinder.Source source : finder.sources()) {
                gathering.add(source, request.filter() == null ? null : filters.compile(request.filter()));
            }
            Joining joining = new Joining(request, told, gathering.readers(), flows, limits.crowd());
            gathering.read(joining::foldEnded);
            requirePackets(request, gathering.readers());
            CaptureSet captures = joining.finish();
            List<String> notes = new ArrayList<>(inputs.notes());
            notes.addAll(finder.notes());
            notes.addAll(told.state().notes());
            for (PointReader reader : gathering.readers()) {
                notes.addAll(reader.notes());
            }
            notes.addAll(joining.notes());
            if (request.filter() != null) {
                addFiltered(request.filter(), gathering.readers(), notes);
            }
            new Judging(request, captures, told, flows, joining.parts(), joining.reference()).run(sink, inputs.caseName(), notes);
        }
    }

    /** Whoever reads the report must know that a packet that is missing there may be in the captures. */
    private static void addFiltered(String filter, List<PointReader> readers, List<String> notes) {
        long read = read(readers);
        long kept = kept(readers);
        if (kept < read) {
            notes.add(String.format(Locale.ROOT, "--filter '%s' left out %,d of %,d frames; what only these show is missing in this "
                    + "report, on both sides of the translation", filter, read - kept, read));
        }
    }

    private static void requirePackets(CaseRequest request, List<PointReader> readers) throws NothingSelectedException {
        long read = read(readers);
        if (request.filter() != null && read > 0 && kept(readers) == 0) {
            throw NothingSelectedException.packets(read);
        }
    }

    private static long read(List<PointReader> readers) {
        return readers.stream().mapToLong(PointReader::frames).sum();
    }

    /** Frames that no filter left out. */
    private static long kept(List<PointReader> readers) {
        return readers.stream().flatMap(reader -> reader.parts().stream()).mapToLong(part -> part.table().frames()).sum();
    }

    static String fileName(String file) {
        Path name = Path.of(file).getFileName();
        return name == null ? file : name.toString();
    }

    /** Waits for a part of the work; what went wrong in it goes on here. */
    static <T> T result(Future<T> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw rethrown(e);
        }
    }

    static IOException rethrown(ExecutionException e) throws IOException {
        if (e.getCause() instanceof IOException io) {
            throw io;
        }
        if (e.getCause() instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        throw new IllegalStateException(e.getCause());
    }

    private record Judged(FlowTrace trace, Judgement judgement, FlowResult result) {
    }

    /** A flow where the entry node got it; of no path if the template is null, not located yet if the trace is. */
    private record Candidate(Flow flow, PathTemplate template, FlowTrace trace) {
    }

    /** The last movement, over all flows in order. */
    private final class Judging {
        private final CaseRequest request;
        private final CaptureSet captures;
        private final ClusterIndex told;
        private final FlowStore flows;
        private final List<PointReader.Part> parts;
        private final int reference;
        private final long[] otherPackets;
        private final long[] copies;

        Judging(CaseRequest request, CaptureSet captures, ClusterIndex told, FlowStore flows, List<PointReader.Part> parts, int reference) {
            this.request = request;
            this.captures = captures;
            this.told = told;
            this.flows = flows;
            this.parts = parts;
            this.reference = reference;
            otherPackets = new long[captures.count()];
            copies = new long[captures.count()];
        }

        /** Where no capture shows the client's side, answers or conntrack's list may tell what a translated tuple was before. */
        private Flow flow(int index) {
            Flow flow = BridgedCalls.opened(flows.get(index), captures);
            ClusterState.Connection connection = flow.translated() == null ? told.translatedTo(flow.original()) : null;
            return connection == null ? flow : flow.openedAs(connection.original());
        }

        /** The flows by time, whatever order they were folded in. */
        private int[] order() {
            Integer[] sorted = new Integer[flows.size()];
            for (int i = 0; i < sorted.length; i++) {
                sorted[i] = i;
            }
            Arrays.sort(sorted, this::byTime);
            int[] order = new int[sorted.length];
            for (int i = 0; i < order.length; i++) {
                order[i] = sorted[i];
            }
            return order;
        }

        private int byTime(int a, int b) {
            int order = Long.compare(captures.aligned(flows.startPoint(a), flows.startTime(a)),
                    captures.aligned(flows.startPoint(b), flows.startTime(b)));
            if (order == 0 && a != b) {
                Flow one = flow(a);
                Flow other = flow(b);
                order = one.original().source().compareTo(other.original().source());
                order = order != 0 ? order : one.original().destination().compareTo(other.original().destination());
                order = order != 0 ? order : one.protocol().compareTo(other.protocol());
            }
            return order;
        }

        void run(CaseSink sink, String caseName, List<String> notes) throws IOException {
            try (InOrder threads = new InOrder(request.threads())) {
                run(sink, caseName, notes, threads);
            }
        }

        private void run(CaseSink sink, String caseName, List<String> notes, InOrder threads) throws IOException {
            ClusterView.Builder seen = ClusterView.builder(told, captures);
            if (flows.held()) {
                for (int i = 0; i < flows.size(); i++) {
                    seen.add(flow(i));
                }
            } else {
                threads.run(flows.size(), this::flow, (index, flow) -> seen.add(flow));
            }
            ClusterView cluster = seen.build();
            Reconstructor reconstructor = new Reconstructor(cluster, captures);
            CaseFacts facts = new CaseFacts(cluster, captures);
            noteWhatPointsHide(facts);
            Located located = locate(reconstructor, cluster, facts, threads);
            sink.begin(new CaseHeader(caseName, toolVersion, pointResults(), noted(notes, located.unfinished),
                    new ClusterFacts(cluster).list()));
            facts.seal();
            CaseJudge whole = new CaseJudge(facts, sources());
            Judge judge = new Judge(facts);
            FlowResults results = new FlowResults(captures);
            long[] time = {Long.MAX_VALUE, Long.MIN_VALUE};
            threads.run(located.count, place -> {
                FlowTrace trace = reconstructor.complete(located.take(place));
                Judgement judgement = judge.judge(trace);
                return new Judged(trace, judgement, results.of(trace, judgement, cluster));
            }, (place, judged) -> {
                time[0] = Math.min(time[0], judged.result().startNanos());
                time[1] = Math.max(time[1], judged.result().endNanos());
                if (request.selection().accepts(judged.result())) {
                    whole.add(judged.trace(), judged.judgement());
                    sink.flow(judged.result());
                }
            });
            if (located.count > 0 && whole.counts().flows() == 0) {
                throw NothingSelectedException.connections(located.count, time[0], time[1]);
            }
            sink.end(Findings.of(whole));
        }

        /** The flows that are of a path, numbered by time; what is of none is only counted, and so is most of a flood. */
        private final class Located {
            private final Reconstructor reconstructor;
            private final ClusterView cluster;
            private final int[] indexes;
            private final List<FlowTrace> traces = new ArrayList<>();
            /** Connections that never got beyond their handshake, by what they called. */
            private final Map<Endpoint, Integer> unfinished = new TreeMap<>();
            private int count;

            Located(Reconstructor reconstructor, ClusterView cluster) {
                this.reconstructor = reconstructor;
                this.cluster = cluster;
                indexes = new int[flows.size()];
            }

            /** Whether the flow is one too many of those that never got beyond their handshake; to be asked once of each. */
            boolean ofFlood(Flow flow) {
                return flow.handshakeOnly() && unfinished.merge(flow.original().destination(), 1, Integer::sum) > limits.unfinished();
            }

            void add(int index, FlowTrace trace) {
                indexes[count++] = index;
                if (flows.held()) {
                    traces.add(trace);
                }
            }

            /** The trace with number {@code place} + 1; asked for once. */
            FlowTrace take(int place) {
                if (flows.held()) {
                    return traces.set(place, null);
                }
                Flow flow = cluster.arrived(flow(indexes[place]));
                return reconstructor.locate(place + 1, flow, reconstructor.path(flow));
            }
        }

        private List<String> noted(List<String> notes, Map<Endpoint, Integer> unfinished) {
            List<String> all = new ArrayList<>(notes);
            for (Map.Entry<Endpoint, Integer> called : unfinished.entrySet()) {
                if (called.getValue() > limits.unfinished()) {
                    all.add(String.format(Locale.ROOT, "%s: %,d connections never got beyond their handshake, as in a SYN flood; "
                            + "the first %,d are flows of this report and stand for the others, which are only counted",
                            called.getKey(), called.getValue(), limits.unfinished()));
                }
            }
            return all;
        }

        private Located locate(Reconstructor reconstructor, ClusterView cluster, CaseFacts facts, InOrder threads) throws IOException {
            Located located = new Located(reconstructor, cluster);
            int[] order = order();
            threads.run(order.length, place -> {
                Flow flow = cluster.arrived(flow(order[place]));
                PathTemplate template = reconstructor.path(flow);
                // Most of a flood is only counted.
                return new Candidate(flow, template, template == null || flow.handshakeOnly() ? null
                        : reconstructor.locate(0, flow, template));
            }, (place, candidate) -> {
                if (candidate.template == null || located.ofFlood(candidate.flow)) {
                    for (FlowLeg leg : candidate.flow.legs()) {
                        otherPackets[leg.point()] += leg.requests() + leg.replies();
                    }
                    return;
                }
                for (FlowLeg leg : candidate.flow.legs()) {
                    copies[leg.point()] += leg.copies();
                }
                int id = located.count + 1;
                FlowTrace trace = candidate.trace != null ? candidate.trace.numbered(id)
                        : reconstructor.locate(id, candidate.flow, candidate.template);
                facts.add(trace);
                located.add(order[place], trace);
            });
            return located;
        }

        private void noteWhatPointsHide(CaseFacts facts) {
            for (int i = 0; i < parts.size(); i++) {
                for (CaptureFacts file : parts.get(i).files()) {
                    facts.points().addMissed(i, file.dropped() == null ? 0 : file.dropped());
                }
            }
        }

        private List<CaptureJudge.SourceFacts> sources() {
            List<CaptureJudge.SourceFacts> sources = new ArrayList<>();
            for (PointReader.Part part : parts) {
                List<CaptureJudge.FileFacts> files = new ArrayList<>();
                for (CaptureFacts file : part.files()) {
                    files.add(new CaptureJudge.FileFacts(fileName(file.file()), file.damage(), file.dropped(), file.snapLength()));
                }
                sources.add(new CaptureJudge.SourceFacts(files, part.order().backwards(), part.order().greatestStepBack(),
                        part.table().foreignQuotes()));
            }
            return sources;
        }

        private List<PointResult> pointResults() {
            List<PointResult> results = new ArrayList<>();
            for (int i = 0; i < captures.count(); i++) {
                List<PointResult.FileResult> files = new ArrayList<>();
                for (int k = 0; k < parts.get(i).files().size(); k++) {
                    CaptureFacts file = parts.get(i).files().get(k);
                    List<PointResult.DamageResult> damage = file.damage().stream()
                            .map(d -> new PointResult.DamageResult(d.fileOffset(), d.frameNumber(), d.kind(), d.lost())).toList();
                    files.add(new PointResult.FileResult(fileName(file.file()), file.format(), file.compression(), file.linkTypes(),
                            file.packets(), file.capturedBytes(), file.wireBytes(), file.firstTimeNanos(), file.lastTimeNanos(), damage,
                            file.dropped(), file.snapLength(),
                            parts.get(i).sources().get(k)));
                }
                results.add(new PointResult(captures.point(i), files, clock(i), copies[i],
                        otherPackets[i] + parts.get(i).table().notFollowed()));
            }
            return results;
        }

        private PointResult.ClockResult clock(int point) {
            ClockFit fit = captures.clock(point);
            boolean known = fit.uncertaintyNanos() != Long.MAX_VALUE;
            return new PointResult.ClockResult(known ? fit.offsetNanos() : null, fit.drift() * 1e6, known ? fit.uncertaintyNanos() : null,
                    point == reference, fit.quality().label(), fit.minOffset() == Long.MIN_VALUE ? null : fit.minOffset(),
                    fit.maxOffset() == Long.MAX_VALUE ? null : fit.maxOffset());
        }
    }
}
