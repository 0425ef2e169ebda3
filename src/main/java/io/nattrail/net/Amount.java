package io.nattrail.net;

/** Numbers of things for people: one thing, several things. */
public final class Amount {
    private Amount() {
    }

    /** For example {@code 1 packet}, {@code 12 packets}. */
    public static String of(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }
}
