package io.nattrail.cluster;

import io.nattrail.net.Cidr;
import io.nattrail.net.IpAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tells of which node each dump is that a node made of itself: by the file's name if it holds the name of a known node, else by what only
 * that node can have, such as its own addresses, the endpoints in its chains for local traffic, or connections that it translated.
 */
final class DumpNodes {
    private final List<DumpFacts> files;
    private final Map<String, ClusterState.Node> nodes;
    private final Collection<ClusterState.ServiceEndpoint> endpoints;
    private final Set<String> names = new TreeSet<>();
    private Map<IpAddress, String> byAddress = Map.of();
    private PrefixMap<String> byPodCidr = new PrefixMap<>();
    private final Map<IpAddress, String> byEndpoint = new HashMap<>();

    DumpNodes(List<DumpFacts> files, Map<String, ClusterState.Node> nodes, Collection<ClusterState.ServiceEndpoint> endpoints) {
        this.files = files;
        this.nodes = nodes;
        this.endpoints = endpoints;
    }

    static PrefixMap<String> nodesByPodCidr(Collection<ClusterState.Node> nodes) {
        PrefixMap<String> map = new PrefixMap<>();
        for (ClusterState.Node node : nodes) {
            for (Cidr cidr : node.podCidrs()) {
                map.put(cidr, node.name());
            }
        }
        return map;
    }

    /** The node of each file that is of one; what cannot be told is absent, and noted. */
    Map<DumpFacts, String> assign(List<String> notes) {
        names.addAll(nodes.keySet());
        files.forEach(f -> names.addAll(f.nodeNames));
        index();
        for (ClusterState.ServiceEndpoint endpoint : endpoints) {
            if (endpoint.node() != null) {
                byEndpoint.merge(endpoint.address().address(), endpoint.node(), (a, b) -> a.equals(b) ? a : "");
            }
        }
        Map<DumpFacts, String> assigned = new IdentityHashMap<>();
        for (DumpFacts file : files) {
            if (isOfANode(file)) {
                String node = nodeOf(file);
                if (node != null) {
                    assigned.put(file, node);
                } else if (!names.isEmpty()) {
                    notes.add(file.file + ": of which node it is cannot be told; put the node's name into the file's name");
                }
            }
        }
        return assigned;
    }

    private void index() {
        byAddress = new HashMap<>();
        for (ClusterState.Node node : nodes.values()) {
            for (IpAddress address : node.addresses()) {
                byAddress.merge(address, node.name(), (a, b) -> a.equals(b) ? a : "");
            }
        }
        byPodCidr = nodesByPodCidr(nodes.values());
    }

    private static boolean isOfANode(DumpFacts file) {
        return !file.rules.isEmpty() || !file.virtualServers.isEmpty() || !file.connections.isEmpty() || !file.routes.isEmpty()
                || !file.interfaceAddresses.isEmpty();
    }

    private String nodeOf(DumpFacts file) {
        String node = named(file.file, names);
        node = node != null ? node : only(file.ownAddresses, byAddress);
        node = node != null ? node : only(file.interfaceAddresses, byAddress);
        node = node != null ? node : only(file.localPods, byEndpoint);
        return node != null ? node : translator(file);
    }

    private static String only(Collection<IpAddress> addresses, Map<IpAddress, String> map) {
        Set<String> found = new HashSet<>();
        for (IpAddress address : addresses) {
            String node = map.get(address);
            if (node != null && !node.isEmpty()) {
                found.add(node);
            }
        }
        return found.size() == 1 ? found.iterator().next() : null;
    }

    /**
     * A connection that conntrack lists with a translated destination was translated where it is listed: if it was sent to a node's
     * address, that is this node; if it was masqueraded with a node's address, too. Else all connections that are delivered to pods or
     * come from pods must have one node in common.
     */
    private String translator(DumpFacts file) {
        Set<String> sure = new HashSet<>();
        Set<String> common = null;
        for (DumpFacts.Listed c : file.connections) {
            IpAddress asked = c.original().destination().address();
            if (!c.reply().source().equals(c.original().destination())) {
                add(sure, byAddress.get(asked));
            }
            if (!c.reply().destination().address().equals(c.original().source().address())) {
                add(sure, byAddress.get(c.reply().destination().address()));
            }
            Set<String> possible = new HashSet<>();
            add(possible, byPodCidr.of(c.original().source().address()));
            add(possible, byPodCidr.of(c.reply().source().address()));
            if (!possible.isEmpty()) {
                if (common == null) {
                    common = possible;
                } else {
                    common.retainAll(possible);
                }
            }
        }
        if (!sure.isEmpty()) {
            return sure.size() == 1 ? sure.iterator().next() : null;
        }
        return common != null && common.size() == 1 ? common.iterator().next() : null;
    }

    private static void add(Set<String> to, String node) {
        if (node != null && !node.isEmpty()) {
            to.add(node);
        }
    }

    /**
     * The node whose name the file's name holds: {@code node-1.conntrack}, {@code dump_node-1.txt}, {@code node1-iptables.txt}; of several
     * the longest. A name with a domain ({@code ip-10-0-1-5.ec2.internal}) is also found by its first part.
     */
    static String named(String file, Collection<String> names) {
        String text = file.toLowerCase(Locale.ROOT);
        String best = null;
        int length = 0;
        for (String name : names) {
            String lower = name.toLowerCase(Locale.ROOT);
            int dot = lower.indexOf('.');
            int found = holds(text, lower) ? lower.length() : dot > 0 && holds(text, lower.substring(0, dot)) ? dot : 0;
            if (found > length) {
                best = name;
                length = found;
            }
        }
        return best != null ? best : namedWithoutDashes(text, names);
    }

    private static boolean holds(String text, String name) {
        for (int at = text.indexOf(name); at >= 0 && !name.isEmpty(); at = text.indexOf(name, at + 1)) {
            int end = at + name.length();
            if ((at == 0 || !Character.isLetterOrDigit(text.charAt(at - 1)))
                    && (end == text.length() || !Character.isLetterOrDigit(text.charAt(end)))) {
                return true;
            }
        }
        return false;
    }

    /** Capture points are called {@code node1-eth0} where the node is {@code node-1}; so are the dumps beside them. */
    private static String namedWithoutDashes(String text, Collection<String> names) {
        String best = null;
        int length = 0;
        for (String part : text.split("[^a-z0-9-]")) {
            String bare = part.replace("-", "");
            for (String name : names) {
                String wanted = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
                if (wanted.length() > length && bare.startsWith(wanted)
                        && (bare.length() == wanted.length() || !Character.isDigit(bare.charAt(wanted.length())))) {
                    best = name;
                    length = wanted.length();
                }
            }
        }
        return best;
    }
}
