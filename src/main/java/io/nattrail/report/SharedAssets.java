package io.nattrail.report;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The parts of report.html that other pages of NatTrail use too, so that all look and work alike. */
public final class SharedAssets {
    /** Style sheet, and ES modules that import nothing but each other. */
    public static final List<String> NAMES = List.of("base.css", "dom.js", "format.js", "theme.js");

    private SharedAssets() {
    }

    /**
     * The content of one of them.
     *
     * @throws IllegalArgumentException if it is not among {@link #NAMES}
     */
    public static byte[] read(String name) throws IOException {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("'" + name + "' is none of " + NAMES);
        }
        try (InputStream in = SharedAssets.class.getResourceAsStream("html/" + name)) {
            if (in == null) {
                throw new IllegalStateException("no resource html/" + name);
            }
            return in.readAllBytes();
        }
    }
}
