package io.nattrail.cluster;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.io.Reader;

/** {@code kubectl get ... -o json}; also several objects after each other and JSON lines. */
final class KubernetesJson implements ClusterSource {
    /** Objects of the API are at most 1.5 MB (etcd's limit), so is each text and number in them. */
    static final StreamReadConstraints LIMITS = StreamReadConstraints.builder().maxNestingDepth(500).maxStringLength(1 << 22)
            .maxNumberLength(1 << 16).maxNameLength(1 << 16).build();

    private static final JsonFactory FACTORY = JsonFactory.builder().streamReadConstraints(LIMITS)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    @Override
    public String name() {
        return "kubectl get -o json";
    }

    @Override
    public boolean recognises(String head) {
        int start = start(head);
        return start < head.length() && (head.charAt(start) == '{' || head.charAt(start) == '[')
                && (head.contains("\"apiVersion\"") || head.contains("\"kind\"") && head.contains("\"metadata\""));
    }

    /** After blanks and what kubectl says besides, which comes into a file with {@code 2>&1}. */
    private static int start(String head) {
        int at = 0;
        while (at < head.length()) {
            if (Character.isWhitespace(head.charAt(at))) {
                at++;
            } else if (WithoutWarnings.begins(head, at)) {
                int end = head.indexOf('\n', at);
                at = end < 0 ? head.length() : end;
            } else {
                break;
            }
        }
        return at;
    }

    @Override
    public void read(Reader text, DumpFacts facts) throws IOException {
        try (JsonParser parser = FACTORY.createParser(new WithoutWarnings(text))) {
            new KubernetesObjects(facts, false).read(parser);
        }
    }
}
