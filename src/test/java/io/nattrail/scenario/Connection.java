package io.nattrail.scenario;

import static io.nattrail.scenario.Packet.ACK;
import static io.nattrail.scenario.Packet.FIN;
import static io.nattrail.scenario.Packet.PSH;
import static io.nattrail.scenario.Packet.RST;
import static io.nattrail.scenario.Packet.SYN;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/**
 * One connection of a {@link Scenario}. Each call sends packets, which show at every stop of the way unless the test says how far they get,
 * where they begin, which capture misses them, and what is changed on the way.
 */
public final class Connection {
    /** What a stop does to a packet, from this stop on. */
    @FunctionalInterface
    public interface Change {
        void apply(Packet packet, Stop stop, boolean request);
    }

    private static final int MSS = 1448;

    private final Scenario scenario;
    private final Random random;
    private boolean udp;
    String client = "10.241.0.4";
    int clientPort;
    String front = "10.240.0.4";
    int frontPort = 32_000;
    String masquerade = "10.240.0.4";
    int masqueradePort;
    String pod = "10.244.1.2";
    int podPort = 8443;
    private String bridge = Stop.BRIDGE.point;
    private boolean local;
    private boolean onBridge;
    private int clientSequence;
    private int podSequence;
    private int stamp;
    private Stop reach;
    private Stop begin;
    private Set<Stop> missing = EnumSet.noneOf(Stop.class);
    private Set<Stop> merging = EnumSet.noneOf(Stop.class);
    private Change change;
    private Stop swapFrom;
    private int swapSequence;
    private Set<Stop> firstOnly = EnumSet.noneOf(Stop.class);
    private boolean silentAcks;
    private boolean plain;
    private boolean modern;
    private boolean unnumbered;
    private boolean unfinished;
    private Random offload;
    private int jitter;
    private Random jitters;
    private final long[] lastShown = new long[2 * Stop.values().length];
    private Integer unheard;
    private Packet lastRequest;
    private Packet lastReply;
    private long delayInside = 40 * Scenario.MICRO;

    Connection(Scenario scenario, int clientPort, int masqueradePort) {
        this.scenario = scenario;
        this.clientPort = clientPort;
        this.masqueradePort = masqueradePort;
        random = new Random(clientPort * 31L + masqueradePort);
        clientSequence = random.nextInt();
        podSequence = random.nextInt();
        stamp = 1_000_000 + random.nextInt(1_000_000);
    }

    // Who talks to whom

    public Connection udp() {
        udp = true;
        frontPort = 30_053;
        podPort = 5353;
        return this;
    }

    /** UDP on whatever ports were given. */
    public Connection udpPorts() {
        udp = true;
        return this;
    }

    public Connection from(String address, int port) {
        client = address;
        clientPort = port;
        return this;
    }

    public Connection to(String address, int port) {
        front = address;
        frontPort = port;
        return this;
    }

    public Connection pod(String address, int port) {
        pod = address;
        podPort = port;
        return this;
    }

    public Connection masqueradedTo(String address, int port) {
        masquerade = address;
        masqueradePort = port;
        return this;
    }

    /** The bridge of the pod's node, where it is not Node-2's. */
    public Connection bridge(String point) {
        bridge = point;
        return this;
    }

    /** The client's own address reaches the pod. */
    public Connection notMasqueraded() {
        return masqueradedTo(client, clientPort);
    }

    /** The pod is on Node-1: no capture shows the translated packets. */
    public Connection local() {
        local = true;
        return this;
    }

    /** The pod that gets the packets from now on is on Node-2. */
    public Connection elsewhere() {
        local = false;
        return this;
    }

    /** The pod is on Node-1, whose bridge is captured: the kernel masquerades with the bridge's address. */
    public Connection localAt(String point, String bridgeAddress) {
        onBridge = true;
        bridge = point;
        return masqueradedTo(bridgeAddress, masqueradePort);
    }

    /** No timestamps, as Windows does it. */
    public Connection plain() {
        plain = true;
        return this;
    }

    /** SYN and SYN-ACK offer window scale and SACK. */
    public Connection modern() {
        modern = true;
        return this;
    }

    /** Don't-fragment packets without identification, as RFC 6864 allows and BSD sends. */
    public Connection unnumbered() {
        unnumbered = true;
        return this;
    }

    /** Each packet has an identification of its own, as Linux sends: what tells a duplicate from another sending near a capture's edge. */
    public Connection numbered() {
        unnumbered = false;
        return this;
    }

    /** Both hosts leave checksums to their cards: their own captures show the sum over the pseudo header only. */
    public Connection checksumsLeftToCards() {
        unfinished = true;
        return this;
    }

    /** From now on each stop shows segments of one write merged as its offload (TSO, GSO, GRO) happens to do it; null for no more. */
    public Connection offloaded(Random by) {
        offload = by;
        return this;
    }

    /** Every hop takes up to so many microseconds longer, at random; packets of a direction keep their order. */
    public Connection jitter(Random by, int micros) {
        jitters = by;
        jitter = micros;
        return this;
    }

    /** Another connection with all the same tuples. */
    public Connection again() {
        Connection next = new Connection(scenario, clientPort, masqueradePort).from(client, clientPort).to(front, frontPort)
                .pod(pod, podPort)
                .masqueradedTo(masquerade, masqueradePort);
        next.clientSequence = clientSequence + 70_000_000;
        next.podSequence = podSequence + 90_000_000;
        next.stamp = stamp + 5000;
        next.udp = udp;
        next.local = local;
        next.onBridge = onBridge;
        next.bridge = bridge;
        next.plain = plain;
        next.modern = modern;
        next.unnumbered = unnumbered;
        next.unfinished = unfinished;
        next.missing = missing;
        return next;
    }

    // What becomes of the next packets

    /** The next packets get as far as this stop. */
    public Connection reaching(Stop stop) {
        reach = stop;
        return this;
    }

    /** The next packets begin at this stop: somebody there made them. */
    public Connection beginningAt(Stop stop) {
        begin = stop;
        return this;
    }

    public Connection wholeWay() {
        reach = null;
        begin = null;
        return this;
    }

    /** Captures that miss the next packets. */
    public Connection missedAt(Stop... stops) {
        missing = stops.length == 0 ? EnumSet.noneOf(Stop.class) : EnumSet.copyOf(Arrays.asList(stops));
        return this;
    }

    private boolean missed(Stop stop, boolean request) {
        return missing.contains(stop) || scenario.hides(stop, request);
    }

    /** Stops whose offload shows the segments, or datagrams, of one write as one. */
    public Connection mergedAt(Stop... stops) {
        merging = stops.length == 0 ? EnumSet.noneOf(Stop.class) : EnumSet.copyOf(Arrays.asList(stops));
        return this;
    }

    public Connection changing(Change by) {
        change = by;
        return this;
    }

    /** Data is not acknowledged from now on, or is again. */
    public Connection acknowledging(boolean does) {
        silentAcks = !does;
        return this;
    }

    public Connection pause(long millis) {
        scenario.pause(millis);
        return this;
    }

    /** What the packets take inside Node-1, milliseconds. */
    public Connection delayedInside(long millis) {
        delayInside = millis * Scenario.MILLI;
        return this;
    }

    // TCP

    public Connection open() {
        return syn().synAck().ack(true);
    }

    public Connection syn() {
        Packet p = packet(true, SYN, new byte[0]);
        p.mss = 1460;
        p.window = 64_240;
        p.modern = modern;
        p.acknowledgment = 0;
        p.tsEcr = 0;
        travel(p, true);
        clientSequence++;
        return this;
    }

    /** The same SYN once more. */
    public Connection synAgain() {
        clientSequence--;
        return syn();
    }

    public Connection synAck() {
        Packet p = packet(false, SYN | ACK, new byte[0]);
        p.mss = 1460;
        p.window = 65_160;
        p.modern = modern;
        travel(p, false);
        podSequence++;
        return this;
    }

    public Connection synAckAgain() {
        podSequence--;
        return synAck();
    }

    public Connection ack(boolean request) {
        travel(packet(request, ACK, new byte[0]), request);
        return this;
    }

    /** The client sends data; each segment is acknowledged. */
    public Connection ask(int bytes) {
        return data(true, content(bytes));
    }

    public Connection answer(int bytes) {
        return data(false, content(bytes));
    }

    public Connection answer(String text) {
        return data(false, text.getBytes(StandardCharsets.US_ASCII));
    }

    public Connection ask(String text) {
        return data(true, text.getBytes(StandardCharsets.US_ASCII));
    }

    private byte[] content(int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return content;
    }

    private Connection data(boolean request, byte[] content) {
        boolean large = content.length > MSS;
        if (udp && (merging.isEmpty() || !large)) {
            travel(packet(request, 0, content), request);
            return this;
        }
        int flags = udp ? 0 : ACK | PSH;
        if (offload != null && large) {
            merged(request, content);
        } else if (!merging.isEmpty() && large) {
            Packet whole = packet(request, flags, content);
            Set<Stop> missed = missing;
            long moment = scenario.now;
            missing = EnumSet.complementOf(EnumSet.copyOf(merging));
            travel(whole, request);
            missing = EnumSet.copyOf(merging);
            missing.addAll(missed);
            scenario.now = moment;
            segments(request, content);
            missing = missed;
        } else {
            segments(request, content);
        }
        if (!silentAcks && !udp) {
            ack(!request);
        }
        return this;
    }

    private void segments(boolean request, byte[] content) {
        swapSequence = request ? clientSequence : podSequence;
        long moment = scenario.now;
        for (int at = 0; at < content.length; at += MSS) {
            byte[] part = Arrays.copyOfRange(content, at, Math.min(content.length, at + MSS));
            Packet p = packet(request, udp ? 0 : at + MSS >= content.length ? ACK | PSH : ACK, part);
            scenario.now = moment;
            travel(p, request);
            advance(request, part.length);
            // A frame takes 12 microseconds at a gigabit per second.
            moment += 12 * Scenario.MICRO;
        }
    }

    /** One write as each stop shows it: segments of a whole number of MSS, which have all but number, identification and PSH in common. */
    private void merged(boolean request, byte[] content) {
        int segments = (content.length + MSS - 1) / MSS;
        Packet first = packet(request, ACK, content);
        scenario.identification += segments;
        long arrival = scenario.now;
        for (Stop stop : inOrder(request)) {
            int style = offload.nextInt(3);
            for (int at = 0; at < segments;) {
                int most = style == 0 ? 1 : style == 1 ? 44 : 1 + offload.nextInt(12);
                int count = Math.min(most, segments - at);
                Packet p = first.clone();
                int from = at * MSS;
                int to = Math.min(content.length, (at + count) * MSS);
                p.payload = Arrays.copyOfRange(content, from, to);
                p.sequence = first.sequence + from;
                p.identification = unnumbered ? 0 : first.identification + at;
                p.flags = to == content.length ? ACK | PSH : ACK;
                at += count;
                if (change != null) {
                    change.apply(p, stop, request);
                }
                if (shows(stop, reach, request) && !missed(stop, request)) {
                    // GRO hands over a merged segment when its last piece has come; a frame takes 12 microseconds.
                    show(p, stop, request, inTurn(stop, request, arrival + at * 12L * Scenario.MICRO));
                }
            }
            arrival += delay(stop, request);
        }
        Packet last = first.clone();
        int tail = (segments - 1) * MSS;
        last.payload = Arrays.copyOfRange(content, tail, content.length);
        last.sequence = first.sequence + tail;
        last.flags = ACK | PSH;
        if (request) {
            lastRequest = last;
        } else {
            lastReply = last;
        }
        scenario.now = arrival + segments * 12L * Scenario.MICRO;
        advance(request, content.length);
    }

    /** Both sides write at once: neither has heard the other yet. */
    public Connection cross(int asked, int answered) {
        boolean before = silentAcks;
        silentAcks = true;
        long moment = scenario.now;
        int heard = clientSequence;
        ask(asked);
        long end = scenario.now;
        scenario.now = moment;
        unheard = heard;
        answer(answered);
        unheard = null;
        scenario.now = Math.max(end, scenario.now);
        silentAcks = before;
        return ack(true).ack(false);
    }

    /** The last data segment carries the FIN. */
    public Connection lastWords(boolean request, int bytes) {
        travel(packet(request, FIN | PSH | ACK, content(bytes)), request);
        advance(request, bytes + 1);
        return this;
    }

    /** The other side has the last segment already and says so by D-SACK (RFC 2883). */
    public Connection duplicateNoticed(boolean request) {
        Packet known = request ? lastReply : lastRequest;
        return send(request, (p, stop, r) -> {
            p.sackFrom = known.sequence;
            p.sackTo = known.sequence + known.payload.length;
        });
    }

    /** The first segment is slow from a stop on: it comes there after the second. */
    private boolean late(Packet packet, Stop stop) {
        return swapFrom != null && stop.compareTo(swapFrom) >= 0 && packet.payload.length == MSS && packet.sequence == swapSequence;
    }

    private void advance(boolean request, int bytes) {
        if (request) {
            clientSequence += bytes;
        } else {
            podSequence += bytes;
        }
    }

    /** The last segment with data of a side once more: a new packet with the same bytes. */
    public Connection repeat(boolean request) {
        Packet p = (request ? lastRequest : lastReply).clone();
        p.identification = unnumbered ? 0 : scenario.identification++;
        p.tsVal += plain ? 0 : 220;
        travel(p, request);
        return this;
    }

    /** The very packet once more, as a network that duplicates delivers it. */
    public Connection repeatUnchanged(boolean request) {
        Packet p = (request ? lastRequest : lastReply).clone();
        Change before = change;
        change = null;
        travel(p, request);
        change = before;
        return this;
    }

    /** What was asked last, in segments of at most so many bytes. */
    public Connection askAgainInParts(int most) {
        byte[] content = lastRequest.payload;
        clientSequence = lastRequest.sequence;
        for (int at = 0; at < content.length; at += most) {
            byte[] part = Arrays.copyOfRange(content, at, Math.min(content.length, at + most));
            travel(packet(true, ACK | PSH, part), true);
            advance(true, part.length);
        }
        return ack(false);
    }

    /** Segments of one write change places from this stop on. */
    public Connection swapping(Stop from) {
        swapFrom = from;
        return this;
    }

    /** Captures whose filter names ports and so shows first fragments only. */
    public Connection firstFragmentsOnlyAt(Stop... stops) {
        firstOnly = EnumSet.copyOf(Arrays.asList(stops));
        return this;
    }

    public Connection fin(boolean request) {
        travel(packet(request, FIN | ACK, new byte[0]), request);
        advance(request, 1);
        return this;
    }

    /** A FIN that crosses the other side's: it does not acknowledge it. */
    public Connection finUnacknowledged(boolean request) {
        return fin(request, request ? podSequence : clientSequence - 1);
    }

    private Connection fin(boolean request, int acknowledged) {
        Packet p = packet(request, FIN | ACK, new byte[0]);
        p.acknowledgment = acknowledged;
        travel(p, request);
        advance(request, 1);
        return this;
    }

    public Connection finAgain(boolean request) {
        advance(request, -1);
        return fin(request);
    }

    /** Client first, then the pod. */
    public Connection close() {
        return fin(true).fin(false).ack(true);
    }

    public Connection reset(boolean request) {
        Packet p = packet(request, RST, new byte[0]);
        p.tsVal = 0;
        p.window = 0;
        travel(p, request);
        return this;
    }

    /** RST that acknowledges: what a closed port answers. */
    public Connection refuse() {
        Packet p = packet(false, RST | ACK, new byte[0]);
        p.sequence = 0;
        p.tsVal = 0;
        p.window = 0;
        travel(p, false);
        return this;
    }

    /** A packet of any kind: what {@code by} makes of a plain ACK. */
    public Connection send(boolean request, Change by) {
        Change before = change;
        change = (packet, stop, direction) -> {
            if (before != null) {
                before.apply(packet, stop, direction);
            }
            by.apply(packet, stop, direction);
        };
        ack(request);
        change = before;
        return this;
    }

    /** A keep-alive: one number below what comes next, no data. */
    public Connection keepAlive(boolean request) {
        return keepAliveAlone(request).ack(!request);
    }

    /** A probe that is not answered by itself. */
    public Connection keepAliveAlone(boolean request) {
        return send(request, (p, stop, r) -> p.sequence = (request ? clientSequence : podSequence) - 1);
    }

    /** The same with a byte of what was sent before. */
    public Connection keepAliveOfOneByte(boolean request) {
        return send(request, (p, stop, r) -> {
            p.sequence = (request ? clientSequence : podSequence) - 1;
            p.payload = new byte[1];
        });
    }

    // Datagrams

    /** One datagram in fragments of 1480 bytes; those of the given numbers get no further than {@link #reaching}. */
    public Connection askInFragments(int bytes, int... lost) {
        Packet whole = packet(true, 0, content(bytes));
        return fragments(whole, true, lost);
    }

    public Connection answerInFragments(int bytes, int... lost) {
        return fragments(packet(false, 0, content(bytes)), false, lost);
    }

    private Connection fragments(Packet whole, boolean request, int... lost) {
        Stop until = reach;
        for (Stop stop : inOrder(request)) {
            Packet translated = whole.clone();
            address(translated, stop, request);
            byte[] datagram = translated.transport();
            int number = 0;
            for (int at = 0; at < datagram.length; at += 1480, number++) {
                int which = number;
                Packet fragment = translated.clone();
                fragment.raw = Arrays.copyOfRange(datagram, at, Math.min(datagram.length, at + 1480));
                fragment.fragmentOffset = at;
                fragment.moreFragments = at + 1480 < datagram.length;
                boolean drops = Arrays.stream(lost).anyMatch(l -> l == which);
                boolean filtered = number > 0 && firstOnly.contains(stop);
                if (shows(stop, drops ? until : null, request) && !filtered && !missed(stop, request)) {
                    showAddressed(fragment, stop, request, scenario.now + number * 2 * Scenario.MICRO);
                }
            }
            scenario.now += delay(stop, request);
        }
        return this;
    }

    /** An ICMP error about the last request, from a stop back to the client. */
    public Connection icmp(int type, int code, int mtu, String from, Stop at) {
        Stop[] order = inOrder(false);
        boolean started = false;
        for (Stop stop : order) {
            started |= stop == at;
            if (started && visible(stop) && !missed(stop, false)) {
                Packet quoted = lastRequest.clone();
                address(quoted, stop, true);
                int ttl = 64 - (stop.ordinal() < at.ordinal() ? 1 : 0);
                scenario.show(stop.point, scenario.now, quoted.icmp(type, code, mtu, from, ttl));
            }
            scenario.now += scenario.wire / 2;
        }
        return this;
    }

    /** ICMP port unreachable about the last answer, from where it came to: a socket that is closed by then. */
    public Connection refuseAnswer() {
        for (Stop stop : Stop.values()) {
            boolean captured = shows(stop, null, true) && !missing.contains(stop);
            if (captured && (reach == null || stop.compareTo(reach) >= 0)) {
                Packet quoted = lastReply.clone();
                if (change != null) {
                    change.apply(quoted, stop, false);
                }
                address(quoted, stop, false);
                int routed = Math.max(0, stop.ordinal() - Math.max(1, reach == null ? 0 : reach.ordinal()));
                scenario.show(stop.point, scenario.now, quoted.icmp(3, 3, 0, quoted.destination, 64 - routed));
            }
            scenario.now += scenario.wire / 2;
        }
        return this;
    }

    // The way

    private Packet packet(boolean request, int flags, byte[] payload) {
        Packet p = new Packet();
        p.protocol = udp ? 17 : 6;
        p.sequence = request ? clientSequence : podSequence;
        p.acknowledgment = request ? podSequence : unheard != null ? unheard : clientSequence;
        p.flags = flags;
        p.payload = payload;
        p.identification = unnumbered && !udp ? 0 : scenario.identification++;
        stamp += 3;
        p.tsVal = udp || plain ? 0 : request ? stamp : stamp + 77_000_000;
        p.tsEcr = request ? stamp + 77_000_000 : stamp;
        return p;
    }

    private void travel(Packet packet, boolean request) {
        if (packet.payload.length > 0 || packet.has(SYN)) {
            if (request) {
                lastRequest = packet;
            } else {
                lastReply = packet;
            }
        }
        Packet moving = packet.clone();
        for (Stop stop : inOrder(request)) {
            if (change != null) {
                change.apply(moving, stop, request);
            }
            if (shows(stop, reach, request) && !missed(stop, request)) {
                long slow = late(packet, stop) ? 3 * Scenario.MILLI : 0;
                show(moving, stop, request, inTurn(stop, request, scenario.now) + slow);
            }
            scenario.now += delay(stop, request);
        }
    }

    private void show(Packet moving, Stop stop, boolean request, long time) {
        Packet here = moving.clone();
        address(here, stop, request);
        showAddressed(here, stop, request, time);
    }

    private void showAddressed(Packet here, Stop stop, boolean request, long time) {
        here.unfinishedChecksum |= unfinished && stop == (request ? Stop.CLIENT : Stop.BRIDGE);
        String point = stop == Stop.BRIDGE ? bridge : stop.point;
        scenario.show(point, time, here);
        if (stop == Stop.BRIDGE && !onBridge && begin == null && reach == null) {
            // Before a bridge lies its node's eth0, behind it the pod's.
            Packet outside = here.clone();
            outside.ttl += request ? 1 : -1;
            long wait = (request ? -20 : 20) * Scenario.MICRO;
            scenario.showIfCaptured(point.replace("cbr0", "eth0"), time + wait, outside);
            scenario.showIfCaptured("pod", time - wait / 2, here);
        }
    }

    private long delay(Stop stop, boolean request) {
        long extra = jitter == 0 ? 0 : jitters.nextInt(jitter) * Scenario.MICRO;
        return extra + (stop == (request ? Stop.NODE_IN : Stop.NODE_OUT) ? delayInside : scenario.wire);
    }

    /** With jitter, a packet comes to a stop no earlier than the one before it. */
    private long inTurn(Stop stop, boolean request, long time) {
        if (jitter == 0) {
            return time;
        }
        int turn = stop.ordinal() * 2 + (request ? 1 : 0);
        lastShown[turn] = Math.max(time, lastShown[turn] + Scenario.MICRO);
        scenario.now = Math.max(scenario.now, lastShown[turn]);
        return lastShown[turn];
    }

    private static Stop[] inOrder(boolean request) {
        Stop[] stops = Stop.values();
        if (request) {
            return stops;
        }
        Stop[] back = new Stop[stops.length];
        for (int i = 0; i < stops.length; i++) {
            back[i] = stops[stops.length - 1 - i];
        }
        return back;
    }

    private boolean visible(Stop stop) {
        return (!local || !stop.translated()) && (!onBridge || stop != Stop.NODE_OUT);
    }

    private boolean shows(Stop stop, Stop until, boolean request) {
        boolean begun = begin == null || (request ? stop.compareTo(begin) >= 0 : stop.compareTo(begin) <= 0);
        boolean goesOn = until == null || (request ? stop.compareTo(until) <= 0 : stop.compareTo(until) >= 0);
        return begun && goesOn && visible(stop);
    }

    /** Puts the addresses of a stop into a packet, and lowers its TTL as routers do: once in Node-1, once in Node-2. */
    private void address(Packet p, Stop stop, boolean request) {
        String otherEnd = stop.translated() ? pod : front;
        int otherPort = stop.translated() ? podPort : frontPort;
        String near = stop.translated() ? masquerade : client;
        int nearPort = stop.translated() ? masqueradePort : clientPort;
        p.source = p.source != null ? p.source : request ? near : otherEnd;
        p.sourcePort = p.sourcePort != 0 ? p.sourcePort : request ? nearPort : otherPort;
        p.destination = p.destination != null ? p.destination : request ? otherEnd : near;
        p.destinationPort = p.destinationPort != 0 ? p.destinationPort : request ? otherPort : nearPort;
        if (onBridge) {
            p.ttl -= stop == (request ? Stop.BRIDGE : Stop.NODE_IN) || !request && stop == Stop.CLIENT ? 1 : 0;
            return;
        }
        int routed = request ? stop == Stop.NODE_OUT ? 1 : stop == Stop.BRIDGE ? 2 : 0
                : stop == Stop.NODE_OUT || local && stop == Stop.NODE_IN ? 1 : stop.translated() ? 0 : local ? 1 : 2;
        Stop from = begin == null ? request ? Stop.CLIENT : Stop.BRIDGE : begin;
        int before = from == Stop.NODE_IN && !request ? local ? 1 : 2 : from == Stop.NODE_OUT ? 1 : from == Stop.BRIDGE && request ? 2 : 0;
        p.ttl -= Math.max(0, routed - before);
    }
}
