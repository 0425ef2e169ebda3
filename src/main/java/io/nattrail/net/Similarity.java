package io.nattrail.net;

/** Whether somebody who wrote one word may have meant another. */
public final class Similarity {
    private Similarity() {
    }

    /** True if one contains the other, or a third of the letters at most was mistyped. */
    public static boolean close(String written, String meant) {
        if (written.length() >= 4 && meant.contains(written)) {
            return true;
        }
        return distance(written, meant) <= Math.max(1, Math.min(written.length(), meant.length()) / 3);
    }

    /** Levenshtein's: letters to insert, delete or replace. */
    public static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
