package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Dumps for tests, in a folder: what a user might hand over. */
final class Dumps {
    private final Path folder;
    private final List<Path> files = new ArrayList<>();

    private Dumps(Path folder) {
        this.folder = folder;
    }

    static Dumps in(Path folder) {
        return new Dumps(folder);
    }

    Dumps with(String name, String text) {
        return with(name, text.getBytes(StandardCharsets.UTF_8));
    }

    Dumps with(String name, byte[] bytes) {
        try {
            files.add(Files.write(folder.resolve(name), bytes));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of the test resources, under a name of its own. */
    Dumps withResource(String name, String resource) {
        return with(name, resource(resource));
    }

    static byte[] resource(String name) {
        try (InputStream in = Dumps.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Path> files() {
        return files;
    }

    ClusterState read() {
        try {
            return ClusterFiles.read(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What one text of a file without a telling name says. */
    static ClusterState read(Path folder, String text) {
        return in(folder).with("dump.txt", text).read();
    }

    /** A rule for a TCP port of a service, of a dump that tells no node; {@code front} is null for a node port. */
    static ClusterState.ServiceRule rule(String service, String front, int nodePort, ClusterState.Fate fate, boolean masquerade,
            String... endpoints) {
        return new ClusterState.ServiceRule(null, Protocol.TCP, service, front == null ? null : Endpoint.parse(front), nodePort, fate,
                List.of(endpoints).stream().map(Endpoint::parse).toList(), masquerade);
    }
}
