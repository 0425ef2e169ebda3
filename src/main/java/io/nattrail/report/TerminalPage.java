package io.nattrail.report;

import io.nattrail.deviation.Severity;
import io.nattrail.report.TerminalStyle.Ink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Lays text out in the terminal's width: headings, paragraphs that wrap, a remark at the right edge. Texts are already safe to show. */
public final class TerminalPage {
    private static final int LABEL_WIDTH = 9;
    private static final int LEAST_ROOM = 24;

    private final Appendable out;
    private final TerminalStyle style;

    /** A page of the style's width. */
    public TerminalPage(Appendable out, TerminalStyle style) {
        this.out = out;
        this.style = style;
    }

    /** A title, a rule to the right edge, and perhaps something there. */
    public void heading(String title, String right) throws IOException {
        String rule = style.choose("\u2500", "-");
        int room = style.width() - 3 - title.length();
        boolean fits = !right.isEmpty() && room - right.length() - 1 >= 2;
        int length = fits ? room - right.length() - 1 : Math.max(2, room);
        String end = fits ? " " + style.paint(Ink.DIM, right) : "";
        line(" " + style.paint(Ink.BOLD, title) + " " + style.paint(Ink.DIM, rule.repeat(length)) + end);
        if (!right.isEmpty() && !fits) {
            paragraph("   ", "   ", right, Ink.DIM);
        }
        line("");
    }

    /** A label and text that wraps beside it. */
    public void labelled(String label, String text) throws IOException {
        String padded = label + pad(LABEL_WIDTH - label.length());
        paragraph("   " + style.paint(Ink.DIM, padded), " ".repeat(3 + LABEL_WIDTH), text, null);
    }

    /** A text with commands: each on a line of its own, never broken, so that it can be pasted. */
    void withCommands(String first, String rest, String text) throws IOException {
        String start = first;
        for (Commands.Part part : Commands.of(text)) {
            if (part.command()) {
                line(rest + "  " + style.paint(Ink.CYAN, part.text()));
            } else {
                paragraph(start, rest, part.text(), null);
            }
            start = rest;
        }
    }

    /** A label, and beside it a text with commands. */
    void labelledCommands(String label, String text) throws IOException {
        withCommands("   " + style.paint(Ink.DIM, label + pad(LABEL_WIDTH - label.length())), " ".repeat(3 + LABEL_WIDTH), text);
    }

    /** Text that wraps; {@code first} and {@code rest} stand before its lines and are equally wide when shown. */
    public void paragraph(String first, String rest, String text, Ink ink) throws IOException {
        int width = style.width() - 1 - shownLength(first);
        String start = first;
        for (String part : wrap(text, width)) {
            line(start + style.paint(ink, part));
            start = rest;
        }
    }

    /**
     * Left text, and on its first line at the right edge a short one; below it where there is no room.
     *
     * @param first stands before the first line
     * @param rest stands before the others
     * @param indent columns that either takes
     */
    void twoSides(String first, String rest, int indent, String left, Ink leftInk, String right, Ink rightInk) throws IOException {
        int width = style.width() - 1;
        int room = width - indent - right.length() - 2;
        boolean beside = room >= Math.min(LEAST_ROOM, left.length());
        boolean begin = true;
        for (String part : wrap(left, beside ? room : width - indent)) {
            String tail = beside && begin ? pad(room + 2 - part.length()) + style.paint(rightInk, right) : "";
            line((begin ? first : rest) + style.paint(leftInk, part) + tail);
            begin = false;
        }
        if (!beside) {
            paragraph(rest, rest, right, rightInk);
        }
    }

    private static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        while (text.length() - start > width) {
            int cut = text.lastIndexOf(' ', start + width);
            if (cut <= start) {
                cut = start + width;
                lines.add(text.substring(start, cut));
                start = cut;
            } else {
                lines.add(text.substring(start, cut));
                start = cut + 1;
            }
        }
        lines.add(text.substring(start));
        return lines;
    }

    private static int shownLength(String text) {
        int length = 0;
        boolean escape = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\u001b') {
                escape = true;
            } else if (escape) {
                escape = c != 'm';
            } else {
                length++;
            }
        }
        return length;
    }

    /** That many blanks, at least one. */
    static String pad(int columns) {
        return " ".repeat(Math.max(1, columns));
    }

    /** A line as it is. */
    public void line(String text) throws IOException {
        // Blanks at the end only make copied text longer.
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        out.append(text, 0, end).append('\n');
    }

    /** One character for a severity. */
    String sign(Severity severity) {
        return switch (severity) {
            case ERROR -> style.choose("\u2717", "x");
            case WARNING -> "!";
            case INFO -> style.choose("\u00b7", "-");
        };
    }

    /** The colour of a severity. */
    static Ink ink(Severity severity) {
        return switch (severity) {
            case ERROR -> Ink.RED;
            case WARNING -> Ink.YELLOW;
            case INFO -> Ink.DIM;
        };
    }
}
