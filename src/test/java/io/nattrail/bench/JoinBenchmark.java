package io.nattrail.bench;

import io.nattrail.clock.ClockFit;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.Leg;
import io.nattrail.leg.LegTable;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.CaptureWindow;
import io.nattrail.nat.Correlator;
import io.nattrail.nat.FlowStore;
import io.nattrail.nat.LeftOut;
import io.nattrail.nat.PointCapture;
import io.nattrail.packets.Tape;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Time for a connection of 17 packets at four places: filing its packets, matching its legs, folding them into a flow. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
public class JoinBenchmark {
    private static final int CONNECTIONS = 2_000;
    private static final List<CapturePoint> POINTS = List.of(new CapturePoint("client", PointRole.CLIENT, null, "benchmark"),
            new CapturePoint("node1-eth0", PointRole.NODE_INTERFACE, "node-1", "benchmark"),
            new CapturePoint("node2-cbr0", PointRole.BRIDGE, "node-2", "benchmark"));

    private final List<Tape> tapes = Traffic.of(CONNECTIONS);
    private final FrameView view = new FrameView();
    private final LegTable used = new LegTable();

    /** Tables as reading leaves them. */
    @State(Scope.Thread)
    public static class Tables {
        private List<LegTable> tables;
        private Correlator matched;
        private CaptureSet captures;

        @Setup(Level.Invocation)
        public void fill(JoinBenchmark benchmark) {
            tables = new ArrayList<>();
            for (int point = 0; point < POINTS.size(); point++) {
                tables.add(benchmark.tapes.get(point).table(point));
            }
            matched = new Correlator(tables, new Correlator.Settled());
            List<PointCapture> read = new ArrayList<>();
            long[] origins = new long[tables.size()];
            for (int i = 0; i < tables.size(); i++) {
                LegTable table = tables.get(i);
                read.add(new PointCapture(POINTS.get(i),
                        new CaptureWindow(table.firstTime(), table.latestTime(), table.frames(), table.longestSilence(), false, List.of()),
                        LeftOut.NOTHING, List.of(POINTS.get(i).name() + ".pcap")));
                origins[i] = table.firstTime();
            }
            ClockFit[] clocks = matched.clockSketch().handshakes().fits(new long[tables.size()]).clocks(0, origins);
            captures = new CaptureSet(read, clocks, List.of());
        }
    }

    /** Into a table whose rows are used again, as in a long capture: what is allocated is the legs. */
    @Benchmark
    @OperationsPerInvocation(CONNECTIONS)
    public long file() {
        List<Tape.Frame> frames = tapes.get(1).frames();
        for (int i = 0; i < frames.size(); i++) {
            Tape.Frame frame = frames.get(i);
            view.set(frame.bytes(), 0, frame.bytes().length, frame.bytes().length, frame.timeNanos(), true, i + 1, 0, LinkType.ETHERNET, 0);
            used.add(view, 0);
        }
        long rows = used.heldRows();
        used.legs().forEach(Leg::settle);
        used.forgetLegs();
        return rows;
    }

    @Benchmark
    @OperationsPerInvocation(CONNECTIONS)
    public int match(Tables tables) {
        return new Correlator(tables.tables, new Correlator.Settled()).count();
    }

    @Benchmark
    @OperationsPerInvocation(CONNECTIONS)
    public int fold(Tables tables) throws IOException {
        try (FlowStore flows = new FlowStore(CONNECTIONS, Long.MAX_VALUE)) {
            tables.matched.fold(tables.captures, 1, false, flows);
            return flows.size();
        }
    }
}
