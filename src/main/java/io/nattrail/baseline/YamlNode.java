package io.nattrail.baseline;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.nattrail.capture.UnreadableInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A YAML document that remembers its lines, so that a mistake in it can be shown where it is. Scalars stay the text that was written. */
final class YamlNode {
    private static final YAMLFactory YAML = new YAMLFactory();
    private static final Pattern PLACE = Pattern.compile("line ([0-9]{1,9}), column");
    private static final int DEEPEST = 20;

    private final String file;
    private final int line;
    /** One of these is not null; all are null for an empty value. */
    private final String text;
    private final Map<String, YamlNode> entries;
    private final List<YamlNode> items;

    private YamlNode(String file, int line, String text, Map<String, YamlNode> entries, List<YamlNode> items) {
        this.file = file;
        this.line = line;
        this.text = text;
        this.entries = entries;
        this.items = items;
    }

    /**
     * Reads a document.
     *
     * @param file its name in messages
     * @throws UnreadableInputException if it is no YAML, or uses more of YAML than a baseline needs
     */
    static YamlNode parse(String file, String document) throws IOException {
        try (YAMLParser parser = YAML.createParser(document)) {
            if (parser.nextToken() == null) {
                return new YamlNode(file, 1, null, null, null);
            }
            YamlNode root = read(file, parser, 0);
            if (parser.nextToken() != null) {
                throw UnreadableInputException.atLine(file, lineOf(parser.currentTokenLocation()), "begins a second document",
                        "a baseline is one document: remove the line --- and what follows it");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw UnreadableInputException.atLine(file, lineOf(e), "is not YAML: " + problem(e.getOriginalMessage()),
                    "look at this line and the one before it: indent with blanks, and quote a value that begins with "
                            + "* [ { & ! % @ or has ': '");
        }
    }

    private static YamlNode read(String file, YAMLParser parser, int depth) throws IOException {
        int line = lineOf(parser.currentTokenLocation());
        if (depth > DEEPEST) {
            throw UnreadableInputException.atLine(file, line, "is nested more than " + DEEPEST + " levels deep",
                    "a baseline has four levels");
        }
        if (parser.isCurrentAlias()) {
            throw UnreadableInputException.atLine(file, line, "refers to an anchor with *",
                    "write the value out, or quote it if the * is meant");
        }
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, YamlNode> entries = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                int at = lineOf(parser.currentTokenLocation());
                parser.nextToken();
                if (entries.put(key, read(file, parser, depth + 1)) != null) {
                    throw UnreadableInputException.atLine(file, at, "has '" + key + "' a second time", "keep one of them");
                }
            }
            return new YamlNode(file, line, null, entries, null);
        }
        if (token == JsonToken.START_ARRAY) {
            List<YamlNode> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(read(file, parser, depth + 1));
            }
            return new YamlNode(file, line, null, null, items);
        }
        return new YamlNode(file, line, token == JsonToken.VALUE_NULL ? null : parser.getText(), null, null);
    }

    /** The location of the exception is where the parser began to look; its message ends with where it gave up. */
    private static int lineOf(JsonProcessingException e) {
        Matcher place = PLACE.matcher(e.getOriginalMessage());
        int line = e.getLocation() == null ? 1 : lineOf(e.getLocation());
        while (place.find()) {
            line = Integer.parseInt(place.group(1));
        }
        return line;
    }

    /** Of the parser's many lines the one that says what it did not like. */
    private static String problem(String message) {
        String problem = "";
        for (String line : message.split("\n")) {
            if (!line.isBlank() && !line.startsWith(" ")) {
                problem = line.strip();
            }
        }
        return problem;
    }

    private static int lineOf(JsonLocation location) {
        return Math.max(1, location.getLineNr());
    }

    int line() {
        return line;
    }

    boolean isMap() {
        return entries != null;
    }

    boolean isEmpty() {
        return text == null && entries == null && items == null;
    }

    /** The entries of a map. */
    Map<String, YamlNode> map(String what, String example) {
        if (entries == null) {
            throw wrong(what + " is " + kind() + ", not a map", "write it like this: " + example);
        }
        return entries;
    }

    /** The items of a list. */
    List<YamlNode> list(String what, String example) {
        if (items == null) {
            throw wrong(what + " is " + kind() + ", not a list", "write it like this: " + example);
        }
        return items;
    }

    /** The text of a value. */
    String text(String what, String example) {
        if (text == null) {
            throw wrong(what + (isEmpty() ? " has no value" : " is " + kind() + ", not one value"), "write it like this: " + example);
        }
        return text;
    }

    private String kind() {
        if (entries != null) {
            return "a map";
        }
        return items != null ? "a list" : text == null ? "empty" : "'" + text + "'";
    }

    /** The complaint about this node. */
    UnreadableInputException wrong(String what, String remedy) {
        return UnreadableInputException.atLine(file, line, what, remedy);
    }
}
