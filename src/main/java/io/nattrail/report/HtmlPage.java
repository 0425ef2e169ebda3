package io.nattrail.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page around the data: style sheets and ES modules from the resources, put into one file. A module imports only modules before it in
 * the list, so leaving out the import lines and the word {@code export} makes one module of them all.
 */
public final class HtmlPage {
    private static final List<String> STYLES = List.of("base.css", "overview.css", "table.css", "flow.css", "dissection.css", "print.css");
    private static final List<String> MODULES = List.of("dom.js", "theme.js", "format.js", "decode.js", "model.js", "wireshark.js",
            "overview.js",
            "picture.js", "table.js", "ladder.js", "charts.js", "dissection.js", "inspector.js", "flow.js", "captures.js", "cluster.js",
            "main.js");

    private static final FutureTask<HtmlPage> PAGE = new FutureTask<>(HtmlPage::new);

    private final String style;
    private final String script;
    private final String skeleton;
    private final String policy;

    private HtmlPage() throws IOException {
        style = joinedStyles();
        script = script(MODULES);
        skeleton = resource("skeleton.html");
        policy = policy(style, script);
    }

    /** Puts the page together on a thread of its own, if that was not done yet: there is time while a case is read, and none at its end. */
    static void prepare() {
        if (!PAGE.isDone()) {
            Thread thread = new Thread(PAGE, "report page");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** The page: the same for every case. */
    static HtmlPage get() throws InterruptedIOException {
        PAGE.run();
        try {
            return PAGE.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the page of report.html cannot be read from the program", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while report.html was written");
        }
    }

    String style() {
        return style;
    }

    String script() {
        return script;
    }

    String skeleton() {
        return skeleton;
    }

    /** Allows this very style and script and nothing else: no network, no frame, nothing that input could smuggle in. */
    String policy() {
        return policy;
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
        String style = resource("base.css") + resource("index.css");
        String script = script(List.of("dom.js", "theme.js", "index.js"));
        StringBuilder page = new StringBuilder();
        // In one pass, so that nothing in a text can be taken for a placeholder.
        Matcher placeholder = Pattern.compile("\\{\\{([a-z]+)}}").matcher(resource("index.html"));
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

    /** Text as HTML shows it. */
    public static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'", "&#39;");
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
