package io.nattrail.deviation;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.FrameRef;
import io.nattrail.scenario.ClusterText;
import io.nattrail.scenario.Connection;
import io.nattrail.scenario.Scenario;
import io.nattrail.scenario.Stop;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A proof shows what its sentence counts, in the order in which it happened. */
class ProofTest {
    private final Scenario s = Scenario.nodePort();

    @Test
    void eachPacketThatLeftNode1InVainIsShown() {
        s.connect().reaching(Stop.NODE_OUT).syn().pause(1000).synAgain().pause(2000).synAgain();
        Deviation lost = deviation("request-lost-between-nodes");
        assertThat(lost.message()).contains("left node-1 3 times");
        assertThat(lost.evidence()).hasSize(3).allMatch(frame -> frame.point().equals("node1-eth0"));
    }

    @Test
    void eachAnswerThatNeverCameToTheClientIsShown() {
        s.connect().open().ask(100).answer(300).close();
        s.pause(50).connect().syn().reaching(Stop.NODE_IN).synAck().pause(1000).synAckAgain().pause(2000).synAckAgain();
        Deviation lost = deviation("reply-lost-before-client");
        assertThat(lost.message()).contains("left node-1 3 times");
        assertThat(lost.evidence()).hasSize(3).allMatch(frame -> frame.point().equals("node1-eth0"));
    }

    @Test
    void ofManyTheFirstAndTheLastAreShown() {
        Connection c = s.connect().reaching(Stop.NODE_OUT).syn();
        for (int i = 0; i < 12; i++) {
            c.pause(1000).synAgain();
        }
        Deviation lost = deviation("request-lost-between-nodes");
        assertThat(lost.message()).contains("left node-1 13 times");
        assertThat(lost.evidence()).hasSize(8);
        assertThat(lost.evidence().get(7).timeNanos() - lost.evidence().get(0).timeNanos()).isGreaterThan(11_900_000_000L);
    }

    /** As a capture on all interfaces shows them. */
    @Test
    void copiesOfAPacketAreNotCounted() {
        s.twice("node2-cbr0").connect().wholeWay().syn().pause(1000).synAgain().pause(2000).synAgain();
        Deviation silent = deviation("no-reply-from-pod");
        assertThat(silent.message()).contains("got the request 3 times");
        assertThat(silent.evidence()).hasSize(3);
    }

    @Test
    void oneAnswerThatIsLostIsOne() {
        s.connect().open().ask(100).answer(300).close();
        s.pause(50).twice("node2-cbr0").connect().udp().ask(60).reaching(Stop.BRIDGE).answer(90);
        s.pause(2000).connect().open().ask(100).answer(300).close();
        assertThat(deviation("reply-lost-between-nodes").message()).contains(" answered once, and the answer never reached node1-eth0");
    }

    @Test
    void copiesOfASegmentThatCameUntranslatedAreNotCounted() {
        s.twice("client");
        Connection c = s.connect().open().ask(100);
        c.changing((p, stop, request) -> {
            if (stop.compareTo(Stop.NODE_IN) <= 0 && !request) {
                p.source = "10.244.1.2";
                p.sourcePort = 8443;
            }
        }).answer(300);
        assertThat(deviation("reply-leaks-untranslated").message()).startsWith("a segment of the answer came to client");
    }

    @Test
    void aSlowHopIsProvenByBothOfItsEnds() {
        for (int i = 0; i < 8; i++) {
            s.connect().open().ask(100).answer(300).close();
        }
        s.connect().delayedInside(60).open().ask(100).answer(300).close();
        Deviation slow = deviation("latency-high");
        assertThat(slow.evidence()).hasSize(2);
        assertThat(slow.evidence().get(1).timeNanos() - slow.evidence().get(0).timeNanos()).isGreaterThanOrEqualTo(60_000_000L);
    }

    @Test
    void aStaleEndpointIsProvenByTheTranslatedRequestAndByWhoAnsweredInItsPlace() {
        Connection c = s.connect().pod("10.244.1.9", 8443).reaching(Stop.NODE_OUT);
        c.syn().pause(1000).synAgain().pause(2000).synAgain().pause(100).icmp(3, 1, 0, "10.240.0.5", Stop.NODE_OUT);
        s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true));
        Deviation stale = deviation("stale-endpoint");
        assertThat(stale.message()).endsWith("; 10.240.0.5 (node-2) answered with ICMP host unreachable");
        assertThat(stale.evidence().get(0).point()).isEqualTo("node1-eth0");
        stale.evidence().stream().collect(Collectors.groupingBy(FrameRef::file)).values().forEach(frames -> assertThat(frames)
                .extracting(FrameRef::number).isSorted());
    }

    @Test
    void framesOfTwoPointsStayApartThoughTheirFilesHaveTheSameName() {
        FrameRef client = new FrameRef("client", "a.pcap", 9, 0);
        FrameRef node = new FrameRef("node1-eth0", "a.pcap", 4, 1);
        FrameRef earlier = new FrameRef("client", "a.pcap", 2, 2);
        assertThat(Frames.join(List.of(client, node), List.of(earlier, node))).containsExactly(earlier, client, node);
    }

    private Deviation deviation(String code) {
        List<Deviation> found = new ArrayList<>();
        s.analyze().satisfies(result -> result.flows().forEach(flow -> flow.deviations().stream().filter(d -> d.code().equals(code))
                .forEach(found::add)));
        assertThat(found).hasSize(1);
        return found.get(0);
    }
}
