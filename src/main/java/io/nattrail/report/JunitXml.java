package io.nattrail.report;

import java.util.Locale;

/** The pieces of a file in JUnit's XML format, with input made harmless. */
final class JunitXml {
    /** What every such file begins with. */
    static final String HEAD = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

    private JunitXml() {
    }

    static void counts(StringBuilder xml, int tests, int failures, int errors, int skipped, String time) {
        attribute(xml, "tests", Integer.toString(tests));
        attribute(xml, "failures", Integer.toString(failures));
        attribute(xml, "errors", Integer.toString(errors));
        attribute(xml, "skipped", Integer.toString(skipped));
        attribute(xml, "time", time);
    }

    static void property(StringBuilder xml, String name, String value) {
        xml.append("      <property");
        attribute(xml, "name", name);
        attribute(xml, "value", value);
        xml.append("/>\n");
    }

    static void attribute(StringBuilder xml, String name, String value) {
        xml.append(' ').append(name).append("=\"");
        text(xml, value);
        xml.append('"');
    }

    static void text(StringBuilder xml, String text) {
        String plain = PlainText.of(text);
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            switch (c) {
                case '<' -> xml.append("&lt;");
                case '>' -> xml.append("&gt;");
                case '&' -> xml.append("&amp;");
                case '"' -> xml.append("&quot;");
                default -> xml.append(c);
            }
        }
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f", nanos / 1e9);
    }
}
