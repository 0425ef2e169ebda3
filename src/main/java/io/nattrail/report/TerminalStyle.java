package io.nattrail.report;

/**
 * What the terminal can show.
 *
 * @param color whether it understands colours
 * @param unicode whether it shows more than ASCII
 * @param width columns; at least 40 are used
 */
public record TerminalStyle(boolean color, boolean unicode, int width) {
    /** A file or a pipe. */
    public static final TerminalStyle PLAIN = new TerminalStyle(false, false, 100);

    private static final int LEAST_WIDTH = 40;
    private static final int GREATEST_WIDTH = 120;

    public TerminalStyle {
        // Longer lines are hard to read, and the right-hand column would be far from what it belongs to.
        width = Math.max(LEAST_WIDTH, Math.min(GREATEST_WIDTH, width));
    }

    /** Colours and weights of text (ECMA-48, select graphic rendition). */
    public enum Ink {
        RED("31"), YELLOW("33"), GREEN("32"), CYAN("36"), BOLD("1"), DIM("2"), BOLD_RED("1;31"), BOLD_YELLOW("1;33"), BOLD_GREEN("1;32"),
        BOLD_CYAN("1;36");

        private final String code;

        Ink(String code) {
            this.code = code;
        }
    }

    /** The text in a colour, or as it is where there are none. */
    public String paint(Ink ink, String text) {
        return color && ink != null && !text.isEmpty() ? "\u001b[" + ink.code + "m" + text + "\u001b[0m" : text;
    }

    /** Text from input, harmless on this terminal. */
    public String safe(String text) {
        return unicode ? PlainText.of(text) : PlainText.ascii(withoutSigns(text));
    }

    /** One of two: for terminals that show more than ASCII, and for those that do not. */
    public String choose(String ifUnicode, String ifAscii) {
        return unicode ? ifUnicode : ifAscii;
    }

    private static String withoutSigns(String text) {
        return text == null ? null : text.replace('\u00b5', 'u').replace("\u00b1", "+/-").replace("\u2192", "->").replace('\u2019', '\'');
    }
}
