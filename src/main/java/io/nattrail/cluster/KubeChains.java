package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * kube-proxy's chains in its iptables mode, of one address family: {@code KUBE-SERVICES}, {@code KUBE-NODEPORTS}, {@code KUBE-EXT-},
 * {@code KUBE-SVC-}, {@code KUBE-SVL-}, {@code KUBE-SEP-} and, of earlier releases, {@code KUBE-XLB-} and {@code KUBE-FW-}
 * (pkg/proxy/iptables/proxier.go). iptables-save prints them, and nft where iptables is the one on top of nf_tables.
 */
final class KubeChains {
    private final DumpFacts facts;
    private final List<ChainRule> nat = new ArrayList<>();
    private final List<ChainRule> filter = new ArrayList<>();

    KubeChains(DumpFacts facts) {
        this.facts = facts;
    }

    static boolean isKubes(String chain) {
        return chain.startsWith("KUBE-");
    }

    /** A rule of one of its chains. */
    void add(String table, ChainRule rule) {
        if (table.equals("nat")) {
            nat.add(rule);
        } else if (table.equals("filter")) {
            filter.add(rule);
        }
    }

    /**
     * Follows the chains from every front.
     *
     * @param v6 the family, if no rule tells it
     */
    void tell(boolean v6) {
        if (nat.isEmpty() && filter.isEmpty()) {
            return;
        }
        boolean six = v6;
        for (ChainRule rule : nat) {
            if (rule.to != null || rule.destination != null) {
                six = rule.to != null ? rule.to.address().v6() : rule.destination.v6();
                break;
            }
        }
        ProxyChains chains = new ProxyChains(six);
        for (ChainRule rule : nat) {
            nat(rule, chains);
        }
        for (ChainRule rule : filter) {
            filter(rule, chains);
        }
        chains.tell(facts);
    }

    private void nat(ChainRule rule, ProxyChains chains) {
        String target = rule.targets.isEmpty() ? null : rule.targets.get(0);
        if (rule.chain.equals("KUBE-SERVICES")) {
            if ("KUBE-NODEPORTS".equals(target)) {
                ProxyChains.ownAddress(facts, rule.destination);
            } else if (rule.isForAddressAndPort() && target != null) {
                chains.addFront(rule.protocol, new Endpoint(rule.destination, rule.port), 0, kind(rule, target),
                        ProxyChains.service(rule.comment), rule.when, target);
            } else if (rule.isForNodePort() && target != null) {
                nodePort(rule, target, chains);
            }
        } else if (rule.chain.equals("KUBE-NODEPORTS")) {
            if (rule.protocol != null && rule.port > 0 && target != null) {
                nodePort(rule, target, chains);
            }
        } else if (rule.to != null || target != null || rule.fate != null) {
            chains.add(rule);
        }
    }

    private static void nodePort(ChainRule rule, String target, ProxyChains chains) {
        chains.addFront(rule.protocol, null, rule.port, DumpFacts.FrontKind.NODE_PORT, ProxyChains.service(rule.comment), rule.when,
                target);
    }

    /** Services without endpoints for a packet are refused or dropped in the filter table. */
    private static void filter(ChainRule rule, ProxyChains chains) {
        boolean internal = rule.chain.equals("KUBE-SERVICES");
        if (rule.fate == null || !internal && !rule.chain.equals("KUBE-EXTERNAL-SERVICES")) {
            return;
        }
        if (rule.isForAddressAndPort()) {
            chains.addFate(rule.protocol, new Endpoint(rule.destination, rule.port), 0,
                    internal ? DumpFacts.FrontKind.CLUSTER_IP : DumpFacts.FrontKind.EXTERNAL, ProxyChains.service(rule.comment), rule.fate);
        } else if (rule.isForNodePort()) {
            chains.addFate(rule.protocol, null, rule.port, DumpFacts.FrontKind.NODE_PORT, ProxyChains.service(rule.comment), rule.fate);
        }
    }

    private static DumpFacts.FrontKind kind(ChainRule rule, String target) {
        if (rule.comment != null) {
            if (rule.comment.endsWith(" cluster IP")) {
                return DumpFacts.FrontKind.CLUSTER_IP;
            }
            if (rule.comment.endsWith(" external IP") || rule.comment.endsWith(" loadbalancer IP")) {
                return DumpFacts.FrontKind.EXTERNAL;
            }
        }
        // Clusters of a thousand endpoints and more have no comments, and nft shows none; then the chain tells.
        return target.startsWith("KUBE-SVC-") || target.startsWith("KUBE-SVL-") ? DumpFacts.FrontKind.CLUSTER_IP
                : target.startsWith("KUBE-MARK-") ? null : DumpFacts.FrontKind.EXTERNAL;
    }
}
