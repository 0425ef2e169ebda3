package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tables of an nft ruleset that are kube-proxy's: {@code ip kube-proxy} and {@code ip6 kube-proxy} of its nftables mode
 * (pkg/proxy/nftables/proxier.go), and {@code nat} and {@code filter} where its iptables mode runs on top of nf_tables.
 */
final class NftTables {
    private static final String OWN_TABLE = "kube-proxy";

    /** An element of a map, with the words of its key. */
    record Element(List<String> key, String comment, String target, ClusterState.Fate fate) {
    }

    /** The tables of one family. */
    private static final class Family {
        final List<ChainRule> own = new ArrayList<>();
        final Map<String, List<Element>> maps = new HashMap<>();
        final KubeChains iptables;

        Family(DumpFacts facts) {
            iptables = new KubeChains(facts);
        }
    }

    private final DumpFacts facts;
    private final Family v4;
    private final Family v6;
    private long opaque;
    private long oddElements;

    NftTables(DumpFacts facts) {
        this.facts = facts;
        v4 = new Family(facts);
        v6 = new Family(facts);
    }

    private Family family(String name) {
        return switch (name) {
            case "ip" -> v4;
            case "ip6" -> v6;
            default -> null;
        };
    }

    /** Whether rules or elements of the table are used; others need not be parsed. */
    static boolean isKubes(String table) {
        return table.equals(OWN_TABLE) || table.equals("nat") || table.equals("filter");
    }

    /**
     * A rule.
     *
     * @param hidden whether nft does not show all of it, which is so for extensions of iptables
     */
    void add(String familyName, String table, ChainRule rule, boolean hidden) {
        Family family = family(familyName);
        if (family == null) {
            return;
        }
        if (table.equals(OWN_TABLE)) {
            family.own.add(rule);
        } else if (KubeChains.isKubes(rule.chain)) {
            family.iptables.add(table, rule);
            opaque += hidden ? 1 : 0;
        }
    }

    /** An element of a set or map. */
    void add(String familyName, String table, String map, Element element) {
        Family family = family(familyName);
        if (family != null && table.equals(OWN_TABLE)) {
            family.maps.computeIfAbsent(map, m -> new ArrayList<>()).add(element);
        }
    }

    void tell() {
        tell(v4, false);
        tell(v6, true);
        facts.noteCount(oddElements, "element of kube-proxy's maps was not understood and was passed over",
                "elements of kube-proxy's maps were not understood and were passed over");
        if (opaque > 0) {
            facts.note(opaque + " of kube-proxy's rules were made by iptables, and nft does not show them in full; "
                    + "add the output of iptables-save and ip6tables-save of this node");
        }
    }

    private void tell(Family family, boolean six) {
        family.iptables.tell(six);
        ProxyChains chains = new ProxyChains(six);
        family.own.forEach(chains::add);
        for (Element element : family.maps.getOrDefault("nodeport-ips", List.of())) {
            ProxyChains.ownAddress(facts, element.key().isEmpty() ? null : Values.host(element.key().get(0)));
        }
        Set<IpAddress> clusterIps = new HashSet<>();
        for (Element element : family.maps.getOrDefault("cluster-ips", List.of())) {
            IpAddress address = element.key().isEmpty() ? null : Values.host(element.key().get(0));
            if (address != null) {
                clusterIps.add(address);
            }
        }
        family.maps.getOrDefault("service-ips", List.of()).forEach(e -> address(e, clusterIps, chains));
        family.maps.getOrDefault("service-nodeports", List.of()).forEach(e -> nodePort(e, chains));
        family.maps.getOrDefault("no-endpoint-services", List.of()).forEach(e -> address(e, clusterIps, chains));
        family.maps.getOrDefault("no-endpoint-nodeports", List.of()).forEach(e -> nodePort(e, chains));
        chains.tell(facts);
    }

    private void address(Element element, Set<IpAddress> clusterIps, ProxyChains chains) {
        List<String> key = element.key();
        IpAddress address = key.size() == 3 ? Values.host(key.get(0)) : null;
        Protocol protocol = key.size() == 3 ? Values.protocol(key.get(1)) : null;
        int port = key.size() == 3 ? Values.port(key.get(2)) : -1;
        if (address == null || protocol == null || port <= 0) {
            oddElements++;
            return;
        }
        DumpFacts.FrontKind kind = clusterIps.contains(address) || element.target() != null
                && (element.target().startsWith("service-") || element.target().startsWith("local-"))
                        ? DumpFacts.FrontKind.CLUSTER_IP
                        : DumpFacts.FrontKind.EXTERNAL;
        lead(element, protocol, new Endpoint(address, port), 0, kind, chains);
    }

    private void nodePort(Element element, ProxyChains chains) {
        List<String> key = element.key();
        Protocol protocol = key.size() == 2 ? Values.protocol(key.get(0)) : null;
        int port = key.size() == 2 ? Values.port(key.get(1)) : -1;
        if (protocol == null || port <= 0) {
            oddElements++;
            return;
        }
        lead(element, protocol, null, port, DumpFacts.FrontKind.NODE_PORT, chains);
    }

    private void lead(Element element, Protocol protocol, Endpoint front, int nodePort, DumpFacts.FrontKind kind, ProxyChains chains) {
        String target = element.target();
        if (element.fate() != null || "reject-chain".equals(target)) {
            chains.addFate(protocol, front, nodePort, kind, ProxyChains.service(element.comment()),
                    element.fate() != null ? element.fate() : ClusterState.Fate.REJECT);
        } else if (target != null) {
            chains.addFront(protocol, front, nodePort, kind, service(target), ChainRule.When.ALWAYS, target);
        } else {
            oddElements++;
        }
    }

    /** {@code default/web:https} of the chain {@code service-PET3V2EF-default/web/tcp/https}; null if it is named otherwise. */
    static String service(String chain) {
        int kind = chain.indexOf('-');
        int hash = kind < 0 ? -1 : chain.indexOf('-', kind + 1);
        if (hash < 0) {
            return null;
        }
        int namespaceEnd = chain.indexOf('/', hash);
        int nameEnd = namespaceEnd < 0 ? -1 : chain.indexOf('/', namespaceEnd + 1);
        int protocolEnd = nameEnd < 0 ? -1 : chain.indexOf('/', nameEnd + 1);
        // A name that was too long for nft ends in dots, and does not tell which port it is for.
        if (protocolEnd < 0 || namespaceEnd == hash + 1 || nameEnd == namespaceEnd + 1 || chain.endsWith("...")) {
            return null;
        }
        String port = chain.substring(protocolEnd + 1);
        String name = chain.substring(hash + 1, nameEnd);
        return port.isEmpty() ? name : name + ":" + port;
    }
}
