package io.nattrail.bench;

import io.nattrail.packets.ServicePath;
import io.nattrail.packets.Tape;
import java.util.List;

/** Healthy connections one after the other, as client, node1-eth0 and node2-cbr0 record them: what the benchmarks work on. */
final class Traffic {
    /** Questions in a connection. */
    private static final int QUESTIONS = 6;
    private static final String PAYLOAD = "0123456789abcdef".repeat(64);
    private static final int PORTS = 25_000;

    private Traffic() {
    }

    /** One tape for each of the three points. */
    static List<Tape> of(int connections) {
        ServicePath path = ServicePath.withClocksAhead(0, 3_000_000, -7_000_000);
        for (int i = 0; i < connections; i++) {
            ServicePath.Connection connection = path.connect("10.241." + i / PORTS + ".4:" + (30_000 + i % PORTS), "10.240.0.4:32000",
                    "10.240.0.4:" + (30_000 + i % PORTS), "10.244.1.2:8443").handshake();
            for (int k = 0; k < QUESTIONS; k++) {
                connection.ask("question " + k).answer(PAYLOAD);
            }
            connection.close();
        }
        return path.tapes();
    }

    /** Packets of all points. */
    static int packets(List<Tape> tapes) {
        return tapes.stream().mapToInt(tape -> tape.frames().size()).sum();
    }
}
