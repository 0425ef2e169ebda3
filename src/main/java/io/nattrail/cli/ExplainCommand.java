package io.nattrail.cli;

import io.nattrail.deviation.Catalogue;
import io.nattrail.deviation.DeviationType;
import io.nattrail.report.CataloguePage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "explain", mixinStandardHelpOptions = true, versionProvider = VersionFacts.class,
        description = "Explain a deviation: how it looks on the wire, its likely causes, what to check. Without a code, list all of them.",
        footer = {"", "Examples:", "  nattrail explain", "  nattrail explain request-lost-between-nodes snat-port-race"})
final class ExplainCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "CODE", description = "code of a deviation, as in the reports", arity = "0..*",
            completionCandidates = Codes.class)
    private List<String> codes = new ArrayList<>();

    @Option(names = "--color", paramLabel = "WHEN",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}: on a terminal, unless "
            + "NO_COLOR is set")
    private ColorChoice color = ColorChoice.AUTO;

    @Spec
    private CommandSpec spec;

    /** What a shell can complete. */
    static final class Codes implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Catalogue.ALL.stream().map(DeviationType::code).iterator();
        }
    }

    ExplainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<DeviationType> wanted = new ArrayList<>();
        for (String code : codes) {
            wanted.add(find(code));
        }
        CataloguePage page = new CataloguePage(out, terminal.style(color));
        if (codes.isEmpty()) {
            page.list(Catalogue.ALL);
        }
        for (DeviationType type : wanted) {
            page.entry(type);
        }
        out.flush();
        return ExitStatus.OK;
    }

    private DeviationType find(String code) {
        try {
            return Catalogue.of(code);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }
}
