package io.nattrail.differential;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** What tshark reads in a file, where it is installed. */
public final class Tshark {
    private Tshark() {
    }

    /** Skips the test where tshark is not installed. */
    public static void assumeInstalled() {
        boolean found = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "tshark")));
        Assumptions.assumeTrue(found, "tshark is not installed");
    }

    /** A row for each frame with these fields. */
    public static List<String[]> rows(Path file, String... fields) throws IOException, InterruptedException {
        return run(List.of("tshark", "-n", "-r", file.toString()), fields);
    }

    /** The same with addresses as names, which come from the file alone. */
    public static List<String[]> resolvedRows(Path file, String... fields) throws IOException, InterruptedException {
        return run(List.of("tshark", "-N", "n", "-r", file.toString()), fields);
    }

    private static List<String[]> run(List<String> start, String... fields) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(start);
        command.addAll(List.of("-T", "fields", "-E", "separator=/t"));
        for (String field : fields) {
            command.add("-e");
            command.add(field);
        }
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        List<String[]> rows = new ArrayList<>();
        for (String line : text.split("\n")) {
            if (!line.isEmpty()) {
                rows.add(line.split("\t", -1));
            }
        }
        return rows;
    }

    /** What tshark complains of when it reads a file; empty if of nothing. */
    public static String complaints(Path file) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("tshark", "-n", "-r", file.toString(), "-T", "fields", "-e", "frame.number")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        String text = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return text.lines().filter(line -> !line.startsWith("Running as user")).reduce("", (all, line) -> all + line + "\n");
    }
}
