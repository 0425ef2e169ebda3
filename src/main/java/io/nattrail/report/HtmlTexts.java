package io.nattrail.report;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The texts of one block of the HTML report: each stands in the block once, and everywhere else its number. */
final class HtmlTexts {
    private final Map<String, Integer> numbers = new LinkedHashMap<>();

    /** The number of a text; a new one gets the next. */
    int number(String text) {
        return numbers.computeIfAbsent(text, absent -> numbers.size());
    }

    /** Writes {@code texts} into the object that is open, in the order of their numbers. */
    void write(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("texts");
        for (String text : numbers.keySet()) {
            json.writeString(text);
        }
        json.writeEndArray();
    }
}
