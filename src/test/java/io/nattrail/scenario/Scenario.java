package io.nattrail.scenario;

import io.nattrail.assertj.CaseAssert;
import io.nattrail.assertj.NatTrailAssertions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A case built packet by packet: what client, Node-1's eth0 and Node-2's cbr0 capture of connections through a node port, as real frames in
 * real files. Time stands still until something is sent or {@link #pause} is called.
 *
 * <pre>{@code
 * Scenario s = Scenario.nodePort();
 * s.connect().open().ask(100).answer(400).close();
 * s.analyze().onlyFlow().isOk();
 * }</pre>
 */
public final class Scenario {
    static final long MICRO = 1_000L;
    static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final long BEGIN = 1_795_000_000L * SECOND;

    final Map<String, List<Frame>> frames = new LinkedHashMap<>();
    private final Map<String, long[]> windows = new LinkedHashMap<>();
    private final Map<String, Long> clocks = new LinkedHashMap<>();
    private final Map<String, Integer> cuts = new LinkedHashMap<>();
    private final List<String> omitted = new ArrayList<>();
    private final Set<Stop> hidingRequests = EnumSet.noneOf(Stop.class);
    private final Set<Stop> hidingReplies = EnumSet.noneOf(Stop.class);
    private long tail = 3 * SECOND;
    private String cluster;
    long now = BEGIN;
    long wire = 150 * MICRO;
    int nextPort = 40_000;
    int nextMasquerade = 51_000;
    int identification = 100;

    record Frame(long time, byte[] bytes) {
    }

    private Scenario() {
        for (Stop stop : Stop.values()) {
            frames.putIfAbsent(stop.point, new ArrayList<>());
        }
    }

    /** A client at 10.241.0.4 calls 10.240.0.4:32000; the pod is 10.244.1.2:8443 on Node-2. */
    public static Scenario nodePort() {
        return new Scenario();
    }

    /** A new connection of the client, on a port of its own. */
    public Connection connect() {
        return new Connection(this, nextPort++, nextMasquerade += 37);
    }

    public Scenario pause(long millis) {
        now += millis * MILLI;
        return this;
    }

    /** How long the wire between two machines takes. */
    public Scenario wire(long micros) {
        wire = micros * MICRO;
        return this;
    }

    /** A capture's first and last moment, in milliseconds from the beginning. */
    public Scenario capturing(String point, long fromMillis, long toMillis) {
        windows.put(point, new long[] {BEGIN + fromMillis * MILLI, BEGIN + toMillis * MILLI});
        return this;
    }

    /** How far a point's clock is ahead. */
    public Scenario clock(String point, long millis) {
        clocks.put(point, millis * MILLI);
        return this;
    }

    /** A capture that was not taken. */
    public Scenario without(String point) {
        omitted.add(point);
        return this;
    }

    /** A capture that shows nothing of one direction, as tcpdump -Q takes it. */
    public Scenario hiding(boolean requests, Stop... stops) {
        (requests ? hidingRequests : hidingReplies).addAll(Arrays.asList(stops));
        return this;
    }

    boolean hides(Stop stop, boolean request) {
        return (request ? hidingRequests : hidingReplies).contains(stop);
    }

    /** How long all captures go on after the last packet, milliseconds. */
    public Scenario tail(long millis) {
        tail = millis * MILLI;
        return this;
    }

    /** A point whose filter lets nothing through but connections, no ARP. */
    public Scenario withoutNeighbours(String point) {
        silentNeighbours.add(point);
        return this;
    }

    /** Only so many bytes of a point's file are left. */
    public Scenario cutting(String point, int bytesFromTheEnd) {
        cuts.put(point, bytesFromTheEnd);
        return this;
    }

    /** What kubectl tells. */
    public Scenario cluster(ClusterText text) {
        cluster = text.json();
        return this;
    }

    /** Milliseconds since the beginning. */
    public long millis() {
        return (now - BEGIN) / MILLI;
    }

    /** Back, or forward, to a moment. */
    public Scenario atMillis(long millis) {
        now = BEGIN + millis * MILLI;
        return this;
    }

    /** Every frame of a point is handed over twice, as two devices of one card do. */
    public Scenario twice(String point) {
        return twice(point, 4);
    }

    /** The same, so many microseconds later, as a mirror's queue may do. */
    public Scenario twice(String point, long micros) {
        doubled.put(point, micros * MICRO);
        return this;
    }

    /** Sets a point's clock ahead now, once in a scenario; back if negative. */
    public Scenario clockNow(String point, long millis) {
        steps.put(point, new long[] {now, millis * MILLI});
        return this;
    }

    public Scenario snapLength(String point, int bytes) {
        snapLengths.put(point, bytes);
        return this;
    }

    /** What a tool does to a capture that exists already; the file says nothing of it. */
    public Scenario shortened(String point, int bytes) {
        shortened.add(point);
        return snapLength(point, bytes);
    }

    private final List<String> shortened = new ArrayList<>();
    private final List<String> silentNeighbours = new ArrayList<>();
    private final Map<String, Long> doubled = new LinkedHashMap<>();
    private final Map<String, long[]> steps = new LinkedHashMap<>();
    private final Map<String, Integer> snapLengths = new LinkedHashMap<>();

    /** From now on a point's filter shows SYN, FIN and RST alone, as {@code tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0} does. */
    public Scenario onlyFlagged(String point) {
        flagged.add(point);
        return this;
    }

    private final List<String> flagged = new ArrayList<>();

    /** From now on a point's payloads are blanked in its file, and their checksums made anew but for an error. */
    public Scenario blanked(String point, int checksumError) {
        blanked.put(point, checksumError);
        return this;
    }

    private final Map<String, Integer> blanked = new LinkedHashMap<>();
    private final Set<String> readdressed = new HashSet<>();

    /** From now on other addresses stand for a point's in its file, each for one, with checksums that fit. */
    public Scenario readdressed(String point) {
        readdressed.add(point);
        return this;
    }

    private static Packet readdress(Packet packet) {
        Packet other = packet.clone();
        other.source = packet.source.replaceFirst("[0-9]+", "77");
        other.destination = packet.destination.replaceFirst("[0-9]+", "77");
        return other;
    }

    /** Writes a packet into one point's file at a moment. */
    void show(String point, long time, Packet packet) {
        if (flagged.contains(point) && !packet.has(Packet.SYN) && !packet.has(Packet.FIN) && !packet.has(Packet.RST)) {
            return;
        }
        Packet shown = readdressed.contains(point) ? readdress(packet) : packet;
        byte[] ip = (blanked.containsKey(point) && packet.payload.length > 0 ? blank(shown, blanked.get(point)) : shown).ip();
        ByteBuffer frame = ByteBuffer.allocate(14 + ip.length);
        frame.put(new byte[] {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}).putShort((short) 0x0800).put(ip);
        frames.computeIfAbsent(point, p -> new ArrayList<>()).add(new Frame(time, frame.array()));
        if (doubled.containsKey(point)) {
            frames.get(point).add(new Frame(time + doubled.get(point), frame.array()));
        }
    }

    private static Packet blank(Packet packet, int checksumError) {
        Packet blank = packet.clone();
        blank.payload = new byte[packet.payload.length];
        Arrays.fill(blank.payload, (byte) 'X');
        blank.checksumError = checksumError;
        return blank;
    }

    /** A host asks for its router's address (ARP), which a point shows; the answer it does not show. */
    public Scenario asksForRouter(String point, String host) {
        return neighbour(point, 1, host, "10.241.0.1");
    }

    /** A host answers who asked for its address (ARP), which a point shows. */
    public Scenario answersNeighbour(String point, String host, String asker) {
        return neighbour(point, 2, host, asker);
    }

    /** The question for a host's address, which a point shows. */
    public Scenario asksNeighbour(String point, String asker, String host) {
        return neighbour(point, 1, asker, host);
    }

    private Scenario neighbour(String point, int operation, String sender, String target) {
        ByteBuffer arp = ByteBuffer.wrap(ARP.clone());
        arp.putShort(14 + 6, (short) operation);
        arp.position(14 + 14);
        for (String part : sender.split("\\.")) {
            arp.put((byte) Integer.parseInt(part));
        }
        arp.position(14 + 24);
        for (String part : target.split("\\.")) {
            arp.put((byte) Integer.parseInt(part));
        }
        frames.get(point).add(new Frame(now, arp.array()));
        return this;
    }

    /** One more capture than the standard ones: the endpoint's {@code node2-eth0}, or {@code pod}. */
    public Scenario also(String point) {
        frames.putIfAbsent(point, new ArrayList<>());
        return this;
    }

    void showIfCaptured(String point, long time, Packet packet) {
        if (frames.containsKey(point) && !point.equals(Stop.NODE_IN.point)) {
            show(point, time, packet);
        }
    }

    /** What a point showed until now with a port passed another interface of its node. */
    public Scenario passedBy(String other, String point, int port) {
        List<Frame> here = frames.get(point);
        List<Frame> there = here.stream().filter(f -> hasPort(f.bytes, port)).toList();
        frames.computeIfAbsent(other, p -> new ArrayList<>()).addAll(there);
        here.removeAll(there);
        return this;
    }

    private static boolean hasPort(byte[] frame, int port) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        return (bytes.getShort(34) & 0xffff) == port || (bytes.getShort(36) & 0xffff) == port;
    }

    /** By how many millionths a point's clock runs fast. */
    public Scenario drift(String point, int partsPerMillion) {
        drifts.put(point, partsPerMillion);
        return this;
    }

    private final Map<String, Integer> drifts = new LinkedHashMap<>();

    /** A packet at a point now, whoever sent it. */
    public Scenario seen(Stop stop, Packet packet) {
        show(stop.point, now, packet);
        return this;
    }

    /** The last two frames of a point change places in the file; their times stay. */
    public Scenario lastTwoWrittenLate(String point) {
        List<Frame> list = frames.get(point);
        list.sort(Comparator.comparingLong(Frame::time));
        swapped.put(point, list.size() - 1);
        return this;
    }

    private final Map<String, Integer> swapped = new LinkedHashMap<>();

    /** A point's file is a pcapng that says how many packets its capture lost. */
    public Scenario dropping(String point, int packets) {
        drops.put(point, packets);
        return this;
    }

    private final Map<String, Integer> drops = new LinkedHashMap<>();

    /** The times of a point's frames are off by up to so many microseconds, while their order in the file is right: several queues. */
    public Scenario timesOff(String point, Random by, int micros) {
        inexact.put(point, by);
        inexactBy = micros;
        return this;
    }

    private final Map<String, Random> inexact = new LinkedHashMap<>();
    private int inexactBy;

    /** A line of {@code conntrack -L} on a node. */
    public Scenario conntrack(String node, String line) {
        connections.merge(node, line + "\n", String::concat);
        return this;
    }

    private final Map<String, String> connections = new LinkedHashMap<>();

    /** The rules of a node, as iptables-save or nft print them. */
    public Scenario rules(String node, String text) {
        rules.put(node, text);
        return this;
    }

    private final Map<String, String> rules = new LinkedHashMap<>();

    /** Runs the analysis over the files. */
    public CaseAssert analyze() {
        Path folder = write();
        try {
            return NatTrailAssertions.assertThatCapture(folder);
        } finally {
            delete(folder);
        }
    }

    /** The files of the case. */
    public Path write() {
        try {
            Path folder = Files.createTempDirectory("scenario");
            long last = now + tail;
            for (Map.Entry<String, List<Frame>> point : frames.entrySet()) {
                if (!omitted.contains(point.getKey())) {
                    Integer lost = drops.get(point.getKey());
                    byte[] file = file(point.getKey(), point.getValue(), last);
                    Files.write(folder.resolve(point.getKey() + (lost == null ? ".pcap" : ".pcapng")), lost == null ? file
                            : pcapng(file, lost));
                }
            }
            if (cluster != null) {
                Files.writeString(folder.resolve("kubectl-get.json"), cluster, StandardCharsets.UTF_8);
            }
            for (Map.Entry<String, String> listed : connections.entrySet()) {
                Files.writeString(folder.resolve(listed.getKey() + ".conntrack"), listed.getValue(), StandardCharsets.UTF_8);
            }
            for (Map.Entry<String, String> told : rules.entrySet()) {
                Files.writeString(folder.resolve(told.getKey() + ".rules"), told.getValue(), StandardCharsets.UTF_8);
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] file(String point, List<Frame> shown, long last) throws IOException {
        long[] window = windows.getOrDefault(point, new long[] {BEGIN - 200 * MILLI, last});
        List<Frame> list = new ArrayList<>();
        // Neighbours ask each other now and then: that is how long a capture ran.
        for (long time = window[0]; time <= window[1] && !silentNeighbours.contains(point); time += 250 * MILLI) {
            list.add(new Frame(time, ARP));
        }
        if (!silentNeighbours.contains(point)) {
            list.add(new Frame(window[1], ARP));
        }
        for (Frame frame : shown) {
            if (frame.time >= window[0] && frame.time <= window[1]) {
                list.add(frame);
            }
        }
        list.sort(Comparator.comparingLong(Frame::time));
        if (swapped.containsKey(point)) {
            Frame late = shown.get(swapped.get(point));
            int at = list.indexOf(late);
            list.remove(at);
            list.add(Math.max(0, at - 1), late);
        }
        int snap = snapLengths.getOrDefault(point, 262_144);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putInt(0xa1b23c4d).putShort((short) 2).putShort((short) 4)
                .putInt(0).putInt(0).putInt(shortened.contains(point) ? 262_144 : snap).putInt(1).array());
        long ahead = clocks.getOrDefault(point, 0L);
        long[] step = steps.getOrDefault(point, new long[] {Long.MAX_VALUE, 0});
        for (Frame frame : list) {
            long time = frame.time + ahead + (frame.time >= step[0] ? step[1] : 0)
                    + (frame.time - BEGIN) / 1_000_000 * drifts.getOrDefault(point, 0);
            time += inexact.containsKey(point) ? (inexact.get(point).nextInt(2 * inexactBy) - inexactBy) * MICRO : 0;
            out.write(ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt((int) (time / SECOND)).putInt((int) (time % SECOND))
                    .putInt(Math.min(snap, frame.bytes.length)).putInt(frame.bytes.length).array());
            out.write(frame.bytes, 0, Math.min(snap, frame.bytes.length));
        }
        byte[] all = out.toByteArray();
        return java.util.Arrays.copyOf(all, all.length - cuts.getOrDefault(point, 0));
    }

    /** The same as a pcapng of nanoseconds, with an interface statistics block at its end. */
    private static byte[] pcapng(byte[] pcap, int lost) {
        ByteBuffer in = ByteBuffer.wrap(pcap).order(ByteOrder.LITTLE_ENDIAN).position(24);
        ByteBuffer out = ByteBuffer.allocate(2 * pcap.length + 200).order(ByteOrder.LITTLE_ENDIAN);
        block(out, 0x0a0d0d0a, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(0x1a2b3c4d).putInt(1).putLong(-1));
        // Option 9, if_tsresol: 10 to the power of -9.
        block(out, 1, ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putShort((short) 1).putShort((short) 0).putInt(262_144)
                .putShort((short) 9).putShort((short) 1).put((byte) 9).put(new byte[3]).putInt(0));
        long time = 0;
        while (in.remaining() >= 16) {
            time = in.getInt() * SECOND + in.getInt();
            byte[] bytes = new byte[in.getInt()];
            int length = in.getInt();
            in.get(bytes);
            block(out, 6, ByteBuffer.allocate(20 + (bytes.length + 3) / 4 * 4).order(ByteOrder.LITTLE_ENDIAN).putInt(0)
                    .putInt((int) (time >>> 32)).putInt((int) time).putInt(bytes.length).putInt(length).put(bytes));
        }
        // Option 5, isb_ifdrop.
        block(out, 5, ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN).putInt(0).putInt((int) (time >>> 32)).putInt((int) time)
                .putShort((short) 5).putShort((short) 8).putLong(lost).putInt(0));
        return java.util.Arrays.copyOf(out.array(), out.position());
    }

    private static void block(ByteBuffer out, int type, ByteBuffer body) {
        int length = body.capacity() + 12;
        out.putInt(type).putInt(length).put(body.array()).putInt(length);
    }

    private static final byte[] ARP = arp();

    private static byte[] arp() {
        ByteBuffer arp = ByteBuffer.allocate(42);
        arp.put(new byte[] {-1, -1, -1, -1, -1, -1, 2, 0, 0, 0, 0, 1}).putShort((short) 0x0806);
        arp.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4).putShort((short) 1);
        return arp.array();
    }
}
