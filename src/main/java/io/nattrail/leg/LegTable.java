package io.nattrail.leg;

import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import io.nattrail.wire.Bytes;
import io.nattrail.wire.Checksums;
import io.nattrail.wire.DecodeStatus;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The legs of one capture point: finds or opens the leg of each packet and appends a row to it. One open-addressing table over two
 * {@code long}s per key; both directions of a connection meet in one key. Confined to its reader's thread.
 */
public final class LegTable {
    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMPV6 = 58;
    private static final int SCTP = 132;
    private static final int ECHO_REPLY = 0;
    private static final int ECHO_REQUEST = 8;
    private static final int ECHO_REQUEST_V6 = 128;
    private static final int ECHO_REPLY_V6 = 129;
    private static final int SYN_ACK = PacketView.SYN | PacketView.ACK;
    /** "HTTP", and where the status ends after "HTTP/1.1 ". */
    private static final int HTTP = 0x48545450;
    private static final int HTTP_STATUS_END = 12;
    private static final int MOST_LENGTH = 0xffffff;
    /**
     * After this silence conntrack has forgotten even a stream of datagrams (nf_conntrack_udp_timeout_stream was 180 s before Linux 5.1).
     */
    private static final long DATAGRAM_IDLE_NANOS = 180_000_000_000L;
    /**
     * Adding up every packet of a large capture would take longer than all the rest: there only some are summed. Wrong checksums come from
     * a card or a driver, so some show all.
     */
    private static final long SUMMED_FIRST_BYTES = 6 << 20;
    private static final int SUMMED_MASK = 63;
    /** After this a settled connection's tuple means another one. TIME-WAIT takes 60 s on Linux. */
    private static final long LATE_NANOS = 120_000_000_000L;
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private int point;
    private final long seed = System.nanoTime() * SPREAD;
    private final AddressTable addresses = new AddressTable(seed);
    private final RowStore rows = new RowStore();
    private final PacketDecoder decoder = new PacketDecoder();
    private final PacketView packet = new PacketView();
    private final PacketView quoted = new PacketView();
    private final CRC32C crc = new CRC32C();
    private final FragmentTable fragments = new FragmentTable();

    private Leg[] slots = new Leg[1 << 12];
    private int occupied;
    private List<Leg> legs = new ArrayList<>();
    private Leg last;
    private long lastEndpoints;
    private long lastKey;

    private long time;
    private long firstTime = Long.MAX_VALUE;
    private long latestTime = Long.MIN_VALUE;
    private long longestSilence;
    private long frames;
    /** Bytes of payload whose checksums were added up. */
    private long summed;
    private long segments;
    private boolean segmentsBehindV6;
    private boolean cutSegmentsBehindV6;
    private long userDatagrams;
    private long notFollowed;
    private long cutHeaders;
    private long cutPayloads;
    private long tunnelled;
    private long tooLate;
    /** When the last packet came of that of the settled legs of which this is longest ago. */
    private long earliestSettled = Long.MAX_VALUE;
    /** How far the clock was set ahead over the whole capture, where that was undone in the rows' times. */
    private long undone;

    /** Tells the point's number in the case, once all points are known. */
    public void number(int pointNumber) {
        point = pointNumber;
    }

    /** Number of the capture point in the case. */
    public int point() {
        return point;
    }

    /** Legs that were not handed over yet, in the order in which they were opened. */
    public List<Leg> legs() {
        return legs;
    }

    /** Rows held at the moment. */
    public long heldRows() {
        return rows.rows();
    }

    RowStore rows() {
        return rows;
    }

    IpAddress address(int number, boolean v6) {
        return v6 ? addresses.address(number) : IpAddress.v4(number);
    }

    /** Time of the last frame added, on the point's clock. */
    public long time() {
        return time;
    }

    /** Earliest time stamp; {@code Long.MAX_VALUE} without frames. */
    public long firstTime() {
        return firstTime;
    }

    /** Latest time stamp; {@code Long.MIN_VALUE} without frames. */
    public long latestTime() {
        return latestTime;
    }

    /** The longest time without any frame, nanoseconds. */
    public long longestSilence() {
        return longestSilence;
    }

    public long frames() {
        return frames;
    }

    /** TCP or UDP, if not a single frame is of anything else, outside of a tunnel; else null. */
    public Protocol only() {
        if (frames == 0 || tunnelled > 0) {
            return null;
        }
        return segments == frames ? Protocol.TCP : userDatagrams == frames ? Protocol.UDP : null;
    }

    /** Whether not one TCP header behind IPv6 is whole: a snap length of 64 or 68 bytes leaves a part of it. */
    public boolean cutBehindV6() {
        return cutSegmentsBehindV6 && !segmentsBehindV6;
    }

    /** Frames that are no packets of a followed protocol. */
    public long notFollowed() {
        return notFollowed;
    }

    /** Packets whose headers the snap length cut. */
    public long cutHeaders() {
        return cutHeaders;
    }

    /** Packets whose payload the snap length cut. */
    public long cutPayloads() {
        return cutPayloads;
    }

    /** Packets of connections that had ended and were settled long before. */
    public long tooLate() {
        return tooLate;
    }

    /** Decodes a frame and files it. */
    public void add(FrameView frame, int file) {
        long now = frame.timeNanos();
        frames++;
        if (frames > 1) {
            longestSilence = Math.max(longestSilence, now - time);
        }
        time = now;
        firstTime = Math.min(firstTime, now);
        latestTime = Math.max(latestTime, now);
        decoder.decode(frame, packet);
        PacketView p = packet;
        if (p.tunnelDepth() > 0) {
            tunnelled++;
        }
        if (p.stopLayer() == PacketView.LAYER_TRANSPORT) {
            switch (p.protocol()) {
                case TCP -> tcp(frame, p, file);
                case UDP, SCTP -> datagram(frame, p, file);
                case ICMP, ICMPV6 -> icmp(frame, p, file);
                default -> notFollowed++;
            }
        } else if (p.status() == DecodeStatus.LATER_FRAGMENT) {
            laterFragment(frame, p, file);
        } else {
            notFollowed++;
            if (p.status() == DecodeStatus.HEADER_CUT) {
                cutHeaders++;
                cutSegmentsBehindV6 |= p.protocol() == TCP && p.network() == PacketView.NETWORK_IPV6;
            }
        }
    }

    private void tcp(FrameView frame, PacketView p, int file) {
        segments++;
        segmentsBehindV6 |= p.network() == PacketView.NETWORK_IPV6;
        int flags = p.flags();
        int sourcePort = p.sourcePort();
        int destinationPort = p.destinationPort();
        boolean second = fromSecond(p, sourcePort, destinationPort);
        Leg leg = find(p, TCP, second, sourcePort, destinationPort);
        if (leg.settled()) {
            if ((flags & (PacketView.SYN | PacketView.RST)) != PacketView.SYN || repeatsHandshake(leg, p, flags)) {
                tooLate++;
                return;
            }
            leg = succeed(leg);
        }
        if ((flags & (PacketView.SYN | PacketView.RST)) == PacketView.SYN) {
            leg = handshake(leg, p, second, flags);
        } else if (leg.rowCount == 0 && (leg.state & (Leg.SYN_SEEN | Leg.CLIENT_ISN)) == 0) {
            // Joined in the middle: the side with the lower port is likelier the server.
            boolean bySecond = sourcePort == destinationPort ? second : (sourcePort > destinationPort) == second;
            leg.state |= bySecond ? Leg.SECOND_OPENED : 0;
        }
        if ((flags & PacketView.RST) != 0) {
            leg.state |= Leg.RESET;
        } else if ((flags & PacketView.FIN) != 0) {
            leg.state |= second ? Leg.FIN_SECOND : Leg.FIN_FIRST;
        }
        boolean acknowledges = (flags & (PacketView.SYN | PacketView.FIN | PacketView.RST | PacketView.ACK)) == PacketView.ACK
                && p.payloadLength() == 0;
        if ((flags & (PacketView.SYN | PacketView.RST)) == 0) {
            leg.state |= Leg.BEYOND_HANDSHAKE;
        }
        leg.state = acknowledges ? leg.state | Leg.LAST_ACKNOWLEDGES : leg.state & ~Leg.LAST_ACKNOWLEDGES;
        append(leg, frame, p, file, second);
    }

    private static boolean repeatsHandshake(Leg leg, PacketView p, int flags) {
        return (flags & SYN_ACK) == SYN_ACK ? leg.hasServerIsn() && leg.serverIsn == p.sequence() : leg.clientIsn == p.sequence();
    }

    /** A SYN on a known tuple with another initial sequence number is another connection: the ports were used again. */
    private Leg handshake(Leg found, PacketView p, boolean second, int flags) {
        Leg leg = found;
        boolean answer = (flags & SYN_ACK) == SYN_ACK;
        int isn = p.sequence();
        if (answer) {
            int client = p.acknowledgment() - 1;
            if ((leg.state & Leg.CLIENT_ISN) != 0 && leg.clientIsn != client && leg.openedBySecond() != second
                    || leg.rowCount > 0 && (leg.state & Leg.CLIENT_ISN) == 0) {
                leg = succeed(leg);
            }
            if ((leg.state & Leg.CLIENT_ISN) == 0) {
                leg.state |= Leg.CLIENT_ISN | (second ? 0 : Leg.SECOND_OPENED);
                leg.clientIsn = client;
            }
            if (leg.openedBySecond() != second) {
                leg.state |= Leg.SERVER_ISN;
                leg.serverIsn = isn;
            }
            return leg;
        }
        if (leg.rowCount > 0 && ((leg.state & Leg.CLIENT_ISN) == 0 || leg.clientIsn != isn && leg.openedBySecond() == second)) {
            leg = succeed(leg);
        }
        if ((leg.state & Leg.CLIENT_ISN) == 0) {
            leg.state |= Leg.CLIENT_ISN | (second ? Leg.SECOND_OPENED : 0);
            leg.clientIsn = isn;
        }
        if (leg.openedBySecond() == second) {
            leg.state |= Leg.SYN_SEEN;
        } else {
            // Simultaneous open (RFC 9293, section 3.5): the other side's SYN without ACK.
            leg.state |= Leg.SERVER_ISN;
            leg.serverIsn = isn;
        }
        return leg;
    }

    private void datagram(FrameView frame, PacketView p, int file) {
        userDatagrams += p.protocol() == UDP ? 1 : 0;
        boolean second = fromSecond(p, p.sourcePort(), p.destinationPort());
        Leg leg = find(p, p.protocol(), second, p.sourcePort(), p.destinationPort());
        if (leg.rowCount > 0 && time - leg.lastTime > DATAGRAM_IDLE_NANOS) {
            leg = succeed(leg);
        }
        if (leg.rowCount == 0) {
            leg.state |= second ? Leg.SECOND_OPENED : 0;
        }
        append(leg, frame, p, file, second);
    }

    private void icmp(FrameView frame, PacketView p, int file) {
        int type = p.icmpType();
        boolean v6 = p.protocol() == ICMPV6;
        boolean request = v6 ? type == ECHO_REQUEST_V6 : type == ECHO_REQUEST;
        if (request || (v6 ? type == ECHO_REPLY_V6 : type == ECHO_REPLY)) {
            // The identifier stands for the asker's port, which is what NAT changes; the other side has none.
            int sourcePort = request ? p.icmpIdentifier() : 0;
            int destinationPort = request ? 0 : p.icmpIdentifier();
            boolean second = fromSecond(p, sourcePort, destinationPort);
            Leg leg = find(p, p.protocol(), second, sourcePort, destinationPort);
            if (leg.rowCount == 0) {
                leg.state |= second == request ? Leg.SECOND_OPENED : 0;
            }
            append(leg, frame, p, file, second);
        } else if (p.quoting() && decoder.decodeQuoted(p, quoted) && quoted.stopLayer() == PacketView.LAYER_TRANSPORT) {
            quotedError(frame, p, file, v6);
        } else {
            notFollowed++;
        }
    }

    private void quotedError(FrameView frame, PacketView p, int file, boolean v6) {
        PacketView q = quoted;
        int protocol = q.protocol();
        boolean echo = protocol == ICMP || protocol == ICMPV6;
        if (!echo && protocol != TCP && protocol != UDP && protocol != SCTP) {
            notFollowed++;
            return;
        }
        int sourcePort = echo ? q.icmpIdentifier() : q.sourcePort();
        int destinationPort = echo ? 0 : q.destinationPort();
        boolean second = fromSecond(q, sourcePort, destinationPort);
        Leg leg = find(q, protocol, second, sourcePort, destinationPort);
        if (leg.settled()) {
            tooLate++;
            return;
        }
        if (leg.rowCount == 0 && leg.errors().isEmpty()) {
            leg.state |= second ? Leg.SECOND_OPENED : 0;
        }
        leg.lastTime = Math.max(leg.lastTime, time);
        boolean fromOpener = leg.openedBySecond() == second;
        leg.add(QuotedError.of(file, frame.number(), time, v6, p.icmpType(), p.icmpCode(), p.icmpMtu(),
                address(p.sourceHigh(), p.sourceLow(), v6), address(p.destinationHigh(), p.destinationLow(), v6), p.ttl(), fromOpener,
                q.sequence(), q.identification() & 0xffff));
    }

    private static IpAddress address(long high, long low, boolean v6) {
        return v6 ? IpAddress.v6(high, low) : IpAddress.v4((int) low);
    }

    private void laterFragment(FrameView frame, PacketView p, int file) {
        FragmentTable.Train train = fragments.later(p, time);
        if (train.leg == null) {
            notFollowed++;
            return;
        }
        if (train.leg.settled()) {
            tooLate++;
            return;
        }
        long bits = Rows.LATER_FRAGMENT | (train.second ? Rows.FROM_SECOND : 0);
        int length = Math.min(MOST_LENGTH, p.payloadLength());
        write(train.leg, frame, p, bits, (long) p.fragmentOffset() << 32, (long) length << 40 | file, 0, 0);
    }

    private static boolean fromSecond(PacketView p, int sourcePort, int destinationPort) {
        if (p.sourceLow() != p.destinationLow()) {
            return p.sourceLow() > p.destinationLow();
        }
        if (p.sourceHigh() != p.destinationHigh()) {
            return p.sourceHigh() > p.destinationHigh();
        }
        return sourcePort > destinationPort;
    }

    private Leg find(PacketView p, int protocol, boolean second, int sourcePort, int destinationPort) {
        boolean v6 = p.network() == PacketView.NETWORK_IPV6;
        long source;
        long destination;
        if (v6) {
            source = addresses.intern(p.sourceHigh(), p.sourceLow());
            destination = addresses.intern(p.destinationHigh(), p.destinationLow());
        } else {
            source = p.sourceLow();
            destination = p.destinationLow();
        }
        long endpoints = second ? destination << 32 | source : source << 32 | destination;
        int ports = second ? destinationPort << 16 | sourcePort : sourcePort << 16 | destinationPort;
        long key = (long) protocol << 33 | (v6 ? 1L << 32 : 0) | ports & 0xffffffffL;
        if (last != null && endpoints == lastEndpoints && key == lastKey) {
            return last;
        }
        int mask = slots.length - 1;
        int slot = slot(endpoints, key, mask);
        Leg leg = slots[slot];
        while (leg != null) {
            if (leg.endpoints == endpoints && leg.ports == ports && leg.protocol == (byte) protocol && leg.v6 == v6) {
                return remember(leg, endpoints, key);
            }
            slot = slot + 1 & mask;
            leg = slots[slot];
        }
        leg = new Leg(this, protocol, v6, endpoints, ports, time);
        slots[slot] = leg;
        legs.add(leg);
        if (++occupied * 2 > slots.length) {
            grow();
        }
        return remember(leg, endpoints, key);
    }

    private Leg remember(Leg leg, long endpoints, long key) {
        last = leg;
        lastEndpoints = endpoints;
        lastKey = key;
        return leg;
    }

    private Leg succeed(Leg old) {
        Leg leg = new Leg(this, old.protocol, old.v6, old.endpoints, old.ports, time);
        slots[slotOf(old)] = leg;
        legs.add(leg);
        last = leg;
        return leg;
    }

    /** A leg that takes over a part of another's rows, of the same tuple. */
    Leg successor(Leg of) {
        Leg leg = new Leg(this, of.protocol, of.v6, of.endpoints, of.ports, time);
        leg.state |= of.state & Leg.SECOND_OPENED;
        legs.add(leg);
        return leg;
    }

    private static long key(Leg leg) {
        return (leg.protocol & 0xffL) << 33 | (leg.v6 ? 1L << 32 : 0) | leg.ports & 0xffffffffL;
    }

    private int slot(long endpoints, long key, int mask) {
        long hash = ((endpoints ^ seed) * SPREAD ^ key) * SPREAD;
        return (int) (hash ^ hash >>> 32) & mask;
    }

    private int slotOf(Leg leg) {
        int mask = slots.length - 1;
        int slot = slot(leg.endpoints, key(leg), mask);
        while (slots[slot] != leg) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        Leg[] old = slots;
        slots = new Leg[old.length * 4];
        for (Leg leg : old) {
            if (leg != null) {
                place(leg);
            }
        }
    }

    /**
     * Moves the times of what was captured after the clock was set to what it would have shown otherwise, in all legs that were not handed
     * over yet. To be called once the point was read.
     *
     * @return the step, with the frames between which their times show it and the times that the file has
     */
    public ClockStep undo(ClockStep found) {
        ClockStep step = sharpened(found);
        long ahead = step.aheadNanos();
        time -= ahead;
        long first = time;
        long latest = time;
        for (Leg leg : legs) {
            leg.undo(step);
            first = Math.min(first, leg.firstTime);
            latest = Math.max(latest, leg.lastTime);
        }
        firstTime = ahead < 0 ? first : firstTime;
        latestTime = latest;
        longestSilence -= longestSilence >= ahead && ahead > 0 ? ahead : 0;
        undone += ahead;
        return step;
    }

    /** Of the frames in the doubtful stretch, the two between which the time leaps most. */
    private ClockStep sharpened(ClockStep found) {
        SortedMap<Long, Long> times = new TreeMap<>();
        Rows held = new Rows();
        for (Leg leg : legs) {
            held.clear();
            leg.copyRows(held);
            for (int row = 0; row < held.count(); row++) {
                if (held.file(row) == found.file() && held.number(row) >= found.lastBefore() && held.number(row) <= found.firstAfter()) {
                    times.put(held.number(row), held.time(row));
                }
            }
        }
        long lastBefore = found.lastBefore();
        long timeBefore = found.timeBefore();
        long firstAfter = found.firstAfter();
        long timeAfter = found.timeAfter();
        long most = Long.MIN_VALUE;
        long previous = 0;
        long previousTime = 0;
        for (Map.Entry<Long, Long> frame : times.entrySet()) {
            long leap = Long.signum(found.aheadNanos()) * (frame.getValue() - previousTime);
            if (previous > 0 && leap > most) {
                most = leap;
                lastBefore = previous;
                timeBefore = previousTime;
                firstAfter = frame.getKey();
                timeAfter = frame.getValue();
            }
            previous = frame.getKey();
            previousTime = frame.getValue();
        }
        return new ClockStep(found.point(), found.file(), lastBefore, timeBefore + undone, firstAfter, timeAfter + undone,
                found.aheadNanos());
    }

    /** Forgets the legs; their rows stay for who still has the legs. */
    public void forgetLegs() {
        legs = new ArrayList<>();
        slots = new Leg[1 << 4];
        occupied = 0;
        last = null;
    }

    /** Rows of connections that have ended, or will never begin. */
    public long endedRows() {
        long ended = 0;
        for (Leg leg : legs) {
            ended += leg.closed() || leg.handshakeOnly() ? leg.rowCount : 0;
        }
        return ended;
    }

    /**
     * Drops the legs that are settled from those to hand over. Their tuples stay known while a packet of theirs may come late; of several
     * connections on one tuple the last is the one that goes on.
     */
    public void dropSettled() {
        List<Leg> open = new ArrayList<>();
        for (Leg leg : legs) {
            if (leg.settled()) {
                earliestSettled = Math.min(earliestSettled, leg.lastTime);
            } else {
                open.add(leg);
            }
        }
        legs = open;
        if (time - earliestSettled < LATE_NANOS) {
            // All tuples stay known.
            return;
        }
        forgetTuples();
    }

    /** Forgets the tuples of connections that ended long ago. */
    private void forgetTuples() {
        last = null;
        earliestSettled = Long.MAX_VALUE;
        Leg[] old = slots;
        occupied = 0;
        int known = 0;
        for (Leg leg : old) {
            known += leg != null && stays(leg) ? 1 : 0;
        }
        slots = new Leg[Math.max(1 << 12, Integer.highestOneBit(Math.max(1, known)) * 4)];
        for (Leg leg : old) {
            if (leg != null && stays(leg)) {
                place(leg);
                occupied++;
                earliestSettled = leg.settled() ? Math.min(earliestSettled, leg.lastTime) : earliestSettled;
            }
        }
    }

    private boolean stays(Leg leg) {
        return !leg.settled() || time - leg.lastTime < LATE_NANOS;
    }

    private void place(Leg leg) {
        int mask = slots.length - 1;
        int slot = slot(leg.endpoints, key(leg), mask);
        while (slots[slot] != null) {
            slot = slot + 1 & mask;
        }
        slots[slot] = leg;
    }

    private void append(Leg leg, FrameView frame, PacketView p, int file, boolean second) {
        int captured = p.payloadCaptured();
        int length = p.payloadLength();
        long bits = (second ? Rows.FROM_SECOND : 0) | (p.dontFragment() ? Rows.DONT_FRAGMENT : 0);
        int sum = 0;
        if (length > 0 && leg.protocol == TCP) {
            int start = captured > HTTP_STATUS_END ? Bytes.i32(p.buffer(), p.payloadStart()) : 0;
            if (start == HTTP) {
                noteStatus(leg, p);
            }
            // An answer that comes after its FIN the client does not wait for.
            if ((leg.state & (Leg.FIN_FIRST | Leg.FIN_SECOND)) == 0) {
                leg.state &= second ? ~Leg.FIRST_ASKED : ~Leg.SECOND_ASKED;
                leg.state |= !isQuestion(start) ? 0 : second ? Leg.SECOND_ASKED : Leg.FIRST_ASKED;
            }
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
        } else {
            cutPayloads++;
        }
        if (p.fragment()) {
            bits |= Rows.FRAGMENT;
            fragments.first(p, leg, second, frame.number(), file, time);
        }
        boolean tcp = leg.protocol == TCP;
        boolean icmp = leg.protocol == ICMP || leg.protocol == ICMPV6;
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
        long shape = (long) Math.min(MOST_LENGTH, length) << 40 | (long) (flags & 0xff) << 32 | (long) p.window() << 16;
        leg.lastTime = Math.max(leg.lastTime, time);
        leg.firstTime = Math.min(leg.firstTime, time);
        write(leg, frame, p, bits, (long) seq << 32 | (tcp ? p.acknowledgment() & 0xffffffffL : 0), shape | file, timestamps, sum);
    }

    /** Methods of HTTP (RFC 9110, section 9), and a handshake record of TLS 1.0 and later (RFC 8446, section 5.1). */
    private static boolean isQuestion(int start) {
        return switch (start) {
            case 0x47455420, 0x48454144, 0x504f5354, 0x50555420, 0x44454c45, 0x4f505449, 0x50415443 -> true;
            default -> start >>> 8 == 0x160301 || start >>> 8 == 0x160303;
        };
    }

    /** {@code HTTP/1.1 503 Service Unavailable}: what a health probe is told. */
    private static void noteStatus(Leg leg, PacketView p) {
        int at = p.payloadStart() + HTTP_STATUS_END - 3;
        int status = (p.buffer()[at] - '0') * 100 + (p.buffer()[at + 1] - '0') * 10 + p.buffer()[at + 2] - '0';
        if (status >= 400 && status < 600 && leg.httpError == 0) {
            leg.httpError = (short) status;
        }
    }

    private void write(Leg leg, FrameView frame, PacketView p, long bits, long numbers, long shape, long timestamps, int sum) {
        long w1 = frame.number() << 32 | (long) (p.identification() & 0xffff) << 16 | (long) p.ttl() << 8 | bits;
        long mac = p.linkSource();
        long sender = (mac ^ mac >>> 16 ^ mac >>> 32) & 0xffff;
        long cooked = p.packetType() < 0 ? 0 : (p.linkInterface() << 4 ^ p.packetType() + 1) & 0xffff;
        rows.append(leg, time, w1, numbers, shape, timestamps, (long) sum << 32 | sender << 16 | cooked);
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
