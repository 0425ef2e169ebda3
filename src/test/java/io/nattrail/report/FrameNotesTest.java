package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.FlowResult;
import io.nattrail.nat.TracedPacket;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameNotesTest {
    private final FrameNotes notes = new FrameNotes();

    @Test
    void nameFlowStepAndDeviation() {
        notes.add(SampleCases.traced(SampleCases.lost(2)));

        assertThat(notes.of("client.pcap", 41)).isEqualTo("flow 2: tcp 10.241.0.4:38637 -> 10.240.0.4:32000 => 10.244.1.2:8443; step 1.1");
        assertThat(notes.of("node1-eth0.pcap", 42)).endsWith("; step 1.3; request-lost-between-nodes");
        assertThat(notes.of("node1-eth0.pcap", 44)).endsWith("; step 1.3; retransmission; request-lost-between-nodes");
    }

    @Test
    void giveEveryPacketOfALegTheStepThatTheFirstOneShows() {
        notes.add(SampleCases.traced(SampleCases.answered(1)));

        assertThat(notes.of("client.pcap", 23)).endsWith("; step 1.1; retransmission");
        assertThat(notes.of("node1-eth0.pcap", 25)).doesNotContain("step").startsWith("flow 1: ");
    }

    @Test
    void sayAtLeastWhatIsEvidenceWhereTheTrailWasNotKept() {
        notes.add(SampleCases.lost(2));

        assertThat(notes.of("client.pcap", 41)).endsWith("; step 1.1");
        assertThat(notes.of("node1-eth0.pcap", 44)).endsWith("; step 1.5; request-lost-between-nodes");
    }

    @Test
    void sayOfALostPacketWhereItWasSeenLast() {
        FlowResult lost = SampleCases.traced(SampleCases.lost(2));
        TracedPacket first = lost.trail().get(0);
        lost = SampleCases.tracedBy(lost, List.of(new TracedPacket(first.direction(), first.kind(), first.flags(), 0, 0, 0, "lost",
                first.sightings())));
        notes.add(lost);

        assertThat(notes.of("client.pcap", 41)).endsWith("; step 1.1; lost further on");
        assertThat(notes.of("node1-eth0.pcap", 42)).endsWith("; step 1.3; lost after this; request-lost-between-nodes");
    }

    @Test
    void sayNothingOfOtherFrames() {
        notes.add(SampleCases.lost(2));

        assertThat(notes.of("client.pcap", 7)).isNull();
        assertThat(notes.of("client.pcap", 9_999_999)).isNull();
        assertThat(notes.of("other.pcap", 41)).isNull();
    }

    @Test
    void growWithTheFrameNumbers() {
        notes.add(SampleCases.answered(1));
        notes.add(SampleCases.answered(300_000));

        assertThat(notes.of("client.pcap", 20L * 300_000 + 1)).startsWith("flow 300000: ").endsWith("; step 1.1");
        assertThat(notes.of("client.pcap", 21)).startsWith("flow 1: ");
    }
}
