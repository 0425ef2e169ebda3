package io.nattrail.baseline;

/**
 * By how much a count may differ from the expected number. An expected 0 has no tolerance: what must not occur must not occur once.
 *
 * @param flows by so many flows
 * @param percent by such a part of the number, rounded up to whole flows
 */
record Tolerance(long flows, double percent) {
    static final Tolerance EXACT = new Tolerance(0, 0);

    /**
     * Parses {@code exact}, {@code 20%} or {@code 3}; a {@code ±} before it is allowed.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    static Tolerance parse(String text) {
        String s = text.strip().replaceFirst("^(±|\\+-)\\s*", "");
        if (s.equals("exact")) {
            return EXACT;
        }
        if (s.matches("[0-9]{1,3}(\\.[0-9]{1,6})?\\s*%")) {
            return new Tolerance(0, Double.parseDouble(s.substring(0, s.length() - 1).strip()));
        }
        if (s.matches("[0-9]{1,15}")) {
            return new Tolerance(Long.parseLong(s), 0);
        }
        throw new IllegalArgumentException("'" + text.strip() + "' is no tolerance");
    }

    long least(long number) {
        return Math.max(0, number - room(number));
    }

    long greatest(long number) {
        return number + room(number);
    }

    private long room(long number) {
        return number == 0 ? 0 : Math.max(flows, (long) Math.ceil(number * percent / 100));
    }

    @Override
    public String toString() {
        if (percent > 0) {
            return (percent == Math.rint(percent) ? Long.toString((long) percent) : Double.toString(percent)) + "%";
        }
        return flows == 0 ? "exact" : Long.toString(flows);
    }
}
