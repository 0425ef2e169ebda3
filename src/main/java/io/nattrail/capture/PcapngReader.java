package io.nattrail.capture;

import io.nattrail.wire.Bytes;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The blocks of a pcapng file.
 *
 * <pre>
 * type, total length, body, total length again; padded to four bytes
 * </pre>
 * Reading ends where Wireshark's does, at the first block that contradicts itself: a frame behind it would have no number there.
 */
final class PcapngReader extends RecordReader {
    /** Reads the same in both byte orders. */
    static final int SECTION = 0x0a0d0d0a;

    private static final int INTERFACE = 1;
    private static final int OLD_PACKET = 2;
    private static final int SIMPLE_PACKET = 3;
    private static final int STATISTICS = 5;
    private static final int ENHANCED_PACKET = 6;
    // These are frames in Wireshark, though no packets.
    private static final int JOURNAL = 9;
    private static final int CUSTOM = 0x0bad;
    private static final int CUSTOM_NO_COPY = 0x40000bad;
    private static final int SYSDIG_EVENT = 0x204;
    private static final int SYSDIG_EVENT_2 = 0x216;
    private static final int SYSDIG_EVENT_2_LARGE = 0x221;

    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int LEAST = 12;
    private static final int LEAST_SECTION = 28;
    private static final int LEAST_INTERFACE = 20;
    private static final int LEAST_STATISTICS = 24;
    private static final int LEAST_PACKET = 32;
    private static final int LEAST_SIMPLE = 16;
    /** Blocks without packets may be longer than what is laid out in memory; they are stepped over. Wireshark's bound, rounded. */
    private static final long LONGEST = 128L << 20;
    /** A file can claim a new interface every 20 bytes. */
    private static final int MOST_INTERFACES = 1 << 16;
    /** Names, descriptions and filters of all interfaces that are kept, in bytes. */
    private static final int MOST_TEXT = 1 << 20;

    private static final int OPTION_END = 0;
    private static final int OPTION_NAME = 2;
    private static final int OPTION_DESCRIPTION = 3;
    private static final int OPTION_RESOLUTION = 9;
    private static final int OPTION_FILTER = 11;
    private static final int OPTION_OFFSET = 14;
    private static final int OPTION_PACKET_DROPS = 4;
    private static final int OPTION_INTERFACE_DROPS = 5;
    private static final int OPTION_SYSTEM_DROPS = 7;

    private final List<PcapngInterface> interfaces = new ArrayList<>();
    private final List<CaptureInterface> described = new ArrayList<>();
    private PcapngInterface[] section = new PcapngInterface[4];
    private int sectionSize;
    private int sections;
    private boolean anyLittle;
    private boolean anyBig;
    private int keptText;

    private final Repeated badOptions = new Repeated("bad-option", "options that reach past their block; only they were not read");
    private final Repeated badTimes = new Repeated("bad-time",
            "packets with a time that cannot be, outside the years 1677 to 2262; read as "
            + "packets without a time");

    PcapngReader(Feed feed, String file) throws IOException {
        super(feed, file);
        if (!sectionHeader()) {
            Damage first = facts().damage().get(0);
            throw new UnreadableInputException(file, first.fileOffset(), "a pcapng file whose first block cannot be read: " + first.lost(),
                    "nothing is left of this capture; fetch the file again, or capture again");
        }
    }

    /** Small damage that may occur often: where first, and how often. */
    private static final class Repeated {
        private final String kind;
        private final String text;
        private long count;
        private long offset;
        private long frame;

        Repeated(String kind, String text) {
            this.kind = kind;
            this.text = text;
        }

        void add(long atOffset, long atFrame) {
            if (count++ == 0) {
                offset = atOffset;
                frame = atFrame;
            }
        }

        Damage damage(String file) {
            return new Damage(file, offset, frame, kind, count + " " + (count == 1 ? text.replaceFirst("^(option|packet)s", "$1") : text));
        }
    }

    @Override
    boolean next(FrameView frame) throws IOException {
        Feed in = feed;
        while (!stopped()) {
            if (!in.has(LEAST)) {
                return noBlock();
            }
            int type = i32(in.buffer, in.position);
            if (type == ENHANCED_PACKET) {
                return enhanced(frame);
            }
            if (type == SIMPLE_PACKET) {
                return simple(frame);
            }
            if (type == OLD_PACKET) {
                return old(frame);
            }
            if (!other(type)) {
                return false;
            }
        }
        return false;
    }

    // Packets

    private boolean enhanced(FrameView frame) throws IOException {
        int total = block(LEAST_PACKET);
        if (total < 0) {
            return false;
        }
        byte[] b = feed.buffer;
        int at = feed.position;
        int captured = i32(b, at + 20);
        PcapngInterface from = source(i32(b, at + 8), captured, total);
        if (from == null) {
            return false;
        }
        if (total - LEAST_PACKET - captured > 3) {
            packetOptions(from, at + 28 + padded(captured), at + total - 4);
        }
        packet(frame, from, u32(b, at + 12) << 32 | u32(b, at + 16), captured, at, total);
        return true;
    }

    /** The interface of a packet whose block can hold it; else reading has ended, and it is null. */
    private PcapngInterface source(int id, int captured, int total) {
        int room = total - LEAST_PACKET;
        if (id >= 0 && id < sectionSize && captured >= 0 && captured <= longest(room, section[id])) {
            return section[id];
        }
        badPacket(id, captured, room);
        return null;
    }

    private void packet(FrameView frame, PcapngInterface from, long ticks, int captured, int at, int total) {
        byte[] b = feed.buffer;
        long offset = feed.offset();
        long original = u32(b, at + 24);
        feed.position = at + total;
        if (from.datable(ticks)) {
            timed(frame, b, at + 28, captured, original, from.nanos(ticks), offset, from.linkType, from.id);
        } else {
            badTimes.add(offset, number + 1);
            untimed(frame, b, at + 28, captured, original, offset, from.linkType, from.id);
        }
    }

    private boolean old(FrameView frame) throws IOException {
        int total = block(LEAST_PACKET);
        if (total < 0) {
            return false;
        }
        byte[] b = feed.buffer;
        int at = feed.position;
        int captured = i32(b, at + 20);
        PcapngInterface from = source(u16(b, at + 8), captured, total);
        if (from == null) {
            return false;
        }
        int drops = u16(b, at + 10);
        if (drops != 0xffff) {
            from.countDrops(drops);
        }
        packet(frame, from, u32(b, at + 12) << 32 | u32(b, at + 16), captured, at, total);
        return true;
    }

    private boolean simple(FrameView frame) throws IOException {
        int total = block(LEAST_SIMPLE);
        if (total < 0) {
            return false;
        }
        byte[] b = feed.buffer;
        int at = feed.position;
        if (sectionSize == 0) {
            return badPacket(0, 0, 0);
        }
        PcapngInterface from = section[0];
        long original = u32(b, at + 8);
        long captured = from.snapLength == 0 ? original : Math.min(original, from.snapLength & 0xffffffffL);
        if (captured > longest(total - LEAST_SIMPLE, from)) {
            return badPacket(0, captured, total - LEAST_SIMPLE);
        }
        long offset = feed.offset();
        feed.position = at + total;
        untimed(frame, b, at + 12, (int) captured, original, offset, from.linkType, from.id);
        return true;
    }

    private static int longest(int room, PcapngInterface from) {
        return Math.min(room, longest(from.linkType));
    }

    private boolean badPacket(long id, long captured, int room) {
        if ((id & 0xffffffffL) >= sectionSize) {
            return stop(feed.offset(), "unknown-interface", "a packet names interface " + (id & 0xffffffffL) + ", its section describes "
                    + sectionSize + " before it");
        }
        int most = longest(room, section[(int) id]);
        return stop(feed.offset(), "bad-length", "a packet claims " + (captured & 0xffffffffL) + " bytes, "
                + (most == room ? "its block has room for " + room : "at most " + most + " are possible"));
    }

    private void packetOptions(PcapngInterface from, int start, int end) {
        byte[] b = feed.buffer;
        int at = start;
        for (int length = optionLength(at, end); length >= 0; length = optionLength(at, end)) {
            if (length == 8 && u16(b, at) == OPTION_PACKET_DROPS) {
                from.countDrops(i64(b, at + 4));
            }
            at += 4 + padded(length);
        }
    }

    /** The length of the option at an index; -1 where the list ends, with its last option or with one that reaches past the block. */
    private int optionLength(int at, int end) {
        if (end - at < 4 || u16(feed.buffer, at) == OPTION_END) {
            return -1;
        }
        int length = u16(feed.buffer, at + 2);
        if (length > end - at - 4) {
            badOptions.add(feed.offset(), number + 1);
            return -1;
        }
        return length;
    }

    // Blocks

    /** Lays out the block at the position; its total length, or -1 if reading ended. */
    private int block(int least) throws IOException {
        Feed in = feed;
        int claimed = i32(in.buffer, in.position + 4);
        // Writers have forgotten the padding in the length; Wireshark adds it.
        int total = claimed + 3 & ~3;
        if (total < least || total > Feed.MAX_RECORD || claimed < 0) {
            badLength(claimed, least, Feed.MAX_RECORD);
            return -1;
        }
        if (!in.has(total)) {
            cut(in.offset(), "a block", total);
            return -1;
        }
        return trailer(total, in.position + total - 4, in.offset()) ? total : -1;
    }

    private boolean trailer(int total, int at, long offset) {
        int again = i32(feed.buffer, at);
        return (again + 3 & ~3) == total || stop(offset, "bad-block", "a block says length " + total + " before it and "
                + (again & 0xffffffffL) + " after it");
    }

    private boolean badLength(int claimed, int least, long most) {
        return stop(feed.offset(), "bad-length", "a block claims " + (claimed & 0xffffffffL) + " bytes, between " + least + " and " + most
                + " are possible");
    }

    private boolean noBlock() {
        return feed.endOffset() == feed.offset() ? end() : cut(feed.offset(), "a block's header", LEAST);
    }

    private boolean other(int type) throws IOException {
        switch (type) {
            case SECTION:
                return sectionHeader();
            case INTERFACE:
                return describedInterface();
            case STATISTICS:
                return statistics();
            case JOURNAL, CUSTOM, CUSTOM_NO_COPY, SYSDIG_EVENT, SYSDIG_EVENT_2, SYSDIG_EVENT_2_LARGE:
                if (!stepOver()) {
                    return false;
                }
                number++;
                return true;
            default:
                return stepOver();
        }
    }

    private boolean stepOver() throws IOException {
        long offset = feed.offset();
        int claimed = i32(feed.buffer, feed.position + 4);
        int total = claimed + 3 & ~3;
        if (claimed < 0 || total < LEAST || total > LONGEST) {
            return badLength(claimed, LEAST, LONGEST);
        }
        if (!feed.skip(total - 4L) || !feed.has(4)) {
            return cut(offset, "a block", total);
        }
        if (!trailer(total, feed.position, offset)) {
            return false;
        }
        feed.position += 4;
        return true;
    }

    private boolean sectionHeader() throws IOException {
        if (!feed.has(LEAST)) {
            return cut(feed.offset(), "a section header", LEAST_SECTION);
        }
        int magic = Bytes.i32(feed.buffer, feed.position + 8);
        boolean isLittle = magic == Integer.reverseBytes(BYTE_ORDER_MAGIC);
        if (!isLittle && magic != BYTE_ORDER_MAGIC) {
            return stop(feed.offset(), "bad-section", "a section header without byte-order magic (%08x)".formatted(magic));
        }
        little = isLittle;
        int total = block(LEAST_SECTION);
        if (total < 0) {
            return false;
        }
        int major = u16(feed.buffer, feed.position + 12);
        int minor = u16(feed.buffer, feed.position + 14);
        if (major != 1 || minor != 0 && minor != 2) {
            return stop(feed.offset(), "bad-section", "a section of version " + major + "." + minor + ", only 1.0 is known");
        }
        anyLittle |= isLittle;
        anyBig |= !isLittle;
        Arrays.fill(section, 0, sectionSize, null);
        sectionSize = 0;
        sections++;
        feed.position += total;
        return true;
    }

    private boolean describedInterface() throws IOException {
        int total = block(LEAST_INTERFACE);
        if (total < 0) {
            return false;
        }
        if (interfaces.size() == MOST_INTERFACES) {
            return stop(feed.offset(), "too-many-interfaces", "more than " + MOST_INTERFACES + " interfaces");
        }
        byte[] b = feed.buffer;
        int at = feed.position;
        PcapngInterface one = new PcapngInterface(interfaces.size(), sections - 1, u16(b, at + 8), i32(b, at + 12));
        interfaceOptions(one, at + 16, at + total - 4);
        interfaces.add(one);
        described.add(one.facts());
        if (sectionSize == section.length) {
            section = Arrays.copyOf(section, sectionSize * 2);
        }
        section[sectionSize++] = one;
        feed.position = at + total;
        return true;
    }

    private void interfaceOptions(PcapngInterface one, int start, int end) {
        byte[] b = feed.buffer;
        boolean resolved = false;
        int at = start;
        for (int length = optionLength(at, end); length >= 0; length = optionLength(at, end)) {
            int value = at + 4;
            switch (u16(b, at)) {
                case OPTION_NAME -> one.name = text(value, length);
                case OPTION_DESCRIPTION -> one.description = text(value, length);
                case OPTION_FILTER -> one.filter = length > 1 && b[value] == 0 ? text(value + 1, length - 1) : one.filter;
                case OPTION_RESOLUTION -> {
                    if (length >= 1 && !resolved) {
                        // One that is said twice is what is said first.
                        resolved = true;
                        one.resolution(b[value] & 0xff);
                    }
                }
                case OPTION_OFFSET -> {
                    if (length == 8) {
                        one.offset(i64(b, value));
                    }
                }
                default -> {
                }
            }
            at += 4 + padded(length);
        }
    }

    private String text(int start, int length) {
        if (length > MOST_TEXT - keptText) {
            return null;
        }
        keptText += length;
        int end = length;
        // Some writers count the zero that ends a string in C.
        while (end > 0 && feed.buffer[start + end - 1] == 0) {
            end--;
        }
        return new String(feed.buffer, start, end, StandardCharsets.UTF_8);
    }

    private boolean statistics() throws IOException {
        int total = block(LEAST_STATISTICS);
        if (total < 0) {
            return false;
        }
        byte[] b = feed.buffer;
        int at = feed.position;
        int id = i32(b, at + 8);
        if (id < 0 || id >= sectionSize) {
            // Of no interface that is known; nothing depends on it, so Wireshark reads on, too.
            feed.position = at + total;
            return true;
        }
        PcapngInterface one = section[id];
        int end = at + total - 4;
        int option = at + 20;
        for (int length = optionLength(option, end); length >= 0; length = optionLength(option, end)) {
            int code = u16(b, option);
            if (length == 8 && code == OPTION_INTERFACE_DROPS) {
                one.interfaceDrops = i64(b, option + 4);
            } else if (length == 8 && code == OPTION_SYSTEM_DROPS) {
                one.systemDrops = i64(b, option + 4);
            }
            option += 4 + padded(length);
        }
        feed.position = at + total;
        return true;
    }

    private static int padded(int length) {
        return length + 3 & ~3;
    }

    // Facts

    @Override
    List<CaptureInterface> interfaces() {
        return Collections.unmodifiableList(described);
    }

    @Override
    CaptureFacts facts() {
        Set<String> resolutions = new LinkedHashSet<>();
        Set<String> linkTypes = new LinkedHashSet<>();
        List<CaptureInterface> atTheEnd = new ArrayList<>();
        Long dropped = null;
        Integer snap = null;
        for (PcapngInterface one : interfaces) {
            resolutions.add(one.resolutionName());
            linkTypes.add(LinkType.name(one.linkType));
            CaptureInterface facts = one.facts();
            atTheEnd.add(facts);
            if (facts.dropped() != null) {
                dropped = facts.dropped() + (dropped == null ? 0 : dropped);
            }
            if (facts.snapLength() != 0 && (snap == null || facts.snapLength() < snap)) {
                snap = facts.snapLength();
            }
        }
        List<Damage> often = new ArrayList<>();
        for (Repeated repeated : List.of(badOptions, badTimes)) {
            if (repeated.count > 0) {
                often.add(repeated.damage(file));
            }
        }
        String order = anyLittle && anyBig ? "mixed" : anyBig ? "big" : "little";
        return facts("pcapng", order, List.copyOf(resolutions), List.copyOf(linkTypes), often, dropped, snap, atTheEnd);
    }
}
