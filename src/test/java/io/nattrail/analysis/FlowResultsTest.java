package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Hop;
import io.nattrail.nat.TracedPacket;
import io.nattrail.scenario.Connection;
import io.nattrail.scenario.Scenario;
import io.nattrail.scenario.Stop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What pictures of a flow are drawn from. */
class FlowResultsTest {
    private final Scenario s = Scenario.nodePort();

    @Test
    void theHopThatLostAllRequestsLeadsToThePlaceThatShouldHaveShownThem() {
        s.connect().reaching(Stop.NODE_OUT).syn().pause(1000).synAgain().pause(2000).synAgain();
        FlowResult flow = flow();
        Hop last = flow.hops().get(flow.hops().size() - 1);
        assertThat(List.of(last.from(), last.to())).containsExactly("node1-eth0", "node2-cbr0");
        assertThat(List.of(last.sent(), last.delivered(), last.lost())).containsExactly(3L, 0L, 3L);
        assertThat(last.lostFrames()).hasSize(3);
        assertThat(flow.trail()).filteredOn(packet -> packet.direction() == Direction.REQUEST).hasSize(3)
                .allMatch(packet -> packet.note().equals("lost"));
    }

    @Test
    void theFirstHopIsThereTooIfNothingCameToNode1() {
        s.connect().reaching(Stop.CLIENT).syn().pause(1000).synAgain().pause(2000).synAgain();
        s.connect().open().ask(100).answer(300).close();
        assertThat(flow().hops()).singleElement().satisfies(hop -> {
            assertThat(hop.from() + " " + hop.to()).isEqualTo("client node1-eth0");
            assertThat(hop.lost()).isEqualTo(3);
        });
    }

    @Test
    void noHopLeadsToAPlaceThatNobodyExpectedItAt() {
        s.connect().reaching(Stop.NODE_IN).syn().pause(1000).synAgain().pause(2000).synAgain();
        s.connect().open().ask(100).answer(300).close();
        assertThat(flow().hops()).noneMatch(hop -> hop.to().equals("node2-cbr0"));
    }

    @Test
    void noHopOfRequestsLeadsToWhereOnlyTheAnswersAreMissed() {
        s.connect().missedAt(Stop.NODE_IN, Stop.NODE_OUT).syn().reaching(Stop.BRIDGE).synAck().pause(1000).synAckAgain().pause(2000)
                .synAckAgain();
        s.connect().open().ask(100).answer(300).close();
        FlowResult flow = flow();
        assertThat(flow.failedStep()).isEqualTo("1.6");
        assertThat(flow.hops()).noneMatch(hop -> hop.to().equals("node1-eth0") && hop.direction() == Direction.REQUEST
                && hop.from().equals("node2-cbr0"));
        assertThat(flow.trail()).noneMatch(packet -> packet.note().equals("lost") && packet.direction() == Direction.REQUEST);
    }

    @Test
    void anIcmpErrorIsOnePacketAtAllPlacesThatItPassed() {
        Connection c = s.connect().pod("10.244.1.9", 8443).reaching(Stop.NODE_OUT);
        c.syn().pause(1000).synAgain().pause(2000).synAgain().pause(100).icmp(3, 1, 0, "10.240.0.5", Stop.NODE_OUT);
        List<TracedPacket> errors = flow().trail().stream().filter(packet -> packet.kind().startsWith("icmp")).toList();
        assertThat(errors).singleElement().satisfies(error -> {
            assertThat(error.kind()).isEqualTo("icmp host unreachable from 10.240.0.5");
            assertThat(error.direction()).isEqualTo(Direction.REPLY);
            assertThat(error.sightings()).hasSize(3);
        });
    }

    private FlowResult flow() {
        List<FlowResult> flows = new ArrayList<>();
        s.analyze().satisfies(result -> flows.addAll(result.flows()));
        return flows.get(0);
    }
}
