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
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** A capture of a case, as it would be if it had been taken otherwise: little-endian pcap with microseconds. */
final class CaptureCopy {
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;
    private static final long MICROS = 1_000_000L;
    /** Where an IP header begins in a record, behind Ethernet. */
    private static final int IP = RECORD_HEADER + 14;

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
            stamp(record, time(record) + millis * 1000);
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

    /** Of the frames that are so; of each the record's header comes first. */
    CaptureCopy where(Predicate<ByteBuffer> kept) {
        return new CaptureCopy(head, Arrays.stream(records).filter(kept).toArray(ByteBuffer[]::new));
    }

    /** Only what was captured up to a time, in milliseconds since 1970. */
    CaptureCopy until(long millis) {
        return where(record -> time(record) <= millis * 1000);
    }

    /** Only what was captured from a time on, in milliseconds since 1970. */
    CaptureCopy since(long millis) {
        return where(record -> time(record) >= millis * 1000);
    }

    /** Of stamps that are so coarse. */
    CaptureCopy stampedBy(long micros) {
        for (ByteBuffer record : records) {
            stamp(record, time(record) / micros * micros);
        }
        return this;
    }

    /** One of so many files of the same size that a ring would have, counted from 0. */
    CaptureCopy ofRing(int file, int files) {
        int from = records.length * file / files;
        return new CaptureCopy(head, Arrays.copyOfRange(records, from, records.length * (file + 1) / files));
    }

    /** With each frame twice. */
    CaptureCopy doubled() {
        return new CaptureCopy(head, Arrays.stream(records).flatMap(record -> Stream.of(record, record)).toArray(ByteBuffer[]::new));
    }

    /** With the frames of so many microseconds each time in reversed order, and their stamps in order. */
    CaptureCopy reversedWithin(long micros) {
        ByteBuffer[] reversed = new ByteBuffer[records.length];
        int end = 0;
        for (int first = 0; first < records.length; first = end) {
            while (end < records.length && time(records[end]) - time(records[first]) < micros) {
                end++;
            }
            for (int i = first; i < end; i++) {
                ByteBuffer other = records[first + end - 1 - i];
                reversed[i] = ByteBuffer.wrap(other.array().clone()).order(ByteOrder.LITTLE_ENDIAN);
                stamp(reversed[i], time(records[i]));
            }
        }
        return new CaptureCopy(head, reversed);
    }

    /** With zeroes for payloads of TCP and UDP over IPv4, and the checksums of what was there. */
    CaptureCopy blanked() {
        for (ByteBuffer record : records) {
            if (isIpv4(record) && (record.get(IP + 9) == 6 || record.get(IP + 9) == 17)) {
                int transport = IP + (record.get(IP) & 15) * 4;
                int payload = record.get(IP + 9) == 17 ? transport + 8 : transport + (record.get(transport + 12) >> 4 & 15) * 4;
                int end = IP + Short.toUnsignedInt(Short.reverseBytes(record.getShort(IP + 2)));
                Arrays.fill(record.array(), Math.min(payload, end), end, (byte) 0);
            }
        }
        return this;
    }

    /** With other addresses in IPv4 headers and right checksums, but not in what ICMP errors quote. */
    CaptureCopy renamed() {
        for (ByteBuffer record : records) {
            if (isIpv4(record)) {
                int transport = IP + (record.get(IP) & 15) * 4;
                int sum = record.get(IP + 9) == 6 ? transport + 16 : record.get(IP + 9) == 17 ? transport + 6 : 0;
                for (int address = IP + 12; address <= IP + 16; address += 4) {
                    record.put(address, (byte) (record.get(address) ^ 64));
                    int more = (record.get(address) & 64) == 0 ? -64 : 64;
                    addToSum(record, IP + 10, more);
                    if (sum > 0) {
                        addToSum(record, sum, more);
                    }
                }
            }
        }
        return this;
    }

    /** RFC 1624: a high byte is now so much more. */
    private static void addToSum(ByteBuffer record, int at, int more) {
        int sum = ~Short.reverseBytes(record.getShort(at)) & 0xffff;
        int next = sum + (more << 8);
        next = next < 0 ? next + 0xffff : next;
        record.putShort(at, Short.reverseBytes((short) ~((next & 0xffff) + (next >>> 16))));
    }

    /** Of Ethernet without tags. */
    private static boolean isIpv4(ByteBuffer record) {
        return record.limit() > IP + 20 && record.get(IP - 2) == 8 && record.get(IP - 1) == 0;
    }

    private static long time(ByteBuffer record) {
        return record.getInt(0) * MICROS + record.getInt(4);
    }

    private static void stamp(ByteBuffer record, long time) {
        record.putInt(0, (int) (time / MICROS)).putInt(4, (int) (time % MICROS));
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
