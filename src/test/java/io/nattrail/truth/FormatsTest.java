package io.nattrail.truth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nattrail.analysis.CaptureInspection;
import io.nattrail.analysis.CaptureInspector;
import io.nattrail.capture.CaptureFacts;
import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.wire.LinkType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A thousand captures of all kinds and conditions, against what tshark, libpcap and others agree on. */
class FormatsTest {
    /** A time of the year 586524, which 64 bits of nanoseconds cannot tell: read as a packet without a time, and told as damage. */
    private static final Set<String> IMPOSSIBLE_TIMES = Set.of("real/PcapPlusPlus/PcapExamples-pcapng-example.pcapng",
            "real/PcapPlusPlus/pcapng-example.pcapng.zst");

    private final List<String> wrong = new ArrayList<>();
    private int compared;
    private int counts;
    private final List<String> otherCounts = new ArrayList<>();

    @Test
    void haveTheFactsThatIndependentReadersAgreeOn() throws IOException {
        Path folder = Shared.path("formats/oracle.json").getParent();
        JsonNode oracle = new ObjectMapper().readTree(folder.resolve("oracle.json").toFile());

        for (JsonNode entry : oracle.get("files")) {
            Path file = folder.resolve(entry.get("file").asText());
            if (Files.exists(file)) {
                compare(entry.get("file").asText(), file, entry.get("expected"));
            }
        }

        assertThat(compared).isPositive();
        assertThat(wrong).isEmpty();
        // Where only decoding differs, reading is not to blame: tshark opens no BIG TCP in tunnels, nor VXLAN on Linux' own port.
        assertThat(otherCounts).hasSizeLessThan(counts / 150);
    }

    private void compare(String name, Path file, JsonNode expected) throws IOException {
        CaptureInspection inspection;
        try (CaptureReader reader = CaptureReader.open(file)) {
            inspection = CaptureInspector.inspect(reader);
        } catch (UnreadableInputException e) {
            boolean empty = expected.path("packets").asLong(0) == 0 && expected.path("damaged").asBoolean();
            equal(name, "refused", true, empty || expected.path("clearError").asBoolean());
            equal(name, "names the file", true, e.getMessage().contains(file.getFileName().toString()) && !e.remedy().isEmpty());
            return;
        }
        CaptureFacts facts = inspection.facts();
        boolean timesKnown = !IMPOSSIBLE_TIMES.contains(name);
        equal(name, "accepted", false, expected.path("clearError").asBoolean() && facts.damage().isEmpty());
        field(name, expected, "format", facts.format());
        field(name, expected, "compression", facts.compression());
        field(name, expected, "byteOrder", facts.byteOrder());
        field(name, expected, "packets", facts.packets());
        field(name, expected, "capturedBytes", facts.capturedBytes());
        field(name, expected, "wireBytes", facts.wireBytes());
        time(name, expected, "firstTimeNanos", "earliestTimeNanos", facts.firstTimeNanos());
        if (timesKnown) {
            time(name, expected, "lastTimeNanos", "latestTimeNanos", facts.lastTimeNanos());
            field(name, expected, "damaged", !facts.damage().isEmpty());
        }
        sets(name, expected, "timeResolutions", facts.timeResolutions());
        sets(name, expected, "linkTypes", facts.linkTypes());
        for (Map.Entry<String, Long> count : counts(inspection).entrySet()) {
            String[] path = count.getKey().split("\\.");
            JsonNode group = expected.path(path[0]);
            count(name, count.getKey(), count.getValue(), group.has("outer") || group.has("innermost")
                    ? List.of(group.path("outer").path(path[1]), group.path("innermost").path(path[1])) : List.of(group.path(path[1])));
        }
    }

    private static Map<String, Long> counts(CaptureInspection inspection) {
        Map<String, Long> counts = new TreeMap<>();
        counts.put("protocols.tcp", inspection.protocols().tcp());
        counts.put("protocols.udp", inspection.protocols().udp());
        counts.put("protocols.icmp", inspection.protocols().icmp());
        counts.put("protocols.icmpv6", inspection.protocols().icmpv6());
        counts.put("protocols.sctp", inspection.protocols().sctp());
        counts.put("protocols.arp", inspection.protocols().arp());
        counts.put("tcpFlags.syn", inspection.tcpFlags().syn());
        counts.put("tcpFlags.synAck", inspection.tcpFlags().synAck());
        counts.put("tcpFlags.fin", inspection.tcpFlags().fin());
        counts.put("tcpFlags.rst", inspection.tcpFlags().rst());
        counts.put("conversations.tcp", inspection.conversations().tcp());
        counts.put("conversations.udp", inspection.conversations().udp());
        return counts;
    }

    private void count(String name, String field, long value, List<JsonNode> accepted) {
        boolean any = false;
        boolean equal = false;
        for (JsonNode node : accepted) {
            any |= node.isNumber();
            equal |= node.isNumber() && node.asLong() == value;
        }
        if (any) {
            counts++;
            if (!equal) {
                otherCounts.add(name + " " + field + ": " + value + " instead of " + accepted);
            }
        }
    }

    /** First in the file, or earliest: records of zeros have no time here, and are of 1970 elsewhere. */
    private void time(String name, JsonNode expected, String field, String other, Long value) {
        boolean either = value != null && value.toString().equals(expected.path(other).asText());
        if (!either) {
            field(name, expected, field, value);
        }
    }

    private void field(String name, JsonNode expected, String field, Object value) {
        if (expected.has(field)) {
            equal(name, field, expected.get(field).asText(), Objects.toString(value));
        }
    }

    private void sets(String name, JsonNode expected, String field, List<String> values) {
        if (expected.has(field)) {
            Set<String> wanted = new TreeSet<>();
            // A link type is a number to those who have no name for it.
            expected.get(field).forEach(node -> wanted.add(node.asText().matches("\\d+") ? LinkType.name(node.asInt()) : node.asText()));
            wanted.removeIf(text -> text.startsWith("1/"));
            Set<String> found = new TreeSet<>(values);
            found.removeIf(text -> text.startsWith("1/"));
            equal(name, field, wanted, found);
        }
    }

    private void equal(String name, String field, Object wanted, Object found) {
        compared++;
        if (!wanted.equals(found)) {
            wrong.add(name + " " + field + ": " + found + " instead of " + wanted);
        }
    }
}
