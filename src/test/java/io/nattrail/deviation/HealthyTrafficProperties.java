package io.nattrail.deviation;

import static io.nattrail.deviation.Severity.INFO;

import io.nattrail.scenario.Connection;
import io.nattrail.scenario.Scenario;
import io.nattrail.scenario.Stop;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Healthy traffic of any shape raises no warning: addresses, ports, sizes, offload, jitter, clocks, habits of clients and servers are drawn at
 * random, and the captures begin and end where they like.
 */
class HealthyTrafficProperties {
    private static final String[] POINTS = {"client", "node1-eth0", "node2-cbr0"};

    @Property(tries = 150, seed = "20261125")
    void raisesNoWarning(@ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int connections) {
        Random random = new Random(seed);
        Scenario s = Scenario.nodePort();
        Network network = new Network(random);
        traffic(s, network, random, connections, true);
        clocks(s, random);
        s.analyze().hasNoDeviationsWorseThan(INFO);
    }

    /** The same cases in every run; take the seed away to hunt for more. */
    @Property(tries = 250, seed = "20261125")
    void raisesNoWarningHoweverTheCapturesBeginAndEnd(@ForAll long seed, @ForAll @IntRange(min = 2, max = 12) int connections) {
        Random random = new Random(seed);
        Scenario s = Scenario.nodePort();
        Network network = new Network(random);
        traffic(s, network, random, connections, false);
        long end = s.millis() + 500;
        long middle = end / 2;
        for (String point : POINTS) {
            long from = random.nextInt(3) == 0 ? -200 : (long) (random.nextDouble() * middle);
            long to = random.nextInt(3) == 0 ? end : middle + 500 + (long) (random.nextDouble() * (end - middle));
            s.capturing(point, from, to);
        }
        // They have the middle in common, and something that passes all of them there.
        s.wire(100).atMillis(middle + 100);
        s.connect().from(network.client, 32_700).to(network.node, network.nodePort).pod(network.pods[0], network.podPort).open().ask(9)
                .answer(9).close();
        s.atMillis(end);
        clocks(s, random);
        s.analyze().hasNoDeviationsWorseThan(INFO);
    }

    private static void clocks(Scenario s, Random random) {
        for (String point : POINTS) {
            if (random.nextBoolean()) {
                s.clock(point, random.nextInt(20_000) - 10_000);
            }
        }
    }

    /** Addresses of one case. */
    private static final class Network {
        private final String client;
        private final String node;
        private final int nodePort;
        private final String[] pods;
        private final int podPort;

        Network(Random random) {
            client = "%d.%d.%d.%d".formatted(11 + random.nextInt(80), random.nextInt(256), random.nextInt(256), 1 + random.nextInt(250));
            node = "10.%d.0.%d".formatted(200 + random.nextInt(20), 4 + random.nextInt(200));
            nodePort = 30_000 + random.nextInt(2768);
            int pods = 1 + random.nextInt(3);
            this.pods = new String[pods];
            for (int i = 0; i < pods; i++) {
                this.pods[i] = "10.%d.1.%d".formatted(100 + nodePort % 50, 2 + i * 7);
            }
            podPort = 1024 + random.nextInt(20_000);
        }
    }

    private static void traffic(Scenario s, Network network, Random random, int connections, boolean probes) {
        List<Connection> still = new ArrayList<>();
        int usual = 20 + random.nextInt(20_000);
        for (int i = 0; i < connections; i++) {
            s.wire(usual + random.nextInt(2000));
            s.pause(random.nextInt(random.nextInt(5) == 0 ? 3000 : 100));
            Connection c = s.connect().from(network.client, 32_768 + random.nextInt(28_000)).to(network.node, network.nodePort)
                    .pod(network.pods[random.nextInt(network.pods.length)], network.podPort)
                    .masqueradedTo(network.node, 1024 + random.nextInt(64_000));
            if (random.nextInt(6) == 0) {
                c.local();
            }
            if (random.nextInt(5) == 0) {
                c.udpPorts();
                for (int n = random.nextInt(5); n >= 0; n--) {
                    c.ask(1 + random.nextInt(1200)).answer(1 + random.nextInt(1200));
                }
                continue;
            }
            converse(c.open(), random, probes);
            if (random.nextInt(4) == 0) {
                still.add(c);
            } else {
                goodbye(c, random);
            }
        }
        for (Connection c : still) {
            s.pause(random.nextInt(400));
            converse(c, random, probes);
            if (random.nextBoolean()) {
                goodbye(c, random);
            }
        }
    }

    /** @param probes whether a segment may be sent again for nothing; where a capture is missing, that cannot be told from loss */
    private static void converse(Connection c, Random random, boolean probes) {
        for (int n = random.nextInt(4); n >= 0; n--) {
            Stop[] stops = Stop.values();
            if (random.nextBoolean()) {
                c.mergedAt(stops[random.nextInt(4)], stops[random.nextInt(4)]);
            }
            int what = random.nextInt(8);
            switch (what == 4 && !probes ? 0 : what) {
                case 0 -> c.ask(1 + random.nextInt(40_000)).answer(1 + random.nextInt(60_000));
                case 1 -> c.pause(random.nextInt(2500)).ask(1 + random.nextInt(500)).pause(random.nextInt(1500)).answer(5000);
                case 2 -> c.pause(2000).keepAlive(true).pause(2000).keepAlive(false);
                // The sender is told to wait, asks, and goes on: less than a second in all.
                case 3 -> c.acknowledging(false).answer(900).send(true, (p, stop, r) -> p.window = 0).pause(200).keepAliveAlone(false)
                        .send(true, (p, stop, r) -> p.window = 0).pause(300).ack(true).acknowledging(true);
                // A tail loss probe (RFC 8985) that was not needed.
                case 4 -> c.mergedAt().acknowledging(false).answer(700).pause(10).repeat(false).ack(true).acknowledging(true);
                // A delayed acknowledgement.
                case 5 -> c.acknowledging(false).ask(300).pause(40).ack(false).answer(200).pause(40).ack(true).acknowledging(true);
                default -> c.ask(1 + random.nextInt(1400)).answer(1 + random.nextInt(3000));
            }
            c.mergedAt();
        }
    }

    private static void goodbye(Connection c, Random random) {
        switch (random.nextInt(5)) {
            case 0 -> c.fin(false).ack(true).fin(true).ack(false);
            // Half closed: the client has nothing more to say, the pod has.
            case 1 -> c.fin(true).ack(false).pause(random.nextInt(300)).answer(2000).fin(false).ack(true);
            // Both at once.
            case 2 -> c.finUnacknowledged(true).finUnacknowledged(false).ack(true).ack(false);
            // The pod's FIN is sent again though it had arrived.
            case 3 -> c.fin(true).fin(false).pause(210).finAgain(false).ack(true);
            default -> c.close();
        }
    }
}
