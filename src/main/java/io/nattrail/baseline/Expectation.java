package io.nattrail.baseline;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One entry of a baseline: which flows it is about, and what is said of them. What is null is not said and not compared.
 *
 * @param line where it stands in its file; 0 if it was not read from one
 * @param path name of the path, with {@code *} for anything; null for all
 * @param service the same for the service
 * @param endpoint the same for the endpoint
 * @param flows how many
 * @param outcomes how many of each; a key that is not named is expected of none
 * @param translation how many of each kind
 * @param steps statuses of each step
 * @param deviations how many flows have each code
 * @param latency how long steps take
 */
record Expectation(int line, String path, String protocol, String service, String endpoint, Count flows, Map<String, Count> outcomes,
        Map<String, Count> translation, Map<String, Map<String, Count>> steps, Map<String, Count> deviations,
        Map<String, LatencyBand> latency) {
    /** In a map of counts: what is expected of all keys that are not named. */
    static final String OTHERS = "others";

    Expectation {
        outcomes = copy(outcomes);
        translation = copy(translation);
        deviations = copy(deviations);
        latency = copy(latency);
        if (steps != null) {
            Map<String, Map<String, Count>> all = new LinkedHashMap<>();
            steps.forEach((number, counts) -> all.put(number, copy(counts)));
            steps = Collections.unmodifiableMap(all);
        }
    }

    private static <V> Map<String, V> copy(Map<String, V> map) {
        return map == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    boolean isAbout(Target target) {
        return fits(path, target.path()) && fits(protocol, target.protocol()) && fits(service, target.service())
                && (target.endpoint() == null && endpoint == null || fits(endpoint, target.endpoint()));
    }

    /** Which flows, for people: {@code nodeport tcp default/web:https -> default/web-2}. */
    String title() {
        StringBuilder title = new StringBuilder(Objects.requireNonNullElse(path, "any path"));
        if (protocol != null) {
            title.append(' ').append(protocol);
        }
        if (service != null) {
            title.append(' ').append(service);
        }
        if (endpoint != null) {
            title.append(" -> ").append(endpoint);
        }
        return title.toString();
    }

    /** A pattern that only this text fits. */
    static String literally(String text) {
        return text == null ? null : text.replace("\\", "\\\\").replace("*", "\\*");
    }

    private static boolean fits(String pattern, String text) {
        return pattern == null || text != null && fits(pattern, 0, text, 0);
    }

    /**
     * Whether the rest of a text fits the rest of a pattern in which * stands for any number of characters, and \ takes the next as it
     * is.
     */
    private static boolean fits(String pattern, int p, String text, int t) {
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            boolean escaped = p + 1 < pattern.length() && pattern.charAt(p) == '\\';
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (p < pattern.length() && pattern.charAt(escaped ? p + 1 : p) == text.charAt(t)) {
                p += escaped ? 2 : 1;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
