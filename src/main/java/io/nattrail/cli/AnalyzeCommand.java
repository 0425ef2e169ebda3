package io.nattrail.cli;

import io.nattrail.analysis.Analysis;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowSelection;
import io.nattrail.analysis.NothingSelectedException;
import io.nattrail.analysis.Progress;
import io.nattrail.report.ReportOptions;
import io.nattrail.report.ReportSet;
import io.nattrail.report.TerminalSummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "analyze", mixinStandardHelpOptions = true, versionProvider = VersionFacts.class, sortOptions = false,
        abbreviateSynopsis = true,
        description = "Match the captures of one case through the NAT, rebuild every connection step by step, and report what deviates.",
        footer = {"", "Examples:",
            "  nattrail analyze captures/lost-between-nodes",
            "  nattrail analyze client.pcap node1-eth0.pcapng.gz node2-cbr0.pcap.zst --out /tmp/report",
            "  nattrail analyze --point client=a.pcap0 --point client=a.pcap1 --point node1-eth0=b.pcap",
            "  ssh node1 tcpdump -i eth0 -w - | nattrail analyze client.pcap --point node1-eth0=-",
            "  nattrail analyze DIR --client 10.241.0.0/16 --between 15:34:00..15:36:00 --fail-on warning",
            "", "Exit status: 0 no deviation at or above --fail-on, 1 some (a failed connection counts as an error), "
                + "2 wrong usage or unreadable input, 3 internal error."})
final class AnalyzeCommand implements Callable<Integer> {
    private static final Path STANDARD_INPUT = Path.of("-");

    private final Analysis analysis;
    private final Terminal terminal;

    @Parameters(paramLabel = "DIR|FILE", arity = "0..*",
            description = "the case: a folder with captures and, if there are any, dumps of the "
            + "cluster's state; or these files. Which point a capture is from is told by its name (client.pcap, node1-eth0.pcapng.gz, "
            + "node2-cbr0.pcap) or else by its contents.")
    private List<Path> inputs = new ArrayList<>();

    @Option(names = "--point", paramLabel = "NAME=FILE",
            description = "the capture of this point; repeat it for several points, and for several "
            + "files of one point; - is standard input", converter = PointFile.Converter.class)
    private List<PointFile> points = new ArrayList<>();

    @Option(names = {"-o", "--out"}, paramLabel = "DIR",
            description = "folder for the reports, made if needed; reports of an earlier run are "
            + "replaced (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("nattrail-report");

    @Option(names = "--formats", paramLabel = "LIST", split = ",",
            description = "which reports to write, comma separated: json, csv, html, md, junit, "
            + "pcapng, none (default: all but pcapng)")
    private List<String> formats = new ArrayList<>();

    @Option(names = "--annotate", description = "also write annotated.pcapng: all points in one file, every packet with a comment")
    private boolean annotate;

    @Option(names = "--fail-on", paramLabel = "SEVERITY",
            description = "exit with 1 from this severity on: ${COMPLETION-CANDIDATES} (default: "
            + "${DEFAULT-VALUE})")
    private FailOn failOn = FailOn.ERROR;

    @Option(names = "--client", paramLabel = "WHO",
            description = "only flows of this client: address, prefix or address:port; may be repeated")
    private List<String> clients = new ArrayList<>();

    @Option(names = "--service", paramLabel = "WHAT", description = "only flows to this service: address, address:port, :port or "
            + "namespace/name; may be repeated")
    private List<String> services = new ArrayList<>();

    @Option(names = "--endpoint", paramLabel = "WHO", description = "only flows to this endpoint: address, prefix, address:port or "
            + "namespace/pod; may be repeated")
    private List<String> endpoints = new ArrayList<>();

    @Option(names = "--between", paramLabel = "FROM..TO", description = "only flows of this time, UTC: 15:34:00..15:36:00 or "
            + "2026-11-23T15:34:00Z..2026-11-23T15:36:00Z; either side may be empty")
    private String between;

    @Option(names = "--filter", paramLabel = "BPF",
            description = "read only frames that match this expression, as in tcpdump (needs libpcap)")
    private String filter;

    @Option(names = "--reference", paramLabel = "POINT",
            description = "point whose clock is the reference (default: the client's, else the first)")
    private String reference;

    @Option(names = "--threads", paramLabel = "N", description = "threads to use at most (default: ${DEFAULT-VALUE}, the processors)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = {"-q", "--quiet"}, description = "print nothing but errors")
    private boolean quiet;

    @Option(names = "--color", paramLabel = "WHEN",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}: on a terminal, unless "
            + "NO_COLOR is set")
    private ColorChoice color = ColorChoice.AUTO;

    @Spec
    private CommandSpec spec;

    AnalyzeCommand(Analysis analysis, Terminal terminal) {
        this.analysis = analysis;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        CaseRequest request = request();
        FailOn.Watch watch = new FailOn.Watch(failOn);
        StringBuilder text = new StringBuilder();
        List<String> files;
        try (ReportSet reports = new ReportSet(out, chosenFormats(), new ReportOptions(failOn.severity()))) {
            files = reports.files();
            List<CaseSink> sinks = new ArrayList<>(List.of(reports, watch));
            TerminalSummary summary = quiet ? null : new TerminalSummary(text, terminal.style(color));
            if (summary != null) {
                sinks.add(summary);
            }
            try {
                analyze(request, new Fanout(sinks));
            } catch (NothingSelectedException e) {
                throw wrong(e.getMessage() + " " + (e.byFilter() ? "--filter '" + filter + "'" : selectedBy()));
            }
            if (summary != null && !files.isEmpty()) {
                summary.reports(out.toString(), files);
            }
        }
        PrintWriter stdout = spec.commandLine().getOut();
        stdout.print(text);
        stdout.flush();
        return watch.exitStatus();
    }

    private void analyze(CaseRequest request, CaseSink sink) throws IOException {
        if (quiet || !terminal.errInteractive()) {
            analysis.run(request, sink, Progress.NONE);
            return;
        }
        try (ProgressBar bar = new ProgressBar(spec.commandLine().getErr(), "reading", terminal.style(color).unicode())) {
            analysis.run(request, sink, bar);
        }
    }

    private CaseRequest request() {
        if (inputs.isEmpty() && points.isEmpty()) {
            throw wrong("name the folder of the case, its files, or points with --point NAME=FILE");
        }
        if (inputs.contains(STANDARD_INPUT) && !Files.exists(STANDARD_INPUT)) {
            throw wrong("standard input has no name that tells its point: say it with --point, for example --point client=-");
        }
        if (threads < 1) {
            throw wrong("--threads must be at least 1, not " + threads);
        }
        Map<String, List<Path>> files = new LinkedHashMap<>();
        for (PointFile point : points) {
            files.computeIfAbsent(point.name(), name -> new ArrayList<>()).add(point.file());
        }
        FlowSelection selection = new FlowSelection(parse("--client", clients, FlowSelection.Pattern::parse),
                parse("--service", services, FlowSelection.Pattern::parse), parse("--endpoint", endpoints, FlowSelection.Pattern::parse),
                between == null ? FlowSelection.ALL.period() : parse("--between", List.of(between), FlowSelection.Period::parse).get(0));
        return new CaseRequest(inputs, files, reference, filter, selection, threads, chosenFormats().contains(FormatChoice.PCAPNG));
    }

    /** The options that select flows, as they were given. */
    private String selectedBy() {
        List<String> options = new ArrayList<>();
        clients.forEach(client -> options.add("--client " + client));
        services.forEach(service -> options.add("--service " + service));
        endpoints.forEach(endpoint -> options.add("--endpoint " + endpoint));
        if (between != null) {
            options.add("--between " + between);
        }
        return String.join(" ", options);
    }

    private List<String> chosenFormats() {
        try {
            return FormatChoice.of(formats, annotate);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
    }

    private <T> List<T> parse(String option, List<String> texts, Function<String, T> parser) {
        List<T> parsed = new ArrayList<>();
        for (String text : texts) {
            try {
                parsed.add(parser.apply(text));
            } catch (IllegalArgumentException e) {
                throw wrong(option + ": " + e.getMessage());
            }
        }
        return parsed;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
