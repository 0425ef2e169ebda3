package io.nattrail.leg;

import io.nattrail.net.IpProtocol;
import io.nattrail.wire.Bytes;
import io.nattrail.wire.Checksums;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.PacketView;
import java.util.zip.CRC32C;

/**
 * Makes of each packet the row that is kept of it, six numbers, and appends it to its leg. Of the payload only length and CRC-32C are
 * kept, and of some packets whether their checksum is right. Confined to its reader's thread.
 */
final class RowWriter {
    /** "HTTP", and where the status ends after "HTTP/1.1 ". */
    private static final int HTTP = 0x48545450;
    private static final int HTTP_STATUS_END = 12;
    private static final int MOST_LENGTH = 0xffffff;
    /**
     * Adding up every packet of a large capture would take longer than all the rest: there only some are summed. Wrong checksums come from
     * a card or a driver, so some show all.
     */
    private static final long SUMMED_FIRST_BYTES = 6 << 20;
    private static final int SUMMED_MASK = 63;

    private final RowStore rows;
    private final FragmentTable fragments;
    private final Doubling doubling;
    private final CRC32C crc = new CRC32C();
    /** Bytes of payload whose checksums were added up. */
    private long summed;

    /** @param doubling is told of every row */
    RowWriter(RowStore rows, FragmentTable fragments, Doubling doubling) {
        this.rows = rows;
        this.fragments = fragments;
        this.doubling = doubling;
    }

    /** Appends the row of a packet to its leg, and notes there what its contents tell. */
    void append(Leg leg, FrameView frame, PacketView p, int file, boolean second) {
        long time = frame.timeNanos();
        int captured = p.payloadCaptured();
        int length = p.payloadLength();
        long bits = second ? Rows.FROM_SECOND : 0;
        int sum = 0;
        boolean tcp = leg.protocol == IpProtocol.TCP;
        if (tcp && length > 0) {
            noteContents(leg, p, second);
        }
        if (captured > 0) {
            crc.reset();
            crc.update(p.buffer(), p.payloadStart(), captured);
            sum = (int) crc.getValue();
        }
        if (captured == length) {
            bits |= Rows.WHOLE;
            if (summed < SUMMED_FIRST_BYTES || (frame.number() & SUMMED_MASK) == 0) {
                summed += length;
                bits |= (long) checksum(p) << Rows.CHECKSUM_SHIFT;
            }
        }
        if (p.inPiece()) {
            bits |= Rows.IN_PIECE;
        }
        if (p.fragment()) {
            bits |= Rows.FRAGMENT;
            fragments.first(p, leg, second, frame.number(), file, time);
        }
        boolean icmp = leg.protocol == IpProtocol.ICMP || leg.protocol == IpProtocol.ICMPV6;
        int flags = icmp ? p.icmpType() : p.flags();
        int seq = icmp ? p.icmpSequence() : p.sequence();
        long timestamps = 0;
        if (tcp && p.timestamps()) {
            bits |= Rows.TIMESTAMPS;
            timestamps = (long) p.tsVal() << 32 | p.tsEcr() & 0xffffffffL;
        }
        if (tcp && length == 0 && (flags & PacketView.SYN) != 0) {
            // No payload, no CRC: its place holds the MSS option, which a router may change.
            bits &= ~Rows.WHOLE;
            sum = p.mss();
        }
        // A window that was cut off is kept as the widest: nothing shows that it was shut. Datagrams have none.
        long window = tcp ? p.window() & 0xffff : Math.min(0xffff, captured);
        long shape = (long) Math.min(MOST_LENGTH, length) << 40 | (long) (flags & 0xff) << 32 | window << 16;
        leg.lastTime = Math.max(leg.lastTime, time);
        leg.firstTime = Math.min(leg.firstTime, time);
        write(leg, frame, p, bits, (long) seq << 32 | (tcp ? p.acknowledgment() & 0xffffffffL : 0), shape | file, timestamps, sum);
    }

    /** Notes whether data ask something or answer it, as far as HTTP and TLS tell. */
    private static void noteContents(Leg leg, PacketView p, boolean second) {
        int start = p.payloadCaptured() > HTTP_STATUS_END ? Bytes.i32(p.buffer(), p.payloadStart()) : 0;
        if (start == HTTP) {
            noteStatus(leg, p);
        }
        leg.state |= isTls(start) ? Leg.TLS : 0;
        // An answer that comes after its FIN the client does not wait for.
        if ((leg.state & (Leg.FIN_FIRST | Leg.FIN_SECOND)) == 0) {
            leg.state &= second ? ~Leg.FIRST_ASKED : ~Leg.SECOND_ASKED;
            leg.state |= !isQuestion(start) ? 0 : second ? Leg.SECOND_ASKED : Leg.FIRST_ASKED;
        }
    }

    /** Methods of HTTP (RFC 9110, section 9), and a handshake record of TLS 1.0 and later (RFC 8446, section 5.1). */
    private static boolean isQuestion(int start) {
        return switch (start) {
            case 0x47455420, 0x48454144, 0x504f5354, 0x50555420, 0x44454c45, 0x4f505449, 0x50415443 -> true;
            default -> start >>> 8 == 0x160301 || start >>> 8 == 0x160303;
        };
    }

    /** A record of handshake or application data. */
    private static boolean isTls(int start) {
        return start >>> 8 == 0x160301 || start >>> 8 == 0x160303 || start >>> 8 == 0x170303;
    }

    /** {@code HTTP/1.1 503 Service Unavailable}: what a health probe is told. */
    private static void noteStatus(Leg leg, PacketView p) {
        int at = p.payloadStart() + HTTP_STATUS_END - 3;
        int status = (p.buffer()[at] - '0') * 100 + (p.buffer()[at + 1] - '0') * 10 + p.buffer()[at + 2] - '0';
        if (status >= 400 && status < 600 && leg.httpError == 0) {
            leg.httpError = (short) status;
        }
    }

    /** A fragment without transport header: of it only place and length are known. */
    void appendLaterFragment(Leg leg, FrameView frame, PacketView p, int file, boolean second) {
        long bits = Rows.LATER_FRAGMENT | (second ? Rows.FROM_SECOND : 0);
        int length = Math.min(MOST_LENGTH, p.payloadLength());
        write(leg, frame, p, bits, (long) p.fragmentOffset() << 32, (long) length << 40 | file, 0, 0);
    }

    private void write(Leg leg, FrameView frame, PacketView p, long bits, long numbers, long shape, long timestamps, int sum) {
        long w1 = frame.number() << 32 | (long) (p.identification() & 0xffff) << 16 | (long) p.ttl() << 8 | bits;
        long mac = p.linkSource();
        long sender = (mac ^ mac >>> 16 ^ mac >>> 32) & 0xffff;
        long cooked = p.packetType() < 0 ? 0 : (p.linkInterface() << 4 ^ p.packetType() + 1) & 0xffff;
        long last = (long) sum << 32 | sender << 16 | cooked;
        doubling.add(frame.timeNanos(), numbers, last ^ shape << 8 ^ (w1 & 0xffffffffL) ^ timestamps, (p.identification() & 0xffff) != 0);
        if (cooked == 0 && (timestamps != 0 || (p.identification() & 0xffff) != 0)) {
            // Behind a translation the same packet has all but its addresses and ports.
            long contents = (long) sum << 32 ^ shape << 8 ^ p.identification() & 0xffff ^ timestamps;
            long tuple = leg.endpoints * 0x9e3779b97f4a7c15L ^ (long) leg.ports << 16;
            doubling.addNamed(frame.timeNanos(), numbers, contents ^ tuple, timestamps != 0);
        }
        rows.append(leg, frame.timeNanos(), w1, numbers, shape, timestamps, last);
    }

    private static int checksum(PacketView p) {
        return switch (Checksums.transport(p)) {
            case RIGHT, ABSENT -> Rows.CHECKSUM_RIGHT;
            case PSEUDO_HEADER_ONLY -> Rows.CHECKSUM_PARTIAL;
            case WRONG -> Rows.CHECKSUM_WRONG;
            case UNKNOWN -> Rows.CHECKSUM_UNKNOWN;
        };
    }
}
