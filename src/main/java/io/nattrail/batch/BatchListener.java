package io.nattrail.batch;

/** Told how far a batch is. May be called from any thread, and often. */
public interface BatchListener {
    /** For a batch that nobody watches. */
    BatchListener NONE = new BatchListener() {
        @Override
        public void progress(int doneCases, int allCases, long doneBytes, long allBytes) {
        }

        @Override
        public void finished(CaseRow row) {
        }
    };

    /** How far it is; cases that an earlier run finished are not in these numbers. */
    void progress(int doneCases, int allCases, long doneBytes, long allBytes);

    /** A case came to its end. */
    void finished(CaseRow row);
}
