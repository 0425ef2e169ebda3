package io.nattrail.batch;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.nattrail.report.CsvSheet;
import io.nattrail.report.JunitSuite;
import io.nattrail.report.ReportFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The files about all cases: {@code index.html}, {@code summary.csv}, {@code summary.json}, {@code junit.xml}. */
final class BatchSummary {
    static final List<String> COLUMNS = List.of("case", "verdict", "flows", "ok", "degraded", "failed", "undetermined", "worst_severity",
            "root_cause", "step", "root_cause_flows", "message", "deviations", "points", "packets", "bytes", "error", "remedy", "report");

    private static final int SCHEMA_VERSION = 1;

    private final BatchOptions options;

    BatchSummary(BatchOptions options) {
        this.options = options;
    }

    void write(BatchResult result) throws IOException {
        Path out = options.out();
        csv(out.resolve("summary.csv"), result.rows());
        json(out.resolve("summary.json"), result);
        junit(out.resolve("junit.xml"), result.rows());
        try (ReportFile file = new ReportFile(out.resolve("index.html"))) {
            file.stream().write(new IndexPage(result.rows(), options.version()).html().getBytes(StandardCharsets.UTF_8));
            file.commit();
        }
    }

    private static void csv(Path target, List<CaseRow> rows) throws IOException {
        try (CsvSheet sheet = new CsvSheet(target, COLUMNS)) {
            for (CaseRow row : rows) {
                boolean analyzed = row.error() == null;
                CaseRow.Cause cause = row.cause();
                List<String> codes = new ArrayList<>();
                row.deviations().forEach((code, times) -> codes.add(code + "=" + times));
                sheet.text(row.name()).text(row.state().label());
                for (long number : new long[] {row.flows(), row.ok(), row.degraded(), row.failed(), row.undetermined()}) {
                    sheet.value(analyzed ? number : null);
                }
                sheet.text(row.worst() == null ? null : row.worst().label());
                sheet.text(cause == null ? null : cause.code()).text(cause == null ? null : cause.step());
                sheet.value(cause == null ? null : cause.flows()).text(cause == null ? null : cause.message());
                sheet.texts(codes).texts(row.points()).value(analyzed ? row.packets() : null).value(analyzed ? row.bytes() : null);
                sheet.text(row.error()).text(row.remedy()).text(row.link());
                sheet.endRow();
            }
            sheet.commit();
        }
    }

    private void json(Path target, BatchResult result) throws IOException {
        try (ReportFile file = new ReportFile(target);
                JsonGenerator json = BatchJson.MAPPER.createGenerator(file.stream()).setPrettyPrinter(new DefaultPrettyPrinter())) {
            json.writeStartObject();
            json.writeNumberField("schemaVersion", SCHEMA_VERSION);
            json.writeObjectFieldStart("tool");
            json.writeStringField("name", "nattrail");
            json.writeStringField("version", options.version());
            json.writeEndObject();
            json.writeObjectFieldStart("summary");
            json.writeNumberField("cases", result.rows().size());
            for (CaseState state : CaseState.values()) {
                json.writeNumberField(state.name().toLowerCase(Locale.ROOT), result.count(state));
            }
            json.writeEndObject();
            json.writeArrayFieldStart("cases");
            for (CaseRow row : result.rows()) {
                json.writePOJO(row);
            }
            json.writeEndArray();
            json.writeEndObject();
            json.flush();
            file.commit();
        }
    }

    private void junit(Path target, List<CaseRow> rows) throws IOException {
        JunitSuite suite = new JunitSuite("nattrail batch", options.version());
        for (CaseRow row : rows) {
            boolean reaches = options.failOn() != null && row.worst() != null && row.worst().compareTo(options.failOn()) >= 0;
            String numbers = sentence(row);
            if (row.error() != null) {
                suite.add("cases", row.name(), JunitSuite.Outcome.ERROR, row.state().label(), row.error(), row.error() + "\n  do: "
                        + row.remedy());
            } else if (reaches || row.failed() > 0) {
                CaseRow.Cause cause = row.cause();
                String message = cause == null ? numbers : cause.code() + ": " + cause.message();
                suite.add("cases", row.name(), JunitSuite.Outcome.FAILED, cause == null ? row.state().label() : cause.code(), message,
                        numbers + "\n" + message + (cause == null ? "" : "\n  do: " + cause.remedy()) + deviations(row));
            } else if (row.state() == CaseState.UNDETERMINED || row.state() == CaseState.EMPTY) {
                suite.add("cases", row.name(), JunitSuite.Outcome.SKIPPED, "", numbers, "");
            } else {
                suite.add("cases", row.name(), JunitSuite.Outcome.PASSED, "", "", row.deviations().isEmpty() ? "" : numbers
                        + deviations(row));
            }
        }
        suite.write(target);
    }

    private static String deviations(CaseRow row) {
        StringBuilder text = new StringBuilder();
        row.deviations().forEach((code, times) -> text.append("\n  ").append(times).append(" x ").append(code));
        return text.toString();
    }

    /** The counts that are not zero: {@code 12 flows: 10 ok, 2 failed}. */
    static String sentence(CaseRow row) {
        if (row.error() != null) {
            return row.error();
        }
        List<String> parts = new ArrayList<>();
        add(parts, row.failed(), "failed");
        add(parts, row.degraded(), "degraded");
        add(parts, row.undetermined(), "undetermined");
        add(parts, row.ok(), "ok");
        return row.flows() == 0 ? "no flow was found" : row.flows() + (row.flows() == 1 ? " flow: " : " flows: ") + String.join(", ",
                parts);
    }

    private static void add(List<String> parts, long number, String word) {
        if (number > 0) {
            parts.add(number + " " + word);
        }
    }
}
