package io.nattrail.leg;

import io.nattrail.net.IpAddress;
import io.nattrail.net.IpProtocol;
import io.nattrail.net.Protocol;
import io.nattrail.wire.DecodeStatus;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The legs of one capture point: finds or opens the leg of each packet and appends a row to it. Confined to its reader's thread. */
public final class LegTable {
    private static final int ECHO_REPLY = 0;
    private static final int ECHO_REQUEST = 8;
    private static final int ECHO_REQUEST_V6 = 128;
    private static final int ECHO_REPLY_V6 = 129;
    /** No more than fits into a packet. */
    private static final int MOST_SYN_DATA = 0xffff;
    /** Of a capture that cuts them all, those of the first flows tell enough. */
    private static final int MOST_CUT_QUOTES = 8192;
    /** Bytes of an IPv4 header with what identifies it, and what it carries. */
    private static final int QUOTED_UP_TO_PROTOCOL = 10;
    private static final int SYN_ACK = PacketView.SYN | PacketView.ACK;
    /**
     * After this silence conntrack has forgotten even a stream of datagrams (nf_conntrack_udp_timeout_stream was 180 s before Linux 5.1).
     * Two seconds, as long as a packet waits at most on its way, lie between: the silences of heartbeats every three minutes are at one
     * point a little shorter, at the next a little longer, and should mean the same at both.
     */
    public static final long DATAGRAM_IDLE_NANOS = 182_000_000_000L;
    /** After this a settled connection's tuple means another one. TIME-WAIT takes 60 s on Linux. */
    private static final long LATE_NANOS = 120_000_000_000L;

    private int point;
    private final AddressTable addresses;
    private final RowStore rows = new RowStore();
    private final PacketDecoder decoder = new PacketDecoder();
    private final PacketView packet = new PacketView();
    private final PacketView quoted = new PacketView();
    private final FragmentTable fragments = new FragmentTable();
    private final List<CutQuote> cutQuotes = new ArrayList<>(0);
    private long ownQuotes;
    private long foreignQuotes;
    private final Doubling doubling = new Doubling();
    private final NeighbourQuestions neighbours = new NeighbourQuestions();
    private final RowWriter row = new RowWriter(rows, fragments, doubling);

    private final LegIndex index;
    private List<Leg> legs = new ArrayList<>();
    /** Of connections that began with a SYN-ACK while another one on their tuple had not ended, that other one. */
    private final Map<Leg, Leg> beside = new IdentityHashMap<>(0);
    private Leg last;
    private long lastEndpoints;
    private long lastKey;

    private final PointTimes times = new PointTimes();
    private long time;
    private long frames;
    private long segments;
    private long encrypted;
    private boolean segmentsBehindV6;
    private boolean cutSegmentsBehindV6;
    private boolean segmentsBehindV4;
    private boolean cutSegmentsBehindV4;
    private long userDatagrams;
    private long notFollowed;
    private long tunnelled;
    private long tooLate;
    /** When the last packet came of that of the settled legs of which this is longest ago. */
    private long earliestSettled = Long.MAX_VALUE;
    /** How far the clock was set ahead over the whole capture, where that was undone in the rows' times. */
    private long undone;

    /** A table without frames, whose point has no number yet. */
    public LegTable() {
        // Nobody can make tuples or addresses that meet at one place; what comes out does not hang on it.
        long seed = System.nanoTime() * LegIndex.SPREAD;
        addresses = new AddressTable(seed);
        index = new LegIndex(seed);
    }

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

    /** Whether the capture shows nearly every packet twice. */
    boolean showsAllTwice() {
        return doubling.all();
    }

    /** How long after a packet its copy comes at most. */
    long copyNanos() {
        return doubling.copyNanos();
    }

    /** Datagrams that came without their first fragment. */
    public List<HeadlessDatagram> headless() {
        return fragments.headless(point);
    }

    /**
     * ICMP errors that went to another address than the one whose packet they quote, which none does, where these are more than the others;
     * else 0. Addresses were replaced in headers, and not in what is payload to who replaces them.
     */
    public long foreignQuotes() {
        return foreignQuotes > ownQuotes ? foreignQuotes : 0;
    }

    /** ICMP errors of which the ports of the packet that they quote were not captured, or not its addresses. */
    public List<CutQuote> cutQuotes() {
        // Points have their numbers only after some frames were read.
        for (int i = 0; i < cutQuotes.size(); i++) {
            cutQuotes.set(i, cutQuotes.get(i).at(point));
        }
        return cutQuotes;
    }

    /** Hosts that asked for a neighbour's address and got answers which the capture does not show. */
    public List<IpAddress> answeredUnseen() {
        return neighbours.answeredUnseen(times.latest());
    }

    /** Hosts that answered a neighbour's question for their address which the capture does not show. */
    public List<IpAddress> askedUnseen() {
        return neighbours.askedUnseen();
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
        return times.first();
    }

    /** Latest time stamp; {@code Long.MIN_VALUE} without frames. */
    public long latestTime() {
        return times.latest();
    }

    /** How fine the time stamps are, nanoseconds; 0 for as fine as clocks are compared. */
    public long grain() {
        return times.grain();
    }

    /** The longest time without any frame, nanoseconds. */
    public long longestSilence() {
        return times.longestSilence();
    }

    /** The longest times without any frame, beginnings and ends in turn; of a capture whose clock was set, none. */
    public long[] silences() {
        return times.silences();
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

    /** Whether not one TCP header behind IPv6 is there up to its flags: a snap length of 64 bytes ends before them, 68 behind them. */
    public boolean cutBehindV6() {
        return cutSegmentsBehindV6 && !segmentsBehindV6;
    }

    /** The same behind IPv4: 48 bytes reach behind the TCP flags on Ethernet, not behind a tag or in a Linux cooked capture. */
    public boolean cutBehindV4() {
        return cutSegmentsBehindV4 && !segmentsBehindV4;
    }

    /** Frames that are no packets of a followed protocol. */
    public long notFollowed() {
        return notFollowed;
    }

    /** Packets of connections that had ended and were settled long before. */
    public long tooLate() {
        return tooLate;
    }

    /** Packets in which hosts hide others from whoever looks on. */
    public long encrypted() {
        return encrypted;
    }

    /** Decodes a frame and files it. */
    public void add(FrameView frame, int file) {
        long now = frame.timeNanos();
        frames++;
        time = now;
        times.add(now);
        decoder.decode(frame, packet);
        PacketView p = packet;
        if (p.tunnelDepth() > 0) {
            tunnelled++;
        }
        encrypted += Encrypted.carries(p) ? 1 : 0;
        if (p.stopLayer() == PacketView.LAYER_TRANSPORT) {
            switch (p.protocol()) {
                case IpProtocol.TCP -> tcp(frame, p, file);
                case IpProtocol.UDP, IpProtocol.SCTP -> datagram(frame, p, file);
                case IpProtocol.ICMP, IpProtocol.ICMPV6 -> icmp(frame, p, file);
            }
        } else if (p.status() == DecodeStatus.LATER_FRAGMENT) {
            laterFragment(frame, p, file);
        } else {
            notFollowed++;
            if (p.network() == PacketView.NETWORK_ARP && p.tunnelDepth() == 0 && p.status() == DecodeStatus.OK) {
                neighbours.addArp(p, now);
            }
            if (p.status() == DecodeStatus.HEADER_CUT && p.protocol() == IpProtocol.TCP) {
                cutSegmentsBehindV6 |= p.network() == PacketView.NETWORK_IPV6;
                cutSegmentsBehindV4 |= p.network() == PacketView.NETWORK_IPV4;
            }
        }
    }

    private void tcp(FrameView frame, PacketView p, int file) {
        segments++;
        segmentsBehindV6 |= p.network() == PacketView.NETWORK_IPV6;
        segmentsBehindV4 |= p.network() == PacketView.NETWORK_IPV4;
        int flags = p.flags();
        int sourcePort = p.sourcePort();
        int destinationPort = p.destinationPort();
        boolean second = fromSecond(p, sourcePort, destinationPort);
        Leg leg = find(p, IpProtocol.TCP, second, sourcePort, destinationPort);
        if ((leg.state & Leg.BESIDE_ANOTHER) != 0) {
            leg = nearer(leg, p, second, flags);
        }
        if (leg.settled()) {
            if ((flags & (PacketView.SYN | PacketView.RST)) != PacketView.SYN || repeatsHandshake(leg, p, flags)) {
                tooLate++;
                return;
            }
            leg = succeed(leg);
        }
        if ((flags & (PacketView.SYN | PacketView.RST)) == PacketView.SYN) {
            leg = handshake(leg, p, second, flags);
        } else if (leg.rowCount == 0) {
            // Joined in the middle: the side with the lower port is likelier the server.
            boolean bySecond = sourcePort == destinationPort ? second : (sourcePort > destinationPort) == second;
            open(leg, bySecond);
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
        row.append(leg, frame, p, file, second);
    }

    /** The first packet tells better who opened a leg than an error before it that quotes one: whose that was turns with the leg. */
    private static void open(Leg leg, boolean bySecond) {
        if (leg.openedBySecond() != bySecond) {
            leg.reverse();
        }
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
            if ((leg.state & Leg.CLIENT_ISN) != 0 && leg.clientIsn != client && leg.openedBySecond() != second && !tookSynData(leg, client)
                    || leg.rowCount > 0 && (leg.state & Leg.CLIENT_ISN) == 0) {
                leg = succeed(leg);
                if ((found.state & (Leg.FIN_FIRST | Leg.FIN_SECOND | Leg.RESET | Leg.SYN_SEEN)) == Leg.SYN_SEEN) {
                    leg.state |= Leg.BESIDE_ANOTHER;
                    beside.put(leg, found);
                }
            }
            if ((leg.state & Leg.CLIENT_ISN) == 0) {
                leg.state |= Leg.CLIENT_ISN;
                leg.clientIsn = client;
                open(leg, !second);
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
            leg.state |= Leg.CLIENT_ISN;
            leg.clientIsn = isn;
            open(leg, second);
        }
        if (leg.openedBySecond() == second) {
            leg.state |= p.payloadLength() > 0 ? Leg.SYN_SEEN | Leg.SYN_DATA : Leg.SYN_SEEN;
        } else {
            // Simultaneous open (RFC 9293, section 3.5): the other side's SYN without ACK.
            leg.state |= Leg.SERVER_ISN;
            leg.serverIsn = isn;
        }
        return leg;
    }

    /**
     * A bridge shows what its pods answer half translated: for the client already, from the pod still. Where a client uses one port for
     * two services of one pod, the answers to both show under one tuple, and whose a packet is only its numbers tell.
     */
    private Leg nearer(Leg leg, PacketView p, boolean second, int flags) {
        Leg other = beside.get(leg);
        if (other == null) {
            // It was settled meanwhile.
            return leg;
        }
        if ((flags & (PacketView.SYN | PacketView.RST)) == PacketView.SYN) {
            boolean answer = (flags & SYN_ACK) == SYN_ACK;
            return other.clientIsn == (answer ? p.acknowledgment() - 1 : p.sequence()) ? other : leg;
        }
        boolean byOpener = leg.openedBySecond() == second;
        if (!byOpener && !(leg.hasServerIsn() && other.hasServerIsn())) {
            return leg;
        }
        int own = p.sequence() - (byOpener ? leg.clientIsn : leg.serverIsn);
        int others = p.sequence() - (byOpener ? other.clientIsn : other.serverIsn);
        return Integer.compareUnsigned(others, own) < 0 ? other : leg;
    }

    /** Whether a SYN-ACK acknowledges more than the SYN itself, of which the SYN's data is a part. */
    private static boolean tookSynData(Leg leg, int acknowledged) {
        int data = acknowledged - leg.clientIsn;
        return (leg.state & Leg.SYN_DATA) != 0 && data > 0 && data <= MOST_SYN_DATA;
    }

    private void datagram(FrameView frame, PacketView p, int file) {
        userDatagrams += p.protocol() == IpProtocol.UDP ? 1 : 0;
        boolean second = fromSecond(p, p.sourcePort(), p.destinationPort());
        Leg leg = find(p, p.protocol(), second, p.sourcePort(), p.destinationPort());
        boolean association = p.protocol() == IpProtocol.SCTP;
        if ((leg.rowCount > 0 || leg.settled())
                && (time - leg.lastTime > DATAGRAM_IDLE_NANOS || association && beginsAnother(leg, p, second))) {
            leg = succeed(leg);
        } else if (leg.settled()) {
            // Only where the file's time goes back by minutes.
            tooLate++;
            return;
        }
        if (leg.rowCount == 0) {
            open(leg, association && p.flags() == PacketDecoder.SCTP_INIT_ACK ? !second : second);
        }
        if (association && p.flags() == PacketDecoder.SCTP_INIT && leg.openedBySecond() == second) {
            leg.state |= Leg.INIT_SEEN;
            leg.clientIsn = p.acknowledgment();
        } else if (association && p.flags() == PacketDecoder.SCTP_INIT_ACK && leg.openedBySecond() != second) {
            leg.state |= Leg.INIT_ACK_SEEN;
            leg.serverIsn = p.sequence();
        }
        row.append(leg, frame, p, file, second);
    }

    /**
     * Each association has an initiate tag of its own (RFC 9260, section 5.3.1), so that another INIT means that the ports were used again,
     * or that the peer restarted; one of the other side opens the same association at the same time (section 5.2.1). Where only answers
     * show, the INIT-ACK has that tag for its verification tag (section 8.5.1). 0 is no tag: it was cut off.
     */
    private static boolean beginsAnother(Leg leg, PacketView p, boolean second) {
        boolean initiated = (leg.state & Leg.INIT_SEEN) != 0;
        boolean answered = (leg.state & Leg.INIT_ACK_SEEN) != 0;
        return switch (p.flags()) {
            case PacketDecoder.SCTP_INIT -> p.acknowledgment() != 0 && (initiated
                    ? leg.openedBySecond() == second && leg.clientIsn != p.acknowledgment() && leg.clientIsn != 0
                    : !answered || leg.serverIsn != p.acknowledgment());
            case PacketDecoder.SCTP_INIT_ACK -> !initiated && (!answered || leg.serverIsn != p.sequence());
            default -> false;
        };
    }

    private void icmp(FrameView frame, PacketView p, int file) {
        int type = p.icmpType();
        boolean v6 = p.protocol() == IpProtocol.ICMPV6;
        boolean request = v6 ? type == ECHO_REQUEST_V6 : type == ECHO_REQUEST;
        if (request || (v6 ? type == ECHO_REPLY_V6 : type == ECHO_REPLY)) {
            // The identifier stands for the asker's port, which is what NAT changes; the other side has none.
            int sourcePort = request ? p.icmpIdentifier() : 0;
            int destinationPort = request ? 0 : p.icmpIdentifier();
            boolean second = fromSecond(p, sourcePort, destinationPort);
            Leg leg = find(p, p.protocol(), second, sourcePort, destinationPort);
            if (leg.rowCount == 0) {
                open(leg, second == request);
            }
            row.append(leg, frame, p, file, second);
        } else if (p.quoting() && decoder.decodeQuoted(p, quoted) && quoted.stopLayer() == PacketView.LAYER_TRANSPORT) {
            if (v6 || quoted.sourceLow() == p.destinationLow()) {
                ownQuotes++;
                quotedError(frame, p, file, v6);
            } else {
                foreignQuotes++;
                notFollowed++;
                cutQuote(frame, p, file, quoted.protocol(), quoted.identification() & 0xffff, null);
            }
        } else {
            notFollowed++;
            if (v6 && p.tunnelDepth() == 0) {
                neighbours.addIcmpV6(p, time);
            }
            if (!v6 && p.quoting()) {
                cutQuote(frame, p, file);
            }
        }
    }

    private void cutQuote(FrameView frame, PacketView p, int file) {
        PacketView q = quoted;
        int start = p.quotedStart();
        if (!decoder.decodeQuoted(p, q)) {
            if (q.status() == DecodeStatus.HEADER_CUT && p.quotedLimit() - start >= QUOTED_UP_TO_PROTOCOL) {
                cutQuote(frame, p, file, p.buffer()[start + 9] & 0xff,
                        (p.buffer()[start + 4] & 0xff) << 8 | p.buffer()[start + 5] & 0xff, null);
            }
        } else if (q.status() == DecodeStatus.HEADER_CUT && q.network() == PacketView.NETWORK_IPV4) {
            cutQuote(frame, p, file, q.protocol(), q.identification(), IpAddress.v4((int) q.destinationLow()));
        }
    }

    /**
     * Only IPv4 numbers whole packets, and Linux does not all of them.
     *
     * @param destination of the quoted packet; null if it is not known
     */
    private void cutQuote(FrameView frame, PacketView p, int file, int protocol, int identification, IpAddress destination) {
        boolean followed = protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || protocol == IpProtocol.SCTP;
        if (followed && identification != 0 && cutQuotes.size() < MOST_CUT_QUOTES) {
            // Who is told is who sent the quoted packet.
            IpAddress receiver = IpAddress.v4((int) p.destinationLow());
            DatagramId id = new DatagramId(receiver, destination, protocol, identification);
            cutQuotes.add(new CutQuote(point, id, QuotedError.of(file, frame.number(), time, false, p.icmpType(), p.icmpCode(),
                    p.icmpMtu(), IpAddress.v4((int) p.sourceLow()), receiver, p.ttl(), true, 0, identification)));
        }
    }

    private void quotedError(FrameView frame, PacketView p, int file, boolean v6) {
        PacketView q = quoted;
        int protocol = q.protocol();
        boolean echo = protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6;
        boolean answer = echo && q.icmpType() == (protocol == IpProtocol.ICMP ? ECHO_REPLY : ECHO_REPLY_V6);
        int sourcePort = answer ? 0 : echo ? q.icmpIdentifier() : q.sourcePort();
        int destinationPort = answer ? q.icmpIdentifier() : echo ? 0 : q.destinationPort();
        boolean second = fromSecond(q, sourcePort, destinationPort);
        Leg leg = find(q, protocol, second, sourcePort, destinationPort);
        if (leg.settled()) {
            tooLate++;
            return;
        }
        if (leg.rowCount == 0 && leg.errors().isEmpty()) {
            open(leg, second != answer);
        }
        leg.lastTime = Math.max(leg.lastTime, time);
        boolean fromOpener = leg.openedBySecond() == second;
        leg.add(QuotedError.of(file, frame.number(), time, v6, p.icmpType(), p.icmpCode(), p.icmpMtu(),
                IpAddress.of(v6, p.sourceHigh(), p.sourceLow()), IpAddress.of(v6, p.destinationHigh(), p.destinationLow()), p.ttl(),
                fromOpener, q.sequence(), q.identification() & 0xffff));
    }

    private void laterFragment(FrameView frame, PacketView p, int file) {
        FragmentTable.Train train = fragments.later(p, frame.number(), file, time);
        if (train.leg == null) {
            notFollowed++;
            return;
        }
        if (train.leg.settled()) {
            tooLate++;
            return;
        }
        row.appendLaterFragment(train.leg, frame, p, file, train.second);
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
        long key = LegIndex.key(protocol, v6, ports);
        if (last != null && endpoints == lastEndpoints && key == lastKey) {
            return last;
        }
        Leg leg = index.get(endpoints, key);
        if (leg == null) {
            leg = new Leg(this, protocol, v6, endpoints, ports, time);
            index.add(leg);
            legs.add(leg);
        }
        last = leg;
        lastEndpoints = endpoints;
        lastKey = key;
        return leg;
    }

    private Leg succeed(Leg old) {
        Leg leg = new Leg(this, old.protocol, old.v6, old.endpoints, old.ports, time);
        index.replace(old, leg);
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

    /**
     * Moves the times of what was captured after the clock was set to what it would have shown otherwise, in all legs that were not handed
     * over yet. To be called once the point was read.
     *
     * @return the step, with the frames between which their times show it and the times that the file has
     */
    public ClockStep undo(ClockStep found) {
        ClockStep step = found.sharpened(legs, undone);
        long ahead = step.aheadNanos();
        time -= ahead;
        long first = time;
        long latest = time;
        for (Leg leg : legs) {
            leg.undo(step);
            first = Math.min(first, leg.firstTime);
            latest = Math.max(latest, leg.lastTime);
        }
        fragments.undo(step);
        for (int i = 0; i < cutQuotes.size(); i++) {
            CutQuote quote = cutQuotes.get(i);
            if (step.before(quote.error().file(), quote.error().number())) {
                cutQuotes.set(i, quote.earlier(ahead));
            }
        }
        times.undo(ahead, first, latest);
        undone += ahead;
        return step;
    }

    /** Forgets the legs; their rows stay for who still has the legs. */
    public void forgetLegs() {
        legs = new ArrayList<>();
        beside.clear();
        index.clear();
        last = null;
    }

    /** Rows of connections that have ended, or will never begin, and of datagrams that conntrack has forgotten. */
    public long endedRows() {
        long ended = 0;
        for (Leg leg : legs) {
            boolean over = leg.tcp() ? leg.closed() || leg.handshakeOnly() : leg.datagrams() && time - leg.lastTime > DATAGRAM_IDLE_NANOS;
            ended += over ? leg.rowCount : 0;
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
        for (Iterator<Map.Entry<Leg, Leg>> pairs = beside.entrySet().iterator(); pairs.hasNext();) {
            Map.Entry<Leg, Leg> pair = pairs.next();
            if (pair.getKey().settled() || pair.getValue().settled()) {
                pairs.remove();
            }
        }
        if (time - earliestSettled >= LATE_NANOS) {
            last = null;
            earliestSettled = index.forgetSettled(time - LATE_NANOS);
        }
    }
}
