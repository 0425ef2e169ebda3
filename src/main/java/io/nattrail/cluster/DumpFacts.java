package io.nattrail.cluster;

import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one file tells, before it is joined with what others tell. Confined to the thread that reads the file. */
final class DumpFacts {
    /**
     * An object of the Kubernetes API.
     *
     * @param version its {@code resourceVersion}, by which the newer of two is known; 0 if not told
     */
    record Told<T>(String file, long version, T value) {
    }

    /** An EndpointSlice ({@code name} is its own) or an Endpoints object ({@code name} is the service's). */
    record EndpointSet(String name, String service, List<ClusterState.ServiceEndpoint> endpoints) {
    }

    /** A pod and the addresses of its node, as the pod's status tells them. */
    record PodOnHost(ClusterState.Pod pod, List<IpAddress> hostAddresses) {
    }

    /** What a service's address is, as far as rules tell. */
    enum FrontKind {
        CLUSTER_IP, EXTERNAL, NODE_PORT
    }

    /** A rule of the node that the file is from; its endpoints are in order. */
    record Rule(Protocol protocol, String service, FrontKind kind, Endpoint front, int nodePort, ClusterState.Fate fate,
            List<Endpoint> endpoints, boolean masquerade, boolean v6) {
    }

    /** A virtual server of IPVS; whether its address is the node's own only other dumps tell. */
    record VirtualServer(Protocol protocol, Endpoint front, List<Endpoint> endpoints) {
    }

    /** A connection listed at the node that the file is from. */
    record Listed(FiveTuple original, FiveTuple reply, Long timeNanos, String event, String state) {
    }

    /** A route of the node that the file is from; {@code destination} is null for the default route, {@code via} for one on the link. */
    record Route(Cidr destination, IpAddress via, String device) {
    }

    /** Its name; after that of its folder, as {@code node-1/iptables-save}, where another's is the same. */
    final String file;

    /** The name of its folder where the files come from several: there may be one for each node. Else empty. */
    final String folder;
    final List<Told<ClusterState.Node>> nodes = new ArrayList<>();
    final List<Told<ClusterState.Service>> services = new ArrayList<>();
    final List<Told<EndpointSet>> slices = new ArrayList<>();
    final List<Told<EndpointSet>> endpoints = new ArrayList<>();
    final List<Told<PodOnHost>> pods = new ArrayList<>();
    final List<Rule> rules = new ArrayList<>();
    final List<VirtualServer> virtualServers = new ArrayList<>();
    final List<Listed> connections = new ArrayList<>();
    final List<Route> routes = new ArrayList<>();
    final List<String> notes = new ArrayList<>();

    /** Why rules tell of no service, and what does; null if they do, or if nothing says why they do not. */
    String servicesElsewhere;

    /** Addresses that are surely the node's own. */
    final Set<IpAddress> ownAddresses = new LinkedHashSet<>();

    /** Addresses of the interfaces, of a dump that lists them. */
    final Set<IpAddress> interfaceAddresses = new LinkedHashSet<>();

    /** Prefixes of pods that are surely on the node. */
    final Set<Cidr> ownPodCidrs = new LinkedHashSet<>();

    /** Endpoints that are surely on the node: those that rules for local traffic lead to. */
    final Set<IpAddress> localPods = new LinkedHashSet<>();

    /** Services (namespace/name) of which the file tells some endpoints, and may lack others. */
    final Set<String> partlyTold = new HashSet<>();

    /** Names of nodes that occur, whether or not anything else is told of them. */
    final Set<String> nodeNames = new LinkedHashSet<>();

    private final Map<IpAddress, IpAddress> seen = new HashMap<>();

    DumpFacts(String file) {
        this(file, "");
    }

    DumpFacts(String file, String folder) {
        this.file = file;
        this.folder = folder;
    }

    void note(String what) {
        notes.add(file + ": " + what);
    }

    /** Notes how often something was passed over, if it was. */
    void noteCount(long count, String one, String many) {
        if (count > 0) {
            note(count == 1 ? "1 " + one : count + " " + many);
        }
    }

    /** The address, as one object for all its occurrences: a conntrack table repeats a few addresses a million times. */
    IpAddress address(String text) {
        IpAddress address = Values.address(text);
        if (address == null) {
            return null;
        }
        IpAddress first = seen.putIfAbsent(address, address);
        return first == null ? address : first;
    }
}
