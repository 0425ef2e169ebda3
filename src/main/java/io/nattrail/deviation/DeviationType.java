package io.nattrail.deviation;

import java.util.List;

/**
 * An entry of the catalogue: what a code means whatever the flow.
 *
 * @param code stable name, e.g. {@code request-lost-between-nodes}
 * @param title one line for people
 * @param wire how it looks on the wire
 * @param causes likely causes, the likeliest first
 * @param checks what to check or change, each with a command where there is one; {@code {client}} and the like stand for what a flow tells
 * @param references RFC sections, kernel or Kubernetes documents and issues
 */
public record DeviationType(String code, Severity severity, String title, String wire, List<String> causes, List<String> checks,
        List<String> references) {
    public DeviationType {
        if (!isName(code)) {
            throw new IllegalArgumentException("no code: " + code);
        }
        if (causes.isEmpty() || checks.isEmpty()) {
            throw new IllegalArgumentException(code + " without causes or checks");
        }
        causes = List.copyOf(causes);
        checks = List.copyOf(checks);
        references = List.copyOf(references);
    }

    /** Words of small letters and digits with hyphens between them. */
    private static boolean isName(String code) {
        boolean inWord = false;
        for (int i = 0; i < code.length(); i++) {
            char c = code.charAt(i);
            boolean ofWord = c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            if (!ofWord && (c != '-' || !inWord)) {
                return false;
            }
            inWord = ofWord;
        }
        return inWord;
    }

    /** The first check, whatever the flow: a word in capitals for what a flow would tell. */
    public String remedy() {
        return Remedy.inGeneral(checks.get(0));
    }

    /** All checks, whatever the flow. */
    public List<String> checksInGeneral() {
        return checks.stream().map(Remedy::inGeneral).toList();
    }
}
