package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.cluster.ClusterFiles;
import io.nattrail.cluster.ClusterIndex;
import io.nattrail.nat.FlowStore;
import io.nattrail.packets.ServicePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While captures are read, connections that have ended make room for others. */
class JoiningTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int CONNECTIONS = 600;
    /** Of a connection with one question, at four places. */
    private static final int ROWS = 8 * 4;

    @TempDir
    Path folder;
    private List<String> notes;

    /** What was held, and how many flows there were, each time that reading paused. */
    private record Pause(long rowsBefore, long rowsAfter, int flows) {
    }

    @Test
    void packetsAreHeldOfConnectionsThatAreOpenOrEndedJustNow() throws IOException {
        ServicePath path = oneAfterTheOther();
        List<Pause> pauses = analyse(write(path, "client", "node1-eth0", "node2-cbr0"));

        assertThat(pauses).hasSizeGreaterThan(3);
        assertThat(pauses.get(pauses.size() - 1).flows).isGreaterThan(CONNECTIONS / 2);
        assertThat(pauses).allSatisfy(pause -> assertThat(pause.rowsAfter).isLessThan(200 * ROWS));
    }

    @Test
    void aHandshakeThatNobodyRepeatsAnyMoreIsOver() throws IOException {
        ServicePath path = silentOnesThenHealthyOnes(300, SECOND / 5);

        List<Pause> pauses = analyse(write(path, "client", "node1-eth0", "node2-cbr0"));

        assertThat(pauses.get(pauses.size() - 1).flows).as("healthy ones that ended, and the silent ones").isGreaterThan(CONNECTIONS);
    }

    @Test
    void inACrowdHandshakesAreGivenUpEarly() throws IOException {
        ServicePath path = silentOnesThenHealthyOnes(1000, SECOND / 50);
        Path captures = write(path, "client", "node1-eth0", "node2-cbr0");

        List<Pause> patient = analyse(captures, 1_000_000);
        assertThat(notes).isEmpty();
        List<Pause> crowded = analyse(captures, 2_000);

        assertThat(patient.get(patient.size() - 1).rowsAfter).as("all of the silent ones").isGreaterThanOrEqualTo(4 * 1000);
        assertThat(crowded.get(crowded.size() - 1).rowsAfter).isLessThan(3 * 1000);
        assertThat(notes).singleElement().asString()
                .endsWith("handshakes without a packet for 5 s were taken for given up, since too many waited");
    }

    @Test
    void whatComesForAConnectionThatWasFoldedLongBeforeIsSaidToBeInNoFlow() throws IOException {
        ServicePath path = ServicePath.create();
        connections(path, SECOND / 20);
        ServicePath.Connection ended = path.connect(CONNECTIONS).handshake().close();
        for (int i = 1; i <= CONNECTIONS; i++) {
            path.connect(CONNECTIONS + i).handshake().close();
            path.pause(SECOND / 20);
        }
        ended.reply(ended.back("R"), ServicePath.Place.CLIENT);

        analyse(write(path, "client", "node1-eth0", "node2-cbr0"));

        assertThat(notes).containsExactlyInAnyOrder("client: 1 packet came long after its connection had ended and is in no flow",
                "node1-eth0: 2 packets came long after their connections had ended and are in no flow",
                "node2-cbr0: 1 packet came long after its connection had ended and is in no flow");
    }

    @Test
    void whereNoPacketBoundsAClockEverythingWaits() throws IOException {
        ServicePath path = oneAfterTheOther();
        Path captures = write(path, "client", "node1-eth0", "node2-cbr0");
        ServicePath elsewhere = ServicePath.create();
        elsewhere.connect("10.9.9.9:40000", "10.8.8.8:443", "10.8.8.8:50000", "10.7.7.7:443").handshake().close();
        elsewhere.tapes().get(2).write(captures.resolve("node3-cbr0.pcap"));

        assertThat(analyse(captures)).allSatisfy(pause -> assertThat(pause.flows).isZero());
    }

    @Test
    void whereNamesTellNoRolesEverythingWaits() throws IOException {
        ServicePath path = oneAfterTheOther();

        assertThat(analyse(write(path, "one", "two", "three"))).isNotEmpty().allSatisfy(pause -> assertThat(pause.flows).isZero());
    }

    /** A connection every tenth of a second. */
    private static ServicePath oneAfterTheOther() {
        ServicePath path = ServicePath.withClocksAhead(0, 40 * SECOND, -3 * SECOND);
        connections(path, SECOND / 10);
        return path;
    }

    /** SYNs that nobody answers, a hundred in a second, and then the usual connections with a distance between them. */
    private static ServicePath silentOnesThenHealthyOnes(int silentOnes, long distance) {
        ServicePath path = ServicePath.create();
        path.connect(CONNECTIONS).handshake().close();
        path.pause(SECOND);
        for (int i = 0; i < silentOnes; i++) {
            ServicePath.Connection silent = path.connect("10.241.0.9:" + (30_000 + i), "10.240.0.4:32000", "10.240.0.4:" + (30_000 + i),
                    "10.244.1.2:8443");
            silent.request(silent.syn(), ServicePath.Place.NODE2);
            path.pause(SECOND / 100);
        }
        connections(path, distance);
        return path;
    }

    private static void connections(ServicePath path, long distance) {
        for (int i = 0; i < CONNECTIONS; i++) {
            path.connect(i).handshake().ask("who?").answer("me").close();
            path.pause(distance);
        }
    }

    private Path write(ServicePath path, String... names) throws IOException {
        Path captures = Files.createDirectories(folder.resolve("captures"));
        for (int i = 0; i < names.length; i++) {
            path.tapes().get(i).write(captures.resolve(names[i] + ".pcap"));
        }
        return captures;
    }

    private List<Pause> analyse(Path captures) throws IOException {
        return analyse(captures, Long.MAX_VALUE);
    }

    private List<Pause> analyse(Path captures, long crowd) throws IOException {
        CaseRequest request = new CaseRequest(List.of(captures), Map.of(), null, null, FlowSelection.ALL, 2, false);
        CaseFinder finder = CaseFinder.find(request, Map.of());
        List<Pause> pauses = new ArrayList<>();
        try (FlowStore flows = new FlowStore(100, 10_000); Gathering gathering = new Gathering(2, 50 * ROWS, Progress.NONE)) {
            for (CaseFinder.Source source : finder.sources()) {
                gathering.add(source, null);
            }
            Joining joining = new Joining(request, new ClusterIndex(ClusterFiles.read(finder.dumps())), gathering.readers(), flows,
                    crowd);
            gathering.read(() -> {
                long before = held(gathering);
                joining.foldEnded();
                pauses.add(new Pause(before, held(gathering), flows.size()));
            });
            joining.finish();
            notes = joining.notes();

            assertThat(IntStream.range(0, flows.size()).mapToObj(flows::get).map(flow -> flow.original().source())).doesNotHaveDuplicates()
                    .hasSizeGreaterThanOrEqualTo(CONNECTIONS);
            assertThat(held(gathering)).isZero();
        }
        return pauses;
    }

    private static long held(Gathering gathering) {
        return gathering.readers().stream().flatMap(reader -> reader.parts().stream()).mapToLong(part -> part.table().heldRows()).sum();
    }
}
