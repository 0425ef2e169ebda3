package io.nattrail.cli;

import io.nattrail.analysis.Analysis;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.FlowSelection;
import io.nattrail.analysis.Progress;
import io.nattrail.baseline.Baseline;
import io.nattrail.baseline.BaselineFile;
import io.nattrail.baseline.CaseProfile;
import io.nattrail.baseline.Comparison;
import io.nattrail.baseline.ComparisonText;
import io.nattrail.baseline.Grouping;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.report.PlainText;
import io.nattrail.report.ReportFile;
import io.nattrail.report.TerminalStyle;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "check", mixinStandardHelpOptions = true, versionProvider = VersionFacts.class, sortOptions = false,
        abbreviateSynopsis = true,
        description = "Compare a case with what is expected of it, and print what differs. The expectation is a YAML file that --update "
                + "writes and that may be edited or written by hand.",
        footer = {"", "Examples:",
            "  nattrail check captures/lost-between-nodes --baseline lost.yaml --update",
            "  nattrail check captures/lost-between-nodes --baseline lost.yaml",
            "  nattrail check captures/lost-between-nodes -b lost.yaml --junit check.xml",
            "", "Exit status: 0 as expected, 1 something differs, 2 wrong usage, unreadable input or baseline, 3 internal error."})
final class CheckCommand implements Callable<Integer> {
    private final Analysis analysis;
    private final Terminal terminal;

    @Parameters(paramLabel = "DIR|FILE", arity = "0..*", description = "the case: a folder with captures, or these files")
    private List<Path> inputs = new ArrayList<>();

    @Option(names = "--point", paramLabel = "NAME=FILE", description = "the capture of this point; may be repeated",
            converter = PointFile.Converter.class)
    private List<PointFile> points = new ArrayList<>();

    @Option(names = {"-b", "--baseline"}, paramLabel = "FILE", required = true, description = "what is expected, as YAML")
    private Path baselineFile;

    @Option(names = {"-u", "--update"}, description = "write what is true now into the baseline; tolerances that stand in it are kept")
    private boolean update;

    @Option(names = "--by", paramLabel = "WHAT", description = "how a new baseline tells flows apart: ${COMPLETION-CANDIDATES} (default: "
            + "endpoint); service is for captures that are taken anew, since kube-proxy chooses endpoints at random")
    private Grouping by;

    @Option(names = "--junit", paramLabel = "FILE", description = "also write the result in JUnit's XML format")
    private Path junit;

    @Option(names = {"-q", "--quiet"}, description = "print nothing but errors")
    private boolean quiet;

    @Option(names = "--color", paramLabel = "WHEN",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}: on a terminal, unless NO_COLOR is set")
    private ColorChoice color = ColorChoice.AUTO;

    @Spec
    private CommandSpec spec;

    CheckCommand(Analysis analysis, Terminal terminal) {
        this.analysis = analysis;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        CaseRequest request = request();
        Baseline earlier = earlier();
        CaseProfile profile = profile(request);
        if (update) {
            return update(earlier, profile);
        }
        Comparison comparison = Comparison.of(earlier, profile);
        if (junit != null) {
            Path folder = junit.toAbsolutePath().getParent();
            ReportFile.makeFolder(folder);
            new ComparisonText(comparison, TerminalStyle.PLAIN).junit(profile.name(), profile.toolVersion()).write(junit);
        }
        StringBuilder text = new StringBuilder();
        int differences = comparison.differences().size();
        if (differences == 0) {
            text.append(flows(profile.flows())).append(", all as ").append(PlainText.of(baselineFile.toString())).append(" says\n");
        } else {
            new ComparisonText(comparison, terminal.style(color)).print(text, baselineFile.toString(), profile.name());
            text.append('\n').append(differences == 1 ? "1 difference" : differences + " differences");
            text.append("; if it is as it should be now, ")
                    .append(earlier.complete() ? "run this again with --update\n" : "edit the baseline\n");
        }
        print(text);
        return differences == 0 ? ExitStatus.OK : ExitStatus.DEVIATIONS;
    }

    private int update(Baseline earlier, CaseProfile profile) throws IOException {
        Baseline now = earlier == null ? Baseline.of(profile, by == null ? Grouping.ENDPOINT : by)
                : by == null ? Baseline.updated(profile, earlier) : Baseline.updated(profile, earlier.by(by));
        StringBuilder text = new StringBuilder();
        if (earlier != null && earlier.by() == now.by()) {
            Comparison changes = Comparison.of(earlier, profile);
            if (!changes.differences().isEmpty()) {
                new ComparisonText(changes, terminal.style(color)).print(text, baselineFile.toString(), profile.name());
                text.append('\n');
            }
        }
        BaselineFile.write(now, baselineFile);
        text.append("wrote ").append(PlainText.of(baselineFile.toString())).append(": ").append(flows(profile.flows())).append(" in ")
                .append(now.expectations().size()).append(now.expectations().size() == 1 ? " entry\n" : " entries\n");
        print(text);
        return ExitStatus.OK;
    }

    /** The baseline as it is; null if it is to be made. */
    private Baseline earlier() throws IOException {
        if (!Files.exists(baselineFile)) {
            if (update) {
                return null;
            }
            throw wrong(baselineFile + ": no such baseline; make it with --update");
        }
        if (Files.isDirectory(baselineFile)) {
            throw wrong(baselineFile + ": is a folder; --baseline names a file, as " + baselineFile.resolve("baseline.yaml"));
        }
        Baseline earlier = BaselineFile.read(baselineFile);
        if (update && !earlier.complete()) {
            // Its author chose what matters; a full description in its place would lose just that.
            throw UnreadableInputException.atLine(baselineFile.toString(), 1,
                    "is written by hand (it does not say complete: yes), and --update "
                    + "would replace all of it", "edit it, or name another file after --baseline");
        }
        return earlier;
    }

    private CaseProfile profile(CaseRequest request) throws IOException {
        CaseProfile profile = new CaseProfile();
        if (quiet || !terminal.errInteractive()) {
            analysis.run(request, profile, Progress.NONE);
        } else {
            try (ProgressBar bar = new ProgressBar(spec.commandLine().getErr(), "reading", terminal.style(color).unicode())) {
                analysis.run(request, profile, bar);
            }
        }
        return profile;
    }

    private CaseRequest request() {
        if (inputs.isEmpty() && points.isEmpty()) {
            throw wrong("name the folder of the case, its files, or points with --point NAME=FILE");
        }
        if (by != null && !update) {
            throw wrong("--by is for --update; otherwise the baseline says how flows are told apart");
        }
        if (update && junit != null) {
            throw wrong("--junit is for a comparison, not for --update");
        }
        Map<String, List<Path>> files = new LinkedHashMap<>();
        for (PointFile point : points) {
            files.computeIfAbsent(point.name(), name -> new ArrayList<>()).add(point.file());
        }
        return new CaseRequest(inputs, files, null, null, FlowSelection.ALL, Runtime.getRuntime().availableProcessors(), false);
    }

    private void print(StringBuilder text) {
        if (!quiet) {
            PrintWriter stdout = spec.commandLine().getOut();
            stdout.print(text);
            stdout.flush();
        }
    }

    private static String flows(long number) {
        return number + (number == 1 ? " flow" : " flows");
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
