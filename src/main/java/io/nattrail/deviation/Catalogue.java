package io.nattrail.deviation;

import io.nattrail.net.Similarity;
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

    private static final int LEAST_WORD = 6;
    private static final int MISTYPED = 2;

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
     * The type with a code, as somebody wrote it.
     *
     * @throws IllegalArgumentException if there is none; its message names those that may be meant
     */
    public static DeviationType of(String code) {
        List<String> similar = new ArrayList<>();
        for (DeviationType type : ALL) {
            if (type.code().equals(code)) {
                return type;
            }
            if (Similarity.close(code, type.code()) || isAWordOf(code, type.code())) {
                similar.add(type.code());
            }
        }
        throw new IllegalArgumentException("no deviation has the code '" + code + "'; "
                + (similar.isEmpty() ? "nattrail explain lists them" : "did you mean " + String.join(", ", similar) + "?"));
    }

    /** Somebody who remembers one word of a code may have mistyped it; short words resemble each other by chance. */
    private static boolean isAWordOf(String written, String code) {
        for (String word : code.split("-")) {
            if (word.length() >= LEAST_WORD && Similarity.distance(written, word) <= MISTYPED) {
                return true;
            }
        }
        return false;
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
