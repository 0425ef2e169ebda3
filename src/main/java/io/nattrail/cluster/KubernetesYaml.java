package io.nattrail.cluster;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.Reader;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;

/** {@code kubectl get ... -o yaml}; also several documents. */
final class KubernetesYaml implements ClusterSource {
    /** Code points. SnakeYAML's own limit of three million is a cluster of some hundred pods. */
    private static final int LIMIT = 1 << 29;

    private static final YAMLFactory FACTORY = YAMLFactory.builder().loaderOptions(limits()).streamReadConstraints(KubernetesJson.LIMITS)
            .build();

    private static LoaderOptions limits() {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(LIMIT);
        options.setNestingDepthLimit(500);
        return options;
    }

    @Override
    public String name() {
        return "kubectl get -o yaml";
    }

    /** A line {@code apiVersion:} or {@code - apiVersion:} at the margin, as a document or the items of a list begin. */
    @Override
    public boolean recognises(String head) {
        for (int at = 0; at < head.length();) {
            int end = head.indexOf('\n', at);
            end = end < 0 ? head.length() : end;
            if (head.startsWith("apiVersion:", at) || head.startsWith("- apiVersion:", at) || head.startsWith("kind: ", at)) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }

    /** kubectl writes fields in the order of their names: of what is used here, EndpointSlices alone have one before apiVersion. */
    private static boolean begins(String line) {
        return Stream.of("apiVersion:", "kind:", "addressType:", "items:", "- ", "---").anyMatch(line::startsWith);
    }

    @Override
    public void read(Reader text, DumpFacts facts) throws IOException {
        try (JsonParser parser = FACTORY.createParser(new KubectlOutput(text, KubernetesYaml::begins))) {
            new KubernetesObjects(facts, true).read(parser);
        }
    }
}
