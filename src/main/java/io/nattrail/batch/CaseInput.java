package io.nattrail.batch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a case's result depends on: its files and the options, as a fingerprint; and how much it is to read.
 *
 * @param fingerprint changes if a file came, went or changed (name, size, time of change), with the options and with the tool's version
 * @param bytes size of all files
 * @param unpackedBytes the same with a guess of what compression saved
 */
record CaseInput(String fingerprint, long bytes, long unpackedBytes) {
    /** Captures with their repeating headers shrink by about this much. */
    private static final int COMPRESSION = 4;

    /**
     * Looks at the files of a case without reading them.
     *
     * @throws IOException if one of them is missing or cannot be looked at
     */
    static CaseInput of(BatchCase item, BatchOptions options) throws IOException {
        MessageDigest digest = sha256();
        add(digest, "nattrail " + options.version());
        // What is not among the options here does not change a report: the number of jobs, of threads, the memory.
        add(digest, "formats " + new TreeSet<>(options.formats()) + " fail-on " + options.failOn());
        long[] sizes = new long[2];
        for (Path input : item.inputs()) {
            add(digest, "input", input, sizes);
        }
        for (var point : item.points().entrySet()) {
            for (Path file : point.getValue()) {
                add(digest, "point " + point.getKey(), file, sizes);
            }
        }
        return new CaseInput(HexFormat.of().formatHex(digest.digest()), sizes[0], sizes[1]);
    }

    private static void add(MessageDigest digest, String role, Path input, long[] sizes) throws IOException {
        for (Path file : files(input)) {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            String name = file.getFileName().toString();
            add(digest, role + " " + name + " " + attributes.size() + " " + attributes.lastModifiedTime().toInstant());
            sizes[0] += attributes.size();
            boolean compressed = name.matches("(?i).*\\.(gz|zst|zstd|lz4|zip|tgz)");
            sizes[1] += compressed ? COMPRESSION * attributes.size() : attributes.size();
        }
    }

    /** The files of a folder in order of their names, or the file itself. */
    private static List<Path> files(Path input) throws IOException {
        if (!Files.isDirectory(input)) {
            return List.of(input);
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> listed = Files.list(input)) {
            listed.filter(Files::isRegularFile).sorted().forEach(files::add);
        }
        return files;
    }

    private static void add(MessageDigest digest, String line) {
        digest.update(line.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
