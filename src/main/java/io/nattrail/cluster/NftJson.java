package io.nattrail.cluster;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;

/** {@code nft -j list ruleset}: JSON as libnftables-json(5) tells. One object is held at a time. */
final class NftJson implements ClusterSource {
    @Override
    public String name() {
        return "nft -j list ruleset";
    }

    @Override
    public boolean recognises(String head) {
        int brace = head.indexOf('{');
        int key = head.indexOf("\"nftables\"");
        return brace >= 0 && key > brace && head.substring(0, brace).isBlank() && head.substring(brace + 1, key).isBlank();
    }

    @Override
    public void read(Reader text, DumpFacts facts) throws IOException {
        // Made only here: it takes long to load, and most cases have no such dump.
        ObjectMapper mapper = new ObjectMapper(JsonFactory.builder().streamReadConstraints(KubernetesJson.LIMITS).build());
        NftTables tables = new NftTables(facts);
        try (JsonParser parser = mapper.getFactory().createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.FIELD_NAME && parser.currentName().equals("nftables")
                        && parser.nextToken() == JsonToken.START_ARRAY) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        JsonNode object = mapper.readTree(parser);
                        object(object, tables);
                    }
                }
            }
        } finally {
            tables.tell();
        }
    }

    private static void object(JsonNode object, NftTables tables) {
        JsonNode rule = object.path("rule");
        if (rule.isObject() && NftTables.isKubes(text(rule, "table"))) {
            rule(rule, tables);
        }
        for (String kind : List.of("set", "map", "element")) {
            JsonNode map = object.path(kind);
            if (map.isObject() && NftTables.isKubes(text(map, "table"))) {
                for (JsonNode element : map.path("elem")) {
                    tables.add(text(map, "family"), text(map, "table"), text(map, "name"), element(element));
                }
            }
        }
    }

    /** Of a set the key alone, of a map a pair of key and verdict; with a comment, the key is wrapped. */
    private static NftTables.Element element(JsonNode element) {
        boolean pair = element.isArray() && element.size() == 2;
        JsonNode key = pair ? element.get(0) : element;
        JsonNode verdict = pair ? element.get(1) : element.path("none");
        String comment = null;
        if (key.has("elem")) {
            comment = text(key.path("elem"), "comment");
            key = key.path("elem").path("val");
        }
        List<String> words = new ArrayList<>(3);
        if (key.has("concat")) {
            key.path("concat").forEach(word -> words.add(word.asText()));
        } else {
            words.add(key.asText());
        }
        return new NftTables.Element(words, comment, target(verdict), verdict.has("drop") ? ClusterState.Fate.DROP : null);
    }

    private static String target(JsonNode verdict) {
        for (String kind : List.of("goto", "jump")) {
            JsonNode target = verdict.path(kind).path("target");
            if (target.isTextual()) {
                return target.asText();
            }
        }
        return null;
    }

    private static void rule(JsonNode told, NftTables tables) {
        ChainRule rule = new ChainRule(text(told, "chain"));
        boolean hidden = false;
        for (JsonNode expression : told.path("expr")) {
            if (expression.has("match")) {
                match(rule, expression.path("match"));
            } else if (expression.has("xt")) {
                hidden |= NftRuleset.extension(rule, text(expression.path("xt"), "type"), text(expression.path("xt"), "name"));
            } else if (expression.has("vmap")) {
                vmap(rule, expression.path("vmap"));
            } else if (expression.has("dnat")) {
                IpAddress address = Values.address(text(expression.path("dnat"), "addr"));
                int port = Values.port(text(expression.path("dnat"), "port"));
                rule.to = address == null || port < 0 ? null : new Endpoint(address, port);
            } else if (expression.has("reject")) {
                rule.fate = ClusterState.Fate.REJECT;
            } else if (expression.has("drop")) {
                rule.fate = ClusterState.Fate.DROP;
            } else if (target(expression) != null) {
                rule.targets.add(target(expression));
            }
        }
        tables.add(text(told, "family"), text(told, "table"), rule, hidden);
    }

    private static void vmap(ChainRule rule, JsonNode vmap) {
        if (vmap.path("key").has("numgen")) {
            rule.choice();
        }
        for (JsonNode pair : vmap.path("data").path("set")) {
            String target = target(pair.path(1));
            if (target != null) {
                rule.targets.add(target);
            }
        }
    }

    private static void match(ChainRule rule, JsonNode match) {
        boolean not = text(match, "op").equals("!=");
        JsonNode left = match.path("left");
        JsonNode right = match.path("right");
        String value = right.isValueNode() ? right.asText() : "";
        String field = text(left.path("payload"), "field");
        if (field.equals("daddr") && !not) {
            rule.toLocal |= value.startsWith("@nodeport-ips");
            rule.destination = Values.host(value);
        } else if (field.equals("saddr") && !not && value.startsWith("@affinity-")) {
            rule.choice();
        } else if (field.equals("dport") && !not) {
            rule.port = Math.max(0, Values.port(value));
            rule.protocol = rule.protocol == null ? Values.protocol(text(left.path("payload"), "protocol")) : rule.protocol;
        } else if ((text(left.path("meta"), "key").equals("l4proto") || field.equals("protocol")) && !not) {
            rule.protocol = Values.protocol(value);
        } else if (left.has("fib") && !not && left.path("fib").path("flags").toString().contains("daddr")) {
            rule.toLocal = true;
        } else if (left.toString().contains("\"random\"")) {
            rule.choice();
        } else {
            rule.onlySomeSources();
        }
    }

    private static String text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isValueNode() && !value.isNull() ? value.asText() : "";
    }
}
