package io.nattrail.serve;

import io.nattrail.analysis.Analysis;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.Progress;
import io.nattrail.report.SampleCases;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** Gives a result written by hand, when it is let; so that what surrounds an analysis can be seen at any moment of it. */
final class FakeAnalysis implements Analysis {
    final List<CaseRequest> requests = new CopyOnWriteArrayList<>();
    volatile CaseResult result = SampleCases.lostBetweenNodes();
    /** What happens instead of a result, or null. */
    volatile Failure failure;
    /** While it is closed analyses go on and on, as long ones do. */
    volatile CountDownLatch gate = new CountDownLatch(0);

    interface Failure {
        void fail(CaseRequest request) throws IOException;
    }

    @Override
    public void run(CaseRequest request, CaseSink sink, Progress progress) throws IOException {
        requests.add(request);
        CountDownLatch here = gate;
        long read = 0;
        while (here.getCount() > 0) {
            progress.progress(read++ % 100, 100);
            LockSupport.parkNanos(1_000_000);
        }
        if (failure != null) {
            failure.fail(request);
        }
        progress.progress(100, 100);
        result.sendTo(sink);
    }
}
