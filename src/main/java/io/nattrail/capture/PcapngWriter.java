package io.nattrail.capture;

import io.nattrail.net.IpAddress;
import io.nattrail.wire.FrameView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;

/**
 * Writes one section of pcapng (draft-ietf-opsawg-pcapng): interfaces, names, packets with comments; times in nanoseconds. The same calls
 * give the same bytes. What is written is at the stream after {@link #flush}; closing the stream is the caller's.
 */
public final class PcapngWriter {
    private static final int SECTION = 0x0a0d0d0a;
    private static final int INTERFACE = 1;
    private static final int NAMES = 4;
    private static final int ENHANCED_PACKET = 6;

    private static final int OPTION_END = 0;
    private static final int OPTION_COMMENT = 1;
    private static final int OPTION_INTERFACE_NAME = 2;
    private static final int OPTION_INTERFACE_DESCRIPTION = 3;
    private static final int OPTION_APPLICATION = 4;
    private static final int OPTION_RESOLUTION = 9;
    private static final int NANOSECONDS = 9;
    private static final int NAME_OF_IPV4 = 1;
    private static final int NAME_OF_IPV6 = 2;

    private static final int LONGEST_OPTION = 0xffff;
    private static final int BUFFER = 1 << 18;
    /** Room for everything of a packet block but the packet: header, comment, end of options, trailer. */
    private static final int AROUND_PACKET = 64 + LONGEST_OPTION;
    /** Names are spread over several blocks, so that none is longer than any reader takes. */
    private static final int MOST_NAMES = 1 << 16;

    private final OutputStream out;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private int interfaces;
    private int block;

    /**
     * Begins the file.
     *
     * @param application what made it, or null
     * @param comment on the whole file, or null
     */
    public PcapngWriter(OutputStream out, String application, String comment) throws IOException {
        this.out = out;
        begin(SECTION);
        buffer.putInt(0x1a2b3c4d).putShort((short) 1).putShort((short) 0).putLong(-1);
        option(OPTION_COMMENT, comment);
        option(OPTION_APPLICATION, application);
        endOptions();
        end();
    }

    /**
     * Describes an interface; it must be described before its first packet.
     *
     * @param name or null
     * @param description or null
     * @param linkType LINKTYPE_ number
     * @return its number
     */
    public int addInterface(String name, String description, int linkType) throws IOException {
        room(3 * LONGEST_OPTION);
        begin(INTERFACE);
        buffer.putShort((short) linkType).putShort((short) 0).putInt(0);
        option(OPTION_INTERFACE_NAME, name);
        option(OPTION_INTERFACE_DESCRIPTION, description);
        buffer.putShort((short) OPTION_RESOLUTION).putShort((short) 1).put((byte) NANOSECONDS);
        pad(1);
        endOptions();
        end();
        return interfaces++;
    }

    /** Says what addresses are called; best before the packets, so that a reader knows it in time. */
    public void names(Map<IpAddress, ? extends Collection<String>> names) throws IOException {
        boolean open = false;
        for (Map.Entry<IpAddress, ? extends Collection<String>> entry : names.entrySet()) {
            byte[] record = record(entry.getKey(), entry.getValue());
            if (open && buffer.position() - block + record.length > MOST_NAMES) {
                endNames();
                open = false;
            }
            if (!open) {
                room(MOST_NAMES + LONGEST_OPTION);
                begin(NAMES);
                open = true;
            }
            buffer.putShort((short) (entry.getKey().v6() ? NAME_OF_IPV6 : NAME_OF_IPV4)).putShort((short) record.length).put(record);
            pad(record.length);
        }
        if (open) {
            endNames();
        }
    }

    private static byte[] record(IpAddress address, Collection<String> names) {
        ByteBuffer record = ByteBuffer.allocate(LONGEST_OPTION);
        if (address.v6()) {
            record.putLong(address.high()).putLong(address.low());
        } else {
            record.putInt((int) address.low());
        }
        for (String name : names) {
            byte[] bytes = name.replace("\0", "").getBytes(StandardCharsets.UTF_8);
            if (bytes.length < record.remaining()) {
                record.put(bytes).put((byte) 0);
            }
        }
        byte[] used = new byte[record.position()];
        record.flip().get(used);
        return used;
    }

    private void endNames() {
        buffer.putInt(0);
        end();
    }

    /**
     * Writes a packet.
     *
     * @param interfaceId as {@link #addInterface} gave it
     * @param timeNanos nanoseconds since 1970; earlier times become 1970
     * @param frame its bytes and its length on the wire; nothing else of it counts
     * @param comment or null
     */
    public void packet(int interfaceId, long timeNanos, FrameView frame, String comment) throws IOException {
        if (interfaceId < 0 || interfaceId >= interfaces) {
            throw new IllegalArgumentException("no interface " + interfaceId + ", there are " + interfaces);
        }
        int captured = frame.capturedLength();
        byte[] text = comment == null ? null : bytes(comment);
        int options = text == null ? 0 : 4 + padded(text.length) + 4;
        int total = 32 + padded(captured) + options;
        long time = Math.max(0, timeNanos);
        room(AROUND_PACKET);
        buffer.putInt(ENHANCED_PACKET).putInt(total).putInt(interfaceId).putInt((int) (time >>> 32)).putInt((int) time).putInt(captured)
                .putInt((int) Math.min(frame.originalLength(), 0xffffffffL));
        data(frame.buffer(), frame.start(), captured);
        room(AROUND_PACKET);
        pad(captured);
        if (text != null) {
            option(OPTION_COMMENT, text);
            endOptions();
        }
        buffer.putInt(total);
    }

    private void data(byte[] bytes, int start, int length) throws IOException {
        if (length <= buffer.remaining()) {
            buffer.put(bytes, start, length);
        } else {
            flushBuffer();
            out.write(bytes, start, length);
        }
    }

    /** Hands everything to the stream. */
    public void flush() throws IOException {
        flushBuffer();
        out.flush();
    }

    private void room(int length) throws IOException {
        if (buffer.remaining() < length) {
            flushBuffer();
        }
    }

    private void flushBuffer() throws IOException {
        out.write(buffer.array(), 0, buffer.position());
        buffer.clear();
    }

    private void begin(int type) {
        block = buffer.position();
        buffer.putInt(type).putInt(0);
    }

    private void end() {
        int total = buffer.position() + 4 - block;
        buffer.putInt(block + 4, total).putInt(total);
    }

    private void option(int code, String text) {
        if (text != null) {
            option(code, bytes(text));
        }
    }

    private void option(int code, byte[] value) {
        buffer.putShort((short) code).putShort((short) value.length).put(value);
        pad(value.length);
    }

    private void endOptions() {
        buffer.putInt(OPTION_END);
    }

    /** What is as long as this is followed by zeros up to a multiple of four bytes. */
    private void pad(int length) {
        for (int i = length; (i & 3) != 0; i++) {
            buffer.put((byte) 0);
        }
    }

    private static int padded(int length) {
        return length + 3 & ~3;
    }

    /** A text that is too long for an option is cut, not in the middle of a character. */
    private static byte[] bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= LONGEST_OPTION - 3) {
            return bytes;
        }
        int end = LONGEST_OPTION - 3;
        while ((bytes[end] & 0xc0) == 0x80) {
            end--;
        }
        return Arrays.copyOf(bytes, end);
    }
}
