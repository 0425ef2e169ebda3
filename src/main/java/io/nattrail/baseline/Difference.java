package io.nattrail.baseline;

import java.util.List;

/**
 * What is not as one entry of the baseline says, or flows that no entry is about.
 *
 * @param title which flows
 * @param line of the entry in the baseline; 0 if there is none
 * @param changes what was said and what is, claim by claim
 * @param meaning sentences for people, the most important first; at least one
 */
public record Difference(String title, int line, List<Change> changes, List<String> meaning) {
    public Difference {
        if (meaning.isEmpty()) {
            throw new IllegalArgumentException("a difference without a meaning");
        }
        changes = List.copyOf(changes);
        meaning = List.copyOf(meaning);
    }

    /**
     * One claim.
     *
     * @param key what it is about: {@code outcomes}, {@code steps}, ...
     * @param expected as the baseline has it; null if it says nothing
     * @param actual as it is now; null if there is nothing
     */
    public record Change(String key, String expected, String actual) {
    }
}
