package io.nattrail.assertj;

import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.FlowSelection;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** Which flows are meant: all that is said must fit. */
public final class FlowQuery {
    static final FlowQuery ANY = new FlowQuery(null, null, null);

    private final String client;
    private final String service;
    private final String endpoint;
    private final FlowSelection selection;

    private FlowQuery(String client, String service, String endpoint) {
        this.client = client;
        this.service = service;
        this.endpoint = endpoint;
        this.selection = new FlowSelection(patterns(client), patterns(service), patterns(endpoint), FlowSelection.ALL.period());
    }

    /** Of this client: {@code 10.0.0.1}, {@code 10.0.0.0/24}, {@code 10.0.0.1:80}. */
    public FlowQuery from(String client) {
        return new FlowQuery(client, service, endpoint);
    }

    /** To this service: {@code namespace/name}, {@code 10.0.0.1:80}, {@code :32000}. */
    public FlowQuery to(String service) {
        return new FlowQuery(client, service, endpoint);
    }

    /** Given to this endpoint: {@code namespace/pod}, {@code 10.244.1.2}, {@code 10.244.1.2:8443}. */
    public FlowQuery via(String endpoint) {
        return new FlowQuery(client, service, endpoint);
    }

    List<FlowResult> of(List<FlowResult> flows) {
        return flows.stream().filter(selection::accepts).toList();
    }

    private static List<FlowSelection.Pattern> patterns(String text) {
        List<FlowSelection.Pattern> patterns = new ArrayList<>();
        if (text != null) {
            patterns.add(FlowSelection.Pattern.parse(text));
        }
        return patterns;
    }

    /** {@code from 10.241.0.4 to default/web}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(" ");
        if (client != null) {
            text.add("from " + client);
        }
        if (service != null) {
            text.add("to " + service);
        }
        if (endpoint != null) {
            text.add("via " + endpoint);
        }
        return text.toString();
    }
}
