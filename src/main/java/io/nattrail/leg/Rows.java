package io.nattrail.leg;

import io.nattrail.wire.PacketView;
import java.util.Arrays;

/**
 * Rows of packets side by side: what is kept of each packet, six {@code long}s. Used again and again as the working copy of a leg's rows;
 * not for several threads.
 *
 * <p>For TCP {@code seq}, {@code ack}, {@code flags}, {@code window} and the timestamps are the header's. For UDP and ICMP they are 0, but
 * {@code flags} holds the ICMP type; for SCTP {@code seq} is the verification tag and {@code flags} the first chunk's type. For a fragment
 * other than the first, {@code seq} is its offset.
 */
public final class Rows {
    /** Longs in a row. */
    static final int WORDS = 6;

    /** The sender is the second end of the leg's key. */
    static final int FROM_SECOND = 0x01;
    /** The whole payload was captured, so that its CRC is comparable. */
    static final int WHOLE = 0x02;
    static final int TIMESTAMPS = 0x04;
    static final int FRAGMENT = 0x08;
    static final int LATER_FRAGMENT = 0x10;
    /** The tunnel's own packet was fragmented, so that the rest of the payload went in another one. */
    static final int IN_PIECE = 0x20;
    /** Two bits: {@link #CHECKSUM_UNKNOWN} and so on. */
    static final int CHECKSUM_SHIFT = 6;

    /** Flags that only the first or the last of a segment's pieces has. */
    private static final int OF_ONE_PIECE = PacketView.FIN | PacketView.PSH | PacketView.CWR;

    private static final long MOST_STEP_BACK_NANOS = 500_000_000L;
    private static final int MOST_ROWS_BACK = 256;

    /** Not wholly captured, or not looked at: of large payloads only some are summed. */
    public static final int CHECKSUM_UNKNOWN = 0;
    public static final int CHECKSUM_RIGHT = 1;
    /** Left for the network card to finish. */
    public static final int CHECKSUM_PARTIAL = 2;
    public static final int CHECKSUM_WRONG = 3;

    private long[] words = new long[64 * WORDS];
    private int count;

    /** How many rows there are. */
    public int count() {
        return count;
    }

    /** Forgets all rows. */
    public void clear() {
        count = 0;
    }

    /** Appends a row of other rows. */
    public void add(Rows other, int row) {
        int at = reserve(1);
        System.arraycopy(other.words, row * WORDS, words, at, WORDS);
    }

    /** Takes the rows of others as a capture shows them that cut the TCP options off: without timestamps. */
    public void takeUnstamped(Rows other) {
        clear();
        reserve(other.count);
        System.arraycopy(other.words, 0, words, 0, count * WORDS);
        for (int at = 0; at < count * WORDS; at += WORDS) {
            words[at + 1] &= ~TIMESTAMPS;
            words[at + 4] = 0;
        }
    }

    /**
     * Puts rows into the order of their times where a file holds them nearly so: several queues or interfaces wrote it, each a little late.
     * A clock that was set back moves all that follows by far more; then the order of the file is the better witness.
     */
    public void sortIfNearlyInOrder() {
        for (int row = 1; row < count; row++) {
            long stepBack = words[(row - 1) * WORDS] - words[row * WORDS];
            if (stepBack > 0) {
                if (stepBack > MOST_STEP_BACK_NANOS) {
                    return;
                }
                sortFrom(row);
                return;
            }
        }
    }

    private void sortFrom(int first) {
        long[] moving = new long[WORDS];
        for (int row = first; row < count; row++) {
            int to = row;
            long time = words[row * WORDS];
            while (to > 0 && words[(to - 1) * WORDS] > time && words[(to - 1) * WORDS] - time <= MOST_STEP_BACK_NANOS
                    && row - to < MOST_ROWS_BACK) {
                to--;
            }
            if (to < row) {
                System.arraycopy(words, row * WORDS, moving, 0, WORDS);
                System.arraycopy(words, to * WORDS, words, (to + 1) * WORDS, (row - to) * WORDS);
                System.arraycopy(moving, 0, words, to * WORDS, WORDS);
            }
        }
    }

    int reserve(int rows) {
        int at = count * WORDS;
        count += rows;
        if (count * WORDS > words.length) {
            words = Arrays.copyOf(words, Math.max(words.length * 2, count * WORDS));
        }
        return at;
    }

    long[] words() {
        return words;
    }

    /** Nanoseconds since 1970 on the point's own clock. */
    public long time(int row) {
        return words[row * WORDS];
    }

    /** Frame number as Wireshark counts. */
    public long number(int row) {
        return number(words, row * WORDS);
    }

    static long number(long[] words, int at) {
        return words[at + 1] >>> 32;
    }

    /** IPv4 identification, or the low 16 bits of that of an IPv6 fragment. */
    public int identification(int row) {
        return (int) (words[row * WORDS + 1] >>> 16) & 0xffff;
    }

    /** TTL or hop limit. */
    public int ttl(int row) {
        return (int) (words[row * WORDS + 1] >>> 8) & 0xff;
    }

    private int bits(int row) {
        return (int) words[row * WORDS + 1] & 0xff;
    }

    /** Whether the leg's second end sent it. */
    public boolean fromSecond(int row) {
        return (words[row * WORDS + 1] & FROM_SECOND) != 0;
    }

    /** Whether the whole payload was captured. */
    public boolean whole(int row) {
        return (words[row * WORDS + 1] & WHOLE) != 0;
    }

    /** Whether TCP timestamps are there. */
    public boolean timestamps(int row) {
        return (words[row * WORDS + 1] & TIMESTAMPS) != 0;
    }

    public boolean fragment(int row) {
        return (words[row * WORDS + 1] & (FRAGMENT | LATER_FRAGMENT)) != 0;
    }

    public boolean laterFragment(int row) {
        return (words[row * WORDS + 1] & LATER_FRAGMENT) != 0;
    }

    /** Whether a tunnel carried the packet in fragments of its own, of which this one has a part of the payload. */
    public boolean inPiece(int row) {
        return (words[row * WORDS + 1] & IN_PIECE) != 0;
    }

    /** One of the {@code CHECKSUM_} constants. */
    public int checksum(int row) {
        return bits(row) >>> CHECKSUM_SHIFT & 3;
    }

    public int seq(int row) {
        return (int) (words[row * WORDS + 2] >>> 32);
    }

    public int ack(int row) {
        return (int) words[row * WORDS + 2];
    }

    /** Sequence and acknowledgement number at once. */
    public long seqAndAck(int row) {
        return words[row * WORDS + 2];
    }

    /** Payload bytes on the wire. */
    public int length(int row) {
        return (int) (words[row * WORDS + 3] >>> 40);
    }

    public int flags(int row) {
        return (int) (words[row * WORDS + 3] >>> 32) & 0xff;
    }

    /**
     * The nearest row before {@code end}, but none before {@code first}, with the sequence and acknowledgement number and the sender of
     * {@code row}; -1 for none.
     */
    public int sameNumbersBefore(int row, int end, int first) {
        long[] w = words;
        long numbers = w[row * WORDS + 2];
        for (int at = (end - 1) * WORDS; at >= first * WORDS; at -= WORDS) {
            if (w[at + 2] == numbers && ((w[at + 1] ^ w[row * WORDS + 1]) & FROM_SECOND) == 0) {
                return at / WORDS;
            }
        }
        return -1;
    }

    /**
     * Adds to the sequence and acknowledgement numbers of the rows from one on, and to time stamps: as others number the same.
     *
     * @param openedBySecond whose the first number is
     * @param opener what is added to the numbers of the end that opened the connection
     * @param answerer what is added to those of the other end
     * @param stamp what is added to the time stamps of the other end
     */
    public void renumber(int from, boolean openedBySecond, int opener, int answerer, int stamp) {
        for (int row = from; row < count; row++) {
            int at = row * WORDS;
            boolean request = fromSecond(row) == openedBySecond;
            boolean acks = (flags(row) & PacketView.ACK) != 0;
            words[at + 2] = sum(words[at + 2], request ? opener : answerer, !acks ? 0 : request ? answerer : opener);
            if (timestamps(row)) {
                words[at + 4] = sum(words[at + 4], request ? 0 : stamp, request && acks ? stamp : 0);
            }
        }
    }

    private static long sum(long pair, int high, int low) {
        return (long) ((int) (pair >>> 32) + high) << 32 | (int) pair + low & 0xffffffffL;
    }

    /** Whether a row is a SYN with an acknowledgement number that it does not use: a TCP proxy tells it by which number it answered. */
    public boolean relaysNumber(int row) {
        return (flags(row) & (PacketView.SYN | PacketView.ACK)) == PacketView.SYN && ack(row) != 0;
    }

    /** TCP's window field, not scaled; the widest if the capture cut it off. */
    public int window(int row) {
        return (int) (words[row * WORDS + 3] >>> 16) & 0xffff;
    }

    /** How much of a datagram's payload was captured, at most 65,535: the CRCs of the same bytes are comparable, also of a part of them. */
    public int captured(int row) {
        return window(row);
    }

    /** Which of the point's files. */
    public int file(int row) {
        return file(words, row * WORDS);
    }

    static int file(long[] words, int at) {
        return (int) words[at + 3] & 0xffff;
    }

    public int tsVal(int row) {
        return (int) (words[row * WORDS + 4] >>> 32);
    }

    public int tsEcr(int row) {
        return (int) words[row * WORDS + 4];
    }

    /** CRC-32C of the captured payload; 0 without any. */
    public int crc(int row) {
        return (int) (words[row * WORDS + 5] >>> 32);
    }

    /** The MSS option of a SYN without payload; 0 without the option. */
    public int mss(int row) {
        return crc(row);
    }

    /** A mark of the sender's link-layer address; 0 if there is none. */
    public int sender(int row) {
        return (int) (words[row * WORDS + 5] >>> 16) & 0xffff;
    }

    /** Whether a Linux cooked capture says that the node sent it (packet type 4, PACKET_OUTGOING). */
    public boolean sentByNode(int row) {
        return (cooked(row) & 0xf) == PacketView.PACKET_OUTGOING + 1;
    }

    /** A mark of the interface and, in its low four bits, of the packet type of a Linux cooked capture; 0 on other links. */
    public int cooked(int row) {
        return (int) words[row * WORDS + 5] & 0xffff;
    }

    /**
     * Whether a row is the same packet as one of other rows, as far as NAT leaves it alone: sequence, acknowledgement, length, flags,
     * timestamps and, where both were captured whole, payload.
     */
    public boolean samePacket(int row, Rows other, int otherRow) {
        long[] b = other.words;
        int i = row * WORDS;
        int j = otherRow * WORDS;
        return words[i + 2] == b[j + 2] && words[i + 3] >>> 32 == b[j + 3] >>> 32 && words[i + 4] == b[j + 4]
                && ((words[i + 1] & b[j + 1] & WHOLE) == 0 || words[i + 5] >>> 32 == b[j + 5] >>> 32);
    }

    /**
     * How many bytes of a row's payload another row of the same sender shows too, if both may come from one segment: cutting and merging
     * leave the acknowledgement, the timestamps and all flags but FIN, PSH and CWR alone.
     */
    public int sharedBytes(int row, int other) {
        return fromSecond(row) == fromSecond(other) ? sharedBytes(row, this, other) : 0;
    }

    /** {@link #sharedBytes(int, int)} with a row of other rows, which the same sender sent. */
    public int sharedBytes(int row, Rows other, int otherRow) {
        long[] b = other.words;
        int i = row * WORDS;
        int j = otherRow * WORDS;
        if ((int) words[i + 2] != (int) b[j + 2] || words[i + 4] != b[j + 4] || ((words[i + 1] ^ b[j + 1]) & TIMESTAMPS) != 0
                || ((flags(row) ^ other.flags(otherRow)) & ~OF_ONE_PIECE) != 0) {
            return 0;
        }
        int ahead = other.seq(otherRow) - seq(row);
        long from = Math.max(0, ahead);
        long to = Math.min(length(row), (long) ahead + other.length(otherRow));
        return (int) Math.max(0, to - from);
    }

    /**
     * Whether a row is as one of other rows but for its sequence and acknowledgement number, and the MSS of a SYN, which a firewall may
     * lower: length, flags, timestamps, or without them the identification, and the payload where both were captured whole.
     */
    public boolean sameButNumbers(int row, Rows other, int otherRow) {
        long[] b = other.words;
        int i = row * WORDS;
        int j = otherRow * WORDS;
        return words[i + 3] >>> 32 == b[j + 3] >>> 32 && words[i + 4] == b[j + 4]
                && ((words[i + 1] & b[j + 1] & WHOLE) == 0 || length(row) == 0 || words[i + 5] >>> 32 == b[j + 5] >>> 32)
                && (timestamps(row) || identification(row) == other.identification(otherRow));
    }

    /** {@link #samePacket}, whatever the payload's bytes. */
    public boolean sameHeader(int row, Rows other, int otherRow) {
        long[] b = other.words;
        int i = row * WORDS;
        int j = otherRow * WORDS;
        return words[i + 2] == b[j + 2] && words[i + 3] >>> 32 == b[j + 3] >>> 32 && words[i + 4] == b[j + 4];
    }
}
