package io.nattrail.baseline;

import io.nattrail.capture.UnreadableInputException;
import io.nattrail.deviation.Catalogue;
import io.nattrail.report.ReportFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;

/** Reads and writes baselines as YAML: small, sorted, made to be reviewed and to be edited by hand. */
public final class BaselineFile {
    private static final String MARK = "nattrail-baseline";
    private static final String VERSION = "1";
    private static final List<String> TOP = List.of(MARK, "by", "complete", "tolerances", "captures", "flows");
    private static final List<String> ENTRY = List.of("path", "protocol", "service", "endpoint", "flows", "outcomes", "translation",
            "steps",
            "deviations", "latency");
    private static final String COUNTS = "12, 8..16, 8.., 12 ±20%, all or any";
    /** Longer lines make reviewers scroll. */
    private static final int WIDE = 132;

    private BaselineFile() {
    }

    /**
     * Reads a file.
     *
     * @throws UnreadableInputException if it is no baseline; it names the line and says how it should be
     */
    public static Baseline read(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            throw UnreadableInputException.atLine(file.toString(), 1, "is not UTF-8 text",
                    "name a baseline: nattrail check DIR --baseline FILE");
        }
        return parse(file.toString(), text);
    }

    static Baseline parse(String file, String text) throws IOException {
        YamlNode root = YamlNode.parse(file, text);
        String remedy = "a baseline begins with the line '" + MARK + ": " + VERSION
                + "'; make one with nattrail check DIR --baseline FILE --update";
        if (!root.isMap() || !root.map("", "").containsKey(MARK)) {
            throw root.wrong("is no baseline", remedy);
        }
        Map<String, YamlNode> top = root.map("the baseline", MARK + ": " + VERSION);
        known(top, TOP);
        YamlNode version = top.get(MARK);
        if (!version.text(MARK, MARK + ": " + VERSION).equals(VERSION)) {
            throw version.wrong("is a baseline of version " + version.text(MARK, ""), "this NatTrail reads version " + VERSION
                    + "; use a newer one");
        }
        Grouping by = value(top.get("by"), "by", "by: endpoint", Grouping.ENDPOINT, BaselineFile::grouping);
        boolean complete = value(top.get("complete"), "complete", "complete: yes", false, BaselineFile::yesOrNo);
        Tolerance counts = Tolerance.EXACT;
        double factor = Baseline.USUAL_LATENCY_FACTOR;
        if (top.containsKey("tolerances")) {
            Map<String, YamlNode> tolerances = top.get("tolerances").map("tolerances", "tolerances: {counts: 10%, latency: 2}");
            known(tolerances, List.of("counts", "latency"));
            counts = value(tolerances.get("counts"), "counts", "counts: exact, or counts: 10%, or counts: 2", counts, Tolerance::parse);
            factor = value(tolerances.get("latency"), "latency", "latency: 2 (medians may be twice as long)", factor, BaselineFile::factor);
        }
        Map<String, Count> captures = null;
        if (top.containsKey("captures")) {
            Map<String, YamlNode> about = top.get("captures").map("captures", "captures: {deviations: {clock-skew: 1}}");
            known(about, List.of("deviations"));
            captures = codes(about.get("deviations"), "deviations: {clock-skew: 1}");
        }
        List<Expectation> expectations = new ArrayList<>();
        if (top.containsKey("flows") && !top.get("flows").isEmpty()) {
            for (YamlNode entry : top.get("flows").list("flows", "flows: [{service: default/web, outcomes: ok}]")) {
                expectations.add(expectation(entry));
                if (by == Grouping.SERVICE && entry.map("", "").containsKey("endpoint")) {
                    throw entry.map("", "").get("endpoint").wrong("names an endpoint, but flows are told apart by service",
                            "leave it out, or write by: endpoint above");
                }
            }
        }
        return new Baseline(by, complete, counts, factor, captures, expectations);
    }

    private static Expectation expectation(YamlNode node) {
        Map<String, YamlNode> entry = node.map("an entry of flows", "- {service: default/web, outcomes: ok}");
        known(entry, ENTRY);
        Map<String, Map<String, Count>> steps = null;
        if (entry.containsKey("steps")) {
            steps = new LinkedHashMap<>();
            for (Map.Entry<String, YamlNode> step : entry.get("steps").map("steps", "steps: {1.5: observed}").entrySet()) {
                steps.put(step.getKey(), counts(step.getValue(), "step " + step.getKey(), step.getKey() + ": {observed: 10, missing: 2}"));
            }
        }
        Map<String, LatencyBand> latency = null;
        if (entry.containsKey("latency")) {
            latency = new LinkedHashMap<>();
            for (Map.Entry<String, YamlNode> step : entry.get("latency").map("latency", "latency: {1.5: 200us}").entrySet()) {
                latency.put(step.getKey(), value(step.getValue(), step.getKey(), step.getKey() + ": 200us, or 50us..200us", null,
                        LatencyBand::parse));
            }
        }
        return new Expectation(node.line(), pattern(entry, "path"), pattern(entry, "protocol"), pattern(entry, "service"),
                pattern(entry, "endpoint"), value(entry.get("flows"), "flows", "flows: " + COUNTS, null, Count::parse),
                counts(entry.get("outcomes"), "outcomes", "outcomes: ok, or outcomes: {ok: 10, failed at 1.5: 2}"),
                counts(entry.get("translation"), "translation", "translation: dnat+snat"), steps,
                codes(entry.get("deviations"), "deviations: none, or deviations: {syn-retransmitted: 2}"), latency);
    }

    private static String pattern(Map<String, YamlNode> entry, String key) {
        return entry.containsKey(key) ? entry.get(key).text(key, key + ": " + (key.equals("path") ? "nodeport" : "default/web*")) : null;
    }

    /** A map of counts of deviations' codes; or the word {@code none}: that there are none. */
    private static Map<String, Count> codes(YamlNode node, String example) {
        if (node != null && !node.isMap() && node.text("deviations", example).equals("none")) {
            return Map.of();
        }
        Map<String, Count> counts = counts(node, "deviations", example);
        for (String code : counts == null ? Set.<String>of() : counts.keySet()) {
            YamlNode place = node.isMap() ? node.map("deviations", example).get(code) : node;
            try {
                Catalogue.of(code);
            } catch (IllegalArgumentException e) {
                throw place.wrong("deviations: " + e.getMessage(), "write it like this: " + example);
            }
        }
        return counts;
    }

    /** A map of counts; or one word: that all flows are so. */
    private static Map<String, Count> counts(YamlNode node, String what, String example) {
        if (node == null) {
            return null;
        }
        Map<String, Count> counts = new LinkedHashMap<>();
        if (!node.isMap()) {
            counts.put(node.text(what, example), Count.ALL);
            return counts;
        }
        for (Map.Entry<String, YamlNode> entry : node.map(what, example).entrySet()) {
            counts.put(entry.getKey(), value(entry.getValue(), entry.getKey(), entry.getKey() + ": " + COUNTS, null, Count::parse));
        }
        return counts;
    }

    private static <T> T value(YamlNode node, String key, String example, T otherwise, Function<String, T> parser) {
        if (node == null) {
            return otherwise;
        }
        String text = node.text(key, example);
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw node.wrong(key + ": " + e.getMessage(), "write it like this: " + example);
        }
    }

    private static void known(Map<String, YamlNode> entries, List<String> keys) {
        for (Map.Entry<String, YamlNode> entry : entries.entrySet()) {
            if (!keys.contains(entry.getKey())) {
                throw entry.getValue().wrong("has the key '" + entry.getKey() + "', which is not known", "known here are "
                        + String.join(", ", keys));
            }
        }
    }

    private static Grouping grouping(String text) {
        for (Grouping grouping : Grouping.values()) {
            if (grouping.label().equals(text)) {
                return grouping;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is neither endpoint nor service");
    }

    private static boolean yesOrNo(String text) {
        return switch (text) {
            case "yes", "true" -> true;
            case "no", "false" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither yes nor no");
        };
    }

    private static double factor(String text) {
        String number = text.strip().replaceFirst("\\s*x$", "");
        if (!number.matches("[0-9]{1,6}(\\.[0-9]{1,6})?") || Double.parseDouble(number) < 1) {
            throw new IllegalArgumentException("'" + text + "' is no factor from 1 on");
        }
        return Double.parseDouble(number);
    }

    /** Writes a file; it appears under its name only when complete. */
    public static void write(Baseline baseline, Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        ReportFile.makeFolder(parent);
        try (ReportFile target = new ReportFile(file)) {
            target.stream().write(text(baseline).getBytes(StandardCharsets.UTF_8));
            target.commit();
        }
    }

    static String text(Baseline baseline) {
        StringBuilder yaml = new StringBuilder("""
                # What nattrail check expects of this case. Written by: nattrail check DIR --baseline FILE --update
                # Numbers of flows may be 12, 8..16, 8.., 12 ±20%, all, any; what is left out is not compared. See docs/regression.md.
                """);
        yaml.append(MARK).append(": ").append(VERSION).append('\n');
        yaml.append("by: ").append(baseline.by().label()).append('\n');
        yaml.append("complete: ").append(baseline.complete() ? "yes" : "no").append('\n');
        double factor = baseline.latencyFactor();
        yaml.append("tolerances: {counts: ").append(baseline.counts()).append(", latency: ")
                .append(factor == Math.rint(factor) ? Long.toString((long) factor) : Double.toString(factor)).append("}\n");
        if (baseline.captureDeviations() != null) {
            yaml.append("captures:\n");
            counts(yaml, "  deviations: ", baseline.captureDeviations(), "none");
        }
        yaml.append("flows:\n");
        for (Expectation entry : baseline.expectations()) {
            StringBuilder text = new StringBuilder();
            scalar(text, "path", entry.path());
            scalar(text, "protocol", entry.protocol());
            scalar(text, "service", entry.service());
            scalar(text, "endpoint", entry.endpoint());
            scalar(text, "flows", entry.flows() == null ? null : entry.flows().text());
            if (entry.outcomes() != null) {
                counts(text, "  outcomes: ", entry.outcomes(), null);
            }
            if (entry.translation() != null) {
                counts(text, "  translation: ", entry.translation(), null);
            }
            if (entry.steps() != null) {
                Map<String, String> steps = new LinkedHashMap<>();
                entry.steps().forEach((number, counts) -> steps.put(number, counts(counts, null)));
                map(text, "  steps: ", steps);
            }
            if (entry.deviations() != null) {
                counts(text, "  deviations: ", entry.deviations(), "none");
            }
            if (entry.latency() != null) {
                Map<String, String> latency = new LinkedHashMap<>();
                entry.latency().forEach((number, band) -> latency.put(number, band.toString()));
                map(text, "  latency: ", latency);
            }
            yaml.append(text.isEmpty() ? "- {}\n" : "- " + text.substring(2));
        }
        return yaml.toString();
    }

    private static void scalar(StringBuilder yaml, String key, String text) {
        if (text != null) {
            yaml.append("  ").append(key).append(": ").append(quoted(text)).append('\n');
        }
    }

    private static void line(StringBuilder yaml, String key, String value) {
        yaml.append(key).append(value).append('\n');
    }

    private static void counts(StringBuilder yaml, String key, Map<String, Count> counts, String none) {
        if (isOneWord(counts, none)) {
            line(yaml, key, counts(counts, none));
        } else {
            Map<String, String> texts = new LinkedHashMap<>();
            counts.forEach((name, count) -> texts.put(name, quoted(count.text())));
            map(yaml, key, texts);
        }
    }

    /** A flow map; it may span lines as long as they are indented deeper than its key. */
    private static void map(StringBuilder yaml, String key, Map<String, String> entries) {
        yaml.append(key).append('{');
        int width = key.length() + 1;
        String separator = "";
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            String text = quoted(entry.getKey()) + ": " + entry.getValue();
            boolean wraps = width + separator.length() + text.length() > WIDE && !separator.isEmpty();
            yaml.append(wraps ? ",\n      " : separator).append(text);
            width = wraps ? 6 + text.length() : width + separator.length() + text.length();
            separator = ", ";
        }
        yaml.append("}\n");
    }

    /**
     * As a map, or as one word where all flows are alike.
     *
     * @param none what to write for an empty map, or null for {@code {}}
     */
    static String counts(Map<String, Count> counts, String none) {
        if (isOneWord(counts, none)) {
            return counts.isEmpty() ? none : quoted(counts.keySet().iterator().next());
        }
        Map<String, String> texts = new LinkedHashMap<>();
        counts.forEach((key, count) -> texts.put(key, quoted(count.text())));
        return map(texts);
    }

    private static boolean isOneWord(Map<String, Count> counts, String none) {
        if (counts.isEmpty()) {
            return none != null;
        }
        Map.Entry<String, Count> only = counts.entrySet().iterator().next();
        // The word none would be read as the empty map.
        return counts.size() == 1 && only.getValue().equals(Count.ALL) && !only.getKey().equals(none);
    }

    private static String map(Map<String, String> entries) {
        StringJoiner map = new StringJoiner(", ", "{", "}");
        entries.forEach((key, value) -> map.add(quoted(key) + ": " + value));
        return map.toString();
    }

    /** Plain where YAML takes it as it is, else in double quotes. */
    static String quoted(String text) {
        boolean plain = text.matches("[A-Za-z0-9.][A-Za-z0-9 ._/+:()%±*-]*") && !text.contains(": ") && !text.endsWith(":")
                && !text.endsWith(" ")
                && !text.matches("(?i)null|~|true|false") && text.length() < 100;
        if (plain) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < 0x20 || c > 0x7e) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
