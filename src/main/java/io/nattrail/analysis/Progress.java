package io.nattrail.analysis;

/** Told how far long work is; may be called from any thread, and often. */
@FunctionalInterface
public interface Progress {
    /** For work that nobody watches. */
    Progress NONE = (done, total) -> { };

    /**
     * @param done bytes read so far
     * @param total bytes to read; 0 if it cannot be known
     */
    void progress(long done, long total);
}
