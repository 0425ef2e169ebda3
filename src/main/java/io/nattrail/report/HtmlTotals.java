package io.nattrail.report;

import com.fasterxml.jackson.core.JsonGenerator;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.DeviationType;
import io.nattrail.deviation.Verdict;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Hop;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.path.Step;
import io.nattrail.path.StepStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Sums over all flows for the picture of the path: what each path, each node behind it and each step saw. They count every flow, also
 * those whose rows are left out of the table.
 */
final class HtmlTotals {
    /** Endpoints, nodes and clients named one by one; the rest is only counted. */
    private static final int NAMED = 200;

    private final Map<String, PathTotal> paths = new LinkedHashMap<>();
    private final Map<String, DeviationType> types = new TreeMap<>();
    private final Map<String, Long> flowsByCode = new TreeMap<>();
    private long trails;
    private long unmatched;

    /** Flows of one path. */
    private static final class PathTotal {
        final long[] verdicts = new long[Verdict.values().length];
        final Map<String, GroupTotal> groups = new LinkedHashMap<>();
        final Map<HopPlace, HopTotal> hops = new LinkedHashMap<>();
        final Map<IpAddress, long[]> clients = new LinkedHashMap<>();
        final Map<Endpoint, long[]> services = new LinkedHashMap<>();
        final Map<String, long[]> entryNodes = new LinkedHashMap<>();
        final Map<String, long[]> serviceNames = new LinkedHashMap<>();
    }

    /** Flows of one path whose endpoint is on one node; {@code node} null where no endpoint was chosen or nothing tells. */
    private static final class GroupTotal {
        final String node;
        final Boolean local;
        final long[] verdicts = new long[Verdict.values().length];
        final Map<String, StepTotal> steps = new LinkedHashMap<>();
        final Map<Endpoint, EndpointTotal> endpoints = new LinkedHashMap<>();

        GroupTotal(String node, Boolean local) {
            this.node = node;
            this.local = local;
        }
    }

    private static final class StepTotal {
        final String title;
        final long[] statuses = new long[StepStatus.values().length];
        final Map<String, long[]> codes = new TreeMap<>();
        final Set<String> points = new HashSet<>();
        long failed;
        long packets;

        StepTotal(String title) {
            this.title = title;
        }
    }

    private static final class EndpointTotal {
        final String pod;
        final long[] verdicts = new long[Verdict.values().length];

        EndpointTotal(String pod) {
            this.pod = pod;
        }
    }

    private record HopPlace(String from, String to, Direction direction) {
        // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

        @Override
        public boolean equals(Object other) {
            return other instanceof HopPlace that && direction == that.direction && from.equals(that.from) && to.equals(that.to);
        }

        @Override
        public int hashCode() {
            return (31 * from.hashCode() + to.hashCode()) * 31 + direction.ordinal();
        }
    }

    private static final class HopTotal {
        final long[] counts = new long[7];
        long least = Long.MAX_VALUE;
        long greatest = Long.MIN_VALUE;
        final List<Long> medians = new ArrayList<>();
    }

    void add(FlowResult flow) {
        PathTotal path = paths.computeIfAbsent(String.valueOf(flow.path()), name -> new PathTotal());
        int verdict = flow.verdict().ordinal();
        path.verdicts[verdict]++;
        count(path.clients, flow.client().address());
        count(path.services, flow.service());
        count(path.entryNodes, flow.entryNode());
        count(path.serviceNames, flow.serviceName());
        FlowResult.FlowEndpoint endpoint = flow.endpoint();
        String node = endpoint == null ? null : endpoint.node();
        Boolean local = endpoint == null ? null : endpoint.local();
        GroupTotal group = path.groups.computeIfAbsent(node + " " + local, key -> new GroupTotal(node, local));
        group.verdicts[verdict]++;
        if (endpoint != null && endpoint.address() != null) {
            EndpointTotal total = group.endpoints.get(endpoint.address());
            if (total == null && group.endpoints.size() < NAMED) {
                total = new EndpointTotal(endpoint.pod());
                group.endpoints.put(endpoint.address(), total);
            }
            if (total != null) {
                total.verdicts[verdict]++;
            }
        }
        steps(flow, group);
        for (Hop hop : flow.hops()) {
            hop(hop, path);
        }
        if (!flow.deviations().isEmpty()) {
            codes(flow.deviations());
        }
        if (flow.trail() != null) {
            trails++;
        }
        if (flow.translated() == null) {
            unmatched++;
        }
    }

    private void codes(List<Deviation> deviations) {
        Set<String> codes = new HashSet<>();
        for (Deviation deviation : deviations) {
            add(deviation);
            if (codes.add(deviation.code())) {
                flowsByCode.merge(deviation.code(), 1L, Long::sum);
            }
        }
    }

    /** Remembers what a code means. */
    void add(Deviation deviation) {
        types.putIfAbsent(deviation.code(), deviation.type());
    }

    /** Flows whose packets the analysis handed over one by one. */
    long trails() {
        return trails;
    }

    private static void steps(FlowResult flow, GroupTotal group) {
        for (Step step : flow.steps()) {
            StepTotal total = group.steps.get(step.number());
            if (total == null) {
                total = new StepTotal(step.title());
                group.steps.put(step.number(), total);
            }
            total.statuses[step.status().ordinal()]++;
            total.packets += step.packets();
            for (FrameRef frame : step.evidence()) {
                total.points.add(frame.point());
            }
            if (step.number().equals(flow.failedStep())) {
                total.failed++;
            }
        }
        for (Deviation deviation : flow.deviations()) {
            StepTotal total = deviation.step() == null ? null : group.steps.get(deviation.step());
            if (total != null) {
                count(total.codes, deviation.severity().ordinal() + deviation.code());
            }
        }
    }

    private static void hop(Hop hop, PathTotal path) {
        HopTotal total = path.hops.computeIfAbsent(new HopPlace(hop.from(), hop.to(), hop.direction()), place -> new HopTotal());
        total.counts[0] += hop.sent();
        total.counts[1] += hop.delivered();
        total.counts[2] += hop.lost();
        total.counts[3] += hop.hidden();
        total.counts[4] += hop.duplicated();
        total.counts[5] += hop.reordered();
        total.counts[6] += hop.altered();
        if (hop.delivered() > 0) {
            total.least = Math.min(total.least, hop.minDelayNanos());
            total.greatest = Math.max(total.greatest, hop.maxDelayNanos());
            // A bounded sample of the flows' medians is enough for their middle, and the same in every run.
            if (total.medians.size() < 4096) {
                total.medians.add(hop.medianDelayNanos());
            }
        }
    }

    private static <T> void count(Map<T, long[]> counts, T name) {
        if (name == null) {
            return;
        }
        long[] count = counts.get(name);
        if (count == null && counts.size() < NAMED) {
            count = new long[1];
            counts.put(name, count);
        }
        if (count != null) {
            count[0]++;
        }
    }

    /** Writes {@code paths} and {@code codes} into the object that is open. */
    void write(JsonGenerator json, HtmlFlowCoder.Clocks clocks) throws IOException {
        json.writeArrayFieldStart("paths");
        for (Map.Entry<String, PathTotal> entry : paths.entrySet()) {
            PathTotal path = entry.getValue();
            json.writeStartObject();
            json.writeStringField("name", entry.getKey());
            numbers(json, "verdicts", path.verdicts);
            counts(json, "clients", path.clients);
            counts(json, "services", path.services);
            counts(json, "entryNodes", path.entryNodes);
            counts(json, "serviceNames", path.serviceNames);
            json.writeArrayFieldStart("groups");
            for (GroupTotal group : path.groups.values()) {
                group(json, group);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("hops");
            for (Map.Entry<HopPlace, HopTotal> hop : path.hops.entrySet()) {
                hop(json, hop.getKey(), hop.getValue(), clocks);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectFieldStart("codes");
        for (DeviationType type : types.values()) {
            json.writeObjectFieldStart(type.code());
            json.writeNumberField("severity", type.severity().ordinal());
            json.writeNumberField("flows", flowsByCode.getOrDefault(type.code(), 0L));
            json.writeStringField("title", type.title());
            json.writeStringField("wire", type.wire());
            strings(json, "causes", type.causes());
            strings(json, "checks", type.checksInGeneral());
            strings(json, "references", type.references());
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeNumberField("untranslated", unmatched);
    }

    private static void group(JsonGenerator json, GroupTotal group) throws IOException {
        json.writeStartObject();
        json.writeStringField("node", group.node);
        if (group.local == null) {
            json.writeNullField("local");
        } else {
            json.writeBooleanField("local", group.local);
        }
        numbers(json, "verdicts", group.verdicts);
        json.writeArrayFieldStart("endpoints");
        for (Map.Entry<Endpoint, EndpointTotal> endpoint : group.endpoints.entrySet()) {
            json.writeStartObject();
            json.writeStringField("address", endpoint.getKey().toString());
            json.writeStringField("pod", endpoint.getValue().pod);
            numbers(json, "verdicts", endpoint.getValue().verdicts);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("steps");
        for (Map.Entry<String, StepTotal> entry : group.steps.entrySet()) {
            StepTotal step = entry.getValue();
            json.writeStartObject();
            json.writeStringField("number", entry.getKey());
            json.writeStringField("title", step.title);
            numbers(json, "statuses", step.statuses);
            json.writeNumberField("failed", step.failed);
            json.writeNumberField("packets", step.packets);
            counts(json, "codes", step.codes);
            strings(json, "points", step.points.stream().sorted().toList());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void hop(JsonGenerator json, HopPlace place, HopTotal total, HtmlFlowCoder.Clocks clocks) throws IOException {
        json.writeStartObject();
        json.writeNumberField("from", clocks.index(place.from));
        json.writeNumberField("to", clocks.index(place.to));
        json.writeNumberField("direction", place.direction == Direction.REQUEST ? 0 : 1);
        numbers(json, "counts", total.counts);
        if (!total.medians.isEmpty()) {
            long[] medians = total.medians.stream().mapToLong(Long::longValue).sorted().toArray();
            numbers(json, "delays", new long[] {total.least, medians[medians.length / 2], total.greatest});
        }
        json.writeEndObject();
    }

    static void numbers(JsonGenerator json, String name, long[] values) throws IOException {
        json.writeFieldName(name);
        json.writeArray(values, 0, values.length);
    }

    static void strings(JsonGenerator json, String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }

    private static void counts(JsonGenerator json, String name, Map<?, long[]> counts) throws IOException {
        json.writeArrayFieldStart(name);
        for (Map.Entry<?, long[]> entry : counts.entrySet()) {
            json.writeStartArray();
            json.writeString(entry.getKey().toString());
            json.writeNumber(entry.getValue()[0]);
            json.writeEndArray();
        }
        json.writeEndArray();
    }

}
