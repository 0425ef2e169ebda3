package io.nattrail.path;

import java.util.List;

/** A kind of path through the cluster, as data. */
public record PathTemplate(String name, List<StepTemplate> steps) {
    public PathTemplate {
        steps = List.copyOf(steps);
    }
}
