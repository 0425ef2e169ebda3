package io.nattrail.analysis;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.cluster.NodePortRange;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.PointEvidence;
import io.nattrail.net.Amount;
import io.nattrail.net.Cidr;
import io.nattrail.net.IpAddress;
import io.nattrail.path.ClusterView;
import io.nattrail.wire.LinkType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Concludes what each capture point is: from its name where that says something, checked against what its connections show; from the
 * connections alone where it does not.
 */
final class PointRoles {
    private final List<PointReader.Part> parts;
    private final List<PointName> names;
    private final List<String> toldBy;
    private final List<PointEvidence> evidence;
    private final ClusterIndex told;
    private final List<String> notes = new ArrayList<>();
    private final Set<String> taken = new HashSet<>();
    private final Map<String, String> byTold = new HashMap<>();
    private int nextNode = 2;

    PointRoles(List<PointReader.Part> parts, List<PointName> names, List<String> toldBy, List<PointEvidence> evidence, ClusterIndex told) {
        this.parts = parts;
        this.names = names;
        this.toldBy = toldBy;
        this.evidence = evidence;
        this.told = told;
    }

    /** Remarks on guesses that the contents contradict. */
    List<String> notes() {
        return notes;
    }

    List<CapturePoint> conclude() {
        CapturePoint[] points = new CapturePoint[parts.size()];
        Map<String, String> nodeNames = nodeNames();
        List<Integer> guessed = new ArrayList<>();
        List<Integer> bridges = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            PointName name = names.get(i);
            if (name.role() != null) {
                taken.add(name.name());
                String node = name.node() == null ? nodeByContents(i) : nodeNames.getOrDefault(name.node(), name.node());
                points[i] = new CapturePoint(name.name(), name.role(), node, "the " + toldBy.get(i));
                check(i);
            } else {
                (role(i) == PointRole.BRIDGE ? bridges : guessed).add(i);
            }
        }
        // Which node a bridge is on may be told by the interface that shows the same connections.
        guessed.addAll(bridges);
        for (int i : guessed) {
            points[i] = guess(i, points);
        }
        callAsTheClusterDoes(points);
        return List.of(points);
    }

    /** Files may call a node by a name of their own. What lies in front of its bridge tells which one that is, if it is told itself. */
    private void callAsTheClusterDoes(CapturePoint[] points) {
        Set<String> real = new HashSet<>();
        told.state().nodes().forEach(node -> real.add(node.name()));
        for (int bridge = 0; bridge < points.length; bridge++) {
            String own = points[bridge].role() == PointRole.BRIDGE ? points[bridge].node() : null;
            String node = own == null || real.contains(own) ? null : nodeInFront(evidence.get(bridge), points);
            for (int i = 0; real.contains(node) && i < points.length; i++) {
                if (own.equals(points[i].node())) {
                    points[i] = new CapturePoint(points[i].name(), points[i].role(), node, points[i].concluded());
                }
            }
        }
    }

    private CapturePoint guess(int i, CapturePoint[] known) {
        PointName name = names.get(i);
        PointEvidence e = evidence.get(i);
        PointRole role = role(i);
        if (role == null) {
            notes.add(name.name() + ": neither its name nor its connections tell what it is, so what it does not show proves nothing; "
                    + "if it is a pod's bridge, say so with --point node2-cbr0=FILE");
            return new CapturePoint(name.name(), null, null, "nothing: neither its name nor its connections tell");
        }
        String node = role == PointRole.CLIENT ? null : nodeByContents(i);
        String label;
        if (role == PointRole.CLIENT || role == PointRole.POD) {
            label = role == PointRole.CLIENT ? "client" : "pod";
        } else {
            if (node == null && role == PointRole.BRIDGE) {
                node = nodeInFront(e, known);
            }
            if (node == null) {
                // Where all endpoints are local a node shows the client's side only; what clients call there is its own all the same.
                node = role == PointRole.BRIDGE || e.translated() > e.originals() ? null : nodeOf(e.called());
            }
            if (node == null) {
                node = nodeOfNeighbour(i, role, known);
            }
            if (node == null) {
                boolean entry = role == PointRole.BRIDGE ? e.unrouted() > 0
                        : e.both() + e.originals() >= e.translated() || onlyInterfaceBesidePods();
                String own = role == PointRole.BRIDGE && entry ? nodeOfCallers(e, known) : "node-1";
                node = own != null && entry && !calledElsewhere(e, known) ? own : "node-" + nextNode++;
            }
            label = byTold.computeIfAbsent(node, n -> n.matches("node-[0-9]+") ? n.replace("-", "") : n)
                    + (role == PointRole.BRIDGE ? "-cbr0" : role == PointRole.ANY ? "-any" : "-eth0");
        }
        String unique = label;
        for (int n = 2; !taken.add(unique); n++) {
            unique = label + "-" + n;
        }
        notes.add(name.name() + " is taken for " + unique + ": " + because(role, e));
        return new CapturePoint(unique, role, node, why(role, name, e));
    }

    /** Whether what clients call here is an address of its own, and not the one that they call at what was taken for the entry node. */
    private boolean calledElsewhere(PointEvidence e, CapturePoint[] known) {
        Set<IpAddress> there = new HashSet<>();
        for (int i = 0; i < known.length; i++) {
            if (known[i] != null && "node-1".equals(known[i].node())) {
                there.addAll(evidence.get(i).fronts());
            }
        }
        return !e.fronts().isEmpty() && !there.isEmpty() && Collections.disjoint(e.fronts(), there);
    }

    /** What pods call leaves their own node translated, and of the other one the bridge is captured. */
    private boolean onlyInterfaceBesidePods() {
        int pods = 0;
        int interfaces = 0;
        for (int i = 0; i < parts.size(); i++) {
            PointRole role = names.get(i).role() == null ? role(i) : names.get(i).role();
            pods += role == PointRole.POD && !isCalledPod(evidence.get(i)) ? 1 : 0;
            interfaces += role == PointRole.NODE_INTERFACE ? 1 : 0;
        }
        return pods > 0 && interfaces == 1;
    }

    /**
     * The node of a bridge whose pods call: the first, unless that one sends it connections, which come through a second router. Then it is
     * the only other one whose interface was captured; null if that leaves it open.
     */
    private static String nodeOfCallers(PointEvidence bridge, CapturePoint[] known) {
        Set<String> senders = new HashSet<>();
        for (int point : bridge.routedBehind().keySet()) {
            if (known[point] != null && known[point].node() != null) {
                senders.add(known[point].node());
            }
        }
        if (!senders.contains("node-1")) {
            return "node-1";
        }
        Set<String> others = new HashSet<>();
        for (CapturePoint point : known) {
            if (point != null && point.role() == PointRole.NODE_INTERFACE && point.node() != null && !senders.contains(point.node())) {
                others.add(point.node());
            }
        }
        return others.size() == 1 ? others.iterator().next() : null;
    }

    /** The node at whose interface the connections show that come to a bridge behind one router: that node is the router. */
    private static String nodeInFront(PointEvidence bridge, CapturePoint[] known) {
        int front = inFront(bridge, i -> known[i] != null
                && (known[i].role() == PointRole.NODE_INTERFACE || known[i].role() == PointRole.ANY));
        return front < 0 ? null : known[front].node();
    }

    private static int inFront(PointEvidence bridge, IntPredicate isInterface) {
        int front = -1;
        int most = bridge.routedAgain() - bridge.routedBehind().values().stream().mapToInt(Integer::intValue).sum();
        for (Map.Entry<Integer, Integer> other : bridge.oneBehind().entrySet()) {
            // Where several nodes are called, what other ones sent here came through a second router.
            if (isInterface.test(other.getKey())
                    && other.getValue() > Math.max(most, bridge.routedBehind().getOrDefault(other.getKey(), 0))) {
                front = other.getKey();
                most = other.getValue();
            }
        }
        return front;
    }

    /** The node that another file names, either in the same words, or as that of a bridge that lies right behind this interface. */
    private String nodeOfNeighbour(int i, PointRole role, CapturePoint[] known) {
        for (int other = 0; other < known.length; other++) {
            if (names.get(other).node() != null && plain(names.get(other).node()).equals(plain(names.get(i).name()))) {
                return known[other].node();
            }
        }
        for (int bridge = 0; bridge < known.length && role == PointRole.NODE_INTERFACE; bridge++) {
            boolean named = names.get(bridge).role() == PointRole.BRIDGE && known[bridge].node() != null;
            if (named && inFront(evidence.get(bridge), point -> role(point) == PointRole.NODE_INTERFACE
                    || names.get(point).role() == PointRole.NODE_INTERFACE) == i) {
                return known[bridge].node();
            }
        }
        return null;
    }

    /** {@code node1} of {@code Node-01}: what all ways to write it have in common. */
    private static String plain(String node) {
        return node.toLowerCase(Locale.ROOT).replaceAll("[-_.]", "").replaceAll("(?<![0-9])0+(?=[0-9])", "");
    }

    private static String why(PointRole role, PointName name, PointEvidence e) {
        return "the contents of " + name.name() + ": " + because(role, e);
    }

    private static String because(PointRole role, PointEvidence e) {
        return switch (role) {
            case CLIENT -> {
                int seen = e.originals() + e.translated() + e.both();
                yield "it shows only the client's side of " + Amount.of(seen == 0 ? e.requests() : seen, "connection")
                        + ", as the client itself sends them";
            }
            case NODE_INTERFACE, ANY -> e.both() > 0 ? "it shows both sides of the translation of " + Amount.of(e.both(), "connection")
                    : "it shows packets that a router has already forwarded";
            case BRIDGE -> "it shows only the translated side of " + Amount.of(e.translated(), "connection")
                    + ", with answers fresh from the pods";
            case POD -> isCalledPod(e) ? "it shows connections to one pod alone, and none of those that pods beside it answered"
                    : "it shows " + Amount.of(e.originals(), "connection") + " before a translation that keeps the source, as a pod's "
                            + "own node does";
        };
    }

    /** How the cluster's dumps call the nodes that the files call node-1, node-2: by the addresses that their captures show. */
    private Map<String, String> nodeNames() {
        Map<String, String> real = new HashMap<>();
        for (ClusterState.Node node : told.state().nodes()) {
            real.put(node.name(), node.name());
        }
        Map<String, String> found = new HashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            String node = names.get(i).node();
            if (node == null || real.containsKey(node)) {
                continue;
            }
            String byContents = nodeByContents(i);
            if (byContents != null) {
                found.putIfAbsent(node, byContents);
            }
            for (String name : real.keySet()) {
                if (plain(name).equals(plain(node))) {
                    found.putIfAbsent(node, name);
                }
            }
            String shortened = byItsEnd(node, real.keySet());
            if (shortened != null) {
                found.putIfAbsent(node, shortened);
            }
        }
        return found;
    }

    /** People leave out what all nodes of a pool share: vmss000001. The node-1 and node-2 of file names are places on the path. */
    private static String byItsEnd(String node, Set<String> real) {
        List<String> ending = real.stream().filter(name -> name.toLowerCase(Locale.ROOT).endsWith("-" + node)).toList();
        return ending.size() == 1 && !node.matches("node-[0-9]+") ? ending.get(0) : null;
    }

    private String nodeByContents(int i) {
        PointEvidence shown = evidence.get(i);
        String front = nodeOf(shown.fronts());
        if (front != null) {
            return front;
        }
        for (IpAddress pod : shown.pods()) {
            String node = told.nodeOfPod(pod);
            if (node != null) {
                return node;
            }
        }
        return null;
    }

    private String nodeOf(Set<IpAddress> addresses) {
        for (IpAddress address : addresses) {
            ClusterState.Node node = told.nodeOfAddress(address);
            if (node != null) {
                return node.name();
            }
        }
        return null;
    }

    private PointRole role(int i) {
        PointEvidence e = evidence.get(i);
        boolean cooked = parts.get(i).files().stream().anyMatch(f -> f.linkTypes().contains(LinkType.name(LinkType.LINUX_SLL))
                || f.linkTypes().contains(LinkType.name(LinkType.LINUX_SLL2)));
        if (e.both() > 0) {
            return cooked ? PointRole.ANY : PointRole.NODE_INTERFACE;
        }
        if (e.translated() > e.originals()) {
            PointRole behind = cooked ? PointRole.ANY : isBridge(e) ? PointRole.BRIDGE : PointRole.NODE_INTERFACE;
            return behind != PointRole.NODE_INTERFACE && isCalledPod(e) ? PointRole.POD : behind;
        }
        if (e.freshRequests() == 0 && e.originals() == 0) {
            return null;
        }
        // Only the client's side: the client itself, or the entry node where every endpoint is local.
        boolean behindRouter = e.freshRequests() * 2 < e.requests();
        boolean behindAnother = evidence.stream().anyMatch(other -> other.earliest() > 0);
        if (!behindRouter && calledByPod(e)) {
            return PointRole.POD;
        }
        boolean entryElsewhere = evidence.stream().anyMatch(other -> other.both() > 0);
        return e.earliest() > 0 || !behindRouter && (entryElsewhere || !behindAnother) ? PointRole.CLIENT : PointRole.NODE_INTERFACE;
    }

    /** Of what shows only the translated side: whether no more router lies between it and the pods. */
    private static boolean isBridge(PointEvidence e) {
        if (e.unrouted() > 0) {
            return true;
        }
        if (e.routedAgain() != e.asSent()) {
            return e.routedAgain() > e.asSent();
        }
        return e.asSent() == 0 && !e.oneBehind().isEmpty() || e.freshReplies() * 2 > e.translated();
    }

    /**
     * One pod alone shows here, though others beside it answered connections: its bridge, and all interfaces of its node, would show those
     * too.
     */
    private static boolean isCalledPod(PointEvidence e) {
        if (e.endpoints().size() != 1 || e.originals() > 0) {
            return false;
        }
        Cidr beside = ClusterView.usualPodCidr(e.endpoints().iterator().next());
        return e.answeredElsewhere().stream().anyMatch(other -> ClusterView.usualPodCidr(other).equals(beside));
    }

    /**
     * What is translated for a client of a node port comes to that node as the client sent it. A pod's own node translates its calls, and
     * leaves it its address, before any other capture shows them.
     */
    private static boolean calledByPod(PointEvidence e) {
        return e.keptSource() > 0 && e.keptSource() == e.originals() && e.keptBetween().stream().noneMatch(NodePortRange::contains);
    }

    /** A capture that its name calls a node's, and that shows the client's side of connections alone; null if there is none. */
    private String nodeThatShowsOneSide() {
        for (int i = 0; i < names.size(); i++) {
            PointEvidence e = evidence.get(i);
            if (names.get(i).role() == PointRole.NODE_INTERFACE && e.both() + e.translated() == 0 && e.originals() > 0) {
                return names.get(i).name();
            }
        }
        return null;
    }

    private void check(int i) {
        PointName name = names.get(i);
        PointEvidence e = evidence.get(i);
        String node = name.role() == PointRole.CLIENT && e.both() > 0 ? nodeThatShowsOneSide() : null;
        String bridge = name.role() == PointRole.CLIENT && e.both() + e.originals() == 0 && e.freshReplies() > 0
                ? bridgeThatShowsCallsOnly(e) : null;
        String both = name.role() == PointRole.NODE_INTERFACE && e.both() + e.originals() == 0 && e.freshReplies() > 0
                ? bridgeThatShowsBothSides() : null;
        if (both != null) {
            notes.add("%s shows only the translated side of %s, as a pod answers it, and %s both sides, as a node's eth0 does: the two may "
                    .formatted(name.name(), Amount.of(e.translated(), "connection"), both) + "be swapped; " + swapped(name.name(), both));
        } else if (node != null) {
            notes.add("%s shows both sides of the translation of %s, and %s of none: only a node sees both, so the two may be swapped; "
                    .formatted(name.name(), Amount.of(e.both(), "connection"), node) + swapped(name.name(), node));
        } else if (bridge != null) {
            notes.add("%s shows only the translated side of %s, as a pod answers it, and %s only the client's side: the two may be "
                    .formatted(name.name(), Amount.of(e.translated(), "connection"), bridge) + "swapped; " + swapped(name.name(), bridge));
        } else if (name.role() == PointRole.CLIENT && e.both() + e.translated() > e.originals() + 2 && (e.both() > 0 || anyFront())) {
            notes.add(name.name() + ": its name says client, but it shows the translated side of " + (e.both() + e.translated())
                    + " connections; if it is a node's capture, say so with --point node1-eth0=FILE");
        } else if (showsCallsOnly(i) && e.originals() > 2 && noneNamedCaller()) {
            notes.add(name.name() + ": its name says bridge, but it shows only the client's side of " + e.originals()
                    + " connections; if it is another point, say so with --point NAME=FILE");
        }
    }

    private static String swapped(String one, String other) {
        return "if so, say what they are with --point " + one + "=FILE --point " + other + "=FILE";
    }

    /**
     * Without a capture of a node between them, that what this one shows goes on to others than those who are called there tells that they
     * are services. Of what pods call outside of the cluster nothing but the source is translated.
     */
    private String bridgeThatShowsCallsOnly(PointEvidence answering) {
        for (int i = 0; i < names.size(); i++) {
            boolean services = !answering.endpoints().isEmpty() && Collections.disjoint(answering.endpoints(), evidence.get(i).called());
            if (showsCallsOnly(i) || services && showsNothingButCalls(i)) {
                return names.get(i).name();
            }
        }
        return null;
    }

    /**
     * A capture that its name calls a bridge's, with nothing but the client's side of what a node's interface shows on both sides. What a
     * pod calls outside of the cluster, or by a ClusterIP, shows so at its own bridge, and translated only at the node's interface.
     */
    private boolean showsCallsOnly(int i) {
        return showsNothingButCalls(i)
                && evidence.stream().anyMatch(other -> !Collections.disjoint(other.fronts(), evidence.get(i).called()));
    }

    private boolean showsNothingButCalls(int i) {
        PointEvidence e = evidence.get(i);
        return names.get(i).role() == PointRole.BRIDGE && e.originals() > 0 && e.both() + e.translated() == 0 && e.freshReplies() == 0;
    }

    /** What pods call may show on both sides at their bridge; what clients outside call does at a node's interface only. */
    private String bridgeThatShowsBothSides() {
        boolean fromOutside = names.stream().anyMatch(name -> name.role() == PointRole.CLIENT)
                && names.stream().noneMatch(name -> name.role() == PointRole.POD);
        for (int i = 0; i < names.size(); i++) {
            if (fromOutside && names.get(i).role() == PointRole.BRIDGE && evidence.get(i).both() > 0) {
                return names.get(i).name();
            }
        }
        return null;
    }

    private boolean anyFront() {
        return evidence.stream().anyMatch(e -> !e.fronts().isEmpty());
    }

    private boolean noneNamedCaller() {
        return names.stream().noneMatch(name -> name.role() == PointRole.CLIENT || name.role() == PointRole.POD);
    }
}
