package io.nattrail.capture;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** Undoes gzip, zstd and lz4 for files that are no captures, such as archives of them. */
public final class Decompression {
    private Decompression() {
    }

    /**
     * The decompressed stream if its first bytes say that it is compressed, else the stream as it is. Closing it closes the other.
     *
     * @param file what to call it in messages
     * @throws UnreadableInputException if this machine lacks what the compression needs
     * @throws IOException also while reading, if the compressed data is wrong
     */
    public static InputStream open(InputStream in, String file) throws IOException {
        PushbackInputStream again = new PushbackInputStream(in, Compression.HEAD);
        return Compression.of(again).open(again, file);
    }
}
