package io.nattrail.deviation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A code without a test that finds it, or without one of what looks like it and is not, is a code nobody can trust. */
class EveryCodeIsTestedTest {
    private static final List<String> TESTS = List.of("NeverEstablishedTest", "TranslationTest", "EstablishedTest", "CapturesTest");

    @Test
    void isFoundInOneScenarioAndNotInAnother() throws IOException {
        StringBuilder text = new StringBuilder();
        for (String test : TESTS) {
            text.append(Files.readString(Path.of("src/test/java/io/nattrail/deviation", test + ".java")));
        }
        List<String> missing = new ArrayList<>();
        for (DeviationType type : Catalogue.ALL) {
            for (String assertion : List.of("hasDeviation", "hasNoDeviation")) {
                if (text.indexOf("%s(\"%s\")".formatted(assertion, type.code())) < 0) {
                    missing.add(assertion + " " + type.code());
                }
            }
        }
        assertThat(missing).isEmpty();
    }
}
