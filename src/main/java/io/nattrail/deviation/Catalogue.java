package io.nattrail.deviation;

import java.util.ArrayList;
import java.util.List;

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

    private Catalogue() {
    }

    private static List<DeviationType> all() {
        List<DeviationType> all = new ArrayList<>();
        for (Group group : GROUPS) {
            all.addAll(group.types());
        }
        return List.copyOf(all);
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
