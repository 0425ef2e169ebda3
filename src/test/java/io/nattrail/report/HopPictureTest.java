package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Hop;
import java.util.List;
import org.junit.jupiter.api.Test;

class HopPictureTest {
    private static final TerminalStyle UNICODE = new TerminalStyle(false, true, 100);

    @Test
    void countsThePacketsFromPointToPoint() {
        List<Hop> hops = SampleCases.answered(1).hops();

        assertThat(HopPicture.of(hops, Direction.REQUEST, UNICODE, 100)).isEqualTo("client ──6──▶ node1-eth0 [NAT] ──6──▶ node2-cbr0");
        assertThat(HopPicture.of(hops, Direction.REPLY, UNICODE, 100)).isEqualTo("client ◀──7── node1-eth0 [NAT] ◀──7── node2-cbr0");
    }

    @Test
    void endsInACrossWhereNothingArrives() {
        List<Hop> hops = SampleCases.lost(1).hops();

        assertThat(HopPicture.of(hops, Direction.REQUEST, UNICODE, 100)).isEqualTo("client ──6──▶ node1-eth0 [NAT] ──0 of 6──✗ node2-cbr0");
        assertThat(HopPicture.of(hops, Direction.REQUEST, TerminalStyle.PLAIN, 100))
                .isEqualTo("client --6--> node1-eth0 [NAT] --0 of 6--x node2-cbr0");
        assertThat(HopPicture.of(hops, Direction.REPLY, UNICODE, 100)).isNull();
    }

    @Test
    void saysWhatTheTranslationSwallowed() {
        Hop inside = new Hop("node1-eth0", "node1-eth0", Direction.REQUEST, 3, 0, 3, 0, 0, 0, 0, 0, 0, 0, List.of());

        assertThat(HopPicture.of(List.of(inside), Direction.REQUEST, UNICODE, 100)).isEqualTo("node1-eth0 [NAT 0 of 3 ✗]");
    }

    @Test
    void aTranslationInSeveralPartsIsOneMarkThatSaysWhatWasSwallowed() {
        Hop turned = new Hop("node1-eth0", "node1-eth0", Direction.REPLY, 17, 11, 0, 0, 0, 0, 0, 4, 6, 14, List.of());
        Hop swallowed = new Hop("node1-eth0", "node1-eth0", Direction.REPLY, 11, 0, 11, 0, 0, 0, 0, 0, 0, 0, List.of());
        Hop home = new Hop("node1-eth0", "client", Direction.REPLY, 6, 6, 0, 0, 0, 0, 0, 12, 20, 28, List.of());

        assertThat(HopPicture.of(List.of(turned, swallowed, home), Direction.REPLY, UNICODE, 100))
                .isEqualTo("client ◀──6── node1-eth0 [NAT 0 of 11 ✗]");
        assertThat(HopPicture.of(List.of(swallowed, turned), Direction.REPLY, UNICODE, 100)).isEqualTo("node1-eth0 [NAT 0 of 11 ✗]");
    }

    @Test
    void isLeftOutWhereItWouldNotFitOrMakesNoChain() {
        List<Hop> hops = SampleCases.answered(1).hops();

        assertThat(HopPicture.of(hops, Direction.REQUEST, UNICODE, 30)).isNull();
        assertThat(HopPicture.of(List.of(hops.get(2), hops.get(0)), Direction.REQUEST, UNICODE, 100)).isNull();
    }
}
