package io.nattrail.cli;

import io.nattrail.report.TerminalStyle;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.OutputStreamWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What standard output and standard error are connected to, and what can be shown there. */
final class Terminal {
    private static final int USUAL_WIDTH = 100;

    private final Map<String, String> environment;
    private final boolean outInteractive;
    private final boolean errInteractive;

    /**
     * @param environment the process's environment variables
     * @param outInteractive whether standard output is a terminal
     * @param errInteractive whether standard error is a terminal
     */
    Terminal(Map<String, String> environment, boolean outInteractive, boolean errInteractive) {
        this.environment = environment;
        this.outInteractive = outInteractive;
        this.errInteractive = errInteractive;
    }

    /** That of this process. */
    static Terminal ofProcess() {
        return new Terminal(System.getenv(), isTerminal(1), isTerminal(2));
    }

    /** An environment variable; empty if it is not set. */
    String variable(String name) {
        return environment.getOrDefault(name, "");
    }

    /** A writer that sends what this terminal can show. */
    PrintWriter writer(OutputStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, charset()), true);
    }

    /** Whether someone reads standard output, rather than a program. */
    boolean outInteractive() {
        return outInteractive;
    }

    /** Whether someone may watch a progress bar. */
    boolean errInteractive() {
        return errInteractive && !isDumb();
    }

    /** Columns of the terminal; 100 where it does not tell. */
    int width() {
        int told = number(environment.get("COLUMNS"));
        if (told > 0) {
            return told;
        }
        return outInteractive || errInteractive ? askTerminal() : USUAL_WIDTH;
    }

    /** What standard output can show. */
    TerminalStyle style(ColorChoice choice) {
        return new TerminalStyle(color(choice), charset() == StandardCharsets.UTF_8, width());
    }

    /** Whether to colour standard output; an explicit wish counts more than NO_COLOR (no-color.org). */
    boolean color(ColorChoice choice) {
        return switch (choice) {
            case ALWAYS -> true;
            case NEVER -> false;
            case AUTO -> outInteractive && !isDumb() && environment.getOrDefault("NO_COLOR", "").isEmpty();
        };
    }

    private boolean isDumb() {
        return "dumb".equals(environment.get("TERM"));
    }

    /**
     * UTF-8 if the locale says so, in the order of precedence that POSIX gives its variables; else plain ASCII. The launcher keeps the
     * user's locale in a variable of its own where it had to give Java another.
     */
    private Charset charset() {
        for (String name : new String[] {"NATTRAIL_LOCALE", "LC_ALL", "LC_CTYPE", "LANG"}) {
            String locale = environment.getOrDefault(name, "");
            if (!locale.isEmpty()) {
                String upper = locale.toUpperCase(Locale.ROOT);
                return upper.contains("UTF-8") || upper.contains("UTF8") ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII;
            }
        }
        return StandardCharsets.US_ASCII;
    }

    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            // No /proc. A console exists if standard input and output are a terminal (from JDK 22 on it may exist without one: then not).
            return System.console() != null && Runtime.version().feature() < 22;
        }
    }

    /** Java does not tell a terminal's width; stty does. */
    private static int askTerminal() {
        try {
            Process process = new ProcessBuilder("stty", "size").redirectInput(Path.of("/dev/tty").toFile()).start();
            if (process.waitFor(300, TimeUnit.MILLISECONDS)) {
                String[] size = new String(process.getInputStream().readNBytes(64), StandardCharsets.US_ASCII).strip().split(" ");
                int columns = size.length == 2 ? number(size[1]) : 0;
                return columns > 0 ? columns : USUAL_WIDTH;
            }
            process.destroy();
        } catch (IOException e) {
            return USUAL_WIDTH;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return USUAL_WIDTH;
    }

    private static int number(String text) {
        return text != null && text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
    }
}
