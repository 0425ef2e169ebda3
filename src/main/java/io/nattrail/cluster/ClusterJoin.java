package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Joins what the files tell. Of two accounts of one object the newer counts; what the API tells counts more than what a node's rules
 * imply; every contradiction is noted. Used once.
 */
final class ClusterJoin {
    /** How many names a note lists before it only counts. */
    private static final int NAMED = 5;

    private record EndpointKey(ServicePortKey port, Endpoint address) {
        // Written by hand, as in FrontKey.

        @Override
        public boolean equals(Object other) {
            return other instanceof EndpointKey that && address.equals(that.address) && port.equals(that.port);
        }

        @Override
        public int hashCode() {
            return 31 * port.hashCode() + address.hashCode();
        }
    }

    private final List<DumpFacts> files;
    private final Set<String> capturedNodes;
    private final List<String> notes = new ArrayList<>();
    private final Map<String, ClusterState.Node> nodes = new TreeMap<>();
    private final Map<String, ClusterState.Service> services = new TreeMap<>();
    private final Map<String, ClusterState.Pod> pods = new TreeMap<>();
    private final Map<EndpointKey, ClusterState.ServiceEndpoint> endpoints = new LinkedHashMap<>();
    private final Set<String> endpointsTold = new TreeSet<>();

    ClusterJoin(List<DumpFacts> files, Set<String> capturedNodes) {
        this.files = files;
        this.capturedNodes = capturedNodes;
    }

    ClusterState join() {
        // What is asked for may be there.
        boolean told = files.stream().anyMatch(file -> !file.virtualServers.isEmpty() || !file.services.isEmpty());
        for (DumpFacts file : files) {
            notes.addAll(file.notes);
            if (file.servicesElsewhere != null && !told) {
                notes.add(file.file + ": " + file.servicesElsewhere);
            }
        }
        joinNodesAndPods();
        services.putAll(newest(f -> f.services, ClusterState.Service::key, "service"));
        joinEndpoints();

        Map<DumpFacts, String> nodeOf = new DumpNodes(files, nodes, endpoints.values()).assign(capturedNodes, notes);
        List<ClusterState.ServiceRule> rules = joinRules(nodeOf);
        List<ClusterState.Connection> connections = joinConnections(nodeOf);
        List<ClusterState.ServiceEndpoint> sorted = new ArrayList<>(endpoints.values());
        sorted.sort(ClusterJoin::byService);
        return new ClusterState(List.copyOf(nodes.values()), List.copyOf(services.values()), sorted, List.copyOf(pods.values()),
                connections, rules, notes, List.copyOf(endpointsTold));
    }

    private void joinNodesAndPods() {
        nodes.putAll(newest(f -> f.nodes, ClusterState.Node::name, "node"));
        Map<String, Set<IpAddress>> hosts = new TreeMap<>();
        for (DumpFacts.PodOnHost told : newest(f -> f.pods, p -> p.pod().name(), "pod").values()) {
            pods.put(told.pod().name(), told.pod());
            if (told.pod().node() != null && !told.hostAddresses().isEmpty()) {
                hosts.computeIfAbsent(told.pod().node(), n -> new LinkedHashSet<>()).addAll(told.hostAddresses());
            }
        }
        // Where only pods were asked for, they still tell the addresses of their nodes.
        for (Map.Entry<String, Set<IpAddress>> host : hosts.entrySet()) {
            nodes.putIfAbsent(host.getKey(), new ClusterState.Node(host.getKey(), List.copyOf(host.getValue()), List.of()));
        }
    }

    /** One account of each object: that with the highest resource version; of equal ones the last file's. */
    private <T> Map<String, T> newest(Function<DumpFacts, List<DumpFacts.Told<T>>> list, Function<T, String> key, String kind) {
        Map<String, DumpFacts.Told<T>> kept = new LinkedHashMap<>();
        Set<String> differing = new TreeSet<>();
        for (DumpFacts file : files) {
            for (DumpFacts.Told<T> told : list.apply(file)) {
                DumpFacts.Told<T> before = kept.putIfAbsent(key.apply(told.value()), told);
                if (before != null) {
                    if (!before.value().equals(told.value())) {
                        differing.add(key.apply(told.value()));
                    }
                    if (told.version() >= before.version()) {
                        kept.put(key.apply(told.value()), told);
                    }
                }
            }
        }
        if (!differing.isEmpty()) {
            notes.add("told twice and differently, the newer is used: " + kind + " " + some(differing));
        }
        Map<String, T> values = new LinkedHashMap<>();
        for (Map.Entry<String, DumpFacts.Told<T>> entry : kept.entrySet()) {
            values.put(entry.getKey(), entry.getValue().value());
        }
        return values;
    }

    private static String some(Set<String> names) {
        String list = String.join(", ", names.stream().limit(NAMED).map(PlainName::of).toList());
        return names.size() > NAMED ? list + " and " + (names.size() - NAMED) + " more" : list;
    }

    private void joinEndpoints() {
        for (DumpFacts.EndpointSet slice : newest(f -> f.slices, DumpFacts.EndpointSet::name, "EndpointSlice").values()) {
            addEndpoints(slice);
        }
        Set<String> sliced = toldInWhole(f -> f.slices);
        endpointsTold.addAll(sliced);
        Set<String> oldOnly = toldInWhole(f -> f.endpoints);
        oldOnly.removeAll(sliced);
        Set<String> differing = new TreeSet<>();
        for (DumpFacts.EndpointSet old : newest(f -> f.endpoints, DumpFacts.EndpointSet::name, "Endpoints").values()) {
            if (!sliced.contains(old.service())) {
                addEndpoints(old);
                continue;
            }
            for (ClusterState.ServiceEndpoint endpoint : old.endpoints()) {
                ClusterState.ServiceEndpoint slice = endpoints.get(key(endpoint));
                // Endpoints cannot say "terminating": such an endpoint is not ready there, or gone.
                if (slice == null || slice.ready() != endpoint.ready()) {
                    differing.add(old.service());
                }
            }
        }
        if (!differing.isEmpty()) {
            notes.add("Endpoints and EndpointSlices differ, the EndpointSlices are used: " + some(differing));
        }
        Set<String> ofOneFamily = ofOneFamily(oldOnly);
        oldOnly.removeAll(ofOneFamily);
        endpointsTold.addAll(oldOnly);
        if (!ofOneFamily.isEmpty()) {
            notes.add("Endpoints tell addresses of one family alone, though these services have both; add EndpointSlices: "
                    + some(ofOneFamily));
        }
    }

    /** Services of two families whose endpoints are of one: the old Endpoints hold the addresses of the first alone. */
    private Set<String> ofOneFamily(Set<String> told) {
        Map<String, Set<Boolean>> families = new HashMap<>();
        for (ClusterState.ServiceEndpoint endpoint : endpoints.values()) {
            families.computeIfAbsent(endpoint.service(), s -> new HashSet<>()).add(endpoint.address().address().v6());
        }
        Set<String> found = new TreeSet<>();
        for (String service : told) {
            List<IpAddress> clusterIps = services.containsKey(service) ? services.get(service).clusterIps() : List.of();
            if (families.getOrDefault(service, Set.of()).size() == 1 && clusterIps.stream().map(IpAddress::v6).distinct().count() == 2) {
                found.add(service);
            }
        }
        return found;
    }

    /** Services of which a file tells all endpoints: one that is in none of them is no endpoint. */
    private Set<String> toldInWhole(Function<DumpFacts, List<DumpFacts.Told<DumpFacts.EndpointSet>>> list) {
        Set<String> told = new HashSet<>();
        for (DumpFacts file : files) {
            for (DumpFacts.Told<DumpFacts.EndpointSet> set : list.apply(file)) {
                if (!file.partlyTold.contains(set.value().service())) {
                    told.add(set.value().service());
                }
            }
        }
        return told;
    }

    private static EndpointKey key(ClusterState.ServiceEndpoint e) {
        return new EndpointKey(new ServicePortKey(e.service(), e.portName(), e.protocol()), e.address());
    }

    private void addEndpoints(DumpFacts.EndpointSet set) {
        for (ClusterState.ServiceEndpoint endpoint : set.endpoints()) {
            ClusterState.Pod pod = endpoint.pod() == null ? null : pods.get(endpoint.pod());
            String node = endpoint.node() != null || pod == null ? endpoint.node() : pod.node();
            ClusterState.ServiceEndpoint whole = new ClusterState.ServiceEndpoint(endpoint.service(), endpoint.portName(),
                    endpoint.protocol(), endpoint.address(), node, endpoint.pod(), endpoint.ready(), endpoint.terminating(),
                    endpoint.serving(), endpoint.forZones());
            endpoints.merge(key(endpoint), whole, ClusterJoin::both);
        }
    }

    /** An endpoint may be in two slices of its service for a while; it is ready if one says so. */
    private static ClusterState.ServiceEndpoint both(ClusterState.ServiceEndpoint a, ClusterState.ServiceEndpoint b) {
        return new ClusterState.ServiceEndpoint(a.service(), a.portName(), a.protocol(), a.address(),
                a.node() == null ? b.node() : a.node(), a.pod() == null ? b.pod() : a.pod(), a.ready() || b.ready(),
                a.terminating() && b.terminating(), a.serving() || b.serving(), a.forZones() && b.forZones());
    }

    private static int byService(ClusterState.ServiceEndpoint a, ClusterState.ServiceEndpoint b) {
        int order = a.service().compareTo(b.service());
        order = order != 0 ? order : a.portName().compareTo(b.portName());
        order = order != 0 ? order : a.protocol().compareTo(b.protocol());
        return order != 0 ? order : a.address().compareTo(b.address());
    }

    private static int byFront(ClusterState.ServiceRule a, ClusterState.ServiceRule b) {
        int order = nullsFirst(a.node(), b.node());
        order = order != 0 ? order : nullsLast(a.front(), b.front());
        order = order != 0 ? order : Integer.compare(a.nodePort(), b.nodePort());
        order = order != 0 ? order : a.protocol().compareTo(b.protocol());
        return order != 0 ? order : Boolean.compare(a.v6(), b.v6());
    }

    /** Entries first, then events in their order. */
    private static int byTime(ClusterState.Connection a, ClusterState.Connection b) {
        int order = nullsFirst(a.timeNanos(), b.timeNanos());
        order = order != 0 ? order : nullsFirst(a.node(), b.node());
        order = order != 0 ? order : a.original().protocol().compareTo(b.original().protocol());
        order = order != 0 ? order : a.original().source().compareTo(b.original().source());
        return order != 0 ? order : a.original().destination().compareTo(b.original().destination());
    }

    private static <T extends Comparable<T>> int nullsLast(T a, T b) {
        return a == null || b == null ? Boolean.compare(a == null, b == null) : a.compareTo(b);
    }

    private static <T extends Comparable<T>> int nullsFirst(T a, T b) {
        return a == null || b == null ? Boolean.compare(a != null, b != null) : a.compareTo(b);
    }

    private List<ClusterState.ServiceRule> joinRules(Map<DumpFacts, String> nodeOf) {
        Map<FrontKey, String> named = namedFronts();
        VirtualServers virtual = new VirtualServers(nodes.values(), services.values());
        Map<RuleKey, ServicesOfRules.KnownRule> kept = new LinkedHashMap<>();
        Map<String, Set<String>> differing = new TreeMap<>();
        for (DumpFacts file : files) {
            String node = nodeOf.get(file);
            // Two dumps of unknown nodes may be from two nodes and rightly differ.
            String where = node == null ? "\0" + file.file : node;
            List<DumpFacts.Rule> all = new ArrayList<>(file.rules);
            all.addAll(virtual.rules(file.virtualServers));
            for (DumpFacts.Rule told : all) {
                String service = told.service() != null ? told.service()
                        : named.get(new FrontKey(told.protocol(), told.front(), told.nodePort()));
                ClusterState.ServiceRule rule = new ClusterState.ServiceRule(node, told.protocol(), service, told.front(), told.nodePort(),
                        told.fate(), told.endpoints(), told.masquerade(), told.v6());
                RuleKey key = new RuleKey(where, told.protocol(), told.front(), told.nodePort(), told.v6());
                ServicesOfRules.KnownRule known = new ServicesOfRules.KnownRule(rule, told.kind());
                ServicesOfRules.KnownRule before = kept.putIfAbsent(key, known);
                if (before != null && ClusterIndex.sameEffect(before.rule(), rule)) {
                    if (before.rule().service() == null) {
                        kept.put(key, known);
                    }
                } else if (before != null) {
                    differing.computeIfAbsent(where, w -> new TreeSet<>())
                            .add(told.front() == null ? "node port " + told.nodePort() : told.front().toString());
                }
            }
        }
        for (Map.Entry<String, Set<String>> fronts : differing.entrySet()) {
            String where = fronts.getKey();
            notes.add("the rules of " + where.substring(where.startsWith("\0") ? 1 : 0)
                    + " are told twice and differently, the first are used: " + some(fronts.getValue()));
        }
        completeFromRules(new ServicesOfRules(kept.values()));
        List<ClusterState.ServiceRule> rules = new ArrayList<>();
        for (ServicesOfRules.KnownRule known : kept.values()) {
            rules.add(known.rule());
        }
        rules.sort(ClusterJoin::byFront);
        return rules;
    }

    /** Where the API's objects were not dumped, the rules tell of services and endpoints as much as they need themselves. */
    private void completeFromRules(ServicesOfRules told) {
        for (ClusterState.Service service : told.services()) {
            services.putIfAbsent(service.key(), service);
        }
        PrefixMap<String> nodesByPodCidr = DumpNodes.nodesByPodCidr(nodes.values());
        Map<IpAddress, ClusterState.Pod> podsByAddress = new HashMap<>();
        for (ClusterState.Pod pod : pods.values()) {
            if (!pod.hostNetwork()) {
                for (IpAddress address : pod.addresses()) {
                    podsByAddress.putIfAbsent(address, pod);
                }
            }
        }
        if (told.isCut()) {
            notes.add("the nodes' rules tell more than " + ServicesOfRules.MOST_ENDPOINTS
                    + " endpoints of services, not all of them are used");
        }
        for (ClusterState.ServiceEndpoint endpoint : told.endpoints()) {
            if (!endpointsTold.contains(endpoint.service())) {
                IpAddress address = endpoint.address().address();
                ClusterState.Pod pod = podsByAddress.get(address);
                endpoints.putIfAbsent(key(endpoint), new ClusterState.ServiceEndpoint(endpoint.service(), endpoint.portName(),
                        endpoint.protocol(), endpoint.address(), pod != null ? pod.node() : nodesByPodCidr.of(address),
                        pod != null ? pod.name() : null, true, false));
            }
        }
    }

    private Map<FrontKey, String> namedFronts() {
        Map<FrontKey, String> named = new HashMap<>();
        for (ClusterState.Service service : services.values()) {
            for (ClusterState.ServicePort port : service.ports()) {
                String name = port.name().isEmpty() ? service.key() : service.key() + ":" + port.name();
                if (port.nodePort() > 0) {
                    named.put(new FrontKey(port.protocol(), null, port.nodePort()), name);
                }
                for (List<IpAddress> addresses : List.of(service.clusterIps(), service.externalAddresses())) {
                    for (IpAddress address : addresses) {
                        named.put(new FrontKey(port.protocol(), new Endpoint(address, port.port()), 0), name);
                    }
                }
            }
        }
        return named;
    }

    private List<ClusterState.Connection> joinConnections(Map<DumpFacts, String> nodeOf) {
        Set<ClusterState.Connection> distinct = new LinkedHashSet<>();
        for (DumpFacts file : files) {
            String node = nodeOf.get(file);
            for (DumpFacts.Listed listed : file.connections) {
                distinct.add(new ClusterState.Connection(node, listed.original(), listed.reply(), listed.timeNanos(), listed.event(),
                        listed.state()));
            }
        }
        List<ClusterState.Connection> sorted = new ArrayList<>(distinct);
        sorted.sort(ClusterJoin::byTime);
        return sorted;
    }
}
