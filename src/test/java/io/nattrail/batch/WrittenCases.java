package io.nattrail.batch;

import io.nattrail.analysis.Analysis;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.Progress;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.deviation.Severity;
import io.nattrail.report.SampleCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Folders that look like cases, and an analysis that does what the first line of their capture says. */
public final class WrittenCases implements Analysis {
    /** Names of the folders that were analyzed, as often as they were. */
    public final ConcurrentLinkedQueue<String> analyzed = new ConcurrentLinkedQueue<>();

    /** Makes a case: {@code happy}, {@code lost}, {@code empty}, {@code garbage}, {@code fault}, {@code greedy}, {@code deep}. */
    public static Path write(Path root, String name, String content) throws IOException {
        Path folder = Files.createDirectories(root.resolve(name));
        Files.writeString(folder.resolve("client.pcap"), content);
        return folder;
    }

    @Override
    public void run(CaseRequest request, CaseSink sink, Progress progress) throws IOException {
        Path input = request.inputs().isEmpty() ? request.points().values().iterator().next().get(0) : request.inputs().get(0);
        Path capture = Files.isDirectory(input) ? input.resolve("client.pcap") : input;
        String content = Files.readString(capture);
        analyzed.add(input.getFileName().toString());
        progress.progress(content.length() / 2, content.length());
        CaseResult result = switch (content.lines().findFirst().orElse("")) {
            case "happy" -> SampleCases.happy();
            case "lost" -> SampleCases.lostBetweenNodes();
            case "empty" -> SampleCases.empty();
            case "greedy" -> {
                begin(sink);
                throw new OutOfMemoryError("greedy");
            }
            case "fault" -> {
                begin(sink);
                throw new IllegalStateException("broken invariant");
            }
            case "deep" -> {
                begin(sink);
                throw new StackOverflowError();
            }
            default -> throw new UnreadableInputException(capture.toString(), 0, "starts with 67 61, not a capture", "name a capture");
        };
        result.sendTo(sink);
        progress.progress(content.length(), content.length());
    }

    private static void begin(CaseSink sink) throws IOException {
        sink.begin(SampleCases.happy().header());
        sink.flow(SampleCases.answered(1));
    }

    static BatchOptions options(Path out, int jobs, boolean resume) {
        return new BatchOptions(out, jobs, 2, 1L << 30, resume, List.of("json", "html", "junit"), Severity.ERROR,
                "1.0");
    }

    static BatchCase item(Path folder) {
        return new BatchCase(folder.getFileName().toString(), folder.getFileName().toString(), List.of(folder), Map.of());
    }
}
