package io.nattrail.bench;

import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.Progress;
import io.nattrail.packets.Tape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A whole analysis without reports, by number of flows: its time should grow as they do. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 4, time = 3)
public class CaseBenchmark {
    private static final String[] NAMES = {"client.pcap", "node1-eth0.pcap", "node2-cbr0.pcap"};

    @Param({"1000", "4000", "16000"})
    private int connections;

    private Path folder;

    @Setup
    public void write() throws IOException {
        folder = Files.createTempDirectory("nattrail-bench");
        List<Tape> tapes = Traffic.of(connections);
        for (int i = 0; i < NAMES.length; i++) {
            tapes.get(i).write(folder.resolve(NAMES[i]));
        }
    }

    @TearDown
    public void delete() throws IOException {
        for (String name : NAMES) {
            Files.delete(folder.resolve(name));
        }
        Files.delete(folder);
    }

    @Benchmark
    public long analyze() throws IOException {
        Counter counter = new Counter();
        CaseAnalyzer.plain().run(CaseRequest.of(folder), counter, Progress.NONE);
        return counter.flows;
    }

    private static final class Counter implements CaseSink {
        private long flows;

        @Override
        public void begin(CaseHeader header) {
            // Only the flows are counted.
        }

        @Override
        public void flow(FlowResult flow) {
            flows++;
        }

        @Override
        public void end(CaseFindings findings) {
            // Only the flows are counted.
        }
    }
}
