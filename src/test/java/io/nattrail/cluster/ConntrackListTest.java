package io.nattrail.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Protocol;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConntrackListTest {
    @TempDir
    Path folder;

    private static FiveTuple tcp(String source, String destination) {
        return new FiveTuple(Protocol.TCP, Endpoint.parse(source), Endpoint.parse(destination));
    }

    @Test
    void anEntryTellsBothTuplesAndTheState() {
        assertThat(Dumps.read(folder, """
                tcp      6 431999 ESTABLISHED src=10.241.0.4 dst=10.240.0.4 sport=48719 dport=32000 \
                src=10.244.1.2 dst=10.240.0.4 sport=8443 dport=22404 [ASSURED] mark=0 use=1
                """).connections()).containsExactly(new ClusterState.Connection(null, tcp("10.241.0.4:48719", "10.240.0.4:32000"),
                        tcp("10.244.1.2:8443", "10.240.0.4:22404"), null, null, "ESTABLISHED"));
    }

    @Test
    void theListOfTheKernelAndTheExtendedOneTellTheSame() {
        String entry = "tcp      6 117 TIME_WAIT src=10.241.0.4 dst=10.240.0.4 sport=1 dport=2 packets=6 bytes=500 "
                + "src=10.244.1.2 dst=10.240.0.4 sport=3 dport=4 packets=5 bytes=400 [ASSURED] mark=0 zone=0 use=2\n";

        assertThat(Dumps.read(folder, "ipv4     2 " + entry).connections()).isEqualTo(Dumps.read(folder, entry).connections()).hasSize(1);
    }

    @Test
    void anEventTellsItsTimeToTheMicrosecondAndWhatHappened() {
        ClusterState state = Dumps.read(folder, """
                [1795480062.093669]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 [UNREPLIED] \
                src=10.0.0.3 dst=10.0.0.4 sport=3 dport=4 id=1746470885
                [1795480062.093750]\t [UPDATE] ipv4     2 tcp      6 60 SYN_RECV src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 \
                src=10.0.0.3 dst=10.0.0.4 sport=3 dport=4 id=1746470885
                [1795480182.5]\t[DESTROY] ipv4     2 tcp      6 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 \
                src=10.0.0.3 dst=10.0.0.4 sport=3 dport=4 [ASSURED] id=1746470885
                """);

        assertThat(state.connections()).extracting(ClusterState.Connection::event).containsExactly("NEW", "UPDATE", "DESTROY");
        assertThat(state.connections()).extracting(ClusterState.Connection::timeNanos)
                .containsExactly(1_795_480_062_093_669_000L, 1_795_480_062_093_750_000L, 1_795_480_182_500_000_000L);
        assertThat(state.connections()).extracting(ClusterState.Connection::state).containsExactly("SYN_SENT", "SYN_RECV", null);
    }

    @Test
    void anEchoIsKnownByItsIdentifierNotByTheNumberOfTheEntry() {
        assertThat(Dumps.read(folder, """
                icmp     1 29 src=10.241.0.4 dst=10.240.0.4 type=8 code=0 id=7741 \
                src=10.240.0.4 dst=10.241.0.4 type=0 code=0 id=7741 mark=0 use=1 id=998877
                icmpv6   58 29 src=fd00::1 dst=fd00::2 type=128 code=0 id=5 src=fd00::2 dst=fd00::1 type=129 code=0 id=5 mark=0 use=1
                """).connections()).extracting(ClusterState.Connection::original).containsExactly(
                        new FiveTuple(Protocol.ICMP, Endpoint.parse("10.241.0.4:7741"), Endpoint.parse("10.240.0.4:7741")),
                        new FiveTuple(Protocol.ICMPV6, Endpoint.parse("[fd00::1]:5"), Endpoint.parse("[fd00::2]:5")));
    }

    @Test
    void udpAndSctpAndIpv6AreRead() {
        assertThat(Dumps.read(folder, """
                ipv4     2 udp      17 28 src=10.0.0.1 dst=10.0.0.2 sport=5 dport=53 [UNREPLIED] src=10.0.0.3 dst=10.0.0.1 sport=53 \
                dport=5 use=1
                ipv4     2 sctp     132 210 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=5 dport=80 src=10.0.0.3 dst=10.0.0.1 sport=80 \
                dport=5
                ipv6     10 tcp      6 118 TIME_WAIT src=fd00:241::4 dst=fd00:240::4 sport=9 dport=8 src=fd00:244::3 dst=fd00:240::4 \
                sport=7 dport=6
                """).connections()).extracting(c -> c.original().protocol())
                .containsExactlyInAnyOrder(Protocol.UDP, Protocol.SCTP, Protocol.TCP);
    }

    @Test
    void protocolsThatAreNotFollowedAreNoDamage() {
        ClusterState state = Dumps.read(folder, """
                conntrack v1.4.7 (conntrack-tools): 3 flow entries have been shown.
                ipv4     2 unknown  2 597 src=10.244.0.1 dst=224.0.0.22 [UNREPLIED] src=224.0.0.22 dst=10.244.0.1 mark=0 use=1
                ipv4     2 gre      47 179 src=10.0.0.1 dst=10.0.0.2 srckey=0x0 dstkey=0x0 src=10.0.0.2 dst=10.0.0.1 srckey=0x0 \
                dstkey=0x0 use=1
                tcp      6 5 CLOSE src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1
                """);

        assertThat(state.connections()).hasSize(1);
        assertThat(state.notes()).isEmpty();
    }

    @Test
    void linesThatAreNoEntriesArePassedOverAndCounted() {
        ClusterState state = Dumps.read(folder, """
                tcp      6 5 CLOSE src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1
                Connection to node-1 closed.
                tcp      6 5 CLOSE src=10.0.0.1 dst=10.0.0.2 sport=1 dport=99999 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1
                """);

        assertThat(state.connections()).hasSize(1);
        assertThat(state.notes()).containsExactly(
                "dump.txt: 2 lines are no conntrack entries and were passed over, the first is line 2");
    }

    @Test
    void aListThatConntrackBrokeOffSaysSo() {
        String entry = "tcp      6 5 CLOSE src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1\n";

        ClusterState state = Dumps.read(folder, entry + "conntrack v1.4.7 (conntrack-tools): Operation failed: Interrupted system call\n");

        assertThat(state.connections()).hasSize(1);
        assertThat(state.notes()).containsExactly(
                "dump.txt: conntrack says \"Operation failed: Interrupted system call\"; entries may be missing");
    }

    /** {@code conntrack -E} says so when it is ended. */
    @Test
    void theCountOfEventsIsNothingThatFailed() {
        String event = "    [NEW] tcp      6 120 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 [UNREPLIED] src=10.0.0.2 "
                + "dst=10.0.0.1 sport=2 dport=1\n";

        ClusterState state = Dumps.read(folder, event + "conntrack v1.4.7 (conntrack-tools): 1 flow events have been shown.\n");

        assertThat(state.connections()).hasSize(1);
        assertThat(state.notes()).isEmpty();
    }

    /** As the journal or syslog stamps them. */
    @Test
    void timesAndNamesOfALogBeforeTheEntriesDoNotMatter() {
        String udp = "    [NEW] udp      17 30 src=10.241.0.4 dst=10.240.0.4 sport=1 dport=53 [UNREPLIED] src=10.244.0.3 dst=10.244.0.1 "
                + "sport=53 dport=2\n";
        String tcp = " [UPDATE] ipv4     2 tcp      6 60 SYN_RECV src=10.241.0.4 dst=10.240.0.4 sport=1 dport=32000 src=10.244.0.3 "
                + "dst=10.244.0.1 sport=8443 dport=2\n";

        for (String head : List.of("Nov 27 12:00:00 node-1 conntrack[4242]: ", "2026-11-27T12:00:00.123456+00:00 node-1 conntrack: ")) {
            ClusterState state = Dumps.read(folder, head + udp + head + tcp);
            assertThat(state.connections()).isEqualTo(Dumps.read(folder, udp + tcp).connections()).hasSize(2);
            assertThat(state.connections()).extracting(ClusterState.Connection::state).containsExactlyInAnyOrder(null, "SYN_RECV");
        }
    }
}
