package io.nattrail.report;

/** Text from input inside Markdown (GitHub's dialect) and Mermaid: shown as it is, never taken for markup, a link or a mention. */
final class MarkdownText {
    private static final String MARKUP = "\\`*_{}[]()#+-!|~^$";

    private MarkdownText() {
    }

    /** Running text. */
    static String of(String text) {
        String plain = PlainText.of(text);
        StringBuilder result = new StringBuilder(plain.length() + 16);
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (c == '<') {
                result.append("&lt;");
            } else if (c == '>') {
                result.append("&gt;");
            } else if (c == '&') {
                result.append("&amp;");
            } else if (c == '@' || c == ':' && plain.startsWith("://", i) || c == '.' && plain.regionMatches(true, i - 3, "www", 0, 3)) {
                // What forges turn into mentions and links although no markup asks for it.
                result.append("&#").append((int) c).append(';');
            } else if (MARKUP.indexOf(c) >= 0 && marks(plain, i)) {
                result.append('\\').append(c);
            } else {
                result.append(c);
            }
        }
        return result.toString();
    }

    /** Running text of ours, in which commands stand between backticks: they become code, to be copied as they are. */
    static String withCommands(String text) {
        String[] parts = PlainText.of(text).split("`", -1);
        if (parts.length % 2 == 0) {
            return of(text);
        }
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < parts.length; i++) {
            result.append(i % 2 == 0 ? of(parts[i]) : code(parts[i], false));
        }
        return result.toString();
    }

    /** A name, an address or a file, set as code inside a table or outside one: a bar is escaped, which only a table undoes. */
    static String code(String text, boolean inTable) {
        String plain = PlainText.of(text);
        if (plain.isBlank()) {
            return "";
        }
        int longest = 0;
        int run = 0;
        for (int i = 0; i < plain.length(); i++) {
            run = plain.charAt(i) == '`' ? run + 1 : 0;
            longest = Math.max(longest, run);
        }
        String fence = "`".repeat(longest + 1);
        String inner = inTable ? plain.replace("|", "\\|") : plain;
        return longest == 0 ? fence + inner + fence : fence + " " + inner + " " + fence;
    }

    /** The label of a Mermaid message, note or participant. */
    static String mermaid(String text) {
        String plain = PlainText.of(text);
        StringBuilder result = new StringBuilder(plain.length() + 16);
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if ("#;<>\"'%{}`\\&".indexOf(c) >= 0) {
                result.append('#').append((int) c).append(';');
            } else {
                result.append(c);
            }
        }
        return result.toString();
    }

    /** Hyphens, plus signs and underscores inside words are harmless, and escaping them makes the source hard to read. */
    private static boolean marks(String text, int i) {
        char c = text.charAt(i);
        if (c != '-' && c != '+' && c != '_' && c != '(' && c != ')' && c != '{' && c != '}') {
            return true;
        }
        if (c == '_') {
            return i == 0 || i == text.length() - 1 || !Character.isLetterOrDigit(text.charAt(i - 1))
                    || !Character.isLetterOrDigit(text.charAt(i + 1));
        }
        return i == 0;
    }
}
