package io.nattrail.cli;

import io.nattrail.report.ReportWriters;
import java.util.ArrayList;
import java.util.List;

/** Which reports to write, by what the user asked for. */
final class FormatChoice {
    /** The large one, written only when asked for. */
    static final String PCAPNG = "pcapng";

    private FormatChoice() {
    }

    /**
     * Names of formats.
     *
     * @param wished empty for the usual ones
     * @throws IllegalArgumentException if there is no such format
     */
    static List<String> of(List<String> wished, boolean annotate) {
        List<String> known = ReportWriters.formats();
        List<String> chosen = new ArrayList<>();
        if (wished.isEmpty()) {
            chosen.addAll(known);
            chosen.remove(PCAPNG);
        }
        for (String format : wished) {
            String name = format.strip();
            if (known.contains(name)) {
                chosen.add(name);
            } else if (!name.equals("none")) {
                throw new IllegalArgumentException("--formats: no report format '" + name + "'; there are " + String.join(", ", known)
                        + ", none");
            }
        }
        if (annotate && !chosen.contains(PCAPNG)) {
            chosen.add(PCAPNG);
        }
        return chosen;
    }
}
