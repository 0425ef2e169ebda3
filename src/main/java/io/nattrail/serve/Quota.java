package io.nattrail.serve;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes that cases take on the disk, counted before they are written. */
final class Quota {
    private final FileStore disk;
    private final long most;
    private final long free;
    private final AtomicLong used = new AtomicLong();

    /**
     * @param most bytes of all cases
     * @param free bytes that must stay free for others
     */
    Quota(Path folder, long most, long free) throws IOException {
        this.disk = Files.getFileStore(folder);
        this.most = most;
        this.free = free;
    }

    /** Takes room for an upload, or refuses it. */
    void reserve(long bytes) throws IOException {
        if (disk.getUsableSpace() - bytes < free) {
            throw Refusal.of(507, "the disk is almost full: " + Sizes.of(disk.getUsableSpace()) + " are free",
                    "make room on the disk, or delete cases");
        }
        if (used.addAndGet(bytes) > most) {
            used.addAndGet(-bytes);
            throw Refusal.of(507, "the cases take " + Sizes.of(used.get()) + " of the " + Sizes.of(most) + " they may take",
                    "delete cases that are no longer needed, or start the server with a greater --max-disk");
        }
    }

    /** Counts what is there already and what reports took. */
    void add(long bytes) {
        used.addAndGet(bytes);
    }

    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    long used() {
        return used.get();
    }

    /** Bytes that the disk has left. */
    long usable() throws IOException {
        return disk.getUsableSpace();
    }

    /** Whether so little is left that reports must stop too. */
    boolean full() throws IOException {
        return disk.getUsableSpace() < free / 2;
    }
}
