package io.nattrail.deviation;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.scenario.Connection;
import io.nattrail.scenario.HealthyTraffic;
import io.nattrail.scenario.Stop;
import java.util.Random;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** One fault somewhere in healthy traffic is found where it is, and nothing and nobody else is accused: what follows from it is folded. */
class OneFaultProperties {
    /** What happens to one connection, and what is to be said of it. */
    enum Fault {
        REQUEST_LOST_BEFORE_NODE1("request-lost-before-node1", "1.1", c -> threeSyns(c.reaching(Stop.CLIENT))),
        REQUEST_NOT_FORWARDED("request-not-forwarded", "1.3", c -> threeSyns(c.reaching(Stop.NODE_IN))),
        REQUEST_LOST_BETWEEN_NODES("request-lost-between-nodes", "1.4", c -> threeSyns(c.reaching(Stop.NODE_OUT))),
        NO_REPLY_FROM_POD("no-reply-from-pod", "1.6", c -> threeSyns(c)),
        CONNECTION_REFUSED("connection-refused", "1.6", c -> c.syn().refuse()),
        REPLY_LOST_BETWEEN_NODES("reply-lost-between-nodes", "1.6", c -> threeSynAcks(c, Stop.BRIDGE)),
        REPLY_NOT_FORWARDED("reply-not-forwarded", "2.0", c -> threeSynAcks(c, Stop.NODE_OUT)),
        REPLY_LOST_BEFORE_CLIENT("reply-lost-before-client", "2.0", c -> threeSynAcks(c, Stop.NODE_IN)),
        RESET_BY_POD("reset-by-pod", "1.6", c -> c.open().ask(200).answer(900).ask(300).pause(20).reset(false)),
        RESET_BY_CLIENT("reset-by-client", "1.1", c -> c.open().ask(200).answer(900).ask(300).pause(700).reset(true)),
        RESET_IN_BETWEEN("reset-midstream", "1.6", c -> c.open().ask(200).answer(900).acknowledging(false).ask(80)
                .beginningAt(Stop.NODE_OUT).changing((p, stop, request) -> p.ttl = 250).reset(false)),
        RESET_BY_NODE1("node-reset-on-invalid", "2.0", c -> c.open().ask(200).answer(900).acknowledging(false).ask(60)
                .reaching(Stop.NODE_OUT).answer(500).wholeWay().beginningAt(Stop.NODE_OUT)
                .changing((p, stop, request) -> p.ttl = stop == Stop.NODE_OUT ? 64 : p.ttl).reset(true)),
        REQUEST_SEGMENT_LOST_BEFORE_NODE1("loss", "1.1", c -> lostOnce(c, true, Stop.CLIENT)),
        REQUEST_SEGMENT_LOST_INSIDE_NODE1("loss-inside-node", "1.3", c -> lostOnce(c, true, Stop.NODE_IN)),
        REQUEST_SEGMENT_LOST_BETWEEN_NODES("loss", "1.4", c -> lostOnce(c, true, Stop.NODE_OUT)),
        REPLY_SEGMENT_LOST_BETWEEN_NODES("loss", "1.6", c -> lostOnce(c, false, Stop.BRIDGE)),
        REPLY_SEGMENT_LOST_INSIDE_NODE1("loss-inside-node", "2.0", c -> lostOnce(c, false, Stop.NODE_OUT)),
        REPLY_SEGMENT_LOST_BEFORE_CLIENT("loss", "2.0", c -> lostOnce(c, false, Stop.NODE_IN)),
        SYN_LOST_ONCE("syn-retransmitted", "1.1", c -> c.reaching(Stop.NODE_OUT).syn().wholeWay().pause(1000).synAgain().synAck().ack(true)
                .ask(200).answer(300).close()),
        DUPLICATED_BETWEEN_NODES("duplicate-packet", "1.4", c -> c.numbered().open().ask(200).answer(900).ask(400)
                .missedAt(Stop.CLIENT, Stop.NODE_IN, Stop.NODE_OUT).repeatUnchanged(true).missedAt().answer(100).close()),
        OVERTAKEN_BETWEEN_NODES("out-of-order", "1.4", c -> c.open().ask(200).answer(900).swapping(Stop.BRIDGE).ask(4000).swapping(null)
                .pause(5).answer(100).close()),
        ALTERED_BETWEEN_NODES("payload-altered", "1.4", c -> c.open().ask(200).answer(900).changing((p, stop, request) -> {
            if (stop == Stop.BRIDGE && request && p.payload.length > 9) {
                p.payload = p.payload.clone();
                p.payload[3] ^= 0x20;
            }
        }).ask(400).changing(null).answer(100).close()),
        POD_THAT_DOES_NOT_READ("zero-window", "1.6", c -> c.open().ask(200).answer(900)
                .send(false, (p, stop, r) -> p.window = 0).pause(1000).keepAliveAlone(true).send(false, (p, stop, r) -> p.window = 0)
                .pause(2000).keepAliveAlone(true).send(false, (p, stop, r) -> p.window = 0).pause(1500).ack(false).ask(100).answer(20)
                .close());

        private final String code;
        private final String step;
        private final Consumer<Connection> happening;

        Fault(String code, String step, Consumer<Connection> happening) {
            this.code = code;
            this.step = step;
            this.happening = happening;
        }

        private static void threeSyns(Connection c) {
            c.syn().pause(1000).synAgain().pause(2000).synAgain();
        }

        private static void threeSynAcks(Connection c, Stop reached) {
            c.syn().reaching(reached).synAck().pause(1000).synAckAgain().pause(2000).synAckAgain();
        }

        private static void lostOnce(Connection c, boolean request, Stop reached) {
            c.open().ask(200).answer(900).acknowledging(false).reaching(reached);
            if (request) {
                c.ask(500);
            } else {
                c.answer(500);
            }
            c.wholeWay().pause(250).repeat(request).ack(!request).acknowledging(true).ask(70).answer(80).close();
        }
    }

    @Property(tries = 250, shrinking = ShrinkingMode.OFF)
    void isFoundWhereItIsAndNothingElse(@ForAll Fault fault, @ForAll long seed, @ForAll @IntRange(min = 2, max = 10) int connections) {
        HealthyTraffic traffic = new HealthyTraffic(new Random(seed)).connections(connections, true).witness();
        Connection faulty = traffic.another();
        fault.happening.accept(faulty);
        traffic.ended().wrongClocks().scenario().analyze().satisfies(result -> assertThat(Accusations.of(result)).singleElement().asString()
                .startsWith(traffic.lastClient()).contains(": " + fault.code + " at " + fault.step + ":"));
    }
}
