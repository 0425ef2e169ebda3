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
        if (!code.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
            throw new IllegalArgumentException("no code: " + code);
        }
        if (causes.isEmpty() || checks.isEmpty()) {
            throw new IllegalArgumentException(code + " without causes or checks");
        }
        causes = List.copyOf(causes);
        checks = List.copyOf(checks);
        references = List.copyOf(references);
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
