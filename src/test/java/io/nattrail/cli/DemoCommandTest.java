package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.Analysis;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.report.SampleCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    private static final Path EXAMPLE = Path.of("captures/lost-between-nodes");

    @TempDir
    private Path folder;

    private final List<CaseRequest> requests = new ArrayList<>();
    private final Analysis analysis = (request, sink, progress) -> {
        requests.add(request);
        SampleCases.lostBetweenNodes().sendTo(sink);
    };

    @Test
    void theCaseIsTheOneOfTheExamplesFileByFile() throws IOException {
        demo(CommandRun.PIPE);

        Path unpacked = folder.resolve("out/lost-between-nodes");
        assertThat(names(unpacked)).isEqualTo(names(EXAMPLE)).isEqualTo(DemoCommand.FILES);
        for (String name : DemoCommand.FILES) {
            assertThat(unpacked.resolve(name)).hasSameBinaryContentAs(EXAMPLE.resolve(name));
        }
    }

    @Test
    void theCaseIsAnalyzedAndTheNextStepIsTold() {
        CommandRun run = demo(CommandRun.PIPE);

        assertThat(run.status()).as("deviations are what the demo is to show").isZero();
        assertThat(requests).singleElement().extracting(CaseRequest::inputs).isEqualTo(List.of(folder.resolve("out/lost-between-nodes")));
        assertThat(folder.resolve("out/report.html")).exists();
        assertThat(run.out()).contains("$ nattrail analyze " + folder.resolve("out/lost-between-nodes") + " --out " + folder.resolve("out"))
                .contains("Open " + folder.resolve("out/report.html") + " in a browser.").contains("nattrail analyze FOLDER");
    }

    @Test
    void theReportIsOpenedOnlyWhereThereIsADesktopAndAReader() {
        assertThat(Desktop.of(new Terminal(Map.of(), true, true)).open(folder)).as("no desktop").isFalse();
        assertThat(demo(new Terminal(Map.of("DISPLAY", ":0"), false, false)).out()).as("a pipe").contains("in a browser.");
        assertThat(demo(new Terminal(Map.of("DISPLAY", ":0"), true, true), "--no-open").out()).as("unwanted").contains("in a browser.");
    }

    private CommandRun demo(Terminal terminal, String... more) {
        List<String> args = new ArrayList<>(List.of("--out", folder.resolve("out").toString()));
        args.addAll(List.of(more));
        return CommandRun.of(CommandRun.alone(new DemoCommand(analysis, terminal)), args.toArray(String[]::new));
    }

    private static List<String> names(Path in) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
