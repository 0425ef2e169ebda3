package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
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
        // By hand, as in FrontKey.

        @Override
        public boolean equals(Object other) {
            return other instanceof EndpointKey that && address.equals(that.address) && port.equals(that.port);
        }

        @Override
        public int hashCode() {
            return 31 * port.hashCode() + address.hashCode();
        }
    }

    private static final Comparator<ClusterState.ServiceEndpoint> BY_SERVICE = Comparator.comparing(ClusterState.ServiceEndpoint::service)
            .thenComparing(ClusterState.ServiceEndpoint::portName).thenComparing(ClusterState.ServiceEndpoint::protocol)
            .thenComparing(ClusterState.ServiceEndpoint::address);

    private static final Comparator<ClusterState.ServiceRule> BY_FRONT = Comparator
            .comparing(ClusterState.ServiceRule::node, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(ClusterState.ServiceRule::front, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(ClusterState.ServiceRule::nodePort).thenComparing(ClusterState.ServiceRule::protocol)
            .thenComparing(ClusterState.ServiceRule::v6);

    /** Entries first, then events in their order. */
    private static final Comparator<ClusterState.Connection> BY_TIME = Comparator
            .comparing(ClusterState.Connection::timeNanos, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(ClusterState.Connection::node, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(c -> c.original().protocol()).thenComparing(c -> c.original().source())
            .thenComparing(c -> c.original().destination());

    private final List<DumpFacts> files;
    private final List<String> notes = new ArrayList<>();
    private final Map<String, ClusterState.Node> nodes = new TreeMap<>();
    private final Map<String, ClusterState.Service> services = new TreeMap<>();
    private final Map<String, ClusterState.Pod> pods = new TreeMap<>();
    private final Map<EndpointKey, ClusterState.ServiceEndpoint> endpoints = new LinkedHashMap<>();
    private final Set<String> endpointsTold = new TreeSet<>();

    ClusterJoin(List<DumpFacts> files) {
        this.files = files;
    }

    ClusterState join() {
        files.forEach(f -> notes.addAll(f.notes));
        joinNodesAndPods();
        newest(f -> f.services, ClusterState.Service::key, "service").values().forEach(s -> services.put(s.key(), s));
        joinEndpoints();

        Map<DumpFacts, String> nodeOf = new DumpNodes(files, nodes, endpoints.values()).assign(notes);
        List<ClusterState.ServiceRule> rules = joinRules(nodeOf);
        List<ClusterState.Connection> connections = joinConnections(nodeOf);
        List<ClusterState.ServiceEndpoint> sorted = new ArrayList<>(endpoints.values());
        sorted.sort(BY_SERVICE);
        return new ClusterState(List.copyOf(nodes.values()), List.copyOf(services.values()), sorted, List.copyOf(pods.values()),
                connections, rules, notes, List.copyOf(endpointsTold));
    }

    private void joinNodesAndPods() {
        newest(f -> f.nodes, ClusterState.Node::name, "node").values().forEach(n -> nodes.put(n.name(), n));
        Map<String, Set<IpAddress>> hosts = new TreeMap<>();
        for (DumpFacts.PodOnHost told : newest(f -> f.pods, p -> p.pod().name(), "pod").values()) {
            pods.put(told.pod().name(), told.pod());
            if (told.pod().node() != null && !told.hostAddresses().isEmpty()) {
                hosts.computeIfAbsent(told.pod().node(), n -> new LinkedHashSet<>()).addAll(told.hostAddresses());
            }
        }
        // Where only pods were asked for, they still tell the addresses of their nodes.
        hosts.forEach((name, addresses) -> nodes.putIfAbsent(name, new ClusterState.Node(name, List.copyOf(addresses), List.of())));
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
        kept.forEach((k, told) -> values.put(k, told.value()));
        return values;
    }

    private static String some(Set<String> names) {
        String list = String.join(", ", names.stream().limit(NAMED).map(PlainName::of).toList());
        return names.size() > NAMED ? list + " and " + (names.size() - NAMED) + " more" : list;
    }

    private void joinEndpoints() {
        Set<String> sliced = new HashSet<>();
        for (DumpFacts.EndpointSet slice : newest(f -> f.slices, DumpFacts.EndpointSet::name, "EndpointSlice").values()) {
            sliced.add(slice.service());
            slice.endpoints().forEach(this::addEndpoint);
        }
        endpointsTold.addAll(sliced);
        Set<String> differing = new TreeSet<>();
        for (DumpFacts.EndpointSet old : newest(f -> f.endpoints, DumpFacts.EndpointSet::name, "Endpoints").values()) {
            endpointsTold.add(old.service());
            if (!sliced.contains(old.service())) {
                old.endpoints().forEach(this::addEndpoint);
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
    }

    private static EndpointKey key(ClusterState.ServiceEndpoint e) {
        return new EndpointKey(new ServicePortKey(e.service(), e.portName(), e.protocol()), e.address());
    }

    /** An endpoint may be in two slices of its service for a while; it is ready if one says so. */
    private void addEndpoint(ClusterState.ServiceEndpoint endpoint) {
        ClusterState.Pod pod = endpoint.pod() == null ? null : pods.get(endpoint.pod());
        String node = endpoint.node() != null || pod == null ? endpoint.node() : pod.node();
        ClusterState.ServiceEndpoint whole = new ClusterState.ServiceEndpoint(endpoint.service(), endpoint.portName(), endpoint.protocol(),
                endpoint.address(), node, endpoint.pod(), endpoint.ready(), endpoint.terminating());
        endpoints.merge(key(endpoint), whole, (a, b) -> new ClusterState.ServiceEndpoint(a.service(), a.portName(), a.protocol(),
                a.address(), a.node() == null ? b.node() : a.node(), a.pod() == null ? b.pod() : a.pod(), a.ready() || b.ready(),
                a.terminating() && b.terminating()));
    }

    private List<ClusterState.ServiceRule> joinRules(Map<DumpFacts, String> nodeOf) {
        Map<FrontKey, String> named = namedFronts();
        VirtualServers virtual = new VirtualServers(nodes.values(), services.values());
        Map<RuleKey, ServicesOfRules.KnownRule> kept = new LinkedHashMap<>();
        Map<String, Set<String>> differing = new TreeMap<>();
        for (DumpFacts file : files) {
            String node = nodeOf.get(file);
            // Two dumps of unknown nodes may be of two nodes and differ by right.
            String where = node == null ? "\0" + file.file : node;
            List<DumpFacts.Rule> all = new ArrayList<>(file.rules);
            all.addAll(virtual.rules(file.virtualServers));
            for (DumpFacts.Rule told : all) {
                String service = told.service() != null ? told.service()
                        : named.get(new FrontKey(told.protocol(), told.front(), told.nodePort()));
                ClusterState.ServiceRule rule = new ClusterState.ServiceRule(node, told.protocol(), service, told.front(), told.nodePort(),
                        told.fate(), told.endpoints(), told.masquerade(), told.v6());
                RuleKey key = new RuleKey(where, told.protocol(), told.front(), told.nodePort(), told.v6());
                ServicesOfRules.KnownRule before = kept.putIfAbsent(key, new ServicesOfRules.KnownRule(rule, told.kind()));
                if (before != null && !before.rule().equals(rule)) {
                    differing.computeIfAbsent(where, w -> new TreeSet<>())
                            .add(told.front() == null ? "node port " + told.nodePort() : told.front().toString());
                }
            }
        }
        differing.forEach((where, fronts) -> notes.add("the rules of " + where.substring(where.startsWith("\0") ? 1 : 0)
                + " are told twice and differently, the first are used: " + some(fronts)));
        completeFromRules(new ServicesOfRules(kept.values()));
        return kept.values().stream().map(ServicesOfRules.KnownRule::rule).sorted(BY_FRONT).toList();
    }

    /** Where the API's objects were not dumped, the rules tell of services and endpoints what they need for their work. */
    private void completeFromRules(ServicesOfRules told) {
        for (ClusterState.Service service : told.services()) {
            services.putIfAbsent(service.key(), service);
        }
        PrefixMap<String> nodesByPodCidr = DumpNodes.nodesByPodCidr(nodes.values());
        Map<IpAddress, ClusterState.Pod> podsByAddress = new HashMap<>();
        for (ClusterState.Pod pod : pods.values()) {
            if (!pod.hostNetwork()) {
                pod.addresses().forEach(address -> podsByAddress.putIfAbsent(address, pod));
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
        sorted.sort(BY_TIME);
        return sorted;
    }
}
