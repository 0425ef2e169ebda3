package io.nattrail.cluster;

/** Names out of dumps as notes quote them: short, and without control characters. */
final class PlainName {
    private static final int LONGEST = 80;

    private PlainName() {
    }

    static String of(String name) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < name.length() && i < LONGEST; i++) {
            char c = name.charAt(i);
            plain.append(Character.isISOControl(c) ? '?' : c);
        }
        return name.length() > LONGEST ? plain + "..." : plain.toString();
    }
}
