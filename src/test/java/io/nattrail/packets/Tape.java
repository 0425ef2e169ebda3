package io.nattrail.packets;

import io.nattrail.leg.Leg;
import io.nattrail.leg.LegTable;
import io.nattrail.leg.Rows;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What one capture point recorded, frame by frame: to be read into a leg table, or written as a file. */
public final class Tape {
    /** 2026-11-23T15:34:12Z. */
    public static final long START = 1_795_448_052_000_000_000L;

    private final List<Frame> frames = new ArrayList<>();

    /** A frame with its time. */
    public record Frame(long timeNanos, byte[] bytes) {
    }

    /** @param afterNanos since {@link #START} */
    public Tape at(long afterNanos, TestPacket packet) {
        return at(afterNanos, packet.frame());
    }

    public Tape at(long afterNanos, byte[] frame) {
        frames.add(new Frame(START + afterNanos, frame));
        return this;
    }

    /** After the last frame by a tenth of a millisecond. */
    public Tape then(TestPacket packet) {
        return then(packet.frame());
    }

    public Tape then(byte[] frame) {
        long last = frames.isEmpty() ? 0 : frames.get(frames.size() - 1).timeNanos() - START;
        return at(last + 100_000, frame);
    }

    public List<Frame> frames() {
        return frames;
    }

    /** Frames in the order of their time. */
    public Tape sorted() {
        frames.sort(Comparator.comparingLong(Frame::timeNanos));
        return this;
    }

    /** The legs that the point saw. */
    public LegTable table(int point) {
        LegTable table = new LegTable();
        table.number(point);
        FrameView view = new FrameView();
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            view.set(frame.bytes, 0, frame.bytes.length, frame.bytes.length, frame.timeNanos, true, i + 1, 0, LinkType.ETHERNET, 0);
            table.add(view, 0);
        }
        return table;
    }

    public LegTable table() {
        return table(0);
    }

    /** The rows of a leg. */
    public static Rows rows(Leg leg) {
        Rows rows = new Rows();
        leg.copyRows(rows);
        return rows;
    }

    /** As a pcap file with nanoseconds. */
    public Path write(Path file) {
        ByteBuffer out = ByteBuffer.allocate(24 + frames.stream().mapToInt(f -> 16 + f.bytes.length).sum()).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0xa1b23c4d).putShort((short) 2).putShort((short) 4).putInt(0).putInt(0).putInt(262_144).putInt(LinkType.ETHERNET);
        for (Frame frame : frames) {
            out.putInt((int) (frame.timeNanos / 1_000_000_000L)).putInt((int) (frame.timeNanos % 1_000_000_000L)).putInt(frame.bytes.length)
                    .putInt(frame.bytes.length).put(frame.bytes);
        }
        try {
            return Files.write(file, out.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
