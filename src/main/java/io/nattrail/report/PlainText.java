package io.nattrail.report;

/**
 * Text from captures and cluster state, made safe to show. Names in such files are anybody's choice: a control character could move the
 * cursor, a direction override could make a line read as something else.
 */
public final class PlainText {
    private PlainText() {
    }

    /** The text on one line: what is not printable is shown as its escape, e.g. {@code \x1b} or {@code \u202e}. Empty for null. */
    public static String of(String text) {
        if (text == null) {
            return "";
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < 0x20 || c >= 0x7f) && !printable(text, i)) {
                return escaped(text, i);
            }
        }
        return text;
    }

    /** As {@link #of}, and nothing but ASCII, for terminals that can show no more. */
    static String ascii(String text) {
        String plain = of(text);
        StringBuilder result = new StringBuilder(plain.length());
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (c < 0x7f) {
                result.append(c);
            } else {
                escape(result, c);
            }
        }
        return result.toString();
    }

    private static String escaped(String text, int from) {
        StringBuilder result = new StringBuilder(text.length() + 16).append(text, 0, from);
        for (int i = from; i < text.length(); i++) {
            if (printable(text, i)) {
                result.append(text.charAt(i));
            } else {
                escape(result, text.charAt(i));
            }
        }
        return result.toString();
    }

    private static void escape(StringBuilder result, char c) {
        result.append(c < 0x100 ? "\\x" : "\\u");
        for (int shift = c < 0x100 ? 4 : 12; shift >= 0; shift -= 4) {
            result.append(Character.forDigit(c >>> shift & 0xf, 16));
        }
    }

    private static boolean printable(String text, int i) {
        char c = text.charAt(i);
        if (c < 0x7f) {
            return c >= 0x20;
        }
        if (Character.isHighSurrogate(c)) {
            return i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
        }
        if (Character.isLowSurrogate(c)) {
            return i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.UNASSIGNED,
                    Character.PRIVATE_USE -> false;
            default -> c != 0xfffe && c != 0xffff;
        };
    }
}
