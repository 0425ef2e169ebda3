package io.nattrail.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The JSON Schema (draft 2020-12) of {@code report.json}. */
public final class ReportSchema {
    private static final String RESOURCE = "report.schema.json";

    private ReportSchema() {
    }

    /** The schema as JSON text. */
    public static String text() throws IOException {
        try (InputStream in = ReportSchema.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is not beside " + ReportSchema.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
