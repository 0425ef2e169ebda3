package io.nattrail.analysis;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** A capture of a case, as it would be if it had been taken otherwise: little-endian pcap with microseconds. */
final class CaptureCopy {
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;
    private static final long MICROS = 1_000_000L;

    private final byte[] head;
    private final ByteBuffer[] records;

    private CaptureCopy(byte[] head, ByteBuffer[] records) {
        this.head = head;
        this.records = records;
    }

    static CaptureCopy of(Path capture) throws IOException {
        try (InputStream file = Files.newInputStream(capture);
                InputStream in = capture.toString().endsWith(".gz") ? new GZIPInputStream(file) : file) {
            ByteBuffer all = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
            byte[] head = new byte[FILE_HEADER];
            all.get(head);
            List<ByteBuffer> records = new ArrayList<>();
            while (all.hasRemaining()) {
                int length = RECORD_HEADER + all.getInt(all.position() + 8);
                byte[] record = new byte[length];
                all.get(record);
                records.add(ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN));
            }
            return new CaptureCopy(head, records.toArray(ByteBuffer[]::new));
        }
    }

    /** By a clock that is so many milliseconds further. */
    CaptureCopy later(long millis) {
        for (ByteBuffer record : records) {
            long time = record.getInt(0) * MICROS + record.getInt(4) + millis * 1000;
            record.putInt(0, (int) (time / MICROS)).putInt(4, (int) (time % MICROS));
        }
        return this;
    }

    /** Without the frames from one number to another, both counted from 1. */
    CaptureCopy without(int first, int last) {
        ByteBuffer[] left = new ByteBuffer[records.length - (last - first + 1)];
        System.arraycopy(records, 0, left, 0, first - 1);
        System.arraycopy(records, last, left, first - 1, records.length - last);
        return new CaptureCopy(head, left);
    }

    /** With a snap length. */
    CaptureCopy shortened(int snap) {
        ByteBuffer[] shorter = new ByteBuffer[records.length];
        for (int i = 0; i < records.length; i++) {
            int captured = Math.min(snap, records[i].getInt(8));
            byte[] record = Arrays.copyOf(records[i].array(), RECORD_HEADER + captured);
            shorter[i] = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN).putInt(8, captured);
        }
        byte[] cut = head.clone();
        ByteBuffer.wrap(cut).order(ByteOrder.LITTLE_ENDIAN).putInt(16, snap);
        return new CaptureCopy(cut, shorter);
    }

    void to(Path file) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(head);
        for (ByteBuffer record : records) {
            out.write(record.array());
        }
        Files.write(file, out.toByteArray());
    }
}
