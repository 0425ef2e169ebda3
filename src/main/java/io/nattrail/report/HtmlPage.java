package io.nattrail.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page around the data: style sheets and ES modules from the resources, put into one file. A module imports only modules before it in
 * the list, so leaving out the import lines and the word {@code export} makes one module of them all.
 *
 * <p>The page is the same for every case, so the build puts it together and leaves it in the program: doing it at each start, with the
 * hashes of its policy, took a tenth of the time of a small case.
 */
public final class HtmlPage {
    private static final List<String> STYLES = List.of("base.css", "overview.css", "table.css", "flow.css", "dissection.css",
            "paper.css", "print.css");
    private static final List<String> MODULES = List.of("dom.js", "theme.js", "format.js", "decode.js", "model.js", "wireshark.js",
            "overview.js",
            "picture.js", "table.js", "ladder.js", "charts.js", "dissection.js", "inspector.js", "flow.js", "captures.js", "cluster.js",
            "main.js");
    /** What stands between the parts of the page. */
    private static final List<String> GAPS = List.of("title", "summary", "data");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([a-z]+)}}");

    private HtmlPage() {
    }

    /** The build's part: writes the parts of the page into a folder, where {@link #parts} finds them. */
    public static void main(String[] folder) throws IOException {
        List<byte[]> parts = putTogether();
        Files.createDirectories(Path.of(folder[0]));
        for (int i = 0; i < parts.size(); i++) {
            Files.write(Path.of(folder[0], partName(i)), parts.get(i));
        }
    }

    /** The page in UTF-8, in four parts: between them stand the title, the summary for browsers without scripts, and the data. */
    static List<byte[]> parts() throws IOException {
        List<byte[]> parts = new ArrayList<>();
        for (int i = 0; i <= GAPS.size(); i++) {
            try (InputStream in = HtmlPage.class.getResourceAsStream("html/" + partName(i))) {
                if (in == null) {
                    // Classes that something else than the build compiled, such as an editor.
                    return putTogether();
                }
                parts.add(in.readAllBytes());
            }
        }
        return parts;
    }

    private static String partName(int part) {
        return "page-" + part + ".html";
    }

    /** Puts the page together from its sources. */
    static List<byte[]> putTogether() throws IOException {
        String style = joinedStyles();
        String script = script(MODULES);
        List<byte[]> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        String skeleton = resource("skeleton.html");
        Matcher placeholder = PLACEHOLDER.matcher(skeleton);
        int from = 0;
        while (placeholder.find()) {
            part.append(skeleton, from, placeholder.start());
            from = placeholder.end();
            String name = placeholder.group(1);
            switch (name) {
                case "policy" -> part.append(policy(style, script));
                case "style" -> part.append(style);
                case "script" -> part.append(script);
                default -> {
                    if (!name.equals(GAPS.get(parts.size()))) {
                        throw new IllegalStateException("skeleton.html has " + placeholder.group() + " where " + GAPS.get(parts.size())
                                + " belongs");
                    }
                    parts.add(HtmlFlowCoder.utf8(part.toString()));
                    part.setLength(0);
                }
            }
        }
        parts.add(HtmlFlowCoder.utf8(part.append(skeleton, from, skeleton.length()).toString()));
        return parts;
    }

    private static String joinedStyles() throws IOException {
        StringBuilder style = new StringBuilder();
        for (String name : STYLES) {
            style.append(resource(name));
        }
        return style.toString();
    }

    private static String script(List<String> modules) throws IOException {
        StringBuilder script = new StringBuilder();
        for (String name : modules) {
            for (String line : resource(name).split("\n")) {
                if (!line.startsWith("import ")) {
                    script.append(line, line.startsWith("export ") ? "export ".length() : 0, line.length()).append('\n');
                }
            }
        }
        return script.toString();
    }

    /**
     * A page about many cases, in the look of the report: a list that can be read without scripts, and sorted and searched with them.
     *
     * @param title plain text
     * @param content HTML of the page's body; whoever makes it escapes what is not its own
     */
    public static String index(String title, String content) throws IOException {
        String style = resource("base.css") + resource("paper.css") + resource("index.css");
        String script = script(List.of("dom.js", "theme.js", "index.js"));
        StringBuilder page = new StringBuilder();
        // In one pass, so that nothing in a text can be taken for a placeholder.
        Matcher placeholder = PLACEHOLDER.matcher(resource("index.html"));
        while (placeholder.find()) {
            String value = switch (placeholder.group(1)) {
                case "policy" -> policy(style, script);
                case "title", "name" -> escape(title);
                case "style" -> style;
                case "script" -> script;
                case "content" -> content;
                default -> throw new IllegalStateException("index.html has an unknown placeholder " + placeholder.group());
            };
            placeholder.appendReplacement(page, Matcher.quoteReplacement(value));
        }
        return placeholder.appendTail(page).toString();
    }

    private static String policy(String style, String script) {
        return "default-src 'none'; style-src '" + hash(style) + "'; script-src '" + hash(script)
                + "'; base-uri 'none'; form-action 'none'";
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Text from captures and cluster state as HTML shows it. */
    public static String escape(String text) {
        return PlainText.of(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = HtmlPage.class.getResourceAsStream("html/" + name)) {
            if (in == null) {
                throw new IllegalStateException("no resource html/" + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
