package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Catalogue;
import io.nattrail.deviation.DeviationType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/deviations.md is what the catalogue says; {@code -Dnattrail.update=true} writes it anew. */
class CatalogueDocumentationTest {
    private static final Path PAGE = Path.of("docs/deviations.md");
    private static final Pattern WORD = Pattern.compile("[a-z0-9]+(?:-[a-z0-9]+)+|\\(loss\\)");

    @Test
    void thePageIsTheCatalogue() throws IOException {
        String page = page();
        if (Boolean.getBoolean("nattrail.update")) {
            Files.writeString(PAGE, page);
        }

        assertThat(Files.readString(PAGE)).as("accept with -Dnattrail.update=true").isEqualToNormalizingNewlines(page);
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Deviations

                What a code in a report means, how it looks on the wire, and what to do. `nattrail explain CODE` prints the same on the
                terminal. This page is made from the catalogue in `io.nattrail.deviation`; change it there.

                Names in capitals stand for your values: CLIENT, ADDRESS and PORT for who calls what, before any translation; POD_IP and
                POD_PORT for the endpoint, SOURCE for the address that it answers; RG and MC_RG for the resource groups of the network and
                of the AKS nodes, NIC for a network interface. In a report, what the flow tells stands in their place. `eth0` and `cbr0`
                are examples. Commands for a node run there as root.
                """);
        for (Catalogue.Group group : Catalogue.GROUPS) {
            page.append("\n## ").append(group.title()).append("\n\n| code | severity | |\n|---|---|---|\n");
            for (DeviationType type : group.types()) {
                page.append("| ").append(link(type)).append(" | ").append(type.severity().label()).append(" | ").append(text(type.title()))
                        .append(" |\n");
            }
        }
        for (DeviationType type : Catalogue.ALL) {
            page.append("\n## ").append(type.code()).append("\n\n**").append(text(type.title())).append("** (")
                    .append(type.severity().label()).append(")\n\n").append(text(type.wire()))
                    .append("\n\nLikely causes, the likeliest first:\n\n");
            list(page, type.causes(), "1. ");
            page.append("\nWhat to check or change:\n\n");
            list(page, type.checksInGeneral(), "1. ");
            page.append("\nReferences:\n\n");
            list(page, type.references(), "- ");
        }
        return page.toString();
    }

    private static void list(StringBuilder page, List<String> items, String mark) {
        for (String item : items) {
            page.append(mark).append(text(item)).append('\n');
        }
    }

    /** Commands stay as they are; codes elsewhere lead to their section. */
    private static String text(String text) {
        String[] parts = text.split("`", -1);
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < parts.length; i++) {
            result.append(i % 2 == 1 ? "`" + parts[i] + "`" : linked(parts[i]));
        }
        return result.toString();
    }

    private static String linked(String text) {
        Matcher word = WORD.matcher(text);
        StringBuilder result = new StringBuilder();
        int done = 0;
        while (word.find()) {
            String code = word.group().equals("(loss)") ? "loss" : word.group();
            DeviationType type = Catalogue.ALL.stream().filter(t -> t.code().equals(code)).findFirst().orElse(null);
            if (type != null) {
                int start = text.indexOf(code, word.start());
                result.append(MarkdownText.of(text.substring(done, start))).append(link(type));
                done = start + code.length();
            }
        }
        return result.append(MarkdownText.of(text.substring(done))).toString();
    }

    private static String link(DeviationType type) {
        return "[" + type.code() + "](#" + type.code() + ")";
    }
}
