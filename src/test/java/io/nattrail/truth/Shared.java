package io.nattrail.truth;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The larger collection of captures, which is not part of the repository. */
public final class Shared {
    private Shared() {
    }

    /** A file or folder of it; the test is skipped where it is absent. */
    public static Path path(String name) {
        String root = System.getProperty("NATTRAIL_SHARED", System.getenv().getOrDefault("NATTRAIL_SHARED", "../shared"));
        Path path = Path.of(root).resolve(name);
        Assumptions.assumeTrue(Files.exists(path), path + " is not here");
        return path;
    }
}
