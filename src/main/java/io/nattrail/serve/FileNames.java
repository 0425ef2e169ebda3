package io.nattrail.serve;

import java.util.Locale;
import java.util.Set;

/** Names for the files of a case. What the client calls a file is a hint for a name made here; never a path. */
final class FileNames {
    private static final int LONGEST = 100;
    private static final int LONGEST_LABEL = 200;
    /** Devices on Windows, with any ending. */
    private static final Set<String> DEVICES = Set.of("con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7",
            "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9");

    private FileNames() {
    }

    /**
     * A name made of {@code A-Z a-z 0-9 . _ -}, never beginning with a dot or a dash ({@code -} alone would mean standard input), not in
     * use yet. Endings are kept, since they tell what the file is.
     *
     * @param used names in use, in lower case; the new one is added
     */
    static String make(String label, Set<String> used) {
        String last = label.substring(Math.max(label.lastIndexOf('/'), label.lastIndexOf('\\')) + 1);
        String name = last.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^[.-]+", "").replaceFirst("\\.+$", "");
        if (name.isEmpty()) {
            name = "file";
        }
        if (name.length() > LONGEST) {
            name = name.substring(0, LONGEST / 2) + name.substring(name.length() - LONGEST / 2);
        }
        int dot = name.indexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        String ending = dot < 0 ? "" : name.substring(dot);
        if (DEVICES.contains(stem.toLowerCase(Locale.ROOT))) {
            stem = "_" + stem;
        }
        String unique = stem + ending;
        for (int i = 2; !used.add(unique.toLowerCase(Locale.ROOT)); i++) {
            unique = stem + "-" + i + ending;
        }
        return unique;
    }

    /** What the client called it, for people to read: no control characters, nothing that turns the reading direction, not endless. */
    static String label(String text) {
        String plain = text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]", "").strip();
        int length = plain.codePointCount(0, plain.length());
        return length <= LONGEST_LABEL ? plain : plain.substring(0, plain.offsetByCodePoints(0, LONGEST_LABEL)) + "…";
    }
}
