package io.nattrail.capture;

import com.github.luben.zstd.ZstdOutputStream;
import io.nattrail.wire.FrameView;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Writes captures byte by byte, right or wrong, and reads them back. */
final class Captures {
    static final int MICROSECONDS = 0xa1b2c3d4;
    static final int NANOSECONDS = 0xa1b23c4d;
    static final int MODIFIED = 0xa1b2cd34;
    static final int TIME = 1_790_000_000;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteOrder order;
    private int recordTail;

    private Captures(ByteOrder order) {
        this.order = order;
    }

    /** What was read of a packet. */
    record Frame(long number, long offset, long timeNanos, boolean timed, int captured, long original, int linkType, int interfaceId,
            String bytes) {
    }

    /** All that a file yields. */
    record Read(List<Frame> frames, CaptureFacts facts) {
    }

    static Captures pcap(ByteOrder order, int magic, int linkType, int snapLength) {
        Captures made = new Captures(order);
        made.recordTail = magic == MODIFIED ? 8 : 0;
        return made.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(snapLength).u32(linkType);
    }

    /** With so many bytes between a record's header and its packet. */
    Captures withTail(int bytes) {
        recordTail = bytes;
        return this;
    }

    /** Little-endian, microseconds, Ethernet. */
    static Captures pcap() {
        return pcap(ByteOrder.LITTLE_ENDIAN, MICROSECONDS, 1, 262_144);
    }

    static Captures pcapng(ByteOrder order) {
        return new Captures(order).section();
    }

    static Captures pcapng() {
        return pcapng(ByteOrder.LITTLE_ENDIAN);
    }

    /** Continues in the other byte order. */
    Captures turned() {
        Captures other = new Captures(order == ByteOrder.LITTLE_ENDIAN ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        return other.raw(bytes());
    }

    Captures record(int seconds, int fraction, String packet) {
        return record(seconds, fraction, packet.length(), packet.length(), packet);
    }

    Captures record(int seconds, int fraction, int captured, int original, String packet) {
        return u32(seconds).u32(fraction).u32(captured).u32(original).raw(new byte[recordTail]).raw(ascii(packet));
    }

    Captures section() {
        return block(0x0a0d0d0a, new Captures(order).u32(0x1a2b3c4d).u16(1).u16(0).u32(-1).u32(-1));
    }

    Captures device(int linkType, int snapLength, Captures... options) {
        Captures body = new Captures(order).u16(linkType).u16(0).u32(snapLength);
        for (Captures option : options) {
            body.raw(option.bytes());
        }
        return block(1, body);
    }

    Captures option(int code, byte[] value) {
        return new Captures(order).u16(code).u16(value.length).raw(value).raw(new byte[-value.length & 3]);
    }

    Captures option(int code, String value) {
        return option(code, ascii(value));
    }

    Captures option(int code, long value) {
        return option(code, ByteBuffer.allocate(8).order(order).putLong(value).array());
    }

    Captures enhanced(int device, long ticks, String packet, Captures... options) {
        Captures body = new Captures(order).u32(device).u32((int) (ticks >>> 32)).u32((int) ticks).u32(packet.length())
                .u32(packet.length()).raw(ascii(packet)).raw(new byte[-packet.length() & 3]);
        for (Captures option : options) {
            body.raw(option.bytes());
        }
        return block(6, body);
    }

    Captures old(int device, int drops, long ticks, String packet) {
        return block(2, new Captures(order).u16(device).u16(drops).u32((int) (ticks >>> 32)).u32((int) ticks).u32(packet.length())
                .u32(packet.length()).raw(ascii(packet)).raw(new byte[-packet.length() & 3]));
    }

    Captures simple(int original, String packet) {
        return block(3, new Captures(order).u32(original).raw(ascii(packet)).raw(new byte[-packet.length() & 3]));
    }

    Captures statistics(int device, Captures... options) {
        Captures body = new Captures(order).u32(device).u32(0).u32(0);
        for (Captures option : options) {
            body.raw(option.bytes());
        }
        return block(5, body);
    }

    Captures block(int type, Captures body) {
        int length = body.out.size() + 12;
        return u32(type).u32(length).raw(body.bytes()).u32(length);
    }

    Captures block(int type, byte[] body) {
        return block(type, new Captures(order).raw(body));
    }

    Captures u16(int value) {
        return raw(ByteBuffer.allocate(2).order(order).putShort((short) value).array());
    }

    Captures u32(int value) {
        return raw(ByteBuffer.allocate(4).order(order).putInt(value).array());
    }

    Captures raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    Read read() {
        return read(bytes());
    }

    static Read read(byte[] file) {
        return read(file, "test.pcap");
    }

    static Read read(byte[] file, String name) {
        List<Frame> frames = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(file), name)) {
            FrameView frame = new FrameView();
            while (reader.next(frame)) {
                String bytes = new String(frame.buffer(), frame.start(), Math.min(64, frame.capturedLength()), StandardCharsets.ISO_8859_1);
                frames.add(new Frame(frame.number(), frame.fileOffset(), frame.timeNanos(), frame.timed(), frame.capturedLength(),
                        frame.originalLength(), frame.linkType(), frame.interfaceId(), bytes));
            }
            return new Read(frames, reader.facts());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] zstd(byte[] plain) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(bytes)) {
            zstd.setChecksum(true).write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
