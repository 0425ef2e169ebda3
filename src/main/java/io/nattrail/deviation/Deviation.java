package io.nattrail.deviation;

import io.nattrail.leg.FrameRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Something that was not as it should be, with its proof.
 *
 * @param type the catalogue's entry
 * @param severity usually the type's; may be lower where the flow took no harm
 * @param step number of the step it belongs to, or null for one about the case
 * @param point the capture point it is about, or null
 * @param message one sentence of what was seen
 * @param evidence the frames that prove it; empty only for deviations about files
 * @param consequences codes of findings that follow from this one and were folded into it
 * @param remedy what to check or change first, with the flow's own addresses and names
 * @param advice what that was made of; null if of the first of the type's checks
 */
public record Deviation(DeviationType type, Severity severity, String step, String point, String message, List<FrameRef> evidence,
        List<String> consequences, String remedy, Advice advice) {
    public Deviation {
        evidence = List.copyOf(evidence);
        consequences = List.copyOf(consequences);
    }

    /** One that is not of a single flow. */
    public Deviation(DeviationType type, Severity severity, String step, String point, String message, List<FrameRef> evidence,
            List<String> consequences) {
        this(type, severity, step, point, message, evidence, consequences, type.remedy(), null);
    }

    /** One of the case that files or many flows tell, and no single frame. */
    static Deviation ofCase(DeviationType type, String point, String message) {
        return new Deviation(type, type.severity(), null, point, message, List.of(), List.of());
    }

    /** For readers, who may be shown only the first of them; otherwise in the order given. */
    public static List<Deviation> worstFirst(List<Deviation> deviations) {
        List<Deviation> sorted = new ArrayList<>(deviations);
        sorted.sort(Comparator.comparing(Deviation::severity).reversed());
        return sorted;
    }

    /** The likely causes, the one first that the advice is about. */
    public List<String> causes() {
        List<String> sorted = new ArrayList<>(type.causes());
        // An advice may be of another type than what it is given for.
        if (advice != null && sorted.remove(advice.cause())) {
            sorted.add(0, advice.cause());
        }
        return sorted;
    }

    public String code() {
        return type.code();
    }
}
