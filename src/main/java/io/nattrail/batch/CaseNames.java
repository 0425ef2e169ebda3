package io.nattrail.batch;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Names for the folders of reports: safe on every file system, and no two alike. */
final class CaseNames {
    private static final int LONGEST = 120;

    private final Set<String> taken = new HashSet<>();

    /** A folder for a case; the same for the same sequence of names. */
    String folder(String name) {
        StringBuilder safe = new StringBuilder();
        for (String part : name.split("/")) {
            if (!safe.isEmpty()) {
                safe.append("__");
            }
            safe.append(part.replaceAll("[^A-Za-z0-9._+=@%,-]", "_"));
        }
        // A leading dot would hide the folder; the device names of Windows are not worth a rule, its other taboos are letters above.
        String base = safe.toString().replaceFirst("^\\.+", "_");
        if (base.isEmpty()) {
            base = "case";
        }
        if (base.length() > LONGEST) {
            base = base.substring(0, LONGEST);
        }
        String folder = base;
        for (int i = 2; !taken.add(folder.toLowerCase(Locale.ROOT)); i++) {
            folder = base + "-" + i;
        }
        return folder;
    }
}
