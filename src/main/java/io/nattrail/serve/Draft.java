package io.nattrail.serve;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A case that is being uploaded, in a folder of its own outside the cases. Closing it before {@link #accept} leaves nothing of it. */
final class Draft implements Closeable {
    /** Room is taken in pieces of this size, so that thousands of small writes do not each ask the disk. */
    private static final long PIECE = 1 << 20;

    private final CaseStore store;
    private final String id;
    private final Path folder;
    private final Quota quota;
    private final Limits limits;
    private final Set<String> names = new HashSet<>();
    private final List<CaseRecord.InputFile> files = new ArrayList<>();
    private FileChannel out;
    private String name;
    private String label;
    private String point;
    private long inFile;
    private long bytes;
    private long reserved;
    private boolean accepted;

    Draft(CaseStore store, String id, Path folder, Quota quota, Limits limits) {
        this.store = store;
        this.id = id;
        this.folder = folder;
        this.quota = quota;
        this.limits = limits;
    }

    /**
     * Begins a file.
     *
     * @param label what the client calls it
     * @param point where it says it is from, or null
     */
    void begin(String label, String point) throws IOException {
        if (files.size() >= limits.files()) {
            throw Refusal.of(413, "more than " + limits.files() + " files", "pack them into a tar archive, or upload fewer");
        }
        this.label = FileNames.label(label);
        this.point = point;
        name = FileNames.make(label, names);
        out = FileChannel.open(folder.resolve(CaseStore.INPUT).resolve(name), Set.of(StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        inFile = 0;
    }

    /** More of the file. */
    void write(ByteBuffer content) throws IOException {
        int length = content.remaining();
        if (bytes + length > limits.uploadBytes()) {
            throw Refusal.of(413, "the case is larger than the " + Sizes.of(limits.uploadBytes()) + " that are accepted",
                    "compress the captures (gzip, zstd, lz4), capture with a filter or a snap length, or start the server with a greater"
                            + " --max-upload");
        }
        while (bytes + length > reserved) {
            quota.reserve(PIECE);
            reserved += PIECE;
        }
        while (content.hasRemaining()) {
            out.write(content);
        }
        bytes += length;
        inFile += length;
    }

    /** The file is complete. */
    void end() throws IOException {
        out.close();
        out = null;
        files.add(new CaseRecord.InputFile(name, label, point, inFile));
    }

    long bytes() {
        return bytes;
    }

    int files() {
        return files.size();
    }

    /** The upload is complete: from now on it is a case. */
    CaseStore.Entry accept(String caseName, boolean annotate) throws IOException {
        CaseRecord record = CaseRecord.uploaded(id, caseName, CaseStore.now(), annotate, files, bytes);
        CaseStore.Entry entry = store.accept(folder, record);
        accepted = true;
        quota.release(reserved - bytes);
        return entry;
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
        if (!accepted) {
            store.discard(folder, reserved);
        }
    }
}
