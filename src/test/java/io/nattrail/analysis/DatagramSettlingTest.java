package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.cluster.ClusterFiles;
import io.nattrail.cluster.ClusterIndex;
import io.nattrail.nat.FlowStore;
import io.nattrail.scenario.Connection;
import io.nattrail.scenario.Scenario;
import io.nattrail.scenario.Stop;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams of a tuple that conntrack has forgotten everywhere make room for others while captures are still read. */
class DatagramSettlingTest {
    private static final int ROWS_BEFORE_PAUSE = 400;
    private static final int QUESTIONS = 900;
    /** A question and its answer, on both sides of Node-1 and at both other points. */
    private static final int ROWS_OF_ONE = 8;

    @TempDir
    Path folder;

    @Test
    void onlyThoseOfTheLastMinutesAreHeld() throws IOException {
        Scenario scenario = Scenario.nodePort();
        for (int i = 0; i < QUESTIONS; i++) {
            scenario.connect().udp().ask(40).answer(90);
            scenario.pause(1000);
        }
        List<Long> held = new ArrayList<>();
        int flows = flowsOf(scenario.write(), held);

        assertThat(flows).isEqualTo(QUESTIONS);
        assertThat(held).hasSizeGreaterThan(3).as("three minutes, and what came until the next pause")
                .allSatisfy(rows -> assertThat(rows).isLessThan(2L * 180 * ROWS_OF_ONE + ROWS_BEFORE_PAUSE));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void theReportsAreThoseOfDatagramsThatWereAllHeld(long seed) throws IOException {
        Path captures = manyKinds(new Random(seed)).write();

        reports(captures, new MemoryLimits(ROWS_BEFORE_PAUSE, 4_000_000, 2, 1000, 20_000))
                .isEqualTo(reports(captures, MemoryLimits.USUAL), "seed " + seed);
    }

    /** Some minutes of questions, of which some use a port again, soon or when conntrack has forgotten it, and some are never answered. */
    private static Scenario manyKinds(Random random) {
        Scenario scenario = Scenario.nodePort();
        for (int i = 0; i < 400; i++) {
            Connection c = scenario.connect().udp().from("10.241.0." + (4 + random.nextInt(3)), 40_000 + random.nextInt(300))
                    .pod("10.244.1." + (2 + random.nextInt(2)), 5353);
            switch (random.nextInt(7)) {
                case 0 -> c.ask(40).ask(41).answer(90).answer(90);
                case 1 -> c.ask(40);
                case 2 -> c.reaching(Stop.NODE_OUT).ask(40).wholeWay().pause(5000).ask(40).answer(80);
                case 3 -> c.askInFragments(4000).answerInFragments(6000);
                case 4 -> c.ask(30).answer(60).pause(150_000).ask(30).answer(70);
                case 5 -> c.ask(30).reaching(Stop.BRIDGE).answer(60);
                default -> c.ask(20 + random.nextInt(60)).answer(100 + random.nextInt(300));
            }
            scenario.pause(random.nextInt(3000));
        }
        return scenario;
    }

    private int flowsOf(Path captures, List<Long> held) throws IOException {
        CaseRequest request = new CaseRequest(List.of(captures), Map.of(), null, null, FlowSelection.ALL, 2, false);
        CaseFinder finder = CaseFinder.find(request, Map.of());
        try (FlowStore flows = new FlowStore(100, 10_000);
                Gathering gathering = new Gathering(2, ROWS_BEFORE_PAUSE, Progress.NONE)) {
            for (CaseFinder.Source source : finder.sources()) {
                gathering.add(source, null);
            }
            Joining joining = new Joining(request, new ClusterIndex(ClusterFiles.read(finder.dumps())), gathering.readers(), flows,
                    Long.MAX_VALUE);
            gathering.read(() -> {
                joining.foldEnded();
                held.add(gathering.readers().stream().flatMap(reader -> reader.parts().stream())
                        .mapToLong(part -> part.table().heldRows()).sum());
            });
            joining.finish();
            return flows.size();
        }
    }

    private Reported reports(Path captures, MemoryLimits limits) throws IOException {
        CaseAnalyzer analyzer = new CaseAnalyzer("test", expression -> frame -> true, InputStream.nullInputStream(), limits);
        return Reported.of(analyzer, new CaseRequest(List.of(captures), Map.of(), null, null, FlowSelection.ALL, 2, true), folder);
    }
}
