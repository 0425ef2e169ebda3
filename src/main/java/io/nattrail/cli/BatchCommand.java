package io.nattrail.cli;

import io.nattrail.analysis.Analysis;
import io.nattrail.batch.BatchCase;
import io.nattrail.batch.BatchListener;
import io.nattrail.batch.BatchOptions;
import io.nattrail.batch.BatchResult;
import io.nattrail.batch.BatchRun;
import io.nattrail.batch.CaseFolders;
import io.nattrail.batch.CaseList;
import io.nattrail.batch.CaseRow;
import io.nattrail.report.PlainText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "batch", mixinStandardHelpOptions = true, versionProvider = VersionFacts.class, sortOptions = false,
        abbreviateSynopsis = true,
        description = "Analyze many cases side by side, and write an index of them with the worst first. A case that cannot be read is "
                + "reported and stops no other.",
        footer = {"", "Examples:",
            "  nattrail batch captures --out reports",
            "  nattrail batch captures --out reports --resume",
            "  nattrail batch --list cases.csv --out reports --jobs 4 --fail-on warning",
            "", "Exit status: the greatest of all cases: 0 no deviation at or above --fail-on, 1 some (a failed connection "
                + "counts as an error), 2 a case that cannot be read, 3 internal error; 130 stopped by Ctrl-C, --resume goes on."})
final class BatchCommand implements Callable<Integer> {
    /** Of the heap; the rest is for what the cases have in common, and room for the collector. */
    private static final double SHARE_OF_HEAP = 0.75;

    private final Analysis analysis;
    private final Terminal terminal;

    @Parameters(paramLabel = "DIR|ARCHIVE", arity = "0..*",
            description = "folders to look through, or archives: a folder that holds capture files is a case, and so is a tar or zip "
            + "archive; a folder of folders is looked into")
    private List<Path> folders = new ArrayList<>();

    @Option(names = "--list", paramLabel = "CSV", description = "a list of cases with the columns name and path, and perhaps one for each "
            + "capture point (client, node1-eth0, ...) with its files")
    private Path list;

    @Option(names = {"-o", "--out"}, paramLabel = "REPORTS", required = true, description = "folder for the index and the reports, made if "
            + "needed")
    private Path out;

    @Option(names = {"-j", "--jobs"}, paramLabel = "N",
            description = "cases at once (default: as many as there are processors); fewer run "
            + "while memory is short")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(names = "--resume", description = "keep what an earlier run finished, unless its captures, the options or the version changed")
    private boolean resume;

    @Option(names = "--formats", paramLabel = "LIST", split = ",",
            description = "which reports to write for each case, comma separated: json, csv, html, md, junit, pcapng, "
            + "none (default: all but pcapng)")
    private List<String> formats = new ArrayList<>();

    @Option(names = "--fail-on", paramLabel = "SEVERITY",
            description = "exit with 1 from this severity on: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private FailOn failOn = FailOn.ERROR;

    @Option(names = {"-q", "--quiet"}, description = "print nothing but errors")
    private boolean quiet;

    @Option(names = "--color", paramLabel = "WHEN",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}: on a terminal, unless NO_COLOR is set")
    private ColorChoice color = ColorChoice.AUTO;

    @Spec
    private CommandSpec spec;

    BatchCommand(Analysis analysis, Terminal terminal) {
        this.analysis = analysis;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        BatchOptions options = options();
        List<BatchCase> cases = cases();
        BatchResult result = run(cases, options);
        if (!quiet) {
            PrintWriter stdout = spec.commandLine().getOut();
            StringBuilder text = new StringBuilder();
            new BatchText(text, terminal.style(color)).print(result, out);
            stdout.print(text);
            stdout.flush();
        }
        return status(result.rows());
    }

    private BatchResult run(List<BatchCase> cases, BatchOptions options) throws IOException {
        if (quiet) {
            return new BatchRun(analysis, options, BatchListener.NONE).run(cases);
        }
        PrintWriter err = spec.commandLine().getErr();
        try (ProgressBar bar = new ProgressBar(err, "cases", terminal.style(color).unicode())) {
            Thread stopped = new Thread(() -> {
                bar.close();
                err.println("nattrail: stopped; the cases that were finished stay, and the same command with --resume does the rest");
                err.flush();
            }, "batch stopped");
            Runtime.getRuntime().addShutdownHook(stopped);
            try {
                return new BatchRun(analysis, options, terminal.errInteractive() ? shownBy(bar) : BatchListener.NONE).run(cases);
            } finally {
                forget(stopped);
            }
        }
    }

    private static BatchListener shownBy(ProgressBar bar) {
        return new BatchListener() {
            @Override
            public void progress(int doneCases, int allCases, long doneBytes, long allBytes) {
                bar.label(doneCases + " of " + allCases + " cases");
                bar.progress(doneBytes, allBytes);
            }

            @Override
            public void finished(CaseRow row) {
                // The bar is enough; what became of each case is said at the end.
            }
        };
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is being ended, and the hook speaks already.
            return;
        }
    }

    private BatchOptions options() {
        if (folders.isEmpty() && list == null) {
            throw wrong("name the folder of the cases, or a list of them with --list CSV");
        }
        if (!folders.isEmpty() && list != null) {
            throw wrong("name folders, or --list CSV, not both");
        }
        for (Path folder : folders) {
            if (folder.toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
                throw wrong("--out " + out + " is the folder of the cases; name another one for the reports");
            }
        }
        if (jobs < 1) {
            throw wrong("--jobs must be at least 1, not " + jobs);
        }
        List<String> chosen;
        try {
            chosen = FormatChoice.of(formats, false);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
        Runtime runtime = Runtime.getRuntime();
        return new BatchOptions(out, jobs, runtime.availableProcessors(), (long) (runtime.maxMemory() * SHARE_OF_HEAP), resume, chosen,
                failOn.severity(), VersionFacts.version());
    }

    private List<BatchCase> cases() throws IOException {
        if (list != null) {
            return CaseList.read(list);
        }
        CaseFolders.Found found = CaseFolders.find(folders, out);
        PrintWriter err = spec.commandLine().getErr();
        for (String note : found.notes()) {
            err.println("nattrail: not looked into: " + PlainText.of(note));
        }
        err.flush();
        if (found.cases().isEmpty()) {
            throw wrong("no capture files below " + String.join(", ", folders.stream().map(Path::toString).toList())
                    + "; a case is a folder with files such as client.pcap, node1-eth0.pcapng.gz");
        }
        return found.cases();
    }

    private int status(List<CaseRow> rows) {
        int worst = ExitStatus.OK;
        for (CaseRow row : rows) {
            int status = switch (row.state()) {
                case BROKEN -> ExitStatus.INTERNAL;
                case UNREADABLE -> ExitStatus.USAGE;
                // As a single case: a connection that failed is an error, whether or not a finding says why.
                default -> failOn.severity() != null && (row.failed() > 0
                        || row.worst() != null && row.worst().compareTo(failOn.severity()) >= 0) ? ExitStatus.DEVIATIONS : ExitStatus.OK;
            };
            worst = Math.max(worst, status);
        }
        return worst;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
