package io.nattrail.serve;

/** Told what the server did, one line each; may be called from any thread. */
@FunctionalInterface
public interface ServeLog {
    /** For servers that nobody watches. */
    ServeLog NONE = (line, fault) -> { };

    /**
     * @param line plain text
     * @param fault a fault of the program itself with its stack trace, or null
     */
    void log(String line, Throwable fault);

    default void log(String line) {
        log(line, null);
    }
}
