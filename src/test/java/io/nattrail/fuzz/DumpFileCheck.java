package io.nattrail.fuzz;

import static io.nattrail.fuzz.Bounds.require;
import static io.nattrail.fuzz.Bounds.same;

import io.nattrail.cluster.ClusterFiles;
import io.nattrail.cluster.ClusterState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What holds for every file that is handed over as a dump, whatever it is: no exception, and a note if nothing came of it. */
final class DumpFileCheck {
    void check(byte[] bytes) throws IOException {
        try (Scratch scratch = new Scratch()) {
            Path file = Files.write(scratch.folder().resolve("node-1.txt"), bytes);
            boolean dump = ClusterFiles.looksLikeDump(file);
            ClusterState state = ClusterFiles.read(List.of(file));
            same(state, ClusterFiles.read(List.of(file)), "read twice, one file gives");
            require(dump || !state.notes().isEmpty(), "nothing is said of a file that is no dump");
        }
    }
}
