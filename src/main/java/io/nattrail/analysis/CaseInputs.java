package io.nattrail.analysis;

import io.nattrail.capture.TemporaryFileException;
import io.nattrail.capture.UnreadableInputException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The inputs of a request as folders and files: archives are unpacked; pipes and standard input are kept in files, since what a file is
 * shows only when it is looked into, and frames that are out of order, of merged captures, or shown in a report are read again.
 */
final class CaseInputs implements Closeable {
    private static final String STANDARD_INPUT = "-";
    private static final int COPY = 1 << 16;

    private final List<Closeable> temporary = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<Path, Path> archives = new HashMap<>();
    private final Map<String, String> kept = new HashMap<>();
    private String caseName;
    private CaseRequest request;

    private CaseInputs() {
    }

    /**
     * Prepares a request's inputs.
     *
     * @param standardInput what a point's file {@code -} stands for
     */
    static CaseInputs open(CaseRequest asked, InputStream standardInput) throws IOException {
        CaseInputs inputs = new CaseInputs();
        boolean opened = false;
        try {
            inputs.prepare(asked, standardInput);
            opened = true;
            return inputs;
        } finally {
            if (!opened) {
                inputs.close();
            }
        }
    }

    private void prepare(CaseRequest asked, InputStream standardInput) throws IOException {
        caseName = nameOf(asked);
        List<Path> inputs = new ArrayList<>();
        for (Path input : asked.inputs()) {
            if (CaseArchive.isArchive(input)) {
                CaseArchive archive = CaseArchive.unpack(input);
                temporary.add(archive);
                notes.addAll(archive.notes());
                inputs.add(archive.folder());
                archives.put(archive.folder(), input);
                if (asked.inputs().size() == 1) {
                    caseName = archive.name();
                }
            } else {
                inputs.add(isPipe(input) ? keep(input) : input);
            }
        }
        Map<String, List<Path>> points = new LinkedHashMap<>();
        for (Map.Entry<String, List<Path>> point : asked.points().entrySet()) {
            List<Path> files = new ArrayList<>();
            for (Path file : point.getValue()) {
                if (file.toString().equals(STANDARD_INPUT)) {
                    files.add(keep(standardInput, "standard input", "standard input"));
                } else {
                    files.add(isPipe(file) ? keep(file) : file);
                }
            }
            points.put(point.getKey(), files);
        }
        request = new CaseRequest(inputs, points, asked.reference(), asked.filter(), asked.selection(), asked.threads(),
                asked.keepTrails());
    }

    /** What can be read only once, as {@code <(command)} of a shell. */
    private static boolean isPipe(Path file) {
        return Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
    }

    private Path keep(Path pipe) throws IOException {
        try (InputStream in = Files.newInputStream(pipe)) {
            return keep(in, pipe.getFileName().toString(), pipe.toString());
        }
    }

    /** @param called by the user, in messages */
    private Path keep(InputStream in, String name, String called) throws IOException {
        Path folder = temporaryFolder();
        Path file = folder.resolve(name);
        temporary.add(() -> {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        });
        kept.put(file.toString(), called);
        byte[] buffer = new byte[COPY];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int length = read(in, buffer, called); length >= 0; length = read(in, buffer, called)) {
                try {
                    out.write(buffer, 0, length);
                } catch (IOException e) {
                    throw new TemporaryFileException(file, e);
                }
            }
        }
        return file;
    }

    private static int read(InputStream in, byte[] buffer, String called) throws IOException {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw new IOException(called + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** A folder of its own for files that are there while the case is analyzed. */
    static Path temporaryFolder() throws TemporaryFileException {
        try {
            return Files.createTempDirectory("nattrail-");
        } catch (IOException e) {
            throw TemporaryFileException.inSystemFolder(e);
        }
    }

    /** The same with what the user calls a file that was kept. */
    UnreadableInputException asNamed(UnreadableInputException e) {
        String called = kept.get(e.file());
        return called == null ? e : e.of(called);
    }

    private static String nameOf(CaseRequest request) {
        if (!request.inputs().isEmpty()) {
            Path first = request.inputs().get(0).toAbsolutePath().normalize();
            Path named = Files.isDirectory(first) || request.inputs().size() == 1 ? first : first.getParent();
            return named == null || named.getFileName() == null ? first.toString() : named.getFileName().toString();
        }
        Path first = request.points().values().iterator().next().get(0).toAbsolutePath().normalize();
        return first.getParent() == null || first.getParent().getFileName() == null ? first.toString() : first.getParent().getFileName()
                .toString();
    }

    /** The request with folders in place of archives. */
    CaseRequest request() {
        return request;
    }

    /** The archives, by the folders that they were unpacked to. */
    Map<Path, Path> archives() {
        return archives;
    }

    /** Of the folder or archive that holds the case. */
    String caseName() {
        return caseName;
    }

    /** What was left out of archives. */
    List<String> notes() {
        return notes;
    }

    @Override
    public void close() throws IOException {
        CloseAll.of(temporary);
    }
}
