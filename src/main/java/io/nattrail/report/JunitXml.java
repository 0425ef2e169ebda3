package io.nattrail.report;

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
        int from = 0;
        for (int i = 0; i < plain.length(); i++) {
            String escape = switch (plain.charAt(i)) {
                case '<' -> "&lt;";
                case '>' -> "&gt;";
                case '&' -> "&amp;";
                case '"' -> "&quot;";
                default -> null;
            };
            if (escape != null) {
                xml.append(plain, from, i).append(escape);
                from = i + 1;
            }
        }
        xml.append(plain, from, plain.length());
    }

    /** Seconds with three decimals. Not by a formatter: it takes longer than all else that is written of a flow. */
    static String seconds(long nanos) {
        long millis = Math.round(nanos / 1e6);
        String decimals = Long.toString(1000 + millis % 1000);
        return millis / 1000 + "." + decimals.substring(1);
    }
}
