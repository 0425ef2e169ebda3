package io.nattrail.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The desktop, if there is one: opens a file as a double click does. (java.awt.Desktop would load all of AWT for that.) */
final class Desktop {
    private final List<String> opener;

    private Desktop(List<String> opener) {
        this.opener = opener;
    }

    static Desktop of(Terminal terminal) {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        if (system.contains("mac")) {
            return new Desktop(List.of("open"));
        }
        if (system.contains("windows")) {
            return new Desktop(List.of("rundll32", "url.dll,FileProtocolHandler"));
        }
        boolean screen = !terminal.variable("DISPLAY").isEmpty() || !terminal.variable("WAYLAND_DISPLAY").isEmpty();
        return new Desktop(screen ? List.of("xdg-open") : List.of());
    }

    /** True if the desktop took the file. */
    boolean open(Path file) {
        if (opener.isEmpty()) {
            return false;
        }
        List<String> command = new ArrayList<>(opener);
        command.add(file.toAbsolutePath().toString());
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException e) {
            // No xdg-open on this desktop.
            return false;
        }
        try {
            // It hands the file over and ends; if it lasts longer, it has become the browser itself.
            return !process.waitFor(5, TimeUnit.SECONDS) || process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
