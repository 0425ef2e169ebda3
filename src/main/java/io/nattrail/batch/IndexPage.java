package io.nattrail.batch;

import io.nattrail.deviation.Catalogue;
import io.nattrail.deviation.DeviationType;
import io.nattrail.deviation.Severity;
import io.nattrail.report.HtmlPage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code index.html}: a row for each case with a link to its report, the worst first. */
final class IndexPage {
    private static final String[] SIZES = {"B", "kB", "MB", "GB", "TB"};
    private static final int BAR_WIDTH = 1000;

    private final List<CaseRow> rows;
    private final String version;
    private final StringBuilder html = new StringBuilder();

    IndexPage(List<CaseRow> rows, String version) {
        this.rows = rows;
        this.version = version;
    }

    String html() throws IOException {
        html.setLength(0);
        Map<CaseState, Long> counts = new LinkedHashMap<>();
        for (CaseState state : CaseState.values()) {
            long count = rows.stream().filter(row -> row.state() == state).count();
            if (count > 0) {
                counts.put(state, count);
            }
        }
        html.append("<section><h1>").append(text(headline(counts))).append("</h1>\n");
        bar(counts);
        html.append("<p class=\"totals\">");
        counts.forEach((state, count) -> {
            tag(state);
            html.append(' ').append(count).append(' ');
        });
        html.append("<span class=\"quiet\">").append(text("NatTrail " + version)).append(
                " \u00b7 <a href=\"summary.csv\">summary.csv</a> \u00b7 <a href=\"summary.json\">summary.json</a> \u00b7 "
                        + "<a href=\"junit.xml\">junit.xml</a></span></p></section>\n");
        html.append("<div id=\"filters\"></div>\n<p id=\"status\" class=\"table-status\" role=\"status\">").append(rows.size())
                .append(rows.size() == 1 ? " case" : " cases").append("</p>\n");
        html.append("<div class=\"cases\"><table class=\"data\" id=\"cases\"><thead><tr><th scope=\"col\">Case</th>"
                + "<th scope=\"col\">Verdict</th><th scope=\"col\">Step</th><th scope=\"col\">Why</th>"
                + "<th scope=\"col\" class=\"number\">Flows</th><th scope=\"col\" class=\"number\">Failed</th>"
                + "<th scope=\"col\" class=\"number\">Degraded</th><th scope=\"col\" class=\"number\">Undetermined</th>"
                + "<th scope=\"col\" class=\"number\">Frames</th><th scope=\"col\" class=\"number\">Size</th></tr></thead>\n<tbody>\n");
        rows.forEach(this::row);
        html.append("</tbody></table></div>\n");
        return HtmlPage.index("batch", html.toString());
    }

    private String headline(Map<CaseState, Long> counts) {
        if (rows.isEmpty()) {
            return "No case was found";
        }
        List<String> parts = new ArrayList<>();
        long broken = counts.getOrDefault(CaseState.BROKEN, 0L) + counts.getOrDefault(CaseState.UNREADABLE, 0L);
        long failed = counts.getOrDefault(CaseState.FAILED, 0L);
        long degraded = counts.getOrDefault(CaseState.DEGRADED, 0L);
        if (failed > 0) {
            parts.add(failed + (failed == 1 ? " has" : " have") + " failed flows");
        }
        if (degraded > 0) {
            parts.add(degraded + (degraded == 1 ? " is" : " are") + " degraded");
        }
        long open = counts.getOrDefault(CaseState.UNDETERMINED, 0L);
        if (open > 0) {
            parts.add(open + " cannot be judged");
        }
        if (broken > 0) {
            parts.add(broken + " could not be analyzed");
        }
        String all = rows.size() + (rows.size() == 1 ? " case" : " cases");
        return parts.isEmpty() ? all + ", none with failed flows" : "Of " + all + ", " + String.join(", ", parts);
    }

    private void bar(Map<CaseState, Long> counts) {
        if (rows.isEmpty()) {
            return;
        }
        html.append("<svg class=\"bar\" viewBox=\"0 0 ").append(BAR_WIDTH)
                .append(" 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
        double at = 0;
        for (Map.Entry<CaseState, Long> entry : counts.entrySet()) {
            double width = (double) BAR_WIDTH * entry.getValue() / rows.size();
            html.append(String.format(Locale.ROOT, "<rect x=\"%.2f\" y=\"0\" width=\"%.2f\" height=\"10\" class=\"fill-%s\"/>", at, width,
                    style(entry.getKey())));
            at += width;
        }
        html.append("</svg>\n");
    }

    private void row(CaseRow row) {
        boolean analyzed = row.error() == null;
        html.append("<tr data-verdict=\"").append(row.state().label()).append("\"><td class=\"case\">");
        String link = row.link();
        if (link == null) {
            html.append(text(row.name()));
        } else {
            // The folder's name needs no escape in an address but the percent sign.
            html.append("<a href=\"").append(text(link.replace("%", "%25"))).append("\">").append(text(row.name())).append("</a>");
        }
        html.append("</td><td data-key=\"").append(row.state().ordinal()).append("\">");
        tag(row.state());
        CaseRow.Cause cause = row.cause();
        html.append("</td><td>");
        if (cause != null && cause.step() != null) {
            html.append("<span class=\"step-number\">").append(text(cause.step())).append("</span>");
        }
        html.append("</td><td class=\"why\">");
        if (!analyzed) {
            html.append("<p class=\"bad\">").append(text(row.error())).append("</p><p class=\"remedy\">").append(text(row.remedy()))
                    .append("</p>");
        } else if (cause != null) {
            html.append("<p>");
            chip(cause.code(), cause.severity().label());
            html.append(text(cause.message())).append("</p>");
        } else if (row.unexplained() != null) {
            html.append("<p>").append(text(row.unexplained())).append("</p>");
        } else if (!row.deviations().isEmpty()) {
            html.append("<p>");
            row.deviations().keySet().forEach(code -> chip(code, severity(code, row.worst()).label()));
            html.append("</p>");
        }
        html.append("</td>");
        for (long number : new long[] {row.flows(), row.failed(), row.degraded(), row.undetermined()}) {
            number(analyzed, number, grouped(number));
        }
        number(analyzed, row.packets(), grouped(row.packets()));
        number(analyzed, row.bytes(), size(row.bytes()));
        html.append("</tr>\n");
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private void number(boolean known, long value, String shown) {
        html.append("<td class=\"number\" data-key=\"").append(known ? value : -1).append("\">").append(known ? shown : "").append("</td>");
    }

    /** As the catalogue has it, for a row keeps the worst only: a remark beside a warning is none. */
    private static Severity severity(String code, Severity worst) {
        for (DeviationType type : Catalogue.ALL) {
            if (type.code().equals(code) && type.severity().compareTo(worst) < 0) {
                return type.severity();
            }
        }
        return worst;
    }

    private void chip(String code, String severity) {
        html.append("<span class=\"code-chip sev-").append(severity).append("\">").append(text(code)).append("</span> ");
    }

    private void tag(CaseState state) {
        html.append("<span class=\"tag v-").append(style(state)).append("\"><span class=\"sign\" aria-hidden=\"true\">")
                .append(switch (state) {
                    case BROKEN, UNREADABLE -> "!";
                    case FAILED -> "\u2715";
                    case DEGRADED -> "\u25b2";
                    case UNDETERMINED -> "?";
                    case EMPTY -> "\u2013";
                    case OK -> "\u25cf";
                }).append("</span>").append(state.label()).append("</span>");
    }

    /** The class in the style sheet. */
    private static String style(CaseState state) {
        return switch (state) {
            case BROKEN, UNREADABLE -> "unreadable";
            case EMPTY -> "undetermined";
            default -> state.label();
        };
    }

    private static String size(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < SIZES.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 || value >= 99.95 ? "%.0f %s" : value >= 9.995 ? "%.1f %s" : "%.2f %s", value,
                SIZES[unit]);
    }

    private static String text(String text) {
        return HtmlPage.escape(text);
    }
}
