package io.nattrail.cluster;

import io.nattrail.net.Cidr;
import io.nattrail.net.IpAddress;
import java.io.IOException;
import java.io.Reader;
import java.util.List;
import java.util.Set;

/**
 * {@code ip addr} (also {@code -o} and {@code -br}), {@code ip route}, {@code ip -6 route}, and the addresses that {@code ifconfig} prints;
 * also several after each other in one file:
 *
 * <pre>
 * 2: eth0: &lt;BROADCAST,MULTICAST,UP,LOWER_UP&gt; mtu 1500 qdisc mq state UP group default qlen 1000
 *     inet 10.240.0.4/16 brd 10.240.255.255 scope global eth0
 * 10.244.0.0/24 dev cbr0 proto kernel scope link src 10.244.0.1
 * 10.244.1.0/24 via 10.240.0.5 dev eth0
 * </pre>
 */
final class IpTool implements ClusterSource {
    /** Bridges that only pods are on: of kubenet, and of the CNI bridge plugin. */
    private static final Set<String> POD_BRIDGES = Set.of("cbr0", "cni0");

    /** Interfaces whose addresses are the same on every node: ClusterIPs in IPVS mode, the DNS cache, Docker's bridge. */
    private static final Set<String> SHARED = Set.of("lo", "kube-ipvs0", "nodelocaldns", "docker0");

    private static final Set<String> STATES = Set.of("UP", "DOWN", "UNKNOWN", "LOWERLAYERDOWN", "DORMANT", "NOTPRESENT", "TESTING");

    private static final Set<String> ROUTE_TYPES = Set.of("unicast", "local", "broadcast", "multicast", "throw", "unreachable", "prohibit",
            "blackhole", "nat", "anycast");

    @Override
    public String name() {
        return "ip addr, ip route";
    }

    @Override
    public boolean recognises(String head) {
        DumpFacts none = new DumpFacts("");
        Parser parser = new Parser(none);
        for (int at = 0, line = 0; at < head.length() && line < LINES_ASKED; line++) {
            int end = head.indexOf('\n', at);
            end = end < 0 ? head.length() : end;
            if (end - at < 1024 && parser.line(head.substring(at, end)) && !(none.interfaceAddresses.isEmpty() && none.routes.isEmpty())) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }

    @Override
    public void read(Reader text, DumpFacts facts) throws IOException {
        Lines lines = new Lines(text);
        Parser parser = new Parser(facts);
        long junk = 0;
        long firstJunk = 0;
        try {
            for (String line = lines.next(); line != null; line = lines.next()) {
                if (!parser.line(line.length() > 1024 ? line.substring(0, 1024) : line)) {
                    firstJunk = junk++ == 0 ? lines.number() : firstJunk;
                }
            }
        } finally {
            facts.noteCount(junk, "line is nothing that ip addr or ip route prints and was passed over: line " + firstJunk,
                    "lines are nothing that ip addr or ip route prints and were passed over, the first is line " + firstJunk);
        }
    }

    private static final class Parser {
        private final DumpFacts facts;
        private String device = "";

        Parser(DumpFacts facts) {
            this.facts = facts;
        }

        /** False if it is no line of either command. */
        boolean line(String line) {
            List<String> words = Words.of(line);
            if (words.isEmpty()) {
                return true;
            }
            String first = words.get(0);
            if (first.endsWith(":") && Values.number(first.substring(0, first.length() - 1)) > 0 && words.size() >= 2) {
                device = name(words.get(1));
                // One line for each address with -o, else the interface's own line.
                return words.size() > 3 && isFamily(words.get(2)) ? address(words.get(3)) : words.size() > 2;
            }
            if (isFamily(first) && words.size() >= 2) {
                return address(words.get(1));
            }
            if (first.endsWith(":") && words.size() >= 2 && words.get(1).startsWith("flags=")) {
                device = name(first);
                return true;
            }
            if (words.size() >= 3 && STATES.contains(words.get(1)) && words.get(2).indexOf('/') > 0) {
                device = name(first);
                return words.stream().skip(2).filter(w -> w.indexOf('/') > 0).allMatch(this::address);
            }
            return isDetail(first) || route(words) || words.size() >= 2 && STATES.contains(words.get(1));
        }

        private static boolean isFamily(String word) {
            return word.equals("inet") || word.equals("inet6");
        }

        private static boolean isDetail(String first) {
            return first.startsWith("link/") || first.equals("valid_lft") || first.equals("altname") || first.equals("nexthop")
                    || first.equals("vxlan") || first.equals("bridge") || first.equals("veth") || first.equals("bridge_slave");
        }

        private static String name(String word) {
            String name = word.endsWith(":") ? word.substring(0, word.length() - 1) : word;
            int at = name.indexOf('@');
            return at < 0 ? name : name.substring(0, at);
        }

        private boolean address(String text) {
            int slash = text.indexOf('/');
            IpAddress address = Values.address(slash < 0 ? text : text.substring(0, slash));
            if (address == null) {
                return false;
            }
            own(address, device);
            Cidr prefix = Values.cidr(text);
            if (prefix != null && POD_BRIDGES.contains(device) && !isHost(prefix)) {
                addPodPrefix(prefix);
            }
            return true;
        }

        private void own(IpAddress address, String interfaceName) {
            if (!SHARED.contains(interfaceName) && !isLinkLocal(address)) {
                facts.interfaceAddresses.add(address);
            }
        }

        private void addPodPrefix(Cidr prefix) {
            if (!isLinkLocal(prefix.network())) {
                facts.ownPodCidrs.add(prefix);
            }
        }

        private static boolean isHost(Cidr prefix) {
            return prefix.length() == (prefix.network().v6() ? 128 : 32);
        }

        private static boolean isLinkLocal(IpAddress a) {
            return a.v6() ? a.high() >>> 54 == 0x3fa || a.high() == 0 && a.low() == 1 : a.low() >>> 16 == 0xa9fe || a.low() >>> 24 == 127;
        }

        private boolean route(List<String> words) {
            int at = ROUTE_TYPES.contains(words.get(0)) ? 1 : 0;
            if (at == words.size()) {
                return false;
            }
            String type = at == 1 ? words.get(0) : "unicast";
            boolean byDefault = words.get(at).equals("default");
            Cidr destination = byDefault ? null : Values.cidr(words.get(at));
            IpAddress via = Values.address(after(words, "via"));
            String dev = after(words, "dev");
            if (destination == null && !byDefault || dev == null && via == null && after(words, "proto") == null) {
                return false;
            }
            IpAddress source = Values.address(after(words, "src"));
            if (source != null && dev != null && (type.equals("unicast") || type.equals("local"))) {
                own(source, dev);
            }
            if (byDefault) {
                facts.routes.add(new DumpFacts.Route(null, via, dev));
            } else if (type.equals("local") && dev != null && isHost(destination)) {
                own(destination.network(), dev);
            } else if (type.equals("blackhole") && "bird".equals(after(words, "proto"))) {
                // Calico makes one for each block of addresses that it gave to its own node.
                addPodPrefix(destination);
            } else if (type.equals("unicast") && !isLinkLocal(destination.network())) {
                if (via == null && dev != null && POD_BRIDGES.contains(dev) && !isHost(destination)) {
                    addPodPrefix(destination);
                }
                facts.routes.add(new DumpFacts.Route(destination, via, dev));
            }
            return true;
        }

        private static String after(List<String> words, String key) {
            int at = words.indexOf(key);
            return at >= 0 && at + 1 < words.size() ? words.get(at + 1) : null;
        }
    }
}
