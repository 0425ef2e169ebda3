package io.nattrail.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.net.Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The flow table in blocks of columns: one JSON array for each column, texts by their place in the block's list. */
final class HtmlRows {
    private static final int BLOCK_ROWS = 4096;
    private static final JsonFactory JSON = new JsonFactory();

    private final HtmlSpool spool;
    private final HtmlSpool.Kind kind;
    private final long baseNanos;
    private HtmlTexts texts = new HtmlTexts();
    private Map<String, List<Long>> columns = new LinkedHashMap<>();
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
        number("id", flow.id() - (long) last);
        number("start", flow.startNanos() - lastStart);
        number("duration", flow.endNanos() - flow.startNanos());
        number("verdict", flow.verdict().ordinal());
        text("path", flow.path());
        text("protocol", flow.protocol().label());
        endpoint("client", flow.client());
        endpoint("service", flow.service());
        endpoint("clusterIp", flow.clusterIp());
        text("serviceName", flow.serviceName());
        text("entryNode", flow.entryNode());
        endpoint("source", flow.translated() == null ? null : flow.translated().source());
        endpoint("destination", flow.translated() == null ? null : flow.translated().destination());
        FlowResult.FlowEndpoint endpoint = flow.endpoint();
        endpoint("endpoint", endpoint == null ? null : endpoint.address());
        text("pod", endpoint == null ? null : endpoint.pod());
        text("node", endpoint == null ? null : endpoint.node());
        number("local", endpoint == null || endpoint.local() == null ? -1 : endpoint.local() ? 1 : 0);
        text("failedStep", flow.failedStep());
        text("codes", codes(flow));
        number("packets", flow.packets().values().stream().mapToLong(packets -> packets.request() + packets.reply()).sum());
        number("requestBytes", flow.requestBytes());
        number("replyBytes", flow.replyBytes());
        number("trail", flow.trail() == null ? 0 : 1);
        last = flow.id();
        lastStart = flow.startNanos();
        count++;
        if (count == BLOCK_ROWS) {
            finish();
        }
    }

    /** The codes of a flow, the gravest first, each once, behind the number of its severity. */
    private static String codes(FlowResult flow) {
        Set<String> codes = new LinkedHashSet<>();
        for (Severity severity : List.of(Severity.ERROR, Severity.WARNING, Severity.INFO)) {
            for (Deviation deviation : flow.deviations()) {
                if (deviation.severity() == severity) {
                    codes.add(severity.ordinal() + deviation.code());
                }
            }
        }
        return codes.isEmpty() ? null : codes.stream().collect(Collectors.joining(" "));
    }

    void finish() throws IOException {
        if (count == 0) {
            return;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            texts.write(json);
            for (Map.Entry<String, List<Long>> column : columns.entrySet()) {
                json.writeArrayFieldStart(column.getKey());
                for (long value : column.getValue()) {
                    json.writeNumber(value);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        spool.add(kind, first, last, count, HtmlSpool.deflate(bytes.toByteArray()));
        texts = new HtmlTexts();
        columns = new LinkedHashMap<>();
        count = 0;
    }

    /** An endpoint takes two columns, so that addresses repeat though ports do not. */
    private void endpoint(String column, Endpoint value) {
        text(column, value == null ? null : value.address().toString());
        number(column + "Port", value == null ? 0 : value.port());
    }

    private void text(String column, String value) {
        number(column, value == null ? -1 : texts.number(value));
    }

    private void number(String column, long value) {
        columns.computeIfAbsent(column, absent -> new ArrayList<>()).add(value);
    }
}
