package io.nattrail.analysis;

import java.io.IOException;

/** The analysis of one case, as every use of it calls it. */
@FunctionalInterface
public interface Analysis {
    /**
     * Reads the captures and sends the result to the sink.
     *
     * @throws io.nattrail.capture.UnreadableInputException if nothing of the case could be read
     */
    void run(CaseRequest request, CaseSink sink, Progress progress) throws IOException;
}
