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
        for (int at = 0; at < head.length();) {
            int end = head.indexOf('\n', at);
            end = end < 0 ? head.length() : end;
            if (begins(head.substring(at, end))) {
                return head.indexOf("\"apiVersion\"", at) > 0
                        || head.indexOf("\"kind\"", at) > 0 && head.indexOf("\"metadata\"", at) > 0;
            }
            at = end + 1;
        }
        return false;
    }

    /** An object, or an array of some; "[sudo] password for ..." is none. */
    private static boolean begins(String line) {
        String text = line.stripLeading();
        return text.startsWith("{") || text.startsWith("[") && (text.length() == 1 || "{ \r\n".indexOf(text.charAt(1)) >= 0);
    }

    @Override
    public void read(Reader text, DumpFacts facts) throws IOException {
        try (JsonParser parser = FACTORY.createParser(new KubectlOutput(text, KubernetesJson::begins))) {
            new KubernetesObjects(facts, false).read(parser);
        }
    }
}
