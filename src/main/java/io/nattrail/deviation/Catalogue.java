package io.nattrail.deviation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Every code that a report can hold, with what it means: the one list from which {@code nattrail explain} and the documentation derive. */
public final class Catalogue {
    /** The groups, in the order of a connection's life; the captures last. */
    public static final List<Group> GROUPS = List.of(
            new Group("Never established", EstablishmentTypes.ALL),
            new Group("Wrong translation or path", TranslationTypes.ALL),
            new Group("Breaks or slows after it was established", EstablishedTypes.ALL),
            new Group("About the captures", CaptureTypes.ALL));

    /** All types, group after group. */
    public static final List<DeviationType> ALL = all();

    private static final Map<String, DeviationType> BY_CODE = byCode();

    private Catalogue() {
    }

    /**
     * The type of a code.
     *
     * @throws IllegalArgumentException if no type has it
     */
    public static DeviationType of(String code) {
        DeviationType type = BY_CODE.get(code);
        if (type == null) {
            throw new IllegalArgumentException("no deviation has the code " + code);
        }
        return type;
    }

    private static List<DeviationType> all() {
        List<DeviationType> all = new ArrayList<>();
        for (Group group : GROUPS) {
            all.addAll(group.types());
        }
        return List.copyOf(all);
    }

    private static Map<String, DeviationType> byCode() {
        Map<String, DeviationType> types = new HashMap<>();
        for (DeviationType type : ALL) {
            if (types.put(type.code(), type) != null) {
                throw new IllegalStateException("two types have the code " + type.code());
            }
        }
        return types;
    }

    /**
     * Deviations of one kind.
     *
     * @param title heading for people
     * @param types in the order in which they are listed
     */
    public record Group(String title, List<DeviationType> types) {
        public Group {
            types = List.copyOf(types);
        }
    }
}
