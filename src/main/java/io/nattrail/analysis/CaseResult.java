package io.nattrail.analysis;

import java.util.ArrayList;
import java.util.List;

/** A whole case in memory: for tests, baselines and small cases. Reports of any size are written through {@link CaseSink}. */
public record CaseResult(CaseHeader header, List<FlowResult> flows, CaseFindings findings) {
    public CaseResult {
        flows = List.copyOf(flows);
    }

    /** Sends it to a sink. */
    public void sendTo(CaseSink sink) throws java.io.IOException {
        sink.begin(header);
        for (FlowResult flow : flows) {
            sink.flow(flow);
        }
        sink.end(findings);
    }

    /** Collects a case from a sink. */
    public static final class Collector implements CaseSink {
        private CaseHeader header;
        private final List<FlowResult> flows = new ArrayList<>();
        private CaseFindings findings;

        @Override
        public void begin(CaseHeader header) {
            this.header = header;
        }

        @Override
        public void flow(FlowResult flow) {
            flows.add(flow);
        }

        @Override
        public void end(CaseFindings findings) {
            this.findings = findings;
        }

        /**
         * The case, once it has ended.
         *
         * @throws IllegalStateException if it has not
         */
        public CaseResult result() {
            if (findings == null) {
                throw new IllegalStateException("the case has not ended");
            }
            return new CaseResult(header, flows, findings);
        }
    }
}
