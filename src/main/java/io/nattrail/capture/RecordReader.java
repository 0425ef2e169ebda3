package io.nattrail.capture;

import io.nattrail.wire.Bytes;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Walks the records of one capture: what the formats have in common. */
abstract class RecordReader {
    static final int NANOS_PER_MICRO = 1_000;
    static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Longer packets are taken for damage, as Wireshark and libpcap do (MAXIMUM_SNAPLEN), whatever the file's snap length allows. */
    private static final int LONGEST_PACKET = 262_144;

    final Feed feed;
    final String file;
    boolean little;

    /** Of the last frame, as Wireshark counts. */
    long number;
    /** Whether what follows the last frame is damaged, so that its own bytes may be, too: nothing says where damage begins. */
    boolean beforeDamage;
    private long timeNanos;

    private long packets;
    private long capturedBytes;
    private long wireBytes;
    private boolean anyTime;
    private long firstTime;
    private boolean stopped;
    private final List<Damage> damage = new ArrayList<>();

    RecordReader(Feed feed, String file) {
        this.feed = feed;
        this.file = file;
    }

    /** Lays the view on the next packet record; false at the end or where reading cannot go on. */
    abstract boolean next(FrameView frame) throws IOException;

    /** The interfaces described so far, a view. */
    abstract List<CaptureInterface> interfaces();

    /** The facts so far. */
    abstract CaptureFacts facts();

    /** How long a packet may be. */
    static int longest(int linkType) {
        return switch (linkType) {
            // Messages of D-Bus, transfers of USB, and frames of EBHSCR are no packets of a network.
            case LinkType.DBUS, LinkType.USBPCAP, LinkType.EBHSCR -> Feed.MAX_RECORD;
            default -> LONGEST_PACKET;
        };
    }

    final int i32(byte[] buffer, int index) {
        int value = Bytes.i32(buffer, index);
        return little ? Integer.reverseBytes(value) : value;
    }

    final long u32(byte[] buffer, int index) {
        return i32(buffer, index) & 0xffffffffL;
    }

    final int u16(byte[] buffer, int index) {
        int value = Bytes.u16(buffer, index);
        return little ? Integer.reverseBytes(value) >>> 16 : value;
    }

    final long i64(byte[] buffer, int index) {
        long value = Bytes.i64(buffer, index);
        return little ? Long.reverseBytes(value) : value;
    }

    final void timed(FrameView frame, byte[] buffer, int start, int captured, long original, long time, long offset, int linkType,
            int interfaceId) {
        timeNanos = time;
        if (!anyTime) {
            anyTime = true;
            firstTime = time;
        }
        packets++;
        capturedBytes += captured;
        wireBytes += original;
        frame.set(buffer, start, captured, original, time, true, ++number, offset, linkType, interfaceId);
    }

    final void untimed(FrameView frame, byte[] buffer, int start, int captured, long original, long offset, int linkType,
            int interfaceId) {
        packets++;
        capturedBytes += captured;
        wireBytes += original;
        frame.set(buffer, start, captured, original, timeNanos, false, ++number, offset, linkType, interfaceId);
    }

    /** Reading cannot go on from here. */
    final boolean stop(long offset, String kind, String found) {
        stopped = true;
        note(offset, number + 1, kind, found + "; " + feed.restFrom(offset));
        return false;
    }

    /** The stream ends inside a record, or its compressed data is wrong. */
    final boolean cut(long offset, String what, long needed) {
        stopped = true;
        if (feed.broken() == null) {
            long there = feed.endOffset() - offset;
            note(offset, number + 1, "cut", "the file ends inside " + what + ": " + there + " of " + needed + " bytes are there");
        }
        return end();
    }

    /** The stream has ended, at a record's end or not. */
    final boolean end() {
        stopped = true;
        if (feed.broken() != null) {
            note(feed.endOffset(), number + 1, "compression", feed.broken() + "; nothing after this could be read");
        }
        return false;
    }

    final boolean stopped() {
        return stopped;
    }

    final void note(long offset, long frame, String kind, String lost) {
        damage.add(new Damage(file, offset, frame, kind, lost));
    }

    final CaptureFacts facts(String format, String byteOrder, List<String> resolutions, List<String> linkTypes, List<Damage> more,
            Long dropped, Integer snapLength, List<CaptureInterface> interfaces) {
        List<Damage> all = new ArrayList<>(more);
        all.addAll(damage);
        return new CaptureFacts(file, format, feed.compression().label(), byteOrder, resolutions, linkTypes, packets, capturedBytes,
                wireBytes, anyTime ? Long.valueOf(firstTime) : null, anyTime ? Long.valueOf(timeNanos) : null, all, dropped, snapLength,
                interfaces);
    }
}
