package io.nattrail.serve;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nattrail.analysis.FileTree;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The cases on the disk. A case is a folder that is complete from the moment it appears:
 *
 * <pre>
 * DATA/lock                       held while a server runs
 * DATA/incoming/ID/input/...      being uploaded; renamed into cases at its end, deleted at the next start if it never came to one
 * DATA/cases/ID/case.json         what is known of the case, replaced as a whole
 * DATA/cases/ID/input/...         the files, under names made here
 * DATA/cases/ID/unpacked/...      what archives among them hold, while it is analyzed
 * DATA/cases/ID/reports.new/...   being written; renamed at the end, deleted at the next start
 * DATA/cases/ID/reports/...       the reports
 * DATA/trash/ID/...               being deleted; deleted at the next start if that was cut short
 * </pre>
 */
final class CaseStore implements Closeable {
    static final String INPUT = "input";
    static final String REPORTS = "reports";
    static final String NEW_REPORTS = "reports.new";
    static final String UNPACKED = "unpacked";

    private static final String RECORD = "case.json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int ID_LENGTH = 26;

    private final Limits limits;
    private final ServeLog log;
    private final Path cases;
    private final Path incoming;
    private final Path trash;
    private final FileChannel lockFile;
    private final Quota quota;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicInteger places = new AtomicInteger();
    private final AtomicLong revision = new AtomicLong();

    /** One case. Its record changes under the entry's own lock. */
    static final class Entry {
        private final String id;
        private final Path folder;
        private CaseRecord record;
        private Run run;
        private boolean deleted;

        private Entry(String id, Path folder, CaseRecord record) {
            this.id = id;
            this.folder = folder;
            this.record = record;
        }

        String id() {
            return id;
        }

        synchronized CaseRecord record() {
            return record;
        }

        /** Its analysis, or null if it has none under way. */
        synchronized Run run() {
            return run;
        }

        Path input() {
            return folder.resolve(INPUT);
        }

        Path newReports() {
            return folder.resolve(NEW_REPORTS);
        }

        Path unpacked() {
            return folder.resolve(UNPACKED);
        }
    }

    /** Opens the folder, removes what a server that was killed left half done, and finds the cases. */
    CaseStore(Path data, Limits limits, ServeLog log) throws IOException {
        this.limits = limits;
        this.log = log;
        if (Files.exists(data) && !Files.isDirectory(data)) {
            throw new NotDirectoryException(data.toString());
        }
        if (!Files.exists(data)) {
            Files.createDirectories(data.toAbsolutePath().getParent());
            Folders.make(data.toAbsolutePath());
        }
        Path root = data.toRealPath();
        lockFile = lock(root);
        try {
            cases = Folders.own(root.resolve("cases"));
            incoming = Folders.own(root.resolve("incoming"));
            trash = Folders.own(root.resolve("trash"));
            quota = new Quota(root, limits.dataBytes(), limits.freeBytes());
            recover();
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        FileChannel file = FileChannel.open(root.resolve("lock"), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS));
        FileLock lock = null;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException e) {
            // Another server in this process.
        }
        if (lock == null) {
            file.close();
            throw new IOException(root + ": another nattrail serve uses this folder; stop it, or give this one another: --data DIR");
        }
        return file;
    }

    private void recover() throws IOException {
        for (Path folder : List.of(incoming, trash)) {
            for (Path left : Folders.entries(folder)) {
                FileTree.remove(left);
                log.log("removed " + folder.getFileName() + "/" + left.getFileName() + ", left by a server that was ended");
            }
        }
        for (Path folder : Folders.entries(cases)) {
            String id = folder.getFileName().toString();
            if (isId(id) && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                recover(id, folder);
            } else {
                log.log("cases/" + id + " is no case of this server and is left alone");
            }
        }
    }

    private void recover(String id, Path folder) throws IOException {
        FileTree.remove(folder.resolve(NEW_REPORTS));
        FileTree.remove(folder.resolve(UNPACKED));
        CaseRecord record = read(id, folder);
        Entry entry = new Entry(id, folder, record);
        if (record.state() == CaseState.RUNNING) {
            log.log("case " + id + ": its analysis was cut short by the end of the server");
        }
        if (record.state() == CaseState.RUNNING || record.state() == CaseState.QUEUED) {
            FileTree.remove(folder.resolve(REPORTS));
            record = record.exhausted()
                    ? record.failed(now(), new CaseRecord.Fault("the server ended twice while it analyzed this case",
                            "give Java more memory (NATTRAIL_OPTS=-Xmx4g), or run nattrail analyze on the files to see what happens"))
                    : new CaseRecord(id, record.name(), CaseState.QUEUED, record.created(), null, record.attempts(), record.annotate(),
                            record.files(), record.inputBytes(), null, 0, null, null, null, null);
        }
        // A disk that is full must not keep the server from starting: then cases can be deleted.
        if (!record.equals(entry.record)) {
            save(entry, record);
        }
        entries.put(id, entry);
        places.incrementAndGet();
        quota.add(record.bytes());
    }

    private CaseRecord read(String id, Path folder) throws IOException {
        try (SeekableByteChannel file = Files.newByteChannel(folder.resolve(RECORD), Set.of(StandardOpenOption.READ,
                LinkOption.NOFOLLOW_LINKS))) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), 16 << 20));
            while (bytes.hasRemaining() && file.read(bytes) >= 0) {
                continue;
            }
            CaseRecord record = JSON.readValue(bytes.array(), 0, bytes.position(), CaseRecord.class);
            if (record.state() != null && id.equals(record.id()) && record.name() != null && record.created() != null) {
                return record;
            }
        } catch (JacksonException | NoSuchFileException e) {
            log.log("cases/" + id + "/" + RECORD + ": " + e.getMessage());
        }
        return new CaseRecord(id, "damaged case", CaseState.FAILED, now(), now(), 0, false, null, 0, null, 0, null, null, null,
                new CaseRecord.Fault("the server's record of this case is damaged", "delete the case and upload its files again"));
    }

    private void save(Entry entry, CaseRecord record) throws IOException {
        write(entry.folder, record);
        entry.record = record;
        changed();
    }

    private static void write(Path folder, CaseRecord record) throws IOException {
        Path temporary = folder.resolve(RECORD + ".new");
        Files.deleteIfExists(temporary);
        try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(record));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        Files.move(temporary, folder.resolve(RECORD), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static boolean isId(String text) {
        return text.length() == ID_LENGTH && text.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0);
    }

    private static String newId() {
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        return id.toString();
    }

    static String now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** A place for a case that is about to be uploaded. */
    Draft draft() throws IOException {
        if (places.incrementAndGet() > limits.cases()) {
            places.decrementAndGet();
            throw Refusal.of(507, "there are " + limits.cases() + " cases, as many as the server keeps",
                    "delete cases that are no longer needed, or start the server with a greater --max-cases");
        }
        try {
            String id = newId();
            Path folder = incoming.resolve(id);
            Folders.make(folder);
            Folders.make(folder.resolve(INPUT));
            return new Draft(this, id, folder, quota, limits);
        } catch (IOException e) {
            places.decrementAndGet();
            throw e;
        }
    }

    /** Makes a draft a case. */
    Entry accept(Path folder, CaseRecord record) throws IOException {
        write(folder, record);
        Entry entry = new Entry(record.id(), cases.resolve(record.id()), record);
        Files.move(folder, entry.folder, StandardCopyOption.ATOMIC_MOVE);
        entries.put(record.id(), entry);
        changed();
        return entry;
    }

    /** Gives up a draft. */
    void discard(Path folder, long reserved) throws IOException {
        places.decrementAndGet();
        quota.release(reserved);
        FileTree.remove(folder);
    }

    /** Cases that wait for their analysis, the oldest first. */
    List<Entry> waiting() {
        return entries.values().stream().filter(e -> e.record().state() == CaseState.QUEUED)
                .sorted(Comparator.comparing((Entry e) -> e.record().created()).thenComparing(Entry::id)).toList();
    }

    /** All cases, the newest first. */
    List<Entry> all() {
        return entries.values().stream()
                .sorted(Comparator.comparing((Entry e) -> e.record().created()).reversed().thenComparing(Entry::id)).toList();
    }

    /** The case, or null. */
    Entry find(String id) {
        return entries.get(id);
    }

    /** Marks the analysis as begun by the calling thread; null if the case was deleted meanwhile. */
    Run begin(Entry entry) throws IOException {
        synchronized (entry) {
            if (entry.deleted) {
                return null;
            }
            save(entry, entry.record.running());
            entry.run = new Run();
            return entry.run;
        }
    }

    /** The analysis has ended well: its reports become the case's. */
    void done(Entry entry, CaseRecord done) throws IOException {
        synchronized (entry) {
            Files.move(entry.newReports(), entry.folder.resolve(REPORTS), StandardCopyOption.ATOMIC_MOVE);
            end(entry, done);
            quota.add(done.reportBytes());
        }
    }

    /** The analysis has ended without reports, for this reason; or is to begin again. */
    void undone(Entry entry, CaseRecord undone) throws IOException {
        synchronized (entry) {
            try {
                FileTree.remove(entry.newReports());
            } finally {
                end(entry, undone);
            }
        }
    }

    /** The case's record cannot be written: what is told of it until the next start, which finds it as it was before. */
    void lost(Entry entry, CaseRecord.Fault why) {
        synchronized (entry) {
            if (entry.record.state() == CaseState.QUEUED || entry.record.state() == CaseState.RUNNING) {
                entry.record = entry.record.failed(now(), why);
            }
        }
        changed();
    }

    private void end(Entry entry, CaseRecord ended) throws IOException {
        if (entry.run != null) {
            entry.run.end();
            entry.run = null;
        }
        if (entry.deleted) {
            entry.record = ended;
            remove(entry);
        } else {
            save(entry, ended);
        }
    }

    /** Deletes a case. While it is analyzed this is stopped, and its files go as soon as it has. False if there is no such case. */
    boolean delete(String id) throws IOException {
        Entry entry = entries.remove(id);
        if (entry == null) {
            return false;
        }
        synchronized (entry) {
            entry.deleted = true;
            changed();
            if (entry.run == null) {
                remove(entry);
            } else {
                entry.run.stop(Run.Stop.DELETED);
            }
        }
        return true;
    }

    private void remove(Entry entry) throws IOException {
        Path dead = trash.resolve(entry.id);
        Files.move(entry.folder, dead, StandardCopyOption.ATOMIC_MOVE);
        places.decrementAndGet();
        quota.release(entry.record.bytes());
        FileTree.remove(dead);
    }

    /** Opens a report of the case, if it is a plain file that the case's record names. */
    SeekableByteChannel open(Entry entry, CaseRecord.OutputFile report) throws IOException {
        Path file = entry.folder.resolve(REPORTS).resolve(report.file());
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                || !Files.isDirectory(file.getParent(), LinkOption.NOFOLLOW_LINKS)) {
            throw Refusal.notFound("the report " + report.file() + " is no longer there");
        }
        return Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    }

    /** The sizes of what the analysis wrote. */
    static List<CaseRecord.OutputFile> written(Path folder, List<String> files) throws IOException {
        List<CaseRecord.OutputFile> found = new ArrayList<>();
        for (String file : files) {
            found.add(new CaseRecord.OutputFile(file, Files.size(folder.resolve(file))));
        }
        return found;
    }

    /** Grows with every change that the list of cases shows. */
    long revision() {
        return revision.get();
    }

    void changed() {
        revision.incrementAndGet();
    }

    Quota quota() {
        return quota;
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
