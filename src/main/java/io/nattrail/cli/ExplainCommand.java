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
import java.util.function.Supplier;
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
    private static final int LEAST_WORD = 6;
    private static final int MISTYPED = 2;

    private final Supplier<List<DeviationType>> catalogue;
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

    ExplainCommand(Supplier<List<DeviationType>> catalogue, Terminal terminal) {
        this.catalogue = catalogue;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<DeviationType> all = catalogue.get();
        List<DeviationType> wanted = new ArrayList<>();
        for (String code : codes) {
            wanted.add(find(all, code));
        }
        CataloguePage page = new CataloguePage(out, terminal.style(color));
        if (codes.isEmpty()) {
            page.list(all);
        }
        for (DeviationType type : wanted) {
            page.entry(type);
        }
        out.flush();
        return ExitStatus.OK;
    }

    private DeviationType find(List<DeviationType> all, String code) {
        List<String> similar = new ArrayList<>();
        for (DeviationType type : all) {
            if (type.code().equals(code)) {
                return type;
            }
            if (Similarity.close(code, type.code()) || isAWordOf(code, type.code())) {
                similar.add(type.code());
            }
        }
        String hint = similar.isEmpty() ? "; nattrail explain lists them" : "; did you mean " + String.join(", ", similar) + "?";
        throw new ParameterException(spec.commandLine(), "no deviation has the code '" + code + "'" + hint);
    }

    /** Somebody who remembers one word of a code may have mistyped it; short words resemble each other by chance. */
    private static boolean isAWordOf(String written, String code) {
        for (String word : code.split("-")) {
            if (word.length() >= LEAST_WORD && Similarity.distance(written, word) <= MISTYPED) {
                return true;
            }
        }
        return false;
    }
}
