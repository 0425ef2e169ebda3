package io.nattrail.analysis;

import java.io.Closeable;
import java.io.IOException;

/** Closes things of which each must be closed, whatever goes wrong with another. */
public final class CloseAll {
    private CloseAll() {
    }

    /**
     * Closes each, in order.
     *
     * @throws IOException the first failure, the later ones suppressed in it
     */
    public static void of(Iterable<? extends Closeable> all) throws IOException {
        IOException first = null;
        for (Closeable one : all) {
            try {
                one.close();
            } catch (IOException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
