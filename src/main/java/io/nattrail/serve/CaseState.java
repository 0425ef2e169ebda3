package io.nattrail.serve;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How far a case has come. */
enum CaseState {
    /** Uploaded and waiting for its turn. */
    @JsonProperty("queued")
    QUEUED,
    /** Being analyzed. */
    @JsonProperty("running")
    RUNNING,
    /** Its reports are there. */
    @JsonProperty("done")
    DONE,
    /** It could not be analyzed; the problem says why. */
    @JsonProperty("failed")
    FAILED
}
