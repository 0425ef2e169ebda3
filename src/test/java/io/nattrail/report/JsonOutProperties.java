package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.BeforeTry;

/** What is written is what Jackson reads. */
class JsonOutProperties {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ByteArrayOutputStream bytes;
    private JsonOut json;

    @BeforeTry
    void begin() {
        bytes = new ByteArrayOutputStream();
        json = new JsonOut(bytes);
    }

    @Property
    void everyTextComesBack(@ForAll @Size(max = 20) List<String> texts) throws IOException {
        json.spreadArray();
        for (String text : texts) {
            json.string(text);
            json.shared(text);
            json.shared(text);
            json.object();
            json.name(text).nothing();
            json.endObject();
        }
        json.endArray();

        JsonNode read = read();
        for (int i = 0; i < texts.size(); i++) {
            assertThat(read.get(4 * i).textValue()).isEqualTo(texts.get(i));
            assertThat(read.get(4 * i + 1).textValue()).isEqualTo(texts.get(i));
            assertThat(read.get(4 * i + 2).textValue()).isEqualTo(texts.get(i));
            assertThat(read.get(4 * i + 3).fieldNames()).toIterable().containsExactly(texts.get(i));
        }
    }

    @Property
    void everyNumberComesBack(@ForAll long whole, @ForAll double real) throws IOException {
        json.array();
        json.number(whole);
        json.number(real);
        json.endArray();

        JsonNode read = read();
        assertThat(read.get(0).longValue()).isEqualTo(whole);
        assertThat(read.get(1).doubleValue()).isEqualTo(real);
    }

    @Property
    void everyTimeIsThatOfIsoTime(@ForAll long one, @ForAll long other) throws IOException {
        json.array();
        json.time(one);
        json.time(other);
        json.time(one + 1);
        json.endArray();

        assertThat(read()).extracting(JsonNode::textValue).containsExactly(IsoTime.of(one), IsoTime.of(other), IsoTime.of(one + 1));
    }

    @Example
    void textsLongerThanTheBufferAndMoreThanItHoldsComeBack() throws IOException {
        String text = "\u0001\"ä€\ud83d\ude80x".repeat(30_000);
        json.array();
        for (int i = 0; i < 3; i++) {
            json.string(text);
            json.shared(text.substring(0, 100));
        }
        json.endArray();

        assertThat(read()).extracting(JsonNode::textValue).containsExactly(text, text.substring(0, 100), text, text.substring(0, 100), text,
                text.substring(0, 100));
    }

    @Example
    void halfACharacterIsEscaped() throws IOException {
        json.array();
        json.string("a\ud83d");
        json.string("\ude80\ud83db");
        json.endArray();

        assertThat(read()).extracting(JsonNode::textValue).containsExactly("a\ud83d", "\ude80\ud83db");
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("\\ud83d");
    }

    @Example
    void layoutKeepsInnerValuesOnOneLine() throws IOException {
        json.spreadObject();
        json.name("a").object();
        json.name("b").number(1);
        json.name("c").bool(null);
        json.endObject();
        json.name("d").spreadArray();
        json.number(1);
        json.number(2);
        json.endArray();
        json.name("e").spreadArray();
        json.endArray();
        json.endObject();
        json.finish();

        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("""
                {
                 "a": {"b":1,"c":null},
                 "d": [
                  1,
                  2
                 ],
                 "e": []
                }
                """);
    }

    @Example
    void whatJsonCannotSayIsRefused() {
        assertThatThrownBy(() -> json.number(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> {
            json.array();
            json.finish();
        }).isInstanceOf(IllegalStateException.class);
    }

    private JsonNode read() throws IOException {
        json.finish();
        return MAPPER.readTree(bytes.toByteArray());
    }
}
