package io.nattrail.analysis;

import java.io.IOException;

/** Receives the result of a case as it is made: the header, every flow in order of its id, the findings. */
public interface CaseSink {
    void begin(CaseHeader header) throws IOException;

    void flow(FlowResult flow) throws IOException;

    void end(CaseFindings findings) throws IOException;
}
