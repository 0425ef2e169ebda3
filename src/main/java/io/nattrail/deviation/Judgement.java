package io.nattrail.deviation;

import java.util.List;

/**
 * What is concluded of one flow.
 *
 * @param failedStep the first step that did not do its work; null unless failed
 * @param undetermined why the captures do not tell; null if they do
 */
public record Judgement(Verdict verdict, String failedStep, String undetermined, List<Deviation> deviations) {
    public Judgement {
        deviations = List.copyOf(deviations);
    }
}
