package io.nattrail.analysis;

import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.RootCauses;
import java.util.List;

/**
 * What is known of a case after its flows.
 *
 * @param deviations those of the case itself: captures, clocks, endpoints as a whole
 */
public record CaseFindings(List<Deviation> deviations, Summary summary) {
    public CaseFindings {
        deviations = List.copyOf(deviations);
    }

    /**
     * Counts of verdicts, and the root causes with the one that explains most first.
     *
     * @param flows all flows
     */
    public record Summary(long flows, long ok, long degraded, long failed, long undetermined, List<RootCause> rootCauses) {
        public Summary {
            rootCauses = List.copyOf(rootCauses);
        }

        /** What to call so many causes. Where the captures do not tell how the flows went, what was found in them caused nothing. */
        public String headingOfCauses(int number) {
            String noun = failed + degraded == 0 ? "Finding" : "Root cause";
            return number == 1 ? noun : noun + "s";
        }
    }

    /**
     * One cause with all that follows from it.
     *
     * @param step the step where it strikes, or null
     * @param flows how many flows it affects
     * @param flowIds the first few of them
     * @param since first time it struck, nanoseconds since 1970 on the reference clock
     * @param endpoints affected endpoints, as text
     * @param nodes affected nodes
     * @param clients affected clients' addresses
     * @param message one sentence
     * @param remedy what to do
     */
    public record RootCause(String code, String severity, String step, long flows, List<Integer> flowIds, long since,
            List<String> endpoints, List<String> nodes, List<String> clients, String message, String remedy) {
        /** What to say after the first few of these names: how many there are beyond them, as far as that is kept; empty if none. */
        public static String beyond(int shown, List<String> names) {
            if (names.size() <= shown) {
                return "";
            }
            return names.size() < RootCauses.MOST_NAMES ? " and " + (names.size() - shown) + " more" : " and others";
        }

        /**
         * Where what to do about this cause has been said already: {@code loss at step 1.4}. A cause is told for each step where it
         * strikes, and what to do may be the same.
         *
         * @param causes in the order in which they are told
         * @return null if it has not been said
         */
        public String remedyOf(List<RootCause> causes) {
            for (RootCause earlier : causes.subList(0, causes.indexOf(this))) {
                if (earlier.remedy != null && earlier.remedy.equals(remedy)) {
                    return earlier.code + (earlier.step == null ? "" : " at step " + earlier.step);
                }
            }
            return null;
        }
    }
}
