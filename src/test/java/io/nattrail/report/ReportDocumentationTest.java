package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/reports.md promises is what is written. */
class ReportDocumentationTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Za-z.-]+)` \\|");

    private final String page = read();

    @Test
    void everyColumnIsDocumentedInItsOrder() {
        Map<String, List<String>> tables = Map.of("flows.csv", FlowsCsv.COLUMNS, "steps.csv", StepsCsv.COLUMNS, "deviations.csv",
                DeviationsCsv.COLUMNS);

        tables.forEach((file, columns) -> assertThat(names(section("### " + file))).as(file).isEqualTo(columns));
    }

    @Test
    void everyReportIsNamed() {
        assertThat(ReportWriters.ALL).allSatisfy(entry -> assertThat(page).contains("| `" + entry.format() + "` |", "`" + entry.file()
                + "`"));
    }

    private String section(String heading) {
        int start = page.indexOf(heading + "\n");
        int end = page.indexOf("\n#", start + heading.length());
        return page.substring(start, end);
    }

    private static List<String> names(String section) {
        List<String> names = new ArrayList<>();
        for (Matcher row = ROW.matcher(section); row.find(); ) {
            names.add(row.group(1));
        }
        return names;
    }

    private static String read() {
        try {
            return Files.readString(Path.of("docs/reports.md"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
