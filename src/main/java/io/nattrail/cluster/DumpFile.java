package io.nattrail.cluster;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Opens dumps as text: UTF-8, or UTF-16 (PowerShell's {@code >} writes it) as the byte order mark says or, without one, the zeros of
 * letters, unpacked if gzip packed it.
 */
final class DumpFile {
    /** Characters by which a file is recognised. */
    static final int HEAD = 1 << 16;

    /** Dumps of large clusters compress to a tenth or a fortieth of their size, one line repeated to a three-hundredth. */
    private static final long MOST_RATIO = 100;
    private static final long RATIO_COUNTS_FROM = 64 << 20;

    private DumpFile() {
    }

    /** Counts what is read, and stops what unpacks to far more than any dump does. */
    private static final class Counted extends FilterInputStream {
        private final Counted packed;
        private long count;

        /** @param packed what this is unpacked from; null if it is not */
        Counted(InputStream in, Counted packed) {
            super(in);
            this.packed = packed;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (packed != null && count > RATIO_COUNTS_FROM && count / MOST_RATIO > packed.count) {
                throw new ZipException("unpacks to more than " + MOST_RATIO + " times its size, as no dump does");
            }
            int read = in.read(buffer, offset, length);
            count += Math.max(0, read);
            return read;
        }
    }

    static Reader open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            if (startsWith(in, 0x1f, 0x8b)) {
                Counted packed = new Counted(in, null);
                in = new BufferedInputStream(new Counted(new GZIPInputStream(packed, 1 << 16), packed), 1 << 16);
            }
            Charset charset = StandardCharsets.UTF_8;
            if (startsWith(in, 0xef, 0xbb, 0xbf)) {
                in.skipNBytes(3);
            } else if (startsWith(in, 0xff, 0xfe) || startsWith(in, 0xfe, 0xff)) {
                charset = StandardCharsets.UTF_16;
            } else if (startsWithLetters(in, 0)) {
                charset = StandardCharsets.UTF_16LE;
            } else if (startsWithLetters(in, 1)) {
                charset = StandardCharsets.UTF_16BE;
            }
            return new InputStreamReader(in, charset);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private static boolean startsWith(InputStream in, int... bytes) throws IOException {
        in.mark(bytes.length);
        byte[] first = in.readNBytes(bytes.length);
        in.reset();
        if (first.length < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if ((first[i] & 0xff) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** @param low which byte of two is the lower one */
    private static boolean startsWithLetters(InputStream in, int low) throws IOException {
        in.mark(4);
        byte[] first = in.readNBytes(4);
        in.reset();
        return first.length == 4 && first[low] > 0 && first[low + 2] > 0 && first[1 - low] == 0 && first[3 - low] == 0;
    }

    /** The first characters of the file; empty if it is no text or no sound gzip. */
    static String head(Path file) throws IOException {
        char[] head = new char[HEAD];
        int length = 0;
        try (Reader reader = open(file)) {
            while (length < HEAD) {
                int n = reader.read(head, length, HEAD - length);
                if (n < 0) {
                    break;
                }
                length += n;
            }
        } catch (ZipException | java.io.EOFException e) {
            // What came before the damage may still tell what the file is.
            return text(head, length);
        }
        return text(head, length);
    }

    /** A capture has a zero byte in its first bytes; no dump has one anywhere. */
    private static String text(char[] head, int length) {
        String text = new String(head, 0, length);
        return text.indexOf(0) < 0 ? text : "";
    }
}
