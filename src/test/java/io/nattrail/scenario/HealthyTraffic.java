package io.nattrail.scenario;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Traffic of a service without any fault, drawn at random: addresses and ports, sizes, delays and jitter, what offload makes of segments,
 * the habits of clients, servers and their TCP, and what else passes the same captures. Its connections overlap in time.
 */
public final class HealthyTraffic {
    private static final String[] POINTS = {"client", "node1-eth0", "node2-cbr0"};

    private final Random random;
    private final Scenario scenario = Scenario.nodePort();
    private final Set<Integer> clientPorts = new HashSet<>();
    private final Set<Integer> masqueradePorts = new HashSet<>();
    private final List<String> omitted = new ArrayList<>();
    private final String client;
    private final String otherClient;
    private final String node;
    private final String thirdNode;
    private final String cluster;
    private final String[] pods;
    private final int nodePort;
    private final int podPort;
    private final int usualWire;
    private long end;
    private String lastClient;
    /** Whether the connection passes all captures. */
    private boolean whole;

    public HealthyTraffic(Random random) {
        this.random = random;
        client = "%d.%d.%d.%d".formatted(11 + random.nextInt(80), random.nextInt(256), random.nextInt(256), 1 + random.nextInt(250));
        otherClient = "192.168.%d.%d".formatted(random.nextInt(256), 1 + random.nextInt(250));
        int network = 200 + random.nextInt(20);
        node = "10.%d.0.%d".formatted(network, 4 + random.nextInt(200));
        thirdNode = "10.%d.1.%d".formatted(network, 4 + random.nextInt(200));
        nodePort = 30_000 + random.nextInt(2768);
        cluster = "10." + (100 + nodePort % 50);
        pods = new String[1 + random.nextInt(3)];
        for (int i = 0; i < pods.length; i++) {
            pods[i] = "%s.1.%d".formatted(cluster, 2 + i * 7);
        }
        podPort = 1024 + random.nextInt(20_000);
        usualWire = 20 + random.nextInt(20_000);
    }

    public Scenario scenario() {
        return scenario;
    }

    /** Clocks that are wrong by seconds or hours, and run a little fast or slow. */
    public HealthyTraffic wrongClocks() {
        for (String point : POINTS) {
            if (random.nextBoolean()) {
                int most = random.nextInt(4) == 0 ? 20_000_000 : 20_000;
                scenario.clock(point, random.nextInt(most) - most / 2);
            }
            if (random.nextInt(3) == 0) {
                scenario.drift(point, random.nextInt(60) - 30);
            }
        }
        return this;
    }

    /** More captures than the standard ones, fewer, or both. */
    public HealthyTraffic anyCaptures() {
        if (random.nextInt(4) == 0) {
            scenario.also("node2-eth0");
        }
        if (random.nextInt(3) == 0) {
            String point = POINTS[random.nextInt(POINTS.length)];
            omitted.add(point);
            scenario.without(point);
        }
        return this;
    }

    /** Captures that begin and end where they like, with the middle in common and something in it that passes all of them. */
    public HealthyTraffic capturedInPart() {
        long last = scenario.millis() + 500;
        long middle = last / 2;
        for (String point : POINTS) {
            long from = random.nextInt(3) == 0 ? -200 : (long) (random.nextDouble() * middle);
            long to = random.nextInt(3) == 0 ? last : middle + 500 + (long) (random.nextDouble() * (last - middle));
            scenario.capturing(point, from, to);
        }
        scenario.atMillis(middle + 100);
        witness();
        scenario.atMillis(last);
        return this;
    }

    /** A quick connection that passes all captures. */
    public HealthyTraffic witness() {
        scenario.wire(100);
        connect(client).pod(pods[0], podPort).open().ask(9).answer(9).close();
        return this;
    }

    /** One more connection of the client, from any moment on; what becomes of it is the caller's. */
    public Connection another() {
        end = Math.max(end, scenario.millis());
        scenario.atMillis((long) (random.nextDouble() * end)).wire(usualWire);
        Connection c = connect(client).pod(pods[random.nextInt(pods.length)], podPort);
        lastClient = c.client + ":" + c.clientPort;
        habits(c);
        return c;
    }

    /** The client's end of {@link #another}. */
    public String lastClient() {
        return lastClient;
    }

    /** The captures go on until all has been said. */
    public HealthyTraffic ended() {
        scenario.atMillis(Math.max(end, scenario.millis()));
        return this;
    }

    /** @param needless whether a segment may be sent again for nothing; where a capture is missing, that cannot be told from loss */
    public HealthyTraffic connections(int count, boolean needless) {
        for (int i = 0; i < count; i++) {
            long start = scenario.millis();
            connection(needless);
            end = Math.max(end, scenario.millis());
            scenario.atMillis(start + random.nextInt(random.nextInt(5) == 0 ? 3000 : 100));
        }
        scenario.atMillis(Math.max(end, scenario.millis()));
        return this;
    }

    private void connection(boolean needless) {
        scenario.wire(usualWire + random.nextInt(2000));
        whole = false;
        Connection c = anyWay();
        boolean repeats = needless && whole;
        if (random.nextInt(3) == 0) {
            c.jitter(random, 1 + random.nextInt(2000));
        }
        if (random.nextInt(5) == 0) {
            datagrams(c.udpPorts());
            return;
        }
        habits(c);
        conversation(c, repeats);
        if (random.nextInt(8) == 0) {
            // The client's port again, when its TIME_WAIT may be used (net.ipv4.tcp_tw_reuse: after a second).
            scenario.pause(1000 + random.nextInt(2000));
            conversation(c.again(), repeats);
        }
    }

    private void habits(Connection c) {
        if (random.nextInt(3) == 0) {
            c.modern();
        }
        if (random.nextInt(5) == 0) {
            c.plain();
        }
        if (random.nextInt(6) == 0) {
            c.unnumbered();
        }
        if (random.nextInt(3) == 0) {
            c.checksumsLeftToCards();
        }
    }

    private Connection connect(String from) {
        int port = draw(clientPorts, 32_768, 28_000);
        return scenario.connect().from(from, port).to(node, nodePort).masqueradedTo(node, draw(masqueradePorts, 1024, 64_000));
    }

    private int draw(Set<Integer> taken, int first, int count) {
        int drawn = first + random.nextInt(count);
        while (!taken.add(drawn)) {
            drawn = first + random.nextInt(count);
        }
        return drawn;
    }

    /** The client's connections, and what else passes the captures. */
    private Connection anyWay() {
        String pod = pods[random.nextInt(pods.length)];
        return switch (random.nextInt(14)) {
            case 0, 1 -> connect(client).pod("%s.0.%d".formatted(cluster, 2 + random.nextInt(3)), podPort).local();
            case 2 -> connect(otherClient).pod(pod, podPort).missedAt(Stop.CLIENT);
            // A pod of a node without capture.
            case 3 -> connect(client).pod("%s.2.%d".formatted(cluster, 2 + random.nextInt(3)), podPort).missedAt(Stop.BRIDGE);
            // Requests that came in by another node.
            case 4 -> connect(otherClient).to(thirdNode, nodePort).masqueradedTo(thirdNode, draw(masqueradePorts, 1024, 64_000))
                    .pod(pod, podPort).missedAt(Stop.CLIENT, Stop.NODE_IN, Stop.NODE_OUT);
            // The node's own calls.
            case 5 -> connect(node).to("10.250.0.1", 443).missedAt(Stop.CLIENT, Stop.NODE_OUT, Stop.BRIDGE);
            default -> {
                whole = !omitted.contains("client");
                yield connect(client).pod(pod, podPort);
            }
        };
    }

    private void datagrams(Connection c) {
        for (int n = random.nextInt(5); n >= 0; n--) {
            c.pause(random.nextInt(50));
            switch (random.nextInt(4)) {
                // Two questions before the answers.
                case 0 -> c.ask(1 + random.nextInt(1200)).ask(1 + random.nextInt(1200)).answer(1 + random.nextInt(1200))
                        .answer(1 + random.nextInt(1200));
                // An answer in several datagrams.
                case 1 -> c.ask(1 + random.nextInt(1200)).answer(1200).answer(1200).answer(1 + random.nextInt(1200));
                case 2 -> c.askInFragments(1500 + random.nextInt(4000)).answerInFragments(1500 + random.nextInt(4000));
                default -> c.ask(1 + random.nextInt(1200)).answer(1 + random.nextInt(1200));
            }
        }
    }

    private void conversation(Connection c, boolean needless) {
        c.open();
        if (random.nextInt(12) == 0) {
            // A probe wants to know whether somebody listens, and nothing else.
            if (random.nextBoolean()) {
                c.close();
            } else {
                c.reset(true);
            }
            return;
        }
        for (int n = random.nextInt(5); n >= 0; n--) {
            c.offloaded(random.nextBoolean() ? random : null);
            say(c, needless);
        }
        c.offloaded(null);
        if (random.nextInt(5) > 0) {
            goodbye(c, needless);
        }
    }

    private void say(Connection c, boolean needless) {
        int what = random.nextInt(13);
        switch (what == 4 && !needless ? 0 : what) {
            case 0, 1 -> c.ask(1 + random.nextInt(40_000)).answer(1 + random.nextInt(60_000));
            case 2 -> c.pause(random.nextInt(random.nextInt(4) == 0 ? 20_000 : 2500)).ask(1 + random.nextInt(500))
                    .pause(random.nextInt(1500)).answer(5000);
            // Keep-alives, with and without the byte that was there (RFC 9293, section 3.8.4).
            case 3 -> c.pause(2000).keepAlive(true).pause(2000).keepAlive(false);
            // A tail loss probe (RFC 8985) that was not needed, noticed by D-SACK or not.
            case 4 -> {
                c.acknowledging(false).answer(1 + random.nextInt(1400)).pause(10).repeat(false).acknowledging(true);
                if (random.nextBoolean()) {
                    c.duplicateNoticed(true);
                } else {
                    c.ack(true);
                }
            }
            // The sender is told to wait, asks, and goes on: less than a second in all.
            case 5 -> c.acknowledging(false).answer(900).send(true, (p, stop, r) -> p.window = 0).pause(200).keepAliveAlone(false)
                    .send(true, (p, stop, r) -> p.window = 0).pause(300).ack(true).acknowledging(true);
            // The same with a probe of one byte, which finds no room.
            case 6 -> c.send(false, (p, stop, r) -> p.window = 0).pause(250).send(true, (p, stop, r) -> p.payload = new byte[] {'x'})
                    .send(false, (p, stop, r) -> p.window = 0).pause(200).ack(false).ask("x".repeat(1 + random.nextInt(900))).answer(100);
            // Delayed acknowledgements.
            case 7 -> c.acknowledging(false).ask(300).pause(40).ack(false).answer(200).pause(40).ack(true).acknowledging(true);
            // The answer acknowledges the question.
            case 8 -> c.acknowledging(false).ask(1 + random.nextInt(1400)).answer(1 + random.nextInt(1400)).ack(true).acknowledging(true);
            case 9 -> c.cross(1 + random.nextInt(3000), 1 + random.nextInt(3000));
            // Several questions at once.
            case 10 -> c.acknowledging(false).ask(100 + random.nextInt(400)).ask(100 + random.nextInt(400)).acknowledging(true)
                    .answer(1 + random.nextInt(3000)).answer(1 + random.nextInt(3000));
            // The server speaks unasked, piece by piece.
            case 11 -> {
                for (int n = random.nextInt(4); n >= 0; n--) {
                    c.pause(random.nextInt(300)).answer(1 + random.nextInt(8000));
                }
            }
            default -> c.ask(1 + random.nextInt(1400)).answer(1 + random.nextInt(3000));
        }
    }

    private void goodbye(Connection c, boolean needless) {
        int how = random.nextInt(8);
        switch ((how == 3 || how == 4) && !needless ? 7 : how) {
            case 0 -> c.fin(false).ack(true).fin(true).ack(false);
            // Half closed: the client has nothing more to say, the pod has.
            case 1 -> c.fin(true).ack(false).pause(random.nextInt(300)).answer(2000).fin(false).ack(true);
            // Both at once.
            case 2 -> c.finUnacknowledged(true).finUnacknowledged(false).ack(true).ack(false);
            // A FIN is sent again though it had arrived.
            case 3 -> c.fin(true).fin(false).pause(210).finAgain(false).ack(true);
            case 4 -> c.fin(true).pause(210).finAgain(true).ack(false).fin(false).ack(true);
            case 5 -> c.ask(100).lastWords(false, 1 + random.nextInt(1400)).ack(true).fin(true).ack(false);
            // Half closed for some seconds.
            case 6 -> c.fin(false).ack(true).pause(random.nextInt(5000)).ask(1 + random.nextInt(1400)).fin(true).ack(false);
            default -> c.close();
        }
    }
}
