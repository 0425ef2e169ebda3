package io.nattrail.bench;

import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.FlowResult;
import io.nattrail.report.ReportOptions;
import io.nattrail.report.ReportSet;
import io.nattrail.report.SampleCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Time to write one flow into each report, over cases of 20,000 flows. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ReportBenchmark {
    private static final int FLOWS = 20_000;
    private static final int DIFFERENT = 2_000;

    @Param({"json", "csv", "html", "md", "junit"})
    private String format;

    private final CaseHeader header = SampleCases.header("benchmark", "10.244.1.2");
    private final List<FlowResult> flows = new ArrayList<>();
    private Path folder;

    /** One flow in ten is lost, as the others are answered. */
    @Setup
    public void build() throws IOException {
        folder = Files.createTempDirectory("nattrail-bench");
        for (int id = 1; id <= DIFFERENT; id++) {
            flows.add(id % 10 == 0 ? SampleCases.lost(id) : SampleCases.answered(id));
        }
    }

    @Benchmark
    @OperationsPerInvocation(FLOWS)
    public void write() throws IOException {
        try (ReportSet reports = new ReportSet(folder, List.of(format), ReportOptions.DEFAULT)) {
            reports.begin(header);
            for (int i = 0; i < FLOWS; i++) {
                reports.flow(flows.get(i % DIFFERENT));
            }
            reports.end(SampleCases.empty().findings());
        }
    }
}
