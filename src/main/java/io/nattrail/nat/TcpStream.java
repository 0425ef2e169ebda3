package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.Arrays;

/**
 * One direction's byte stream as far as a place shows it.
 *
 * @param first sequence number of the first byte seen, after the SYN
 * @param end sequence number after the last byte seen
 * @param span how far that is: numbers come round after 4 GiB
 * @param seen whether anything was
 * @param gaps missing ranges: pairs of first and end
 * @param lastDataTime when bytes last came that were not there before; MIN_VALUE without any
 */
record TcpStream(int first, int end, long span, boolean seen, int[] gaps, long lastDataTime) {
    /** Puts the bytes of a direction together. */
    static TcpStream of(Rows rows) {
        int first = 0;
        int end = 0;
        boolean seen = false;
        long lastData = Long.MIN_VALUE;
        long span = 0;
        Gaps gaps = new Gaps();
        for (int row = 0; row < rows.count(); row++) {
            int flags = rows.flags(row);
            if ((flags & PacketView.RST) != 0) {
                continue;
            }
            int start = rows.seq(row) + ((flags & PacketView.SYN) != 0 ? 1 : 0);
            int length = rows.length(row);
            if ((flags & PacketView.SYN) != 0 && end == first) {
                // What came before it, if anything, belongs to the tuple's last connection.
                first = start;
                end = start;
                seen = true;
            }
            if (!seen) {
                // An acknowledgement carries the number of the next byte; a keep-alive one less, which then is no first byte.
                first = start;
                end = start;
                seen = true;
            }
            if (end == first && start == end + 1) {
                // It began with a keep-alive, one number below.
                first = start;
                end = start;
            }
            if (length > 0) {
                if (SequenceNumber.isAfter(start, end)) {
                    gaps.add(end, start);
                    lastData = rows.time(row);
                } else if (SequenceNumber.isBefore(start, end)) {
                    gaps.fill(start, start + length);
                }
                if (SequenceNumber.isAfter(start + length, end)) {
                    span += start + length - end;
                    end = start + length;
                    lastData = rows.time(row);
                }
            }
            if ((flags & PacketView.FIN) != 0 && SequenceNumber.isBefore(start + length, end)) {
                // It takes a number, too, below a stray segment that seems to lie further on.
                gaps.fill(start + length, start + length + 1);
            }
        }
        return new TcpStream(first, end, span, seen, gaps.ranges(), lastData);
    }

    /** Missing ranges, in the order of their numbers: what was lost late is filled soon, so that they are looked through from behind. */
    private static final class Gaps {
        private int[] ranges = new int[0];
        private int count;

        void add(int from, int to) {
            if (count == ranges.length) {
                ranges = Arrays.copyOf(ranges, Math.max(8, count * 2));
            }
            ranges[count++] = from;
            ranges[count++] = to;
        }

        void fill(int start, int end) {
            int above = count;
            while (above > 0 && SequenceNumber.isBeforeOrEqual(end, ranges[above - 2])) {
                above -= 2;
            }
            int touched = above;
            while (touched > 0 && SequenceNumber.isBefore(start, ranges[touched - 1])) {
                touched -= 2;
            }
            if (touched == above) {
                return;
            }
            int first = ranges[touched];
            int last = ranges[above - 1];
            int[] higher = Arrays.copyOfRange(ranges, above, count);
            count = touched;
            if (SequenceNumber.isBefore(first, start)) {
                add(first, start);
            }
            if (SequenceNumber.isAfter(last, end)) {
                add(end, last);
            }
            for (int i = 0; i < higher.length; i += 2) {
                add(higher[i], higher[i + 1]);
            }
        }

        int[] ranges() {
            return Arrays.copyOf(ranges, count);
        }
    }

    /** Bytes of payload, each once. */
    long bytes() {
        long missing = 0;
        for (int i = 0; i < gaps.length; i += 2) {
            missing += gaps[i + 1] - gaps[i];
        }
        return seen ? Math.max(0, span - missing) : 0;
    }

    boolean acknowledgedBy(Rows acks) {
        if (!seen || end == first) {
            return true;
        }
        for (int row = acks.count() - 1; row >= 0; row--) {
            if ((acks.flags(row) & PacketView.ACK) != 0 && SequenceNumber.isAfterOrEqual(acks.ack(row), end)) {
                return true;
            }
        }
        return false;
    }

    long unseenBelow(Rows acks) {
        if (!seen) {
            return 0;
        }
        int top = first;
        for (int row = handshake(acks); row < acks.count(); row++) {
            if (RowFacts.hasAcknowledgement(acks, row)) {
                top = SequenceNumber.latest(top, acks.ack(row));
            }
        }
        if (top - end > RowFacts.FURTHEST_WINDOW) {
            // Numbers of another connection: a challenge ACK (RFC 5961).
            return 0;
        }
        long unseen = 0;
        for (int i = 0; i < gaps.length; i += 2) {
            // A gap that no window spans lies between two connections of the tuple.
            if (SequenceNumber.isBefore(gaps[i], top) && gaps[i + 1] - gaps[i] < RowFacts.FURTHEST_WINDOW) {
                unseen += Math.min(gaps[i + 1] - gaps[i], top - gaps[i]);
            }
        }
        int beyond = top - (end + 1);
        return beyond > 0 ? unseen + beyond : unseen;
    }

    /** The row of the SYN-ACK: what comes before acknowledges another connection of this tuple. The first row if there is none. */
    static int handshake(Rows acks) {
        for (int row = 0; row < acks.count(); row++) {
            if ((acks.flags(row) & PacketView.SYN) != 0) {
                return row;
            }
        }
        return 0;
    }

    boolean firstGapEnd(int ack) {
        if (gaps.length > 0) {
            return SequenceNumber.isAfter(ack, gaps[0]);
        }
        return SequenceNumber.isAfter(ack, end + 1);
    }
}
