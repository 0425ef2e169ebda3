package io.nattrail.cluster;

import java.util.ArrayList;
import java.util.List;

/** The words of a line, separated by blanks. */
final class Words {
    private Words() {
    }

    static List<String> of(String line) {
        List<String> words = new ArrayList<>();
        for (int at = 0; at < line.length();) {
            while (at < line.length() && line.charAt(at) <= ' ') {
                at++;
            }
            int start = at;
            while (at < line.length() && line.charAt(at) > ' ') {
                at++;
            }
            if (at > start) {
                words.add(line.substring(start, at));
            }
        }
        return words;
    }
}
