package io.nattrail.deviation;

import io.nattrail.path.FlowTrace;
import java.util.List;

/** Finds deviations of one kind, or of a few that exclude each other, in one flow. Stateless; no I/O. */
public interface Detector {
    /**
     * Looks at a flow.
     *
     * @return what was found; empty for nothing
     */
    List<Finding> inspect(FlowTrace trace, CaseFacts facts);
}
