package io.nattrail.serve;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One path and method of the server.
 *
 * @param path as documented, with names in braces for parts that vary
 * @param open whether it is served without the token
 */
record Route(String method, String path, boolean open, Action action) {
    /** Answers a request. */
    @FunctionalInterface
    interface Action {
        void answer(Exchange exchange) throws IOException;
    }

    /** What the parts in braces stand for, or null if the path is another one. */
    Map<String, String> match(String asked) {
        List<String> own = List.of(path.split("/", -1));
        List<String> others = List.of(asked.split("/", -1));
        if (own.size() != others.size()) {
            return null;
        }
        Map<String, String> found = new LinkedHashMap<>();
        for (int i = 0; i < own.size(); i++) {
            String part = own.get(i);
            if (part.startsWith("{")) {
                found.put(part.substring(1, part.length() - 1), others.get(i));
            } else if (!part.equals(others.get(i))) {
                return null;
            }
        }
        return found;
    }
}
