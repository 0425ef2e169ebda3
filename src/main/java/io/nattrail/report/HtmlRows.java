package io.nattrail.report;

import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The flow table in blocks of columns: one JSON array for each column, texts by their place in the block's list. */
final class HtmlRows {
    private static final int BLOCK_ROWS = 4096;
    /** In the order in which {@link #add} fills them; an endpoint takes two, so that addresses repeat though ports do not. */
    private static final List<String> COLUMNS = List.of("id", "start", "duration", "verdict", "path", "protocol", "client", "clientPort",
            "service", "servicePort", "clusterIp", "clusterIpPort", "serviceName", "entryNode", "source", "sourcePort", "destination",
            "destinationPort", "endpoint", "endpointPort", "pod", "node", "local", "failedStep", "codes", "packets", "requestBytes",
            "replyBytes", "trail");

    private final HtmlSpool spool;
    private final HtmlSpool.Kind kind;
    private final long baseNanos;
    private HtmlTexts texts = new HtmlTexts();
    private final Map<IpAddress, Integer> addresses = new HashMap<>();
    /** Row after row. */
    private long[] values = new long[64 * COLUMNS.size()];
    private int used;
    private int first;
    private int last;
    private int count;
    private long lastStart;

    HtmlRows(HtmlSpool spool, HtmlSpool.Kind kind, long baseNanos) {
        this.spool = spool;
        this.kind = kind;
        this.baseNanos = baseNanos;
        this.lastStart = baseNanos;
    }

    void add(FlowResult flow) throws IOException {
        if (count == 0) {
            first = flow.id();
            last = 0;
            lastStart = baseNanos;
        }
        if (used == values.length) {
            values = Arrays.copyOf(values, 2 * used);
        }
        number(flow.id() - (long) last);
        number(flow.startNanos() - lastStart);
        number(flow.endNanos() - flow.startNanos());
        number(flow.verdict().ordinal());
        text(flow.path());
        text(flow.protocol().label());
        endpoint(flow.client());
        endpoint(flow.service());
        endpoint(flow.clusterIp());
        text(flow.serviceName());
        text(flow.entryNode());
        endpoint(flow.translated() == null ? null : flow.translated().source());
        endpoint(flow.translated() == null ? null : flow.translated().destination());
        FlowResult.FlowEndpoint endpoint = flow.endpoint();
        endpoint(endpoint == null ? null : endpoint.address());
        text(endpoint == null ? null : endpoint.pod());
        text(endpoint == null ? null : endpoint.node());
        number(endpoint == null || endpoint.local() == null ? -1 : endpoint.local() ? 1 : 0);
        text(flow.failedStep());
        text(codes(flow));
        number(packets(flow));
        number(flow.requestBytes());
        number(flow.replyBytes());
        number(flow.trail() == null ? 0 : 1);
        last = flow.id();
        lastStart = flow.startNanos();
        count++;
        if (count == BLOCK_ROWS) {
            finish();
        }
    }

    private static long packets(FlowResult flow) {
        long sum = 0;
        for (FlowResult.PacketCount packets : flow.packets().values()) {
            sum += packets.request() + packets.reply();
        }
        return sum;
    }

    /** The codes of a flow, the gravest first, each once, behind the number of its severity and before the step where it was gravest. */
    private static String codes(FlowResult flow) {
        if (flow.deviations().isEmpty()) {
            return null;
        }
        Map<String, String> codes = new LinkedHashMap<>();
        for (Severity severity : List.of(Severity.ERROR, Severity.WARNING, Severity.INFO)) {
            for (Deviation deviation : flow.deviations()) {
                if (deviation.severity() == severity) {
                    String place = deviation.step() == null ? "" : "@" + deviation.step();
                    codes.putIfAbsent(deviation.code(), severity.ordinal() + deviation.code() + place);
                }
            }
        }
        return String.join(" ", codes.values());
    }

    void finish() throws IOException {
        if (count == 0) {
            return;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        JsonOut json = new JsonOut(bytes);
        json.object();
        texts.write(json);
        for (int column = 0; column < COLUMNS.size(); column++) {
            json.name(COLUMNS.get(column)).array();
            for (int i = column; i < used; i += COLUMNS.size()) {
                json.number(values[i]);
            }
            json.endArray();
        }
        json.endObject();
        json.flush();
        spool.add(kind, first, last, count, HtmlSpool.deflate(bytes.toByteArray()));
        texts = new HtmlTexts();
        addresses.clear();
        used = 0;
        count = 0;
    }

    private void endpoint(Endpoint value) {
        if (value == null) {
            number(-1);
            number(0);
            return;
        }
        Integer known = addresses.get(value.address());
        if (known == null) {
            known = texts.number(value.address().toString());
            addresses.put(value.address(), known);
        }
        number(known);
        number(value.port());
    }

    private void text(String value) {
        number(value == null ? -1 : texts.number(value));
    }

    private void number(long value) {
        values[used++] = value;
    }
}
