package io.nattrail.truth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How well a report.json agrees with what really happened ({@code truth.json}). What counts is what the score of the shared collection
 * counts; only the packets of {@code tcpdump -i any} are left out by point instead of by case.
 */
final class Score {
    /** Where a clock was moved, its offset must be found to this. */
    private static final double CLOCK_SECONDS = 0.002;

    private final List<String> notes = new ArrayList<>();

    /** What is compared, flow by flow. */
    enum Field {
        FLOWS, TRANSLATION, ENDPOINT, STEPS, VERDICT, FAILED_STEP, PACKETS, CLOCKS
    }

    private record Key(String protocol, String client, String service) {
        static Key of(JsonNode flow) {
            return new Key(flow.path("protocol").asText(), flow.path("client").asText(), flow.path("service").asText());
        }

        @Override
        public String toString() {
            return protocol + " " + client + " -> " + service;
        }
    }

    private Score() {
    }

    static Score of(JsonNode truth, JsonNode report) {
        Score score = new Score();
        score.compare(truth, report);
        return score;
    }

    /** What was not right, one line each. */
    List<String> notes() {
        return notes;
    }

    /** What was not right in one of these fields. */
    List<String> notes(Set<Field> fields) {
        return notes.stream().filter(note -> fields.stream().anyMatch(field -> note.startsWith(field + ":"))).toList();
    }

    private void compare(JsonNode truth, JsonNode report) {
        Map<Key, Deque<JsonNode>> reported = new HashMap<>();
        for (JsonNode flow : report.path("flows")) {
            reported.computeIfAbsent(Key.of(flow), k -> new ArrayDeque<>()).add(flow);
        }
        Set<String> ofFlows = new TreeSet<>();
        for (JsonNode flow : truth.path("flows")) {
            flow.path("deviations").forEach(code -> ofFlows.addAll(alternatives(code)));
            flow.path("allowed").forEach(code -> ofFlows.addAll(alternatives(code)));
            JsonNode same = reported.getOrDefault(Key.of(flow), new ArrayDeque<>()).poll();
            // One whose packets were cut out of the captures may be in the report, but need not.
            if (wasSeen(flow)) {
                compareFlow(truth, flow, same);
            }
        }
        compareClocks(truth, report);
        List<Key> unexplained = new ArrayList<>();
        reported.forEach((key, left) -> left.forEach(flow -> unexplained.add(key)));
        if (!unexplained.isEmpty() && !truth.path("background").asBoolean()) {
            notes.add("extra flows: " + unexplained);
        }
        truth.path("allowed").forEach(code -> ofFlows.addAll(alternatives(code)));
        compareCodes("case", truth.path("deviations"), ofFlows, report.path("deviations"));
    }

    private static boolean wasSeen(JsonNode flow) {
        for (JsonNode point : flow.path("counts")) {
            if (!point.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private void compareFlow(JsonNode truth, JsonNode wanted, JsonNode flow) {
        Key where = Key.of(wanted);
        hit(Field.FLOWS, flow != null, where + ": not in the report");
        if (flow == null) {
            hit(Field.VERDICT, false, where + ": no flow");
            hit(Field.STEPS, false, where + ": no flow");
            return;
        }
        if (!wanted.path("translated").isNull() && translationOnWire(wanted)) {
            JsonNode translated = flow.path("translated");
            hit(Field.TRANSLATION, translated.path("source").equals(wanted.path("translated").path("source"))
                    && translated.path("destination").equals(wanted.path("translated").path("destination")),
                    where + ": " + translated + " instead of " + wanted.path("translated"));
            String endpoint = flow.path("endpoint").path("address").asText("null");
            hit(Field.ENDPOINT, endpoint.equals(wanted.path("endpoint").asText("null")),
                    where + ": " + endpoint + " instead of " + wanted.path("endpoint"));
        }
        compareSteps(where, wanted, flow);
        hit(Field.VERDICT, alternatives(wanted.path("verdict")).contains(flow.path("verdict").asText()),
                where + ": " + flow.path("verdict").asText() + " instead of " + wanted.path("verdict").asText());
        if (!wanted.path("failedStep").isNull()) {
            hit(Field.FAILED_STEP, alternatives(wanted.path("failedStep")).contains(flow.path("failedStep").asText()),
                    where + ": " + flow.path("failedStep").asText() + " instead of " + wanted.path("failedStep").asText());
        }
        if (truth.path("edited").isNull()) {
            comparePackets(where, wanted, flow);
        }
        Set<String> allowed = new TreeSet<>();
        wanted.path("allowed").forEach(code -> allowed.addAll(alternatives(code)));
        compareCodes(where.toString(), wanted.path("deviations"), allowed, flow.path("deviations"));
    }

    private static boolean translationOnWire(JsonNode flow) {
        for (JsonNode point : flow.path("counts")) {
            if (point.path("B").asLong() + point.path("Br").asLong() > 0) {
                return true;
            }
        }
        return false;
    }

    private void compareSteps(Key where, JsonNode wanted, JsonNode flow) {
        Map<String, String> statuses = new TreeMap<>();
        flow.path("steps").forEach(step -> statuses.put(step.path("number").asText(), step.path("status").asText()));
        wanted.path("steps").fields().forEachRemaining(step -> hit(Field.STEPS,
                alternatives(step.getValue()).contains(statuses.getOrDefault(step.getKey(), "none")),
                where + ": step " + step.getKey() + " " + statuses.get(step.getKey()) + " instead of " + step.getValue().asText()));
    }

    private void comparePackets(Key where, JsonNode wanted, JsonNode flow) {
        wanted.path("counts").fields().forEachRemaining(point -> {
            JsonNode counts = point.getValue();
            JsonNode packets = flow.path("packets").path(point.getKey());
            if (!counts.isEmpty() && packets.isObject() && !point.getKey().endsWith("any")) {
                long request = counts.path("A").asLong() + counts.path("B").asLong();
                long reply = counts.path("Ar").asLong() + counts.path("Br").asLong();
                hit(Field.PACKETS, packets.path("request").asLong() == request && packets.path("reply").asLong() == reply,
                        where + ": " + point.getKey() + " " + packets + " instead of " + request + " and " + reply);
            }
        });
    }

    private void compareClocks(JsonNode truth, JsonNode report) {
        Map<String, JsonNode> offsets = new HashMap<>();
        report.path("points").forEach(point -> offsets.put(point.path("name").asText(), point.path("clock").path("offsetNanos")));
        JsonNode client = offsets.getOrDefault("client", MissingNode.getInstance());
        truth.path("clocks").fields().forEachRemaining(point -> {
            JsonNode offset = offsets.getOrDefault(point.getKey(), MissingNode.getInstance());
            double apart = (offset.asLong() - client.asLong()) / 1e9;
            hit(Field.CLOCKS, offset.isNumber() && client.isNumber() && Math.abs(apart - point.getValue().asDouble()) < CLOCK_SECONDS,
                    point.getKey() + ": " + offset + " instead of " + point.getValue() + " s ahead of the client");
        });
    }

    private void compareCodes(String where, JsonNode must, Set<String> allowed, JsonNode deviations) {
        Set<String> codes = new TreeSet<>();
        deviations.forEach(deviation -> codes.add(deviation.path("code").asText()));
        Set<String> explained = new TreeSet<>(allowed);
        for (JsonNode want : must) {
            Set<String> options = alternatives(want);
            explained.addAll(options);
            if (options.stream().noneMatch(codes::contains)) {
                notes.add("deviation missed: " + where + ": " + want.asText() + ", reported: " + codes);
            }
        }
        Set<String> unexplained = new TreeSet<>();
        for (JsonNode deviation : deviations) {
            if (!deviation.path("severity").asText().equals("info") && !explained.contains(deviation.path("code").asText())) {
                unexplained.add(deviation.path("code").asText());
            }
        }
        unexplained.forEach(code -> notes.add("deviation wrong: " + where + ": " + code));
    }

    private void hit(Field field, boolean right, String note) {
        if (!right) {
            notes.add(field + ": " + note);
        }
    }

    /** {@code a|b}: either is right. */
    private static Set<String> alternatives(JsonNode text) {
        return new TreeSet<>(List.of(text.asText().split("\\|")));
    }
}
