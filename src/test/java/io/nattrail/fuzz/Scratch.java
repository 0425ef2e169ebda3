package io.nattrail.fuzz;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder for one input, of which nothing is left: nothing that one input wrote can change what the next one does. */
final class Scratch implements Closeable {
    private final Path folder;

    Scratch() throws IOException {
        folder = Files.createTempDirectory("fuzz-");
    }

    Path folder() {
        return folder;
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
