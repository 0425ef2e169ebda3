package io.nattrail.cli;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowResult;
import java.io.IOException;
import java.util.List;

/** Sends a case to several sinks, to each in turn. */
record Fanout(List<CaseSink> sinks) implements CaseSink {
    @Override
    public void begin(CaseHeader header) throws IOException {
        for (CaseSink sink : sinks) {
            sink.begin(header);
        }
    }

    @Override
    public void flow(FlowResult flow) throws IOException {
        for (CaseSink sink : sinks) {
            sink.flow(flow);
        }
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        for (CaseSink sink : sinks) {
            sink.end(findings);
        }
    }
}
