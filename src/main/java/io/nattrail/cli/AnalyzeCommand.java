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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/**
 * The command {@code analyze}. Its options are declared without annotations: reading those takes a tenth of the time of a small case, and
 * this is the command that is waited for.
 */
final class AnalyzeCommand implements Callable<Integer> {
    private static final Path STANDARD_INPUT = Path.of("-");

    private final Analysis analysis;
    private final Terminal terminal;
    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

    private final PositionalParamSpec inputs = PositionalParamSpec.builder().paramLabel("DIR|FILE").arity("0..*").type(List.class)
            .auxiliaryTypes(Path.class)
            .description("the case: a folder with captures and, if there are any, dumps of the "
                    + "cluster's state; or these files. Which point a capture is from is told by its name (client.pcap, "
                    + "node1-eth0.pcapng.gz, node2-cbr0.pcap) or else by its contents.").build();
    private final OptionSpec points = listed(OptionSpec.builder("--point").paramLabel("NAME=FILE"), PointFile.class)
            .converters(new PointFile.Converter())
            .description("the capture of this point; repeat it for several points, and for several "
                    + "files of one point; - is standard input").build();
    private final OptionSpec out = OptionSpec.builder("-o", "--out").paramLabel("DIR").type(Path.class).defaultValue("nattrail-report")
            .description("folder for the reports, made if needed; reports of an earlier run are "
                    + "replaced (default: ${DEFAULT-VALUE})").build();
    private final OptionSpec formats = listed(OptionSpec.builder("--formats").paramLabel("LIST"), String.class).splitRegex(",")
            .description("which reports to write, comma separated: json, csv, html, md, junit, "
                    + "pcapng, none (default: all but pcapng)").build();
    private final OptionSpec annotate = flag("--annotate")
            .description("also write annotated.pcapng: all points in one file, every packet with a comment").build();
    private final OptionSpec failOn = OptionSpec.builder("--fail-on").paramLabel("SEVERITY").type(FailOn.class)
            .defaultValue(FailOn.ERROR.toString())
            .description("exit with 1 from this severity on: ${COMPLETION-CANDIDATES} (default: "
                    + "${DEFAULT-VALUE})").build();
    private final OptionSpec clients = listed(OptionSpec.builder("--client").paramLabel("WHO"), String.class)
            .description("only flows of this client: address, prefix or address:port; may be repeated").build();
    private final OptionSpec services = listed(OptionSpec.builder("--service").paramLabel("WHAT"), String.class)
            .description("only flows to this service: address, address:port, :port or "
                    + "namespace/name; may be repeated").build();
    private final OptionSpec endpoints = listed(OptionSpec.builder("--endpoint").paramLabel("WHO"), String.class)
            .description("only flows to this endpoint: address, prefix, address:port or "
                    + "namespace/pod; may be repeated").build();
    private final OptionSpec between = OptionSpec.builder("--between").paramLabel("FROM..TO").type(String.class)
            .description("only flows of this time, UTC: 15:34:00..15:36:00 or "
                    + "2026-11-23T15:34:00Z..2026-11-23T15:36:00Z; either side may be empty").build();
    private final OptionSpec filter = OptionSpec.builder("--filter").paramLabel("BPF").type(String.class)
            .description("read only frames that match this expression, as in tcpdump (needs libpcap)").build();
    private final OptionSpec reference = OptionSpec.builder("--reference").paramLabel("POINT").type(String.class)
            .description("point whose clock is the reference (default: the client's, else the first)").build();
    private final OptionSpec threads = OptionSpec.builder("--threads").paramLabel("N").type(int.class)
            .defaultValue(Integer.toString(Runtime.getRuntime().availableProcessors()))
            .description("threads to use at most (default: as many as there are processors)").build();
    private final OptionSpec quiet = flag("-q", "--quiet").description("print nothing but errors").build();
    private final OptionSpec color = OptionSpec.builder("--color").paramLabel("WHEN").type(ColorChoice.class)
            .defaultValue(ColorChoice.AUTO.toString())
            .description("${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}: on a terminal, unless "
                    + "NO_COLOR is set").build();

    AnalyzeCommand(Analysis analysis, Terminal terminal) {
        this.analysis = analysis;
        this.terminal = terminal;
        PlainCommand.describe(spec, "analyze")
                .description("Match the captures of one case through the NAT, rebuild every connection step by step, and report what "
                        + "deviates.")
                .sortOptions(false).abbreviateSynopsis(true)
                .footer("", "Examples:",
                        "  nattrail analyze captures/lost-between-nodes",
                        "  nattrail analyze client.pcap node1-eth0.pcapng.gz node2-cbr0.pcap.zst -o out",
                        "  nattrail analyze --point client=a.pcap0 --point client=a.pcap1 node1-eth0.pcap",
                        "  ssh n1 tcpdump -i eth0 -w- | nattrail analyze client.pcap --point node1-eth0=-",
                        "  nattrail analyze DIR --client 10.241.0.0/16 --between 15:34:00..15:36:00",
                        "  nattrail analyze DIR --formats json,junit --fail-on warning --quiet",
                        "", "Exit status: 0 no deviation at or above --fail-on, 1 some (a failed connection counts as an error), "
                        + "2 wrong usage or unreadable input, 3 internal error.");
        spec.addPositional(inputs);
        for (OptionSpec option : List.of(points, out, formats, annotate, failOn, clients, services, endpoints, between, filter, reference,
                threads, quiet, color)) {
            spec.addOption(option);
        }
        PlainCommand.addHelp(spec);
    }

    /** The command as picocli takes it. */
    CommandSpec spec() {
        return spec;
    }

    private static OptionSpec.Builder listed(OptionSpec.Builder option, Class<?> of) {
        return option.type(List.class).auxiliaryTypes(of);
    }

    private static OptionSpec.Builder flag(String... names) {
        return OptionSpec.builder(names[0], Arrays.copyOfRange(names, 1, names.length)).type(boolean.class).defaultValue("false");
    }

    private static <T> List<T> all(ArgSpec argument) {
        List<T> values = argument.getValue();
        return values == null ? List.of() : values;
    }

    private boolean isQuiet() {
        return quiet.<Boolean>getValue();
    }

    @Override
    public Integer call() throws IOException {
        CaseRequest request = request();
        FailOn.Watch watch = new FailOn.Watch(failOn.getValue());
        Path folder = out.getValue();
        StringBuilder text = new StringBuilder();
        List<String> files;
        try (ReportSet reports = new ReportSet(folder, chosenFormats(), new ReportOptions(failOn.<FailOn>getValue().severity()))) {
            files = reports.files();
            List<CaseSink> sinks = new ArrayList<>(List.of(reports, watch));
            TerminalSummary summary = isQuiet() ? null : new TerminalSummary(text, terminal.style(color.getValue()));
            if (summary != null) {
                sinks.add(summary);
            }
            try {
                analyze(request, new Fanout(sinks));
            } catch (NothingSelectedException e) {
                String time = texts(between).isEmpty() ? "" : "; they are of " + e.time();
                throw wrong(e.getMessage() + " " + (e.byFilter() ? "--filter '" + filter.getValue() + "'" : selectedBy() + time));
            }
            if (summary != null && !files.isEmpty()) {
                summary.reports(folder.toString(), files);
            }
        }
        PrintWriter stdout = spec.commandLine().getOut();
        stdout.print(text);
        stdout.flush();
        return watch.exitStatus();
    }

    private void analyze(CaseRequest request, CaseSink sink) throws IOException {
        if (isQuiet() || !terminal.errInteractive()) {
            analysis.run(request, sink, Progress.NONE);
            return;
        }
        try (ProgressBar bar = new ProgressBar(spec.commandLine().getErr(), "reading", terminal.style(color.getValue()).unicode())) {
            analysis.run(request, sink, bar);
        }
    }

    private CaseRequest request() {
        List<Path> named = all(inputs);
        List<PointFile> ofPoints = all(points);
        if (named.isEmpty() && ofPoints.isEmpty()) {
            throw wrong("name the folder of the case, its files, or points with --point NAME=FILE");
        }
        if (named.contains(STANDARD_INPUT) && !Files.exists(STANDARD_INPUT)) {
            throw wrong("standard input has no name that tells its point: say it with --point, for example --point client=-");
        }
        int most = threads.getValue();
        if (most < 1) {
            throw wrong("--threads must be at least 1, not " + most);
        }
        Map<String, List<Path>> files = new LinkedHashMap<>();
        for (PointFile point : ofPoints) {
            files.computeIfAbsent(point.name(), name -> new ArrayList<>()).add(point.file());
        }
        List<FlowSelection.Period> periods = parse(between, FlowSelection.Period::parse);
        FlowSelection selection = new FlowSelection(parse(clients, FlowSelection.Pattern::parse),
                parse(services, FlowSelection.Pattern::parse), parse(endpoints, FlowSelection.Pattern::parse),
                periods.isEmpty() ? FlowSelection.ALL.period() : periods.get(0));
        return new CaseRequest(named, files, reference.getValue(), filter.getValue(), selection, most,
                chosenFormats().contains(FormatChoice.PCAPNG));
    }

    /** The options that select flows, as they were given. */
    private String selectedBy() {
        List<String> options = new ArrayList<>();
        for (OptionSpec option : List.of(clients, services, endpoints, between)) {
            for (String value : texts(option)) {
                options.add(option.longestName() + " " + value);
            }
        }
        return String.join(" ", options);
    }

    private List<String> chosenFormats() {
        try {
            return FormatChoice.of(all(formats), annotate.getValue());
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
    }

    private <T> List<T> parse(OptionSpec option, Function<String, T> parser) {
        List<T> parsed = new ArrayList<>();
        for (String text : texts(option)) {
            try {
                parsed.add(parser.apply(text));
            } catch (IllegalArgumentException e) {
                throw wrong(option.longestName() + ": " + e.getMessage());
            }
        }
        return parsed;
    }

    /** The values of an option that may be repeated, or that may be absent. */
    private static List<String> texts(OptionSpec option) {
        if (option.isMultiValue()) {
            return all(option);
        }
        String text = option.getValue();
        return text == null ? List.of() : List.of(text);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
