package io.nattrail.baseline;

/**
 * How many flows are expected.
 *
 * @param kind how it was said
 * @param min least number
 * @param max greatest number
 * @param text as it stands in the file
 */
record Count(Kind kind, long min, long max, String text) {
    private static final String NUMBER = "[0-9]{1,15}";

    enum Kind {
        /** One number, to which the file's tolerance applies. */
        NUMBER,
        /** Bounds of its own. */
        RANGE,
        /** All flows of the entry. */
        ALL,
        /** Not compared. */
        ANY
    }

    static final Count ALL = new Count(Kind.ALL, 0, Long.MAX_VALUE, "all");
    static final Count ANY = new Count(Kind.ANY, 0, Long.MAX_VALUE, "any");
    static final Count ZERO = of(0);

    static Count of(long number) {
        return new Count(Kind.NUMBER, number, number, Long.toString(number));
    }

    /**
     * Parses {@code 12}, {@code 8..16}, {@code 8..}, {@code ..16}, {@code 12 ±20%}, {@code 12 ±2} (or with {@code +-}), {@code all},
     * {@code any}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    static Count parse(String text) {
        String s = text.strip();
        if (s.equals("all")) {
            return ALL;
        }
        if (s.equals("any")) {
            return ANY;
        }
        if (s.matches(NUMBER)) {
            return of(Long.parseLong(s));
        }
        int dots = s.indexOf("..");
        if (dots >= 0 && s.length() > 2 && s.substring(0, dots).matches("(" + NUMBER + ")?") && s.substring(dots + 2).matches("(" + NUMBER
                + ")?")) {
            long min = dots == 0 ? 0 : Long.parseLong(s.substring(0, dots));
            long max = dots + 2 == s.length() ? Long.MAX_VALUE : Long.parseLong(s.substring(dots + 2));
            if (min > max) {
                throw new IllegalArgumentException("'" + s + "' ends before it begins");
            }
            return new Count(Kind.RANGE, min, max, s);
        }
        String[] parts = s.split("\\s*(±|\\+-)\\s*", 2);
        if (parts.length == 2 && parts[0].matches(NUMBER)) {
            Tolerance tolerance = Tolerance.parse(parts[1]);
            long number = Long.parseLong(parts[0]);
            return new Count(Kind.RANGE, tolerance.least(number), tolerance.greatest(number), s);
        }
        throw new IllegalArgumentException("'" + s + "' is no number of flows");
    }

    /** The bounds for an entry with so many flows. */
    Count within(Tolerance tolerance, long flows) {
        return switch (kind) {
            case NUMBER -> new Count(kind, tolerance.least(min), tolerance.greatest(max), text);
            case ALL -> new Count(kind, flows, flows, text);
            default -> this;
        };
    }

    boolean holds(long number) {
        return number >= min && number <= max;
    }
}
