package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;

/**
 * The catalogue's commands with what a flow tells in their places: {@code {port}}, {@code {client}}. Whatever is not known stays as a word
 * in capitals, for the reader to replace.
 */
final class Remedy {
    private final FlowTrace trace;
    private final ClusterIndex told;
    private final Finding finding;

    /** What has a place in commands, by its name in small letters. */
    private enum Fact {
        CLIENT, CLIENT_PORT,
        /** What the client calls: address and port before any translation. */
        ADDRESS, PORT,
        PROTOCOL, NAMESPACE, SERVICE, HEALTH_PORT, POD,
        /** The pod's own: a service and its pods share one, unless somebody writes the slices by hand. */
        POD_NAMESPACE("NAMESPACE"),
        POD_IP, POD_PORT,
        /** Whom the pod answers: the request's source after translation. */
        SOURCE,
        /** Whom the packets at the finding's step go to. */
        PEER,
        /** Of the finding's first frame. */
        FILE, FRAME("N"),
        CLIENT_NODE("NODE"), ENTRY_NODE("NODE"), ENDPOINT_NODE("NODE");

        private static final Fact[] ALL = values();
        private final String place;
        private final String word;

        Fact() {
            place = place();
            word = name();
        }

        Fact(String word) {
            place = place();
            this.word = word;
        }

        private String place() {
            return "{" + name().toLowerCase(java.util.Locale.ROOT) + "}";
        }
    }

    private Remedy(FlowTrace trace, ClusterIndex told, Finding finding) {
        this.trace = trace;
        this.told = told;
        this.finding = finding;
    }

    /** What to check first, for one flow. */
    static String of(Finding finding, FlowTrace trace, ClusterIndex told) {
        String check = finding.advice() == null ? finding.type().checks().get(0) : finding.advice().check();
        String text = fill(check, new Remedy(trace, told, finding));
        return withNode(withNode(text, "Node-1", trace.entryNode()), "Node-2", trace.endpointNode());
    }

    /** The catalogue's Node-1 is not the cluster's node of that name: where a text means another one, that is named. */
    static String withNode(String text, String role, String node) {
        boolean same = node == null || node.equalsIgnoreCase(role);
        return same || !harmless(node) ? text : text.replace(role, node);
    }

    /** A text of the catalogue with words in capitals in all places. */
    static String inGeneral(String text) {
        return fill(text, null);
    }

    private static String fill(String text, Remedy known) {
        StringBuilder filled = null;
        int done = 0;
        for (int open = text.indexOf('{'); open >= 0; open = text.indexOf('{', open + 1)) {
            for (Fact fact : Fact.ALL) {
                if (text.startsWith(fact.place, open)) {
                    filled = filled == null ? new StringBuilder(text.length() + 64) : filled;
                    int end = open + fact.place.length();
                    boolean beforePort = text.startsWith(":", end);
                    filled.append(text, done, open).append(known == null ? fact.word : known.value(fact, beforePort));
                    done = end;
                }
            }
        }
        return filled == null ? text : filled.append(text, done, text.length()).toString();
    }

    private String value(Fact fact, boolean beforePort) {
        String value = switch (fact) {
            case CLIENT -> address(client(), beforePort);
            case CLIENT_PORT -> port(client());
            case ADDRESS -> address(called(), beforePort);
            case PORT -> port(called());
            case PROTOCOL -> trace.flow().protocol().label();
            case NAMESPACE -> trace.front() != null ? trace.front().service().namespace() : partOfPod(0);
            case SERVICE -> trace.front() == null ? null : trace.front().service().name();
            case HEALTH_PORT -> trace.front() == null || trace.front().service().healthCheckNodePort() <= 0 ? null
                    : Integer.toString(trace.front().service().healthCheckNodePort());
            case POD -> partOfPod(1);
            case POD_NAMESPACE -> pod() != null || trace.front() == null ? partOfPod(0) : trace.front().service().namespace();
            case POD_IP -> address(answerer(), beforePort);
            case POD_PORT -> port(answerer());
            case SOURCE -> address(source(), beforePort);
            case PEER -> address(peer(), beforePort);
            case FILE -> finding.evidence().get(0).file();
            case FRAME -> Long.toString(finding.evidence().get(0).number());
            case CLIENT_NODE -> nodeOfPod(client().address());
            case ENTRY_NODE -> toldNode(trace.entryNode());
            case ENDPOINT_NODE -> toldNode(trace.endpointNode());
        };
        return value != null && harmless(value) ? value : fact.word;
    }

    private Endpoint client() {
        return trace.flow().original().source();
    }

    private Endpoint called() {
        return trace.flow().original().destination();
    }

    /** Outside of the cluster it is whom the pod called. */
    private Endpoint answerer() {
        return trace.endpoint() == null && trace.template() == PathTemplates.EGRESS ? called() : trace.endpoint();
    }

    private Endpoint source() {
        return trace.flow().translated() != null ? trace.flow().translated().source() : trace.told() == null ? null : trace.told().source();
    }

    private Endpoint peer() {
        String step = finding.step() == null ? "" : finding.step();
        return switch (step) {
            case "" -> null;
            case "1.1" -> called();
            case "1.6" -> source() == null ? client() : source();
            case "2.0" -> client();
            default -> answerer();
        };
    }

    private static String address(Endpoint endpoint, boolean beforePort) {
        if (endpoint == null) {
            return null;
        }
        return beforePort && endpoint.address().v6() ? "[" + endpoint.address() + "]" : endpoint.address().toString();
    }

    private String port(Endpoint endpoint) {
        Protocol protocol = trace.flow().protocol();
        boolean ports = protocol != Protocol.ICMP && protocol != Protocol.ICMPV6;
        return endpoint == null || !ports ? null : Integer.toString(endpoint.port());
    }

    private ClusterState.Pod pod() {
        return trace.endpoint() == null ? null : told.podOfAddress(trace.endpoint().address());
    }

    /** Of namespace/name. */
    private String partOfPod(int part) {
        ClusterState.Pod pod = pod();
        String[] parts = pod == null ? new String[0] : pod.name().split("/", 2);
        return part < parts.length && parts.length == 2 ? parts[part] : null;
    }

    private String nodeOfPod(IpAddress address) {
        ClusterState.Pod pod = told.podOfAddress(address);
        return pod == null ? null : pod.node();
    }

    /** A node that only the names of files tell has another name in the cluster. */
    private String toldNode(String node) {
        for (ClusterState.Node one : told.state().nodes()) {
            if (one.name().equals(node)) {
                return node;
            }
        }
        return null;
    }

    /** Names come from files that anybody may have written, and commands are pasted into shells: nothing that a shell would act on. */
    private static boolean harmless(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            boolean mark = ".:[]".indexOf(c) >= 0 || i > 0 && (c == '-' || c == '_');
            if (!letter && !mark) {
                return false;
            }
        }
        return !value.isEmpty();
    }
}
