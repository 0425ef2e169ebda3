package io.nattrail.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class BatchProperties {
    private static final List<String> CONTENTS = List.of("happy", "lost", "empty", "garbage", "fault");

    @Property(tries = 15)
    void whatIsWrittenDoesNotDependOnTheOrderNorOnTheNumberOfJobs(@ForAll @Size(min = 1, max = 6) List<@IntRange(max = 4) Integer> kinds,
            @ForAll @IntRange(min = 1, max = 4) int jobs, @ForAll Random random) throws IOException {
        Path folder = Files.createTempDirectory("nattrail-batch");
        try {
            List<BatchCase> cases = new ArrayList<>();
            for (int i = 0; i < kinds.size(); i++) {
                cases.add(WrittenCases.item(WrittenCases.write(folder, "case" + i, CONTENTS.get(kinds.get(i)))));
            }
            run(cases, folder.resolve("first"), 1);
            Collections.shuffle(cases, random);
            run(cases, folder.resolve("second"), jobs);

            assertThat(BatchRunTest.contents(folder.resolve("second"))).isEqualTo(BatchRunTest.contents(folder.resolve("first")));
        } finally {
            delete(folder);
        }
    }

    private static void run(List<BatchCase> cases, Path out, int jobs) throws IOException {
        new BatchRun(new WrittenCases(), new BatchOptions(out, jobs, 2, 1 << 30, false, List.of("json"), null, "1.0"), BatchListener.NONE)
                .run(cases);
    }

    @Property
    void foldersAreSafeAndNoTwoAreAlikeEvenWithoutCapitals(@ForAll @Size(max = 20) List<String> names) {
        CaseNames folders = new CaseNames();
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            String folder = folders.folder(name);
            assertThat(folder).matches("[A-Za-z0-9_+=@%,-][A-Za-z0-9._+=@%,-]*").hasSizeLessThan(140);
            assertThat(seen.add(folder.toLowerCase(Locale.ROOT))).as(folder).isTrue();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
