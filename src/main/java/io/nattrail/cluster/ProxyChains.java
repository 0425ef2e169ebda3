package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * kube-proxy's chains of one address family, whatever tool printed them, and what they do with each front of a service. The question is
 * always: what becomes of a packet from outside the cluster? Rules for some sources only (pods, the node itself) do not answer it.
 */
final class ProxyChains {
    /** kube-proxy's own chains are five deep; the bound is for files that are not kube-proxy's. */
    private static final int DEEPEST = 16;

    /** Endpoints that all chains together may hold. Only a file that is not kube-proxy's leads many chains to the same many endpoints. */
    private static final long MOST_ENDPOINTS = 4_000_000;

    /** What a chain does with a packet; {@code fate} where it leads to no endpoint, null if it does not say. */
    private record Outcome(List<Endpoint> endpoints, boolean masquerade, ClusterState.Fate fate) {
        static final Outcome NOTHING = new Outcome(List.of(), false, null);
    }

    private static final class Fronted {
        String service;
        DumpFacts.FrontKind kind;
        ClusterState.Fate fate;
        boolean masquerade;
        final Set<String> chains = new LinkedHashSet<>();
    }

    private final boolean v6;
    private final Map<String, List<ChainRule>> chains = new HashMap<>();
    private final Map<FrontKey, Fronted> fronts = new LinkedHashMap<>();
    private final Map<String, Outcome> outcomes = new HashMap<>();
    private long left = MOST_ENDPOINTS;

    ProxyChains(boolean v6) {
        this.v6 = v6;
    }

    void add(ChainRule rule) {
        chains.computeIfAbsent(rule.chain, c -> new ArrayList<>()).add(rule);
    }

    /** A rule leads packets for this front into a chain; into the chain that marks for masquerading, too. */
    void addFront(Protocol protocol, Endpoint address, int nodePort, DumpFacts.FrontKind kind, String service, ChainRule.When when,
            String chain) {
        Fronted front = front(protocol, address, nodePort, kind, service);
        if (marks(chain)) {
            front.masquerade |= when == ChainRule.When.ALWAYS;
        } else {
            front.chains.add(chain);
        }
    }

    /** A rule rejects or drops packets for this front that were not translated. */
    void addFate(Protocol protocol, Endpoint address, int nodePort, DumpFacts.FrontKind kind, String service, ClusterState.Fate fate) {
        Fronted front = front(protocol, address, nodePort, kind, service);
        if (front.fate == null) {
            front.fate = fate;
        }
    }

    private Fronted front(Protocol protocol, Endpoint address, int nodePort, DumpFacts.FrontKind kind, String service) {
        Fronted front = fronts.computeIfAbsent(new FrontKey(protocol, address, nodePort), f -> new Fronted());
        if (front.service == null) {
            front.service = service;
        }
        if (front.kind == null) {
            front.kind = kind;
        }
        return front;
    }

    /** Chains by which packets are marked for masquerading in POSTROUTING, in iptables and in nftables. */
    private static boolean marks(String chain) {
        return chain.equals("KUBE-MARK-MASQ") || chain.equals("mark-for-masquerade");
    }

    /** Chains of load balancers with source ranges: what they lead to is for the sources that are let in. */
    private static boolean admits(String chain) {
        return chain.startsWith("KUBE-FW-") || chain.startsWith("firewall-");
    }

    /** Chains that hold only the endpoints on the node itself: KUBE-XLB before Kubernetes 1.24. */
    private static boolean isLocal(String chain) {
        return chain.startsWith("KUBE-SVL-") || chain.startsWith("KUBE-XLB-") || chain.startsWith("local-");
    }

    /** Follows every front to its end. */
    void tell(DumpFacts facts) {
        long unresolved = 0;
        for (Map.Entry<FrontKey, Fronted> entry : fronts.entrySet()) {
            FrontKey front = entry.getKey();
            Fronted told = entry.getValue();
            Union union = new Union();
            boolean masquerade = told.masquerade;
            ClusterState.Fate refused = told.fate;
            for (String chain : told.chains) {
                Outcome outcome = outcome(chain, new HashSet<>(), 0);
                union.add(outcome.endpoints());
                masquerade |= outcome.masquerade();
                refused = refused == null ? outcome.fate() : refused;
            }
            List<Endpoint> endpoints = union.list();
            ClusterState.Fate fate = endpoints.isEmpty() ? refused : ClusterState.Fate.FORWARD;
            if (fate == null) {
                unresolved += told.chains.isEmpty() ? 0 : 1;
                continue;
            }
            facts.rules.add(new DumpFacts.Rule(front.protocol(), told.service, told.kind, front.front(), front.nodePort(), fate,
                    endpoints, fate == ClusterState.Fate.FORWARD && masquerade, v6));
        }
        facts.noteCount(unresolved, "front of a service leads to no endpoint and to no verdict; is the dump complete?",
                "fronts of services lead to no endpoint and to no verdict; is the dump complete?");
        if (left < 0) {
            facts.note("its chains hold more than " + MOST_ENDPOINTS + " endpoints, not all of them were followed");
        }
        Set<List<Endpoint>> local = Collections.newSetFromMap(new IdentityHashMap<>());
        for (String chain : chains.keySet()) {
            if (isLocal(chain)) {
                local.add(outcome(chain, new HashSet<>(), 0).endpoints());
            }
        }
        for (List<Endpoint> endpoints : local) {
            for (Endpoint endpoint : endpoints) {
                facts.localPods.add(endpoint.address());
            }
        }
    }

    /**
     * Joins lists of endpoints; one list alone stays the same object, so that a chain's endpoints are held once however many lead to
     * it.
     */
    private final class Union {
        private List<Endpoint> only = List.of();
        private Set<Endpoint> several;

        void add(List<Endpoint> endpoints) {
            if (endpoints.isEmpty() || endpoints == only) {
                return;
            }
            if (only.isEmpty() && several == null) {
                only = endpoints;
                return;
            }
            if (several == null) {
                several = new TreeSet<>();
                addAll(only);
                only = List.of();
            }
            addAll(endpoints);
        }

        private void addAll(List<Endpoint> endpoints) {
            left -= endpoints.size();
            if (left >= 0) {
                several.addAll(endpoints);
            }
        }

        /** In order. */
        List<Endpoint> list() {
            return several == null ? only : List.copyOf(several);
        }
    }

    private Outcome outcome(String chain, Set<String> above, int depth) {
        Outcome known = outcomes.get(chain);
        if (known != null) {
            return known;
        }
        List<ChainRule> rules = chains.get(chain);
        if (rules == null || depth == DEEPEST || !above.add(chain)) {
            return Outcome.NOTHING;
        }
        Union endpoints = new Union();
        boolean masquerade = false;
        ClusterState.Fate fate = null;
        // The first rule with an effect decides: behind one that leads nowhere the dump was cut, and nothing is known.
        boolean decided = false;
        for (ChainRule rule : rules) {
            if (rule.when == ChainRule.When.SOME_SOURCES && !admits(chain)) {
                continue;
            }
            if (rule.to != null) {
                endpoints.add(List.of(rule.to));
            }
            if (rule.fate != null && !decided) {
                fate = rule.fate;
                decided = true;
            }
            for (String jump : rule.targets) {
                if (marks(jump)) {
                    masquerade |= rule.when == ChainRule.When.ALWAYS;
                } else {
                    Outcome inner = outcome(jump, above, depth + 1);
                    endpoints.add(inner.endpoints());
                    masquerade |= inner.masquerade();
                    fate = decided ? fate : inner.fate();
                    decided = true;
                }
            }
        }
        above.remove(chain);
        Outcome outcome = new Outcome(endpoints.list(), masquerade, fate);
        outcomes.put(chain, outcome);
        return outcome;
    }

    /**
     * The service in a rule's comment: {@code default/web:https cluster IP}, {@code masquerade traffic for default/web:https
     * external ...}.
     */
    static String service(String comment) {
        if (comment == null) {
            return null;
        }
        int slash = comment.indexOf('/');
        for (int at = 0; at < comment.length();) {
            int end = comment.indexOf(' ', at);
            end = end < 0 ? comment.length() : end;
            if (slash < at) {
                slash = comment.indexOf('/', at);
            }
            if (slash < 0) {
                return null;
            }
            if (slash > at && slash < end - 1) {
                // A port without a name was written "default/web:" up to Kubernetes 1.17.
                return comment.substring(at, comment.charAt(end - 1) == ':' ? end - 1 : end);
            }
            at = end + 1;
        }
        return null;
    }

    /** An address that a chain for node ports is limited to is the node's own. */
    static void ownAddress(DumpFacts facts, IpAddress address) {
        if (address != null && !(address.v6() ? address.high() == 0 && address.low() == 1 : address.low() >>> 24 == 127)) {
            facts.ownAddresses.add(address);
        }
    }
}
