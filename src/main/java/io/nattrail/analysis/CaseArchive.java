package io.nattrail.analysis;

import io.nattrail.capture.Decompression;
import io.nattrail.capture.TemporaryFileException;
import io.nattrail.capture.UnreadableInputException;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;

/**
 * A case that came as an archive (tar, also in gzip, zstd or lz4, or zip), unpacked into a folder that only this user can read and that is
 * deleted when it is closed. What an archive says is not believed: nothing is written outside that folder, no links are made, and size,
 * number and compression of its entries are bounded.
 */
public final class CaseArchive implements Closeable {
    private static final int HEAD = 512;
    private static final int TAR_MAGIC = 257;
    private static final int COPY = 1 << 16;
    private static final int SHOWN_NOTES = 20;
    /** Bytes between two slashes, as all usual file systems have it. */
    private static final int LONGEST_NAME = 255;
    /** Bytes of all of a name: with the folder it is unpacked to, still less than a path may have. */
    private static final int LONGEST_PATH = 3_000;
    private static final int DEEPEST = 64;
    private static final int SHOWN_NAME = 200;

    private final Path root;
    private final Thread atExit;
    private final List<String> notes = new ArrayList<>();
    private final String file;
    private final String name;
    private Path folder;
    private long leftOut;

    /**
     * What an archive may be at most.
     *
     * @param entries files and folders
     * @param bytes all files together
     * @param ratio bytes unpacked for each byte of the archive, once more than {@code bytesBeforeRatio} were unpacked
     * @param header bytes that describe one entry: names and attributes, which are held in memory
     */
    public record Limits(int entries, long bytes, long ratio, long bytesBeforeRatio, long header) {
        /** Captures of idle links shrink to a hundredth; gzip cannot do better than a thousandth, and bombs come close to it. */
        public static final Limits USUAL = new Limits(10_000, 64L << 30, 300, 256L << 20, 1 << 20);
    }

    private CaseArchive(Path archive, Path parent) throws IOException {
        file = archive.toString();
        name = caseName(archive.getFileName().toString());
        root = parent == null ? CaseInputs.temporaryFolder() : Files.createTempDirectory(parent, "nattrail-");
        folder = root;
        atExit = new Thread(this::deleteQuietly, "delete-unpacked");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Whether a file is an archive that can be unpacked, by its content. */
    public static boolean isArchive(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Decompression.open(new BufferedInputStream(Files.newInputStream(file)), file.toString())) {
            byte[] head = in.readNBytes(HEAD);
            return isZip(head) || isTar(head);
        } catch (IOException e) {
            if (Files.isReadable(file)) {
                // Compressed data that is wrong or cut; whoever reads it next says so.
                return false;
            }
            throw e;
        }
    }

    /**
     * Unpacks an archive.
     *
     * @throws UnreadableInputException if it is none, is dangerous, or holds nothing
     */
    public static CaseArchive unpack(Path archive) throws IOException {
        return unpack(archive, Limits.USUAL);
    }

    static CaseArchive unpack(Path archive, Limits limits) throws IOException {
        return unpack(archive, null, limits);
    }

    /**
     * The same into a folder of the caller's.
     *
     * @param parent where the folder for the files is made; null for the system's temporary folder
     */
    public static CaseArchive unpack(Path archive, Path parent, Limits limits) throws IOException {
        CaseArchive unpacked = new CaseArchive(archive, parent);
        boolean done = false;
        try {
            unpacked.read(archive, limits);
            done = true;
            return unpacked;
        } finally {
            if (!done) {
                unpacked.close();
            }
        }
    }

    /** Where the files are: the archive's only folder if it has but one, else its root. */
    public Path folder() {
        return folder;
    }

    /** What to call the case: the archive's name without its ending. */
    public String name() {
        return name;
    }

    /** What was left out and why. */
    public List<String> notes() {
        List<String> all = new ArrayList<>(notes);
        if (leftOut > notes.size()) {
            all.add("and " + (leftOut - notes.size()) + " more entries of " + name + " were left out");
        }
        return all;
    }

    private void read(Path archive, Limits limits) throws IOException {
        try (InputStream raw = Files.newInputStream(archive);
                Metered packed = new Metered(new BufferedInputStream(raw, COPY));
                Metered plain = new Metered(new BufferedInputStream(Decompression.open(packed, file), COPY))) {
            byte[] head = head(plain, packed);
            if (!isZip(head) && !isTar(head)) {
                throw new UnreadableInputException(file, 0, "is no archive", "name a folder, captures, or a tar or zip archive of them");
            }
            ArchiveInputStream<?> entries = isZip(head)
                    ? new ZipArchiveInputStream(plain, StandardCharsets.UTF_8.name(), true, true) : new TarArchiveInputStream(plain);
            new Unpacking(entries, packed, plain, limits).run();
        }
        folder = onlyFolder(root);
        if (isEmpty(folder)) {
            throw new UnreadableInputException(file, 0, "an archive without files" + (notes.isEmpty() ? "" : "; " + notes.get(0)),
                    "put client.pcap, node1-eth0.pcap and node2-cbr0.pcap into it");
        }
    }

    private byte[] head(Metered plain, Metered packed) throws IOException {
        try {
            plain.mark(HEAD);
            byte[] head = plain.readNBytes(HEAD);
            plain.reset();
            return head;
        } catch (IOException e) {
            if (packed.failed()) {
                throw e;
            }
            throw new UnreadableInputException(file, 0, "an archive of which nothing can be decompressed (" + e.getMessage() + ")",
                    "fetch the file again");
        }
    }

    /** One walk over the entries. */
    private final class Unpacking {
        private final ArchiveInputStream<?> entries;
        private final Metered packed;
        private final Metered plain;
        private final Limits limits;
        private final byte[] buffer = new byte[COPY];
        private int count;
        private long written;

        Unpacking(ArchiveInputStream<?> entries, Metered packed, Metered plain, Limits limits) {
            this.entries = entries;
            this.packed = packed;
            this.plain = plain;
            this.limits = limits;
        }

        void run() throws IOException {
            String current = "its first entry";
            try {
                for (ArchiveEntry entry = next(); entry != null; entry = next()) {
                    current = entry.getName();
                    if (++count > limits.entries()) {
                        throw refused("holds more than " + limits.entries() + " entries");
                    }
                    entry(entry);
                }
            } catch (UnreadableInputException | TemporaryFileException e) {
                throw e;
            } catch (IOException e) {
                // What came before the damage counts.
                if (packed.failed()) {
                    throw e;
                }
                leave(current, "the archive is damaged there (" + (e.getMessage() == null ? "it ends inside this entry" : e.getMessage())
                        + "); what follows is lost");
            }
        }

        private ArchiveEntry next() throws IOException {
            plain.allow(limits.header());
            try {
                return entries.getNextEntry();
            } catch (RuntimeException e) {
                // At numbers that are none, Commons Compress throws exceptions of several kinds.
                throw new IOException("it contradicts itself", e);
            } finally {
                plain.allow(Long.MAX_VALUE);
            }
        }

        private void entry(ArchiveEntry entry) throws IOException {
            if (entry instanceof ZipArchiveEntry zip && !zip.getGeneralPurposeBit().usesEncryption() && !canRead(zip)) {
                leave(entry.getName(), "is compressed in a way that is not read here; unpack the archive and name the folder");
                return;
            }
            String reason = unwanted(entry);
            reason = reason == null ? misnamed(entry.getName()) : reason;
            Path target = reason == null ? inside(entry.getName()) : null;
            if (target == null) {
                if (reason == null || !reason.isEmpty()) {
                    leave(entry.getName(), reason == null ? "its name leads out of the archive" : reason);
                }
                skip();
            } else if (entry.isDirectory()) {
                create(target, entry);
            } else if (target.equals(root)) {
                leave(entry.getName(), "a file without a name");
                skip();
            } else if (create(target.getParent(), entry)) {
                write(target, entry);
            } else {
                skip();
            }
        }

        private boolean canRead(ZipArchiveEntry entry) {
            return entries instanceof ZipArchiveInputStream zip && zip.canReadEntryData(entry);
        }

        private void write(Path target, ArchiveEntry entry) throws IOException {
            if (Files.isDirectory(target)) {
                leave(entry.getName(), "a folder has the same name");
                skip();
                return;
            }
            try (OutputStream out = output(target)) {
                for (int length = read(); length >= 0; length = read()) {
                    try {
                        out.write(buffer, 0, length);
                    } catch (IOException e) {
                        throw new TemporaryFileException(target, e);
                    }
                }
            }
        }

        private void skip() throws IOException {
            while (read() >= 0) {
                // Read, so that what is left out counts towards the limits too.
            }
        }

        private int read() throws IOException {
            int length = readEntry();
            written += Math.max(0, length);
            if (written > limits.bytes()) {
                throw refused("unpacks to more than " + size(limits.bytes()));
            }
            if (written > limits.bytesBeforeRatio() && written / limits.ratio() > packed.count()) {
                throw refused("unpacks to more than " + limits.ratio() + " times its size, as archives do that are made to fill a disk");
            }
            return length;
        }

        private int readEntry() throws IOException {
            try {
                return entries.read(buffer);
            } catch (RuntimeException e) {
                // As above.
                throw new IOException("it contradicts itself", e);
            }
        }

        private boolean create(Path wanted, ArchiveEntry entry) throws TemporaryFileException {
            for (Path at = wanted; !at.equals(root); at = at.getParent()) {
                if (Files.exists(at) && !Files.isDirectory(at)) {
                    leave(entry.getName(), "a file has the name of its folder");
                    return false;
                }
            }
            try {
                Files.createDirectories(wanted);
                return true;
            } catch (IOException e) {
                throw new TemporaryFileException(wanted, e);
            }
        }

        private OutputStream output(Path target) throws TemporaryFileException {
            try {
                return Files.newOutputStream(target);
            } catch (IOException e) {
                throw new TemporaryFileException(target, e);
            }
        }
    }

    /** Why an entry is not unpacked; empty if nobody misses it, null if it is. */
    private static String unwanted(ArchiveEntry entry) {
        String name = entry.getName().replace('\\', '/');
        String last = name.substring(name.lastIndexOf('/', Math.max(0, name.length() - 2)) + 1);
        if (name.startsWith("__MACOSX/") || last.startsWith("._") || last.equals(".DS_Store")) {
            return "";
        }
        if (entry instanceof TarArchiveEntry tar) {
            if (tar.isSymbolicLink() || tar.isLink()) {
                return "is a link";
            }
            if (tar.isCharacterDevice() || tar.isBlockDevice() || tar.isFIFO()) {
                return "is neither a file nor a folder";
            }
        }
        if (entry instanceof ZipArchiveEntry zip) {
            if (zip.isUnixSymlink()) {
                return "is a link";
            }
            if (zip.getGeneralPurposeBit().usesEncryption()) {
                return "is encrypted; unpack the archive and name the folder";
            }
        }
        return null;
    }

    /** Why no file can have an entry's name; null if one can, or if the name leads elsewhere. */
    private static String misnamed(String entryName) {
        if (entryName.indexOf('\0') >= 0) {
            return "no file can have its name";
        }
        int deep = 0;
        int total = 0;
        for (String part : entryName.replace('\\', '/').split("/")) {
            int length = part.getBytes(StandardCharsets.UTF_8).length;
            total += length + 1;
            if (length > LONGEST_NAME || total > LONGEST_PATH || ++deep > DEEPEST) {
                return "its name is longer than that of a file can be";
            }
        }
        return null;
    }

    /** The file for an entry, or null if its name leads elsewhere. */
    private Path inside(String entryName) {
        Path target = root;
        for (String part : entryName.replace('\\', '/').split("/")) {
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..") || part.endsWith(":")) {
                return null;
            }
            try {
                target = target.resolve(part);
            } catch (InvalidPathException e) {
                return null;
            }
        }
        // A last check, whatever names mean on this system.
        return target.equals(root) && !entryName.matches("[./\\\\]*") || !target.normalize().startsWith(root) ? null : target;
    }

    private UnreadableInputException refused(String what) {
        return new UnreadableInputException(file, 0, "an archive that " + what, "unpack it yourself if you trust it, and name the folder",
                "unpack it yourself if you trust it, and send what it holds");
    }

    private void leave(String entry, String why) {
        if (leftOut++ < SHOWN_NOTES) {
            notes.add((entry.length() > SHOWN_NAME ? entry.substring(0, SHOWN_NAME) + "..." : entry) + ": " + why);
        }
    }

    private static boolean isZip(byte[] head) {
        return head.length >= 4 && head[0] == 'P' && head[1] == 'K' && (head[2] == 3 && head[3] == 4 || head[2] == 5 && head[3] == 6);
    }

    private static boolean isTar(byte[] head) {
        return head.length == HEAD && new String(head, TAR_MAGIC, 5, StandardCharsets.ISO_8859_1).equals("ustar");
    }

    private static Path onlyFolder(Path start) throws IOException {
        Path at = start;
        while (true) {
            List<Path> files;
            try (Stream<Path> list = Files.list(at)) {
                files = list.limit(2).toList();
            }
            if (files.size() != 1 || !Files.isDirectory(files.get(0))) {
                return at;
            }
            at = files.get(0);
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.findAny().isEmpty();
        }
    }

    private static String caseName(String fileName) {
        String stem = fileName.replaceFirst("(?i)\\.(tgz|tzst|zip|tar(\\.(gz|zst|lz4))?)$", "");
        return stem.isEmpty() ? fileName : stem;
    }

    private static String size(long bytes) {
        return String.format(Locale.ROOT, "%,d MB", bytes >> 20);
    }

    @Override
    public void close() throws IOException {
        if (Thread.currentThread() != atExit) {
            try {
                Runtime.getRuntime().removeShutdownHook(atExit);
            } catch (IllegalStateException e) {
                // The process is ending, and the hook deletes as well.
                return;
            }
        }
        FileTree.remove(root);
    }

    private void deleteQuietly() {
        try {
            FileTree.remove(root);
        } catch (IOException e) {
            // The process ends and nobody can be told; the system empties its temporary folder.
            return;
        }
    }

    /** Counts what is read, bounds it, and remembers whether the medium failed. */
    private static final class Metered extends FilterInputStream {
        private long count;
        private long marked;
        private long most = Long.MAX_VALUE;
        private boolean failed;

        Metered(InputStream in) {
            super(in);
        }

        /** From here on so many bytes may be read. */
        void allow(long bytes) {
            most = bytes == Long.MAX_VALUE ? bytes : count + bytes;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (count > most) {
                throw new IOException("an entry is described by too many bytes");
            }
            try {
                int read = in.read(buffer, offset, length);
                count += Math.max(0, read);
                return read;
            } catch (IOException e) {
                failed = true;
                throw e;
            }
        }

        @Override
        public long skip(long bytes) throws IOException {
            long skipped = in.skip(bytes);
            count += skipped;
            return skipped;
        }

        @Override
        public synchronized void mark(int limit) {
            marked = count;
            super.mark(limit);
        }

        @Override
        public synchronized void reset() throws IOException {
            count = marked;
            super.reset();
        }

        long count() {
            return count;
        }

        boolean failed() {
            return failed;
        }
    }
}
