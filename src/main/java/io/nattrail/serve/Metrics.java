package io.nattrail.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * What the server counted, in Prometheus' text format (version 0.0.4). The set of series is fixed: no label holds anything that a client
 * chose.
 */
final class Metrics {
    static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final double[] BOUNDS = {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900};

    private final Map<String, LongAdder> requests = synchronizedCounters();
    private final Map<String, LongAdder> uploads = synchronizedCounters();
    private final Map<String, LongAdder> analyses = synchronizedCounters();
    private final LongAdder uploadedBytes = new LongAdder();
    private final LongAdder[] buckets = new LongAdder[BOUNDS.length + 1];
    private final LongAdder analysisNanos = new LongAdder();
    private final List<Gauge> gauges = new ArrayList<>();

    /** A value that is asked for when it is told. */
    private record Gauge(String name, String labels, String help, DoubleSupplier value) {
    }

    Metrics(String version) {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
        for (String result : List.of("accepted", "refused", "aborted")) {
            uploads.put(label("result", result), new LongAdder());
        }
        for (String result : List.of("done", "failed", "deleted")) {
            analyses.put(label("result", result), new LongAdder());
        }
        gauge("nattrail_build_info", label("version", version), "Version of the server.", () -> 1);
        Runtime runtime = Runtime.getRuntime();
        gauge("nattrail_heap_used_bytes", "", "Java heap in use.", () -> runtime.totalMemory() - runtime.freeMemory());
        gauge("nattrail_heap_max_bytes", "", "Java heap that may be used.", runtime::maxMemory);
        double start = ProcessHandle.current().info().startInstant().map(i -> i.toEpochMilli() / 1000.0).orElse(Double.NaN);
        gauge("process_start_time_seconds", "", "When the server was started, seconds since 1970.", () -> start);
    }

    private static Map<String, LongAdder> synchronizedCounters() {
        return java.util.Collections.synchronizedMap(new TreeMap<>());
    }

    /** Adds a value to tell; those of one name one after the other. */
    void gauge(String name, String labels, String help, DoubleSupplier value) {
        gauges.add(new Gauge(name, labels, help, value));
    }

    static String label(String name, String value) {
        return name + "=\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    /**
     * A request was answered.
     *
     * @param route path as documented, not as asked for
     */
    void answered(String method, String route, int status) {
        requests.computeIfAbsent(label("method", method) + "," + label("route", route) + "," + label("status", Integer.toString(status)),
                key -> new LongAdder()).increment();
    }

    /** An upload ended: {@code accepted}, {@code refused}, {@code aborted}. */
    void uploaded(String result, long bytes) {
        uploads.get(label("result", result)).increment();
        uploadedBytes.add(bytes);
    }

    /** An analysis ended: {@code done}, {@code failed}, {@code deleted}. */
    void analyzed(String result, long nanos) {
        analyses.get(label("result", result)).increment();
        analysisNanos.add(nanos);
        int bucket = 0;
        while (bucket < BOUNDS.length && nanos > BOUNDS[bucket] * 1e9) {
            bucket++;
        }
        buckets[bucket].increment();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        counters(text, "nattrail_http_requests_total", "Requests answered.", requests);
        counters(text, "nattrail_uploads_total", "Uploads ended.", uploads);
        head(text, "nattrail_upload_bytes_total", "counter", "Bytes of files received.");
        sample(text, "nattrail_upload_bytes_total", "", uploadedBytes.sum());
        counters(text, "nattrail_analyses_total", "Analyses ended.", analyses);
        histogram(text);
        String last = "";
        for (Gauge gauge : gauges) {
            if (!gauge.name().equals(last)) {
                head(text, gauge.name(), "gauge", gauge.help());
                last = gauge.name();
            }
            sample(text, gauge.name(), gauge.labels(), gauge.value().getAsDouble());
        }
        return text.toString();
    }

    private void histogram(StringBuilder text) {
        String name = "nattrail_analysis_seconds";
        head(text, name, "histogram", "How long analyses took.");
        long sum = 0;
        for (int i = 0; i < buckets.length; i++) {
            sum += buckets[i].sum();
            sample(text, name + "_bucket", label("le", i < BOUNDS.length ? number(BOUNDS[i]) : "+Inf"), sum);
        }
        sample(text, name + "_sum", "", analysisNanos.sum() / 1e9);
        sample(text, name + "_count", "", sum);
    }

    private static void counters(StringBuilder text, String name, String help, Map<String, LongAdder> counters) {
        head(text, name, "counter", help);
        synchronized (counters) {
            counters.forEach((labels, count) -> sample(text, name, labels, count.sum()));
        }
    }

    private static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void sample(StringBuilder text, String name, String labels, double value) {
        text.append(name);
        if (!labels.isEmpty()) {
            text.append('{').append(labels).append('}');
        }
        text.append(' ').append(number(value)).append('\n');
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : Double.toString(value);
    }
}
