package io.nattrail.capture;

import io.nattrail.wire.Bytes;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.io.IOException;
import java.util.List;

/**
 * The records of a pcap file.
 *
 * <pre>
 * seconds, fraction, captured length, length on the wire: 16 bytes, then the packet
 * </pre>
 * The modified format has eight bytes more: interface index, protocol, packet type, padding. Three kinds of records are longer than their
 * file's magic number says (wiretap/libpcap.h names them): those of Nokia's IPSO by four bytes, Red Hat 6.1's modified ones, which go by
 * the plain number, and SuSE 6.3's, by four bytes more than modified ones. They are told by what the first records are read as.
 */
final class PcapReader extends RecordReader {
    private static final int DG_UX_VERSION = 543;
    /** Records of zeros in a row after which no packet is expected any more: 64 MiB of them. */
    private static final long MOST_ZEROS = 1 << 22;

    private static final int PLAIN = 16;
    private static final int MODIFIED = 24;
    /** How much longer than their magic number says records may be. */
    private static final int[] UNTOLD = {4, 8};
    /** So many records in a row, and what looks like the next one, are nothing that damage leaves behind. */
    private static final int ENOUGH = 3;
    private static final int LOOKED_AT = 1 << 20;

    private final boolean nanoseconds;
    private int header;
    private final long unit;
    private int linkType;
    private int snapLength;
    private int longest;
    /** Versions before 2.3 had the two lengths the other way round, 2.3 had both (libpcap, sf-pcap.c). */
    private boolean swapped;
    private boolean perhapsSwapped;
    private long lastRecord;
    /** The last record's first four bytes, which its place in the buffer may not have any more. */
    private int lastWord;
    private long zeros;
    private long zerosFrom;
    private long zerosFrame;

    PcapReader(Feed feed, String file, boolean little, boolean nanoseconds, boolean modified) {
        super(feed, file);
        this.little = little;
        this.nanoseconds = nanoseconds;
        this.unit = nanoseconds ? 1 : NANOS_PER_MICRO;
        this.header = modified ? MODIFIED : PLAIN;
    }

    /** Finds out how long the headers of records are; to be called where the first one begins. */
    void settle() throws IOException {
        if (swapped || perhapsSwapped || follow(header, 1)) {
            return;
        }
        for (int more : UNTOLD) {
            if (follow(header + more, ENOUGH)) {
                header += more;
                return;
            }
        }
    }

    /** Whether so many records, and one more or the end, follow each other if their headers are so long. */
    private boolean follow(int length, int count) throws IOException {
        int from = 0;
        for (int i = 0; i <= count; i++) {
            if (!feed.has(from + length)) {
                return i == count && feed.endOffset() == feed.offset() + from;
            }
            int at = feed.position + from;
            long fraction = u32(feed.buffer, at + 4);
            int captured = i32(feed.buffer, at + 8);
            int original = i32(feed.buffer, at + 12);
            if (fraction * unit >= NANOS_PER_SECOND || captured < 0 || captured > longest
                    || Integer.compareUnsigned(captured, original) > 0) {
                return false;
            }
            from += length + captured;
            if (from > LOOKED_AT) {
                // Records of that size are no packets, and of those kinds there are none.
                return length == header;
            }
        }
        return true;
    }

    void header(int major, int minor, int snap, int link) {
        // The upper bits tell of a frame check sequence, which no header's length counts.
        linkType = link & 0xffff;
        snapLength = snap < 0 ? Integer.MAX_VALUE : snap;
        longest = Math.min(longest(linkType), Feed.MAX_RECORD - header);
        swapped = major == 2 && minor < 3 || major == DG_UX_VERSION;
        perhapsSwapped = major == 2 && minor == 3;
        if (major > 2 && major != DG_UX_VERSION) {
            note(4, 1, "version", "the file says version " + major + "." + minor + "; read as 2.4, nothing was lost by it");
        }
    }

    @Override
    boolean next(FrameView frame) throws IOException {
        Feed in = feed;
        if (stopped() || !in.has(header)) {
            return noHeader();
        }
        int at = in.position;
        int captured = i32(in.buffer, at + 8);
        int original = i32(in.buffer, at + 12);
        if (swapped || perhapsSwapped && Integer.compareUnsigned(captured, original) > 0) {
            int other = captured;
            captured = original;
            original = other;
        }
        if (captured < 0 || captured > longest) {
            return tooLong(captured);
        }
        int length = header + captured;
        if (!in.has(length)) {
            return cut(in.offset(), "a record", length);
        }
        beforeDamage = in.has(length + header) && impossible(in.position + length);
        at = in.position;
        byte[] buffer = in.buffer;
        long seconds = u32(buffer, at);
        long time = seconds * NANOS_PER_SECOND + u32(buffer, at + 4) * unit;
        lastRecord = in.offset();
        lastWord = (int) seconds;
        in.position = at + length;
        if (time == 0 && (captured | original) == 0) {
            beforeDamage = false;
            return zeros(frame, at + header);
        }
        timed(frame, buffer, at + header, captured, original & 0xffffffffL, time, lastRecord, linkType, 0);
        return true;
    }

    /**
     * Space that was reserved and never written reads as packets of no length in 1970. Wireshark shows and counts them, so they have frame
     * numbers; their time is none.
     */
    private boolean zeros(FrameView frame, int start) throws IOException {
        if (zeros++ == 0) {
            zerosFrom = lastRecord;
            zerosFrame = number + 1;
        }
        if (zeros == MOST_ZEROS) {
            return stop(lastRecord, "zeros", "nothing but zeros for " + (MOST_ZEROS * header >> 20) + " MiB");
        }
        untimed(frame, feed.buffer, start, 0, 0, lastRecord, linkType, 0);
        return true;
    }

    /** Whether a record does not begin here. */
    private boolean impossible(int at) {
        byte[] b = feed.buffer;
        int captured = i32(b, at + 8);
        int original = i32(b, at + 12);
        boolean tooLong = (captured < 0 || captured > longest) && (!swapped && !perhapsSwapped || original < 0 || original > longest);
        return tooLong || (Bytes.i64(b, at) | Bytes.i64(b, at + 8)) == 0;
    }

    private boolean noHeader() {
        if (stopped()) {
            return false;
        }
        return feed.endOffset() == feed.offset() ? end() : cut(feed.offset(), "a record's header", header);
    }

    private boolean tooLong(int captured) throws IOException {
        String found = "a record claims " + (captured & 0xffffffffL) + " bytes, at most " + longest + " are possible";
        long before = lastRecord;
        // Wireshark shows the header of a file that was appended as one frame more.
        if (number > 0 && (PcapFormat.isMagic(lastWord) || PcapFormat.isMagic(Integer.reverseBytes(lastWord)))) {
            found += "; at byte " + before + " another pcap file seems to be appended (frame " + number
                    + " is its header): split them there";
        }
        return stop(feed.offset(), "bad-length", found);
    }

    @Override
    List<CaptureInterface> interfaces() {
        return List.of(new CaptureInterface(null, null, null, linkType, snapLength == Integer.MAX_VALUE ? 0 : snapLength, null, 0));
    }

    @Override
    CaptureFacts facts() {
        Integer snap = snapLength == 0 || snapLength == Integer.MAX_VALUE ? null : Integer.valueOf(snapLength);
        List<Damage> never = zeros == 0 ? List.of() : List.of(new Damage(file, zerosFrom, zerosFrame, "zeros", zeros
                + (zeros == 1 ? " record is" : " records are") + " nothing but zeros: space that was reserved and never written"));
        return facts("pcap", little ? "little" : "big", List.of(nanoseconds ? "nanoseconds" : "microseconds"),
                List.of(LinkType.name(linkType)), never, null, snap,
                interfaces());
    }
}
