package io.nattrail.report;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The texts of one block of the HTML report: each stands in the block once, and everywhere else its number. */
final class HtmlTexts {
    private final Map<String, Integer> numbers = new LinkedHashMap<>();

    /** The number of a text; a new one gets the next. */
    int number(String text) {
        Integer known = numbers.get(text);
        if (known != null) {
            return known;
        }
        int number = numbers.size();
        numbers.put(text, number);
        return number;
    }

    /** The number of a text that comes from outside, as {@link PlainText} shows it. */
    int plain(String text) {
        Integer known = numbers.get(text);
        return known != null ? known : number(PlainText.of(text));
    }

    /** Writes {@code texts} into the object that is open, in the order of their numbers. */
    void write(JsonOut json) throws IOException {
        json.name("texts").array();
        for (String text : numbers.keySet()) {
            json.string(text);
        }
        json.endArray();
    }
}
