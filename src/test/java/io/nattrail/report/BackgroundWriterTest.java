package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.FlowResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class BackgroundWriterTest {
    private final Recorder recorder = new Recorder();

    @Test
    void everyFlowArrivesInOrder() throws IOException {
        try (BackgroundWriter writer = new BackgroundWriter(List.of(recorder))) {
            send(writer, 10_000);
            writer.end(SampleCases.empty().findings());
        }

        assertThat(recorder.ids).containsExactlyElementsOf(IntStream.rangeClosed(1, 10_000).boxed().toList());
        assertThat(recorder.events).containsExactly("begin", "end", "close");
    }

    @Test
    void aFailureReachesTheSenderAndNobodyWaitsForEver() throws IOException {
        recorder.failAt = 100;
        try (BackgroundWriter writer = new BackgroundWriter(List.of(recorder))) {
            assertThatThrownBy(() -> {
                send(writer, 10_000);
                writer.end(SampleCases.empty().findings());
            }).isInstanceOf(IOException.class).hasMessage("disk full");
        }

        assertThat(recorder.events).containsExactly("begin", "close");
    }

    @Test
    void closingInTheMiddleDiscards() throws IOException {
        try (BackgroundWriter writer = new BackgroundWriter(List.of(recorder))) {
            send(writer, 1_000);
        }

        assertThat(recorder.events).containsExactly("begin", "close");
    }

    private static void send(BackgroundWriter writer, int flows) throws IOException {
        FlowResult flow = SampleCases.answered(1);
        writer.begin(SampleCases.happy().header());
        for (int id = 1; id <= flows; id++) {
            writer.flow(new FlowResult(id, flow.path(), flow.protocol(), flow.client(), flow.service(), null, null, null, null, null, null,
                    1,
                    List.of(), flow.verdict(), null, null, 0, 0, List.of(), List.of(), flow.packets(), 0, 0, List.of(), List.of(), null));
        }
    }

    private static final class Recorder implements ReportWriter {
        private final List<Integer> ids = new ArrayList<>();
        private final List<String> events = new ArrayList<>();
        private int failAt = Integer.MAX_VALUE;

        @Override
        public void begin(CaseHeader header) {
            events.add("begin");
        }

        @Override
        public void flow(FlowResult flow) throws IOException {
            if (flow.id() >= failAt) {
                throw new IOException("disk full");
            }
            ids.add(flow.id());
        }

        @Override
        public void end(CaseFindings findings) {
            events.add("end");
        }

        @Override
        public void close() {
            events.add("close");
        }
    }
}
