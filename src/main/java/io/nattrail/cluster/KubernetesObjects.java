package io.nattrail.cluster;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Objects of the Kubernetes API as {@code kubectl get} prints them: a list of any kind, single objects, several documents after each other.
 * Only one object is held at a time, and of it only what is used; fields of unexpected types count as absent.
 */
final class KubernetesObjects {
    /** Large and not used here; {@code managedFields} alone can be half of an object. */
    private static final Set<String> UNUSED = Set.of("managedFields", "annotations", "containers", "initContainers", "ephemeralContainers",
            "volumes", "containerStatuses", "initContainerStatuses", "images", "data", "binaryData");

    /** The one annotation that counts: the API keeps a thousand addresses in Endpoints, and says here that there are more. */
    private static final String OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";

    /** Seconds; the default of {@code sessionAffinityConfig.clientIP.timeoutSeconds}. */
    private static final int DEFAULT_AFFINITY = 10_800;

    private final DumpFacts facts;
    private final boolean wholeAnywhere;

    /** The object read last: where the text turns out to be cut, it may lack its end. */
    private ObjectNode last;
    private boolean cut;
    private String lastKind = "";
    private long objects;
    private long understood;
    private long badValues;

    /** @param wholeAnywhere whether a text is well-formed wherever it was cut, as YAML is at the end of nearly every line */
    KubernetesObjects(DumpFacts facts, boolean wholeAnywhere) {
        this.facts = facts;
        this.wholeAnywhere = wholeAnywhere;
    }

    /** Reads all documents. What was read before an exception stays. */
    void read(JsonParser parser) throws IOException {
        boolean whole = false;
        try {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                readValue(parser, token);
            }
            whole = !cut;
        } finally {
            takeLast();
            if (cut) {
                facts.note("ends inside a list, before its kind; the rest is missing");
            }
            if (!whole && lastKind.equals("EndpointSlice") && !facts.slices.isEmpty()) {
                breaksOffInSlices();
            }
            if (understood == 0) {
                facts.note(objects == 0 ? "holds no Kubernetes object"
                        : "holds no Node, Service, EndpointSlice, Endpoints or Pod; make it with: "
                                + "kubectl get nodes,services,endpointslices,pods -A -o json");
            }
            facts.noteCount(badValues, "value is no address, prefix or port and was passed over",
                    "values are no address, prefix or port and were passed over");
        }
    }

    /**
     * kubectl lists one kind after the other, and each by namespace and name: slices that are missing are of services of the last one's
     * namespace, or of services of which none is told. Those of one service need not stand together ("web-7x2fk", "web-api-9lm4d",
     * "web-zz8rq").
     */
    private void breaksOffInSlices() {
        String last = facts.slices.get(facts.slices.size() - 1).value().service();
        String namespace = last.substring(0, last.indexOf('/') + 1);
        for (DumpFacts.Told<DumpFacts.EndpointSet> slice : facts.slices) {
            if (slice.value().service().startsWith(namespace)) {
                facts.partlyTold.add(slice.value().service());
            }
        }
    }

    private void readValue(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.START_OBJECT) {
            readObject(parser);
        } else if (token == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                readValue(parser, parser.currentToken());
            }
        }
    }

    /**
     * A list is known by its {@code items}, which are read one after the other; the other fields of a list are few. A field that comes
     * again is another object's: YAML that was written by several commands into one file has nothing between the objects.
     */
    private void readObject(JsonParser parser) throws IOException {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        boolean list = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (object.has(name)) {
                end(object, list);
                object = JsonNodeFactory.instance.objectNode();
                list = false;
            }
            if (name.equals("items") && token == JsonToken.START_ARRAY) {
                list = true;
                readValue(parser, token);
            } else {
                put(object, name, parser);
            }
        }
        end(object, list);
    }

    private void end(ObjectNode object, boolean list) {
        if (!list) {
            objects++;
            takeLast();
            last = object;
        } else if (wholeAnywhere && object.has("apiVersion") && !object.has("kind")) {
            // kubectl writes the fields in the order of their names: "kind" comes after "items".
            cut = true;
            last = null;
        }
    }

    private void takeLast() {
        if (last != null) {
            take(last);
            last = null;
        }
    }

    private static void put(ObjectNode object, String name, JsonParser parser) throws IOException {
        if (name.equals("annotations") && parser.currentToken() == JsonToken.START_OBJECT) {
            object.set(name, annotations(parser));
        } else if (UNUSED.contains(name)) {
            parser.skipChildren();
        } else {
            object.set(name, tree(parser));
        }
    }

    private static JsonNode annotations(JsonParser parser) throws IOException {
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean counts = OVER_CAPACITY.equals(parser.currentName());
            parser.nextToken();
            if (counts) {
                kept.set(OVER_CAPACITY, tree(parser));
            } else {
                parser.skipChildren();
            }
        }
        return kept;
    }

    /** The parser bounds the depth. */
    private static JsonNode tree(JsonParser parser) throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> {
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    parser.nextToken();
                    put(object, name, parser);
                }
                return object;
            }
            case START_ARRAY -> {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(tree(parser));
                }
                return array;
            }
            case VALUE_TRUE, VALUE_FALSE -> {
                return JsonNodeFactory.instance.booleanNode(parser.getBooleanValue());
            }
            case VALUE_NULL -> {
                return JsonNodeFactory.instance.nullNode();
            }
            default -> {
                // Numbers as well, as they are written: so a number of a million digits costs nothing.
                return JsonNodeFactory.instance.textNode(parser.getText());
            }
        }
    }

    private void take(ObjectNode object) {
        JsonNode metadata = object.path("metadata");
        String name = text(metadata, "name");
        if (name == null) {
            return;
        }
        long version = Math.max(0, Values.number(text(metadata, "resourceVersion")));
        String kind = kind(object);
        lastKind = kind;
        switch (kind) {
            case "Node" -> facts.nodes.add(new DumpFacts.Told<>(facts.file, version, node(name, object)));
            case "Service" -> facts.services.add(new DumpFacts.Told<>(facts.file, version, service(metadata, name, object)));
            case "EndpointSlice" -> {
                DumpFacts.EndpointSet slice = slice(metadata, name, object);
                if (slice == null) {
                    return;
                }
                facts.slices.add(new DumpFacts.Told<>(facts.file, version, slice));
            }
            case "Endpoints" -> {
                DumpFacts.EndpointSet all = endpoints(metadata, name, object);
                facts.endpoints.add(new DumpFacts.Told<>(facts.file, version, all));
                if ("truncated".equals(text(metadata.path("annotations"), OVER_CAPACITY))) {
                    facts.partlyTold.add(all.service());
                }
            }
            case "Pod" -> facts.pods.add(new DumpFacts.Told<>(facts.file, version, pod(metadata, name, object)));
            default -> {
                return;
            }
        }
        understood++;
    }

    /** The items of a typed list ({@code kubectl get --raw}) do not tell their kind; their shape does. */
    private static String kind(ObjectNode object) {
        String kind = text(object, "kind");
        if (kind != null) {
            return kind;
        }
        JsonNode spec = object.path("spec");
        if (object.has("addressType")) {
            return "EndpointSlice";
        }
        if (object.has("subsets")) {
            return "Endpoints";
        }
        if (spec.has("clusterIP") || spec.has("clusterIPs")) {
            return "Service";
        }
        if (object.path("status").has("nodeInfo") || spec.has("podCIDR")) {
            return "Node";
        }
        return spec.has("nodeName") ? "Pod" : "";
    }

    private ClusterState.Node node(String name, ObjectNode object) {
        Set<IpAddress> internal = new LinkedHashSet<>();
        Set<IpAddress> external = new LinkedHashSet<>();
        for (JsonNode address : object.path("status").path("addresses")) {
            String type = text(address, "type");
            if ("InternalIP".equals(type)) {
                add(internal, text(address, "address"));
            } else if ("ExternalIP".equals(type)) {
                add(external, text(address, "address"));
            }
        }
        internal.addAll(external);
        Set<Cidr> podCidrs = new LinkedHashSet<>();
        addCidr(podCidrs, text(object.path("spec"), "podCIDR"));
        for (JsonNode cidr : object.path("spec").path("podCIDRs")) {
            addCidr(podCidrs, text(cidr));
        }
        facts.nodeNames.add(name);
        return new ClusterState.Node(name, List.copyOf(internal), List.copyOf(podCidrs));
    }

    private ClusterState.Service service(JsonNode metadata, String name, ObjectNode object) {
        JsonNode spec = object.path("spec");
        Set<IpAddress> clusterIps = new LinkedHashSet<>();
        addUnlessNone(clusterIps, text(spec, "clusterIP"));
        for (JsonNode ip : spec.path("clusterIPs")) {
            addUnlessNone(clusterIps, text(ip));
        }
        Set<IpAddress> external = new LinkedHashSet<>();
        for (JsonNode ip : spec.path("externalIPs")) {
            add(external, text(ip));
        }
        addUnlessNone(external, text(spec, "loadBalancerIP"));
        for (JsonNode ingress : object.path("status").path("loadBalancer").path("ingress")) {
            addUnlessNone(external, text(ingress, "ip"));
        }
        List<ClusterState.ServicePort> ports = new ArrayList<>();
        for (JsonNode port : spec.path("ports")) {
            Protocol protocol = protocol(port);
            int number = Values.port(text(port, "port"));
            if (protocol == null || number < 0) {
                badValues++;
                continue;
            }
            String target = text(port, "targetPort");
            ports.add(new ClusterState.ServicePort(orEmpty(text(port, "name")), protocol, number,
                    target == null ? Integer.toString(number) : target, Math.max(0, Values.port(text(port, "nodePort")))));
        }
        return new ClusterState.Service(namespace(metadata), name, List.copyOf(clusterIps), List.copyOf(external),
                "Local".equals(text(spec, "externalTrafficPolicy")), "Local".equals(text(spec, "internalTrafficPolicy")), affinity(spec),
                Math.max(0, Values.port(text(spec, "healthCheckNodePort"))), ports);
    }

    private static int affinity(JsonNode spec) {
        if (!"ClientIP".equals(text(spec, "sessionAffinity"))) {
            return 0;
        }
        long seconds = Values.number(text(spec.path("sessionAffinityConfig").path("clientIP"), "timeoutSeconds"));
        return seconds > 0 && seconds <= Integer.MAX_VALUE ? (int) seconds : DEFAULT_AFFINITY;
    }

    /** Null if it belongs to no service or holds names instead of addresses. */
    private DumpFacts.EndpointSet slice(JsonNode metadata, String name, ObjectNode object) {
        String service = text(metadata.path("labels"), "kubernetes.io/service-name");
        for (JsonNode owner : metadata.path("ownerReferences")) {
            if (service == null && "Service".equals(text(owner, "kind"))) {
                service = text(owner, "name");
            }
        }
        if (service == null || "FQDN".equals(text(object, "addressType"))) {
            return null;
        }
        String key = namespace(metadata) + "/" + service;
        List<ClusterState.ServiceEndpoint> found = new ArrayList<>();
        for (JsonNode endpoint : object.path("endpoints")) {
            JsonNode conditions = endpoint.path("conditions");
            String node = text(endpoint, "nodeName");
            if (node == null) {
                node = text(endpoint.path("topology"), "kubernetes.io/hostname");
            }
            // "A nil value should be interpreted as true" for ready, as false for terminating (discovery.k8s.io/v1).
            boolean ready = !"false".equals(text(conditions, "ready"));
            boolean terminating = "true".equals(text(conditions, "terminating"));
            // Where "serving" is nil, "ready" is what counts.
            boolean serving = conditions.has("serving") ? !"false".equals(text(conditions, "serving")) : ready;
            boolean forZones = !endpoint.path("hints").path("forZones").isEmpty();
            for (JsonNode address : endpoint.path("addresses")) {
                addEndpoints(found, object.path("ports"), text(address), new ClusterState.ServiceEndpoint(key, "", null, null, node,
                        target(metadata, endpoint), ready, terminating, serving, forZones));
            }
        }
        return new DumpFacts.EndpointSet(namespace(metadata) + "/" + name, key, found);
    }

    private DumpFacts.EndpointSet endpoints(JsonNode metadata, String name, ObjectNode object) {
        String key = namespace(metadata) + "/" + name;
        List<ClusterState.ServiceEndpoint> found = new ArrayList<>();
        for (JsonNode subset : object.path("subsets")) {
            for (String field : List.of("addresses", "notReadyAddresses")) {
                for (JsonNode address : subset.path(field)) {
                    addEndpoints(found, subset.path("ports"), text(address, "ip"), new ClusterState.ServiceEndpoint(key, "", null, null,
                            text(address, "nodeName"), target(metadata, address), field.equals("addresses"), false));
                }
            }
        }
        return new DumpFacts.EndpointSet(key, key, found);
    }

    /** One for each port, alike but for that. */
    private void addEndpoints(List<ClusterState.ServiceEndpoint> found, JsonNode ports, String ip, ClusterState.ServiceEndpoint like) {
        IpAddress address = facts.address(ip);
        if (address == null) {
            badValues++;
            return;
        }
        if (like.node() != null) {
            facts.nodeNames.add(like.node());
        }
        for (JsonNode port : ports) {
            Protocol protocol = protocol(port);
            int number = Values.port(text(port, "port"));
            if (protocol == null || number < 0) {
                badValues++;
                continue;
            }
            found.add(new ClusterState.ServiceEndpoint(like.service(), orEmpty(text(port, "name")), protocol, new Endpoint(address, number),
                    like.node(), like.pod(), like.ready(), like.terminating(), like.serving(), like.forZones()));
        }
    }

    private static String target(JsonNode metadata, JsonNode endpoint) {
        JsonNode target = endpoint.path("targetRef");
        String name = text(target, "name");
        if (name == null || !"Pod".equals(text(target, "kind"))) {
            return null;
        }
        String namespace = text(target, "namespace");
        return (namespace == null ? namespace(metadata) : namespace) + "/" + name;
    }

    private DumpFacts.PodOnHost pod(JsonNode metadata, String name, ObjectNode object) {
        JsonNode spec = object.path("spec");
        JsonNode status = object.path("status");
        Set<IpAddress> addresses = new LinkedHashSet<>();
        String phase = text(status, "phase");
        // A finished pod keeps its address in its status, though the address may be another pod's by now.
        if (!"Succeeded".equals(phase) && !"Failed".equals(phase)) {
            addUnlessNone(addresses, text(status, "podIP"));
            for (JsonNode ip : status.path("podIPs")) {
                add(addresses, text(ip, "ip"));
            }
        }
        Set<IpAddress> host = new LinkedHashSet<>();
        addUnlessNone(host, text(status, "hostIP"));
        for (JsonNode ip : status.path("hostIPs")) {
            add(host, text(ip, "ip"));
        }
        boolean ready = false;
        for (JsonNode condition : status.path("conditions")) {
            ready |= "Ready".equals(text(condition, "type")) && "True".equals(text(condition, "status"));
        }
        String node = text(spec, "nodeName");
        if (node != null) {
            facts.nodeNames.add(node);
        }
        return new DumpFacts.PodOnHost(new ClusterState.Pod(namespace(metadata) + "/" + name, List.copyOf(addresses), node,
                "true".equals(text(spec, "hostNetwork")), ready), List.copyOf(host));
    }

    private void add(Set<IpAddress> to, String text) {
        IpAddress address = facts.address(text);
        if (address == null) {
            badValues++;
        } else {
            to.add(address);
        }
    }

    private void addUnlessNone(Set<IpAddress> to, String text) {
        if (text != null && !text.isEmpty() && !text.equals("None")) {
            add(to, text);
        }
    }

    private void addCidr(Set<Cidr> to, String text) {
        if (text == null || text.isEmpty()) {
            return;
        }
        Cidr cidr = Values.cidr(text);
        if (cidr == null) {
            badValues++;
        } else {
            to.add(cidr);
        }
    }

    private static Protocol protocol(JsonNode port) {
        String protocol = text(port, "protocol");
        return protocol == null ? Protocol.TCP : Values.protocol(protocol);
    }

    private static String namespace(JsonNode metadata) {
        String namespace = text(metadata, "namespace");
        return namespace == null || namespace.isEmpty() ? "default" : namespace;
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }

    private static String text(JsonNode object, String field) {
        return text(object.path(field));
    }

    private static String text(JsonNode value) {
        return value.isValueNode() && !value.isNull() ? value.asText() : null;
    }
}
