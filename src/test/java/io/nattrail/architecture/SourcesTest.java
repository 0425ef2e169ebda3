package io.nattrail.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What CONTRIBUTING.md says of the sources as text. */
class SourcesTest {
    private static final int MOST_COLUMNS = 140;

    @ParameterizedTest
    @ValueSource(strings = {"src/main/java", "src/test/java"})
    void everyLineFitsTheColumns(Path folder) throws IOException {
        List<Path> sources;
        try (Stream<Path> files = Files.walk(folder)) {
            sources = files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        }
        List<String> tooLong = new ArrayList<>();
        for (Path source : sources) {
            int number = 0;
            for (String line : Files.readAllLines(source)) {
                number++;
                int columns = line.codePointCount(0, line.length());
                if (columns > MOST_COLUMNS) {
                    tooLong.add(source + ":" + number + ": " + columns + " columns");
                }
            }
        }

        assertThat(sources).isNotEmpty();
        assertThat(tooLong).as("lines of more than %d columns", MOST_COLUMNS).isEmpty();
    }
}
