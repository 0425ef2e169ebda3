package io.nattrail.packets;

import java.util.List;

/**
 * Connections from a client through a node port on Node-1 to a pod on Node-2, packet by packet as the three standard points record them:
 * one router's TTL for each node, each point on its own clock. What a packet does not reach does not show it.
 */
public final class ServicePath {
    /** How far a packet comes: the places of a request in order; an answer passes them the other way. */
    public enum Place {
        CLIENT, NODE1_BEFORE_NAT, NODE1_AFTER_NAT, NODE2
    }

    private static final long HOP_NANOS = 100_000;
    private static final long KERNEL_NANOS = 20_000;

    private final Tape client = new Tape();
    private final Tape node1 = new Tape();
    private final Tape node2 = new Tape();
    private final long[] ahead;
    private long now;

    private ServicePath(long[] ahead) {
        this.ahead = ahead;
    }

    public static ServicePath create() {
        return new ServicePath(new long[3]);
    }

    /** How far the clocks of client, node1-eth0 and node2-cbr0 are ahead, nanoseconds. */
    public static ServicePath withClocksAhead(long ofClient, long ofNode1, long ofNode2) {
        return new ServicePath(new long[] {ofClient, ofNode1, ofNode2});
    }

    /** Client, node1-eth0, node2-cbr0. */
    public List<Tape> tapes() {
        return List.of(client.sorted(), node1.sorted(), node2.sorted());
    }

    /** Lets time pass. */
    public ServicePath pause(long nanos) {
        now += nanos;
        return this;
    }

    /** A new TCP connection. */
    public Connection connect(String from, String service, String masquerade, String pod) {
        return new Connection(from, service, masquerade, pod);
    }

    /** One that uses the addresses of the specification's example; different ports for different numbers. */
    public Connection connect(int number) {
        return connect("10.241.0.4:" + (38_000 + number), "10.240.0.4:32000", "10.240.0.4:" + (52_000 + number), "10.244.1.2:8443");
    }

    private void record(Tape tape, int point, long delay, TestPacket packet) {
        tape.at(now + delay + ahead[point], packet);
    }

    /** One TCP connection, which numbers its own bytes. */
    public final class Connection {
        private final String from;
        private final String service;
        private final String masquerade;
        private final String pod;
        private int clientSeq;
        private int podSeq;
        private int clientId = 100;
        private int podId = 7000;

        private Connection(String from, String service, String masquerade, String pod) {
            this.from = from;
            this.service = service;
            this.masquerade = masquerade;
            this.pod = pod;
            clientSeq = (from + service).hashCode();
            podSeq = (pod + masquerade).hashCode();
        }

        public Connection handshake() {
            request(syn(), Place.NODE2);
            clientSeq++;
            reply(synAck(), Place.CLIENT);
            podSeq++;
            return request(plain("A"), Place.NODE2);
        }

        /** Data from the client, acknowledged by the answer that follows. */
        public Connection ask(String text) {
            request(plain("PA").payload(text), Place.NODE2);
            clientSeq += text.length();
            return this;
        }

        public Connection answer(String text) {
            reply(back("PA").payload(text), Place.CLIENT);
            podSeq += text.length();
            return this;
        }

        /** FIN of the client, FIN of the pod, and the last ACK. */
        public Connection close() {
            request(plain("FA"), Place.NODE2);
            clientSeq++;
            reply(back("FA"), Place.CLIENT);
            podSeq++;
            return request(plain("A"), Place.NODE2);
        }

        public TestPacket syn() {
            return TestPacket.tcp(from, service, "S").seq(clientSeq).mss(1460).timestamps(1000, 0);
        }

        public TestPacket synAck() {
            return TestPacket.tcp(pod, masquerade, "SA").seq(podSeq).ack(clientSeq).mss(1460).timestamps(5000, 1000);
        }

        /** A packet of the client with the numbers that are due. */
        public TestPacket plain(String flags) {
            return TestPacket.tcp(from, service, flags).seq(clientSeq).ack(podSeq).timestamps(1000 + (int) (now / 1_000_000), 5000);
        }

        /** A packet of the pod. */
        public TestPacket back(String flags) {
            return TestPacket.tcp(pod, masquerade, flags).seq(podSeq).ack(clientSeq).timestamps(5000 + (int) (now / 1_000_000), 1000);
        }

        /** Counts bytes as sent that {@link #request} sent by hand. */
        public Connection sent(int bytes) {
            clientSeq += bytes;
            return this;
        }

        /** Sends a packet of the client's as far as it comes. */
        public Connection request(TestPacket packet, Place lastSeen) {
            TestPacket original = packet.id(clientId++);
            TestPacket translated = original.translated(masquerade, pod);
            record(client, 0, 0, original);
            if (lastSeen.compareTo(Place.NODE1_BEFORE_NAT) >= 0) {
                record(node1, 1, HOP_NANOS, original);
            }
            if (lastSeen.compareTo(Place.NODE1_AFTER_NAT) >= 0) {
                record(node1, 1, HOP_NANOS + KERNEL_NANOS, translated);
            }
            if (lastSeen == Place.NODE2) {
                record(node2, 2, 2 * HOP_NANOS + KERNEL_NANOS, translated.ttl(translated.ttl() - 1));
            }
            now += 1_000_000;
            return this;
        }

        /** Sends a packet of the pod's as far as it comes. */
        public Connection reply(TestPacket packet, Place lastSeen) {
            TestPacket fresh = packet.id(podId++);
            TestPacket routed = fresh.ttl(fresh.ttl() - 1);
            TestPacket reversed = routed.translated(service, from);
            record(node2, 2, 0, fresh);
            if (lastSeen.compareTo(Place.NODE1_AFTER_NAT) <= 0) {
                record(node1, 1, HOP_NANOS, routed);
            }
            if (lastSeen.compareTo(Place.NODE1_BEFORE_NAT) <= 0) {
                record(node1, 1, HOP_NANOS + KERNEL_NANOS, reversed);
            }
            if (lastSeen == Place.CLIENT) {
                record(client, 0, 2 * HOP_NANOS + KERNEL_NANOS, reversed);
            }
            now += 1_000_000;
            return this;
        }
    }
}
