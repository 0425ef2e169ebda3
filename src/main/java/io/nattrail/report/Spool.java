package io.nattrail.report;

import io.nattrail.capture.TemporaryFileException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Bytes that wait until the end of the case: the last of them in memory, those before in a temporary file. Small cases make none, since
 * its random name takes them long.
 */
final class Spool implements Closeable {
    private static final int MOST_HELD = 1 << 18;
    private static final int PIECE = 1 << 16;

    private final String prefix;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private Path file;
    private FileChannel channel;
    private long written;

    /** @param prefix what the temporary file's name begins with */
    Spool(String prefix) {
        this.prefix = prefix;
    }

    /** How many bytes there are. */
    long length() {
        return written + held.size();
    }

    void write(byte[] bytes) throws IOException {
        if (held.size() + bytes.length > MOST_HELD) {
            flush();
        }
        held.write(bytes);
    }

    /** The bytes from a place on. */
    byte[] read(long from, int length) throws IOException {
        if (channel == null) {
            return Arrays.copyOfRange(held.toByteArray(), (int) from, (int) from + length);
        }
        if (from + length > written) {
            flush();
        }
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, from + buffer.position()) < 0) {
                throw new IOException("the report's temporary file " + file + " ended early");
            }
        }
        return buffer.array();
    }

    /** Writes all bytes into {@code out}. */
    void copyTo(OutputStream out) throws IOException {
        for (long at = 0; at < written; at += PIECE) {
            out.write(read(at, (int) Math.min(PIECE, written - at)));
        }
        held.writeTo(out);
    }

    private void flush() throws IOException {
        if (channel == null) {
            open();
        }
        ByteBuffer buffer = ByteBuffer.wrap(held.toByteArray());
        try {
            while (buffer.hasRemaining()) {
                written += channel.write(buffer, written);
            }
        } catch (ClosedByInterruptException e) {
            // Somebody stopped the case, which is no fault of the file.
            throw e;
        } catch (IOException e) {
            throw new TemporaryFileException(file, e);
        }
        held.reset();
    }

    private void open() throws TemporaryFileException {
        try {
            file = Files.createTempFile(prefix, ".spool");
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw TemporaryFileException.inSystemFolder(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
            Files.deleteIfExists(file);
        }
    }
}
