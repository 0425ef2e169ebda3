package io.nattrail.path;

import java.util.List;

/** A kind of path through the cluster, as data. */
public record PathTemplate(String name, List<StepTemplate> steps) {
    public PathTemplate {
        steps = List.copyOf(steps);
    }

    /** The step to which a number belongs: the last one that is not beyond it, where the path has no step of its own for it. */
    public String stepOf(String number) {
        String found = steps.get(0).number();
        for (StepTemplate step : steps) {
            found = step.number().compareTo(number) <= 0 ? step.number() : found;
        }
        return found;
    }
}
