package io.nattrail.serve;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.server.Request;

/** What the server answers, path by path; {@code openapi.yaml} says the same to people. */
final class Api {
    /** What report.html may do: run its own script and offer downloads, but not as a page of this server. */
    private static final String REPORT_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
            + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            + "sandbox allow-scripts allow-downloads allow-popups allow-modals";
    private static final Map<String, String> TYPES = Map.of("html", Exchange.HTML, "json", Exchange.JSON_TYPE, "csv",
            "text/csv; charset=utf-8", "md", "text/markdown; charset=utf-8", "xml", "application/xml", "pcapng",
            "application/x-pcapng");
    private static final int LONGEST_TOKEN = 4096;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ServeSettings settings;
    private final Gate gate;
    private final CaseStore store;
    private final Intake intake;
    private final Metrics metrics;

    /** A case as the API tells it. */
    private record View(@JsonUnwrapped CaseRecord record, Run.View progress) {
        static View of(CaseStore.Entry entry) {
            Run run = entry.run();
            return new View(entry.record(), run == null ? null : run.view());
        }
    }

    Api(ServeSettings settings, Gate gate, CaseStore store, Intake intake, Metrics metrics) {
        this.settings = settings;
        this.gate = gate;
        this.store = store;
        this.intake = intake;
        this.metrics = metrics;
    }

    List<Route> routes() {
        return List.of(
                new Route("GET", "/health", true, this::health),
                new Route("GET", "/metrics", false, x -> x.text(Metrics.TYPE, metrics.text())),
                new Route("GET", "/openapi.yaml", true, x -> x.bytes("application/yaml", Assets.read("openapi.yaml"))),
                new Route("GET", "/api/info", false, this::info),
                new Route("POST", "/api/session", true, this::logIn),
                new Route("DELETE", "/api/session", true, x -> x.header("Set-Cookie", gate.noCookie()).nothing(204)),
                new Route("GET", "/api/cases", false, this::list),
                new Route("POST", "/api/cases", false, this::upload),
                new Route("GET", "/api/cases/{id}", false, x -> x.json(View.of(entry(x)))),
                new Route("DELETE", "/api/cases/{id}", false, this::delete),
                new Route("GET", "/api/cases/{id}/reports/{file}", false, this::report));
    }

    private void health(Exchange x) throws IOException {
        boolean room = store.quota().usable() >= settings.limits().freeBytes();
        Map<String, Object> health = new LinkedHashMap<>();
        health.put("status", room ? "ok" : "disk almost full");
        x.status(room ? 200 : 503).json(health);
    }

    private void info(Exchange x) throws IOException {
        Limits limits = settings.limits();
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("uploadBytes", limits.uploadBytes());
        told.put("files", limits.files());
        told.put("cases", limits.cases());
        told.put("dataBytes", limits.dataBytes());
        told.put("analysisSeconds", limits.analysisTime().toSeconds());
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("version", settings.version());
        info.put("token", gate.needsToken());
        info.put("usedBytes", store.quota().used());
        info.put("limits", told);
        x.json(info);
    }

    private void logIn(Exchange x) throws IOException {
        if (!gate.needsToken()) {
            x.nothing(204);
            return;
        }
        byte[] body;
        try (InputStream in = Request.asInputStream(x.request())) {
            body = in.readNBytes(LONGEST_TOKEN + 1);
        }
        JsonNode token = null;
        try {
            token = body.length > LONGEST_TOKEN ? null : JSON.readTree(body).get("token");
        } catch (JacksonException e) {
            // Handled below.
        }
        if (token == null || !token.isTextual()) {
            throw Refusal.of(400, "no token was sent", "send {\"token\": \"...\"}");
        }
        if (!gate.isToken(token.textValue())) {
            throw Refusal.of(401, "the token is not the one of this server", "copy the address that the server printed when it started");
        }
        x.header("Set-Cookie", gate.cookie(x.request())).nothing(204);
    }

    private void list(Exchange x) throws IOException {
        String tag = "\"" + Long.toString(store.revision(), 36) + "-" + Long.toString(ProcessHandle.current().pid(), 36) + "\"";
        x.header("ETag", tag).header("Cache-Control", "no-cache");
        if (tag.equals(x.request().getHeaders().get("If-None-Match"))) {
            x.nothing(304);
            return;
        }
        x.json(Map.of("cases", store.all().stream().map(View::of).toList()));
    }

    private void upload(Exchange x) throws IOException {
        CaseStore.Entry entry = intake.receive(x.request());
        x.status(201).header("Location", "/api/cases/" + entry.id()).json(View.of(entry));
    }

    private void delete(Exchange x) throws IOException {
        if (!store.delete(x.parameter("id"))) {
            throw noCase();
        }
        x.nothing(204);
    }

    private void report(Exchange x) throws IOException {
        CaseStore.Entry entry = entry(x);
        CaseRecord record = entry.record();
        CaseRecord.OutputFile report = record.reports().stream().filter(r -> r.file().equals(x.parameter("file"))).findFirst()
                .orElseThrow(() -> Refusal.notFound("the case has no such report" + (record.state() == CaseState.DONE ? "" : " yet")));
        String ending = report.file().substring(report.file().lastIndexOf('.') + 1);
        boolean page = ending.equals("html");
        if (page) {
            x.header("Content-Security-Policy", REPORT_POLICY);
        }
        x.header("Content-Disposition", (page || ending.equals("json") ? "inline" : "attachment") + "; filename=\""
                + FileNames.make(record.name(), new java.util.HashSet<>()) + "-" + report.file() + "\"");
        x.file(TYPES.getOrDefault(ending, "application/octet-stream"), store.open(entry, report));
    }

    private CaseStore.Entry entry(Exchange x) {
        CaseStore.Entry entry = store.find(x.parameter("id"));
        if (entry == null) {
            throw noCase();
        }
        return entry;
    }

    private static Refusal noCase() {
        return Refusal.notFound("there is no such case");
    }
}
