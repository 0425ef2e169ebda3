package io.nattrail.cluster;

import io.nattrail.net.Cidr;
import io.nattrail.net.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Tells of which node each dump is that a node made of itself: by the file's name if it holds the name of a known node, else by what only
 * that node can have, such as its own addresses, the endpoints in its chains for local traffic, or connections that it translated.
 */
final class DumpNodes {
    /** Words in the names of dumps that are not part of a node's name; longer ones before those that they end with. */
    private static final List<String> COMMANDS = List.of("ip-addr", "ip-address", "ip-a", "ip-route", "ip-r", "ipaddr", "iproute", "addr",
            "route", "routes", "ip", "dump");

    private final List<DumpFacts> files;
    private final Map<String, ClusterState.Node> nodes;
    private final Collection<ClusterState.ServiceEndpoint> endpoints;
    private final Set<String> names = new TreeSet<>();
    private Map<IpAddress, String> byAddress = Map.of();
    private PrefixMap<String> byPodCidr = new PrefixMap<>();
    private final Map<IpAddress, String> byEndpoint = new HashMap<>();
    /** Whether pods are on other nodes than the prefixes say that the API gave these; of Calico's and others' plugins they tell nothing. */
    private boolean prefixesMislead;

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

    /**
     * The node of each file that is from one; where it cannot be told, the file is absent, and a note says so.
     *
     * @param capturedNodes names of nodes where no dump tells any
     */
    Map<DumpFacts, String> assign(Set<String> capturedNodes, List<String> notes) {
        names.addAll(nodes.keySet());
        for (DumpFacts file : files) {
            names.addAll(file.nodeNames);
        }
        if (names.isEmpty()) {
            names.addAll(capturedNodes);
        }
        index();
        for (ClusterState.ServiceEndpoint endpoint : endpoints) {
            if (endpoint.node() != null) {
                byEndpoint.merge(endpoint.address().address(), endpoint.node(), (a, b) -> a.equals(b) ? a : "");
                String owner = byPodCidr.of(endpoint.address().address());
                prefixesMislead |= owner != null && !owner.equals(endpoint.node());
            }
        }
        index();
        Map<DumpFacts, String> assigned = new IdentityHashMap<>();
        // Interfaces and routes first: they tell addresses by which other dumps are told apart.
        for (DumpFacts file : files) {
            if (listsInterfaces(file)) {
                assign(file, assigned, notes);
            }
        }
        for (DumpFacts file : files) {
            if (assigned.containsKey(file)) {
                addInterfaces(assigned.get(file), file);
            }
        }
        checkRoutes(assigned, notes);
        index();
        for (DumpFacts file : files) {
            if (!listsInterfaces(file) && isOfANode(file)) {
                assign(file, assigned, notes);
            }
        }
        return assigned;
    }

    private void assign(DumpFacts file, Map<DumpFacts, String> assigned, List<String> notes) {
        String node = nodeOf(file);
        if (node == null && nodes.isEmpty() && !file.interfaceAddresses.isEmpty()) {
            node = nameIn(fileName(file));
            node = node != null || file.folder.isEmpty() ? node : file.folder;
            if (node != null) {
                names.add(node);
            }
        }
        if (node != null) {
            assigned.put(file, node);
        } else if (!names.isEmpty() || listsInterfaces(file)) {
            notes.add(file.file + ": of which node it is cannot be told; put the node's name into the file's name");
        }
    }

    private static String fileName(DumpFacts file) {
        return file.file.substring(file.file.lastIndexOf('/') + 1);
    }

    private static boolean listsInterfaces(DumpFacts file) {
        return !file.interfaceAddresses.isEmpty() || !file.routes.isEmpty() || !file.ownPodCidrs.isEmpty();
    }

    /** {@code worker-7} of {@code worker-7.ip-addr.txt}, but all of {@code ip-10-0-1-5}: where nobody else names the nodes. */
    static String nameIn(String file) {
        int dot = file.indexOf('.');
        String name = dot < 0 ? file : file.substring(0, dot);
        for (String command : COMMANDS) {
            for (String separator : List.of("-", "_")) {
                if (name.endsWith(separator + command)) {
                    name = name.substring(0, name.length() - command.length() - 1);
                } else if (name.matches(command + separator + (command.equals("ip") ? "[A-Za-z].*" : ".+"))) {
                    name = name.substring(command.length() + 1);
                }
            }
        }
        return name.isEmpty() || COMMANDS.contains(name) ? null : name;
    }

    /** The addresses of a node that the API does not tell, above all that of its bridge, come after those that it does. */
    private void addInterfaces(String name, DumpFacts file) {
        ClusterState.Node node = nodes.getOrDefault(name, new ClusterState.Node(name, List.of(), List.of()));
        Set<IpAddress> addresses = new LinkedHashSet<>(node.addresses());
        addresses.addAll(file.interfaceAddresses);
        Set<Cidr> podCidrs = new LinkedHashSet<>(node.podCidrs());
        for (Cidr prefix : file.ownPodCidrs) {
            if (node.podCidrs().stream().noneMatch(told -> told.contains(prefix.network()) && told.length() <= prefix.length())) {
                podCidrs.add(prefix);
            }
        }
        nodes.put(name, new ClusterState.Node(name, List.copyOf(addresses), List.copyOf(podCidrs)));
    }

    /**
     * A route to another node's pods leads through that node. It tells the prefix of a node of which none is told; one that leads elsewhere
     * than the prefix belongs is noted.
     */
    private void checkRoutes(Map<DumpFacts, String> assigned, List<String> notes) {
        index();
        Map<String, Set<Cidr>> learned = new TreeMap<>();
        for (DumpFacts file : files) {
            for (DumpFacts.Route route : file.routes) {
                String through = route.via() == null ? null : byAddress.get(route.via());
                if (through == null || through.isEmpty() || route.destination() == null || through.equals(assigned.get(file))) {
                    continue;
                }
                String owner = byPodCidr.of(route.destination().network());
                if (owner != null && !owner.equals(through)) {
                    notes.add(file.file + ": the route to " + route.destination() + ", pods of " + owner + ", leads through " + route.via()
                            + ", an address of " + through);
                } else if (owner == null && nodes.get(through).podCidrs().stream()
                        .noneMatch(told -> told.network().v6() == route.destination().network().v6())
                        && nodes.get(through).addresses().stream().noneMatch(route.destination()::contains)) {
                    learned.computeIfAbsent(through, n -> new TreeSet<>(Comparator.comparing(Cidr::network).thenComparing(Cidr::length)))
                            .add(route.destination());
                }
            }
        }
        for (Map.Entry<String, Set<Cidr>> prefixes : learned.entrySet()) {
            ClusterState.Node node = nodes.get(prefixes.getKey());
            List<Cidr> all = new ArrayList<>(node.podCidrs());
            all.addAll(prefixes.getValue());
            nodes.put(node.name(), new ClusterState.Node(node.name(), node.addresses(), all));
        }
    }

    private void index() {
        byAddress = new HashMap<>();
        for (ClusterState.Node node : nodes.values()) {
            for (IpAddress address : node.addresses()) {
                byAddress.merge(address, node.name(), (a, b) -> a.equals(b) ? a : "");
            }
        }
        byPodCidr = prefixesMislead ? new PrefixMap<>() : nodesByPodCidr(nodes.values());
    }

    private static boolean isOfANode(DumpFacts file) {
        return !file.rules.isEmpty() || !file.virtualServers.isEmpty() || !file.connections.isEmpty();
    }

    private String nodeOf(DumpFacts file) {
        String node = named(fileName(file), names);
        node = node != null || file.folder.isEmpty() ? node : named(file.folder, names);
        node = node != null ? node : only(file.ownAddresses, byAddress);
        node = node != null ? node : only(file.interfaceAddresses, byAddress);
        node = node != null ? node : only(file.localPods, byEndpoint);
        // IPVS has a virtual server for a node port at each of the node's addresses, and none at another node's.
        node = node != null ? node : only(file.virtualServers.stream().map(v -> v.front().address()).toList(), byAddress);
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
            String[] words = part.split("-");
            for (int from = 0; from < words.length; from++) {
                StringBuilder bare = new StringBuilder();
                for (int to = from; to < words.length; to++) {
                    bare.append(words[to]);
                    for (String name : names) {
                        String wanted = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
                        if (wanted.length() > length && wanted.contentEquals(bare)) {
                            best = name;
                            length = wanted.length();
                        }
                    }
                }
            }
        }
        return best;
    }
}
