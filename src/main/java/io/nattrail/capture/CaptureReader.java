package io.nattrail.capture;

import io.nattrail.wire.Bytes;
import io.nattrail.wire.FrameView;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads the packets of one capture file, whatever its format and compression, one after the other and in memory that does not depend on
 * what the file says. Confined to one thread, but for {@link #consumedBytes}.
 *
 * <pre>
 * try (CaptureReader reader = CaptureReader.open(file)) {
 *     FrameView frame = new FrameView();
 *     while (reader.next(frame)) { ... }
 *     CaptureFacts facts = reader.facts();
 * }
 * </pre>
 */
public final class CaptureReader implements Closeable {
    /** The type of the block that begins a pcapng file. */
    private static final int SECTION_HEADER = 0x0a0d0d0a;

    /** How many bytes tell what a file is: a tar archive says so at byte 257. */
    private static final int HEAD = 512;

    private final SourceInput source;
    private final Feed feed;
    private final RecordReader records;

    private CaptureReader(SourceInput source, String name) throws IOException {
        this.source = source;
        PushbackInputStream in = new PushbackInputStream(source, Compression.HEAD);
        Compression compression = Compression.of(in);
        InputStream plain;
        try {
            plain = compression.open(in, name);
        } catch (IOException e) {
            if (source.failed()) {
                throw e;
            }
            throw FileLooks.broken(name, compression.label() + " data: " + e.getMessage());
        }
        feed = new Feed(plain, source, compression);
        feed.has(HEAD);
        CaptureFormat format = CaptureFormats.of(feed.buffer, feed.limit);
        if (format == null) {
            if (feed.limit == 0 && feed.broken() != null) {
                throw FileLooks.broken(name, feed.broken());
            }
            throw FileLooks.noCapture(name, feed.buffer, feed.limit, compression);
        }
        records = format.open(feed, name);
    }

    /**
     * Opens a file.
     *
     * @throws UnreadableInputException if it is no capture, or nothing of it can be read
     */
    public static CaptureReader open(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new UnreadableInputException(file.toString(), -1, "is a folder, not a capture", "analyze it as a case: nattrail analyze "
                    + file);
        }
        InputStream in = Files.newInputStream(file);
        return open(in, file.toString(), Files.isRegularFile(file) ? Files.size(file) : -1);
    }

    /** Whether a file begins as an uncompressed capture does: then nothing else needs to be asked of it. */
    public static boolean beginsAsCapture(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(4);
            if (head.length < 4) {
                return false;
            }
            int magic = Bytes.i32(head, 0);
            return magic == SECTION_HEADER || PcapFormat.isMagic(magic) || PcapFormat.isMagic(Integer.reverseBytes(magic));
        }
    }

    /**
     * Reads a stream, such as standard input. It is closed with the reader.
     *
     * @param name what to call it in messages
     * @throws UnreadableInputException if it is no capture, or nothing of it can be read
     */
    public static CaptureReader open(InputStream in, String name) throws IOException {
        return open(in, name, -1);
    }

    private static CaptureReader open(InputStream in, String name, long size) throws IOException {
        SourceInput source = new SourceInput(in, name, size);
        boolean opened = false;
        try {
            CaptureReader reader = new CaptureReader(source, name);
            opened = true;
            return reader;
        } finally {
            if (!opened) {
                source.close();
            }
        }
    }

    /**
     * Lays the view on the next packet. Damage ends the file or is stepped over, and is told by {@link #facts}.
     *
     * @return false at the end
     * @throws IOException only if the file's medium cannot be read
     */
    public boolean next(FrameView frame) throws IOException {
        return records.next(frame);
    }

    /**
     * Whether damage follows the last frame directly. It may have begun inside of the frame: space that was never written and what was
     * written over do not keep to records. Of a pcapng that is known already, as a block's length is repeated after it.
     */
    public boolean beforeDamage() {
        return records.beforeDamage;
    }

    /** What is known so far; everything after {@link #next} gave false. */
    public CaptureFacts facts() {
        return records.facts();
    }

    /**
     * The interfaces described so far; a frame's {@code interfaceId} is the index. Cheap, unlike {@link #facts}, and without what the
     * capture dropped, which is only known at its end.
     */
    public List<CaptureInterface> interfaces() {
        return records.interfaces();
    }

    /** Number of the last frame so far, as Wireshark counts: pcapng blocks that it shows as frames though they are no packets included. */
    public long frames() {
        return records.number;
    }

    /**
     * Goes on just before a frame, or where else an index says that it is not far: what lies between is not read. Does nothing for
     * compressed files, and where interfaces are described in between, which later frames need.
     *
     * @param index of this very file
     * @param wanted number of a frame that was not read yet
     */
    public void skipTowards(FrameIndex index, long wanted) throws IOException {
        for (int place = index.place(wanted); place >= 0 && index.number(place) > records.number + 1; place--) {
            if (index.interfaces(place) == records.interfaces().size()) {
                if (feed.jump(index.offset(place))) {
                    records.number = index.number(place) - 1;
                }
                return;
            }
        }
    }

    /** Bytes read of the file so far, as it lies on the disk; from any thread. */
    public long consumedBytes() {
        return source.consumed();
    }

    @Override
    public void close() throws IOException {
        feed.close();
    }
}
