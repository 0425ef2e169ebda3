package io.nattrail.path;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.cluster.NodePortRange;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.QuotedError;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.Relation;
import io.nattrail.nat.Sign;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import io.nattrail.net.Ttl;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Signs that the filter of a capture hides one side of the connections that pass its point: what other captures, TTLs or conntrack tell of
 * them, and it never shows. What a filter hides was not lost.
 */
final class FilterSigns {
    /** One question may follow on an answer by chance, and one connection may take another way than all others. */
    private static final int LEAST_ASKED_ON = 2;
    private static final int LEAST_CONNECTIONS = 2;
    /** Of so many senders of datagrams some tell, if any do. */
    private static final int MOST_SENDERS = 1000;

    private final ClusterIndex told;
    private final CaptureSet captures;
    /** Connections of which a point showed the client's own tuple, and a translated one. */
    private final int[] originalsAt;
    private final int[] translatedAt;
    /** Connections that reached another node translated, by the point where they entered. */
    private final int[] translatedElsewhere;
    private final Set<CalledAt> answeredFromAfar = new HashSet<>();
    private final Set<CalledAt> seenTranslatedOnly = new HashSet<>();
    private final boolean[] showsAnswers;
    /** Pods' interfaces that show what comes back to calls of the pod: those of a pod that answers others go out. */
    private final boolean[] answersPod;
    /** Questions that followed on answers which the point itself does not show. */
    private final long[] askedOn;
    /** Points that show questions of connections of which the client got answers. */
    private final boolean[] showsAnswered;
    private final boolean[] hiddenByAnswers;
    /** Connections that went on after their SYN, at the client's or the pod's interface that began them: it had a SYN-ACK. */
    private final int[] wentOn;
    /** Points at callers' own interfaces where ARP of the caller was answered unseen, and points that show what comes to a pod. */
    private final boolean[] answeredUnseen;
    private final boolean[] showsCalls;
    /** Connections of clients that their own captures show, of which a node's interface shows answers and no question. */
    private final int[] answersOnly;
    /** Connections of which a node's interface shows questions and no answer, though the clients' own captures show one. */
    private final int[] questionsOnly;
    /** Points at nodes' interfaces that show questions of clients, answers to them, and what the node sent on. */
    private final boolean[] showsQuestions;
    private final boolean[] answersClients;
    private final boolean[] sendsOn;
    /** Addresses whose node ports were called at a point, and datagrams from one port there that nobody answered, by their sender. */
    private final List<Set<IpAddress>> nodesCalled = new ArrayList<>();
    private final Map<Datagrams, Set<Integer>> toPorts = new HashMap<>();
    /** Whether any point shows questions and answers of one leg, or what a node gets and sends on: then not all show one direction. */
    private boolean showsBothWays;
    private final HiddenLegs hiddenLegs;
    /** Whether some node shows what clients send it, and what it sends on encrypted. */
    private boolean nodesEncrypt;

    /** A destination whose connections showed at a node's interface. */
    private record CalledAt(int point, Protocol protocol, Endpoint destination) {
        // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

        @Override
        public boolean equals(Object other) {
            return other instanceof CalledAt that && point == that.point && protocol == that.protocol
                    && destination.equals(that.destination);
        }

        @Override
        public int hashCode() {
            return (31 * point + protocol.number()) * 31 + destination.hashCode();
        }
    }

    /** Datagrams that came to an address at a node's interface from one port, and that nothing answered. */
    private record Datagrams(int point, Endpoint sender, IpAddress to) {
    }

    FilterSigns(ClusterIndex told, CaptureSet captures) {
        this.told = told;
        this.captures = captures;
        originalsAt = new int[captures.count()];
        translatedAt = new int[captures.count()];
        translatedElsewhere = new int[captures.count()];
        showsAnswers = new boolean[captures.count()];
        answersPod = new boolean[captures.count()];
        askedOn = new long[captures.count()];
        showsAnswered = new boolean[captures.count()];
        hiddenByAnswers = new boolean[captures.count()];
        wentOn = new int[captures.count()];
        answeredUnseen = new boolean[captures.count()];
        showsCalls = new boolean[captures.count()];
        answersOnly = new int[captures.count()];
        questionsOnly = new int[captures.count()];
        showsQuestions = new boolean[captures.count()];
        answersClients = new boolean[captures.count()];
        sendsOn = new boolean[captures.count()];
        for (int i = 0; i < captures.count(); i++) {
            nodesCalled.add(new HashSet<>());
        }
        hiddenLegs = new HiddenLegs(captures);
    }

    /** Takes a flow into account, as the node knows it. */
    void add(Flow flow) {
        for (Place place : flow.places()) {
            (place.level() == 0 ? originalsAt : translatedAt)[place.point()]++;
        }
        int entry = entryOfTranslatedElsewhere(flow);
        if (entry >= 0) {
            translatedElsewhere[entry]++;
        }
        noteAnsweredFromAfar(flow);
        noteTranslatedOnly(flow);
        noteAnswers(flow);
        hiddenLegs.add(flow);
    }

    private int entryOfTranslatedElsewhere(Flow flow) {
        boolean translatedOnOtherNode = false;
        int entry = -1;
        for (Place place : flow.places()) {
            if (place.level() == 0 && captures.showsNodeInterface(place.point())) {
                entry = place.point();
            } else if (place.level() > 0 && entry >= 0 && captures.areInterfacesOfOneNode(place.point(), entry)) {
                return -1;
            } else if (place.level() > 0 && entry >= 0 && captures.node(place.point()) != null
                    && !captures.node(place.point()).equals(captures.node(entry))) {
                translatedOnOtherNode = true;
            }
        }
        return translatedOnOtherNode ? entry : -1;
    }

    private void noteAnswers(Flow flow) {
        for (FlowLeg leg : flow.legs()) {
            showsAnswers[leg.point()] |= leg.replies() > 0 || complaintsComeBack(leg);
            showsAnswered[leg.point()] |= flow.tcp() && flow.story().clientSawSynAck() && leg.requests() > 0;
        }
        Sign sign = flow.sign(Sign.Kind.ASKED_ON);
        if (sign != null) {
            askedOn[flow.places().get(0).point()] += sign.count();
        }
        noteDirections(flow);
    }

    /** Whether a leg has complaints of what its opener sent; those that the opener sends itself are no answers. */
    private static boolean complaintsComeBack(FlowLeg leg) {
        for (QuotedError error : leg.errors()) {
            if (error.quotedFromOpener()) {
                return true;
            }
        }
        return false;
    }

    /** A SYN-ACK came in by the interface of the one host that began it; a node answers a client only what it asked. */
    private void noteDirections(Flow flow) {
        Place first = flow.places().isEmpty() ? null : flow.places().get(0);
        FlowLeg began = first == null ? null : flow.requestLeg(first);
        boolean asked = began != null;
        PointRole role = first == null ? null : captures.role(first.point());
        if (asked && flow.tcp() && first.level() == 0 && (role == PointRole.CLIENT || role == PointRole.POD) && began.wentOn()) {
            wentOn[first.point()]++;
        }
        if (asked && first.level() == 0 && (role == PointRole.CLIENT || role == PointRole.POD)) {
            answeredUnseen[first.point()] |= captures.leftOut(first.point()).answeredUnseen().contains(flow.original().source().address());
        }
        FlowLeg got = first == null ? null : flow.replyLeg(first);
        if (role == PointRole.POD) {
            answersPod[first.point()] |= got != null && got.relation() == Relation.ORIGINAL || asked && complaintsComeBack(began);
        }
        boolean client = asked && role == PointRole.CLIENT;
        Sign forwarded = flow.sign(Sign.Kind.FORWARDED);
        if (forwarded != null && forwarded.place() >= 0) {
            // IPVS in direct routing, and who answers in the node's name, get the packet as it came.
            sendsOn[flow.places().get(forwarded.place()).point()] = true;
        }
        for (Place place : flow.places()) {
            showsBothWays |= flow.requestLeg(place) != null && flow.replyLeg(place) != null;
            showsCalls[place.point()] |= place != first && captures.role(place.point()) == PointRole.POD;
            if (captures.showsNodeInterface(place.point())) {
                noteDirections(flow, place, client, client && got != null && got.relation() == Relation.ORIGINAL);
                noteDatagrams(flow, place.point());
            }
        }
    }

    /** Where a server answers what a capture does not show, its answers go from its one port to many. */
    private void noteDatagrams(Flow flow, int point) {
        Endpoint called = flow.original().destination();
        if (NodePortRange.contains(called)) {
            nodesCalled.get(point).add(called.address());
        } else if (flow.protocol() == Protocol.UDP && flow.places().size() == 1 && flow.replyLeg(flow.places().get(0)) == null) {
            Datagrams datagrams = new Datagrams(point, flow.original().source(), called.address());
            Set<Integer> ports = toPorts.get(datagrams);
            if (ports == null && toPorts.size() < MOST_SENDERS) {
                toPorts.put(datagrams, new HashSet<>(Set.of(called.port())));
            } else if (ports != null && ports.size() < LEAST_CONNECTIONS) {
                ports.add(called.port());
            }
        }
    }

    /** Whether answers come to the node, at the address whose node ports clients call, to questions that its interface does not show. */
    boolean showsAnswersToUnseen(int point) {
        for (Map.Entry<Datagrams, Set<Integer>> entry : toPorts.entrySet()) {
            Datagrams datagrams = entry.getKey();
            if (datagrams.point == point && entry.getValue().size() >= LEAST_CONNECTIONS
                    && nodesCalled.get(point).contains(datagrams.to)) {
                return true;
            }
        }
        return false;
    }

    private void noteDirections(Flow flow, Place place, boolean asked, boolean answered) {
        int point = place.point();
        FlowLeg replies = flow.replyLeg(place);
        boolean question = flow.requestLeg(place) != null;
        boolean answer = replies != null && replies.relation() == Relation.ORIGINAL;
        if (place.level() > 0) {
            sendsOn[point] |= question;
            return;
        }
        showsQuestions[point] |= question;
        answersClients[point] |= answer;
        answersOnly[point] += asked && answer && !question ? 1 : 0;
        questionsOnly[point] += answered && question && !answer ? 1 : 0;
    }

    /**
     * The answers came from another node, and so through the interface where they show, as their TTL tells; or conntrack lists a
     * translation to another node, and what it lists was sent on: it takes a connection into its table only then.
     */
    private void noteAnsweredFromAfar(Flow flow) {
        if (flow.translated() != null) {
            return;
        }
        for (Place place : flow.places()) {
            FlowLeg leg = flow.replyLeg(place);
            boolean fromAfar = leg != null && leg.answered() && cameThroughTwoNodes(leg.replyTtl());
            if (captures.showsNodeInterface(place.point()) && translatedAt[place.point()] == 0
                    && (fromAfar || toldElsewhere(flow, captures.node(place.point())) && !flow.neighbourMissing())) {
                answeredFromAfar.add(new CalledAt(place.point(), flow.protocol(), flow.original().destination()));
                return;
            }
        }
    }

    /** A pod's answer loses one at its own node, another at the node that the client called. */
    private static boolean cameThroughTwoNodes(int ttl) {
        return ttl >= 0 && Ttl.routersPassed(ttl) >= 2;
    }

    private boolean toldElsewhere(Flow flow, String node) {
        boolean elsewhere = false;
        for (ClusterState.Connection connection : told.connectionsOf(flow.original())) {
            String of = told.nodeOfPod(connection.reply().source().address());
            if (of == null || of.equals(node)) {
                return false;
            }
            elsewhere = true;
        }
        return elsewhere;
    }

    /**
     * The client's capture shows the beginning, a node sent it on to another one, and what came to that node from the client is not
     * there.
     */
    private void noteTranslatedOnly(Flow flow) {
        if (flow.translated() == null || flow.places().isEmpty()
                || captures.role(flow.places().get(0).point()) != PointRole.CLIENT) {
            return;
        }
        int out = -1;
        for (Place place : flow.places()) {
            PointRole role = captures.role(place.point());
            String node = captures.node(place.point());
            if (place.level() == 0 && role != PointRole.CLIENT) {
                return;
            }
            if (place.level() > 0 && captures.showsNodeInterface(place.point()) && out < 0) {
                out = place.point();
            } else if (out >= 0 && role == PointRole.BRIDGE && node != null && !node.equals(captures.node(out))
                    && originalsAt[out] == 0) {
                seenTranslatedOnly.add(new CalledAt(out, flow.protocol(), flow.original().destination()));
            }
        }
    }

    /** Tells the captures what their filters hide, all flows being seen and the addresses of nodes known. */
    void settle(ClusterView view) {
        settleSides(view);
        for (int point = 0; point < captures.count(); point++) {
            nodesEncrypt |= originalsAt[point] > 0 && showsOnlyEncrypted(point);
        }
        hiddenLegs.settle(view);
        for (int point = 0; point < captures.count(); point++) {
            settleDirections(point);
        }
        mayHideAlike();
    }

    /** What is hidden before or behind the translation. */
    private void settleSides(ClusterView view) {
        // A node's capture that never shows the translated leg of connections whose translated leg another node shows was filtered.
        for (int point = 0; point < captures.count(); point++) {
            if (translatedElsewhere[point] > 0 && translatedAt[point] == 0) {
                captures.translatedHidden(point);
            }
        }
        for (CalledAt called : answeredFromAfar) {
            int point = called.point;
            if (translatedAt[point] == 0 && !captures.translatedBlind(point) && calledAtNode(called, view)) {
                captures.translatedHidden(point);
                hiddenByAnswers[point] = true;
            }
        }
        for (CalledAt seen : seenTranslatedOnly) {
            if (originalsAt[seen.point] == 0 && calledAtNode(seen, view)) {
                captures.originalHidden(seen.point);
            }
        }
    }

    /** What is hidden of one direction: answers, questions, or all that leaves a node. */
    private void settleDirections(int point) {
        answeredUnseen[point] &= !showsAnswers[point] && !showsCalls[point];
        boolean shown = captures.role(point) == PointRole.POD ? answersPod[point] : showsAnswers[point];
        if (hadAnswers(point) && !shown || answeredUnseen[point] || hiddenLegs.hidesAllAnswers(point)) {
            captures.answersHidden(point);
        }
        if (showsAnswered[point] && captures.looksFiltered(point) && !showsAnswers[point]) {
            captures.answersPerhapsHidden(point);
        }
        if (answersOnly[point] >= LEAST_CONNECTIONS && !showsQuestions[point]) {
            captures.questionsHidden(point);
        }
        boolean answered = questionsOnly[point] >= LEAST_CONNECTIONS || showsQuestions[point] && showsAnswersToUnseen(point);
        boolean nothingLeaves = !answersClients[point] && !sendsOn[point];
        if (answered && nothingLeaves) {
            captures.outgoingHidden(point);
        }
    }

    /** Whether callers went on after their questions or SYNs as only who has an answer does. */
    private boolean hadAnswers(int point) {
        return askedOn[point] >= LEAST_ASKED_ON || wentOn[point] >= LEAST_CONNECTIONS;
    }

    /** Captures of one case are begun by the same command: where one is of one direction, others that show no answer may be, too. */
    private void mayHideAlike() {
        boolean oneDirection = false;
        for (int point = 0; point < askedOn.length; point++) {
            oneDirection |= captures.answersBlind(point) || captures.questionsBlind(point);
            showsBothWays |= showsQuestions[point] && sendsOn[point];
        }
        for (int point = 0; oneDirection && !showsBothWays && point < askedOn.length; point++) {
            if (!showsAnswers[point]) {
                captures.answersPerhapsHidden(point);
            }
        }
    }

    /** Whether the node itself was called, at a port of a service: what it only passes on may be answered from anywhere. */
    private boolean calledAtNode(CalledAt called, ClusterView view) {
        String node = view.nodeOf(called.destination.address());
        ClusterIndex.Front front = view.toldFront(called.protocol, called.destination);
        boolean service = front == null ? NodePortRange.contains(called.destination) : front.kind() == ClusterIndex.Kind.NODE_PORT;
        return service && (node == null ? told.state().nodes().isEmpty() : node.equals(captures.node(called.point)));
    }

    /** Whether what clients did after their SYNs, and not their questions one after the other, tells that a point hides answers. */
    boolean hiddenByHandshakes(int point) {
        return askedOn[point] < LEAST_ASKED_ON;
    }

    /** Whether only ARP of the caller, answered unseen, tells that a point hides what comes in. */
    boolean hiddenByNeighbours(int point) {
        return answeredUnseen[point] && !hadAnswers(point);
    }

    /** What filters hide of some connections while they show others. */
    HiddenLegs hiddenLegs() {
        return hiddenLegs;
    }

    /** Connections of which a point showed the client's own tuple. */
    int originalsAt(int point) {
        return originalsAt[point];
    }

    /** Connections of which a point showed a translated tuple. */
    int translatedAt(int point) {
        return translatedAt[point];
    }

    /**
     * Whether a point shows what the node sends to others encrypted: each connection that leaves the node takes a packet at least, and half
     * of them may stay inside. Fewer packets may be those of a VPN that passes by.
     */
    private boolean encrypts(int point) {
        long encrypted = captures.leftOut(point).encrypted();
        return encrypted > 0 && 2 * encrypted >= originalsAt[point];
    }

    /** Whether nothing of the pods' side shows at an interface of a node because the nodes encrypt it for each other. */
    boolean showsOnlyEncrypted(int point) {
        return translatedAt[point] == 0 && captures.showsNodeInterface(point)
                && (encrypts(point) || nodesEncrypt && originalsAt[point] == 0);
    }

    /** The same where nothing else proves that it hides anything: some node shows what clients send it, and the rest encrypted. */
    boolean hidesWhatIsEncrypted(int point) {
        return nodesEncrypt && showsOnlyEncrypted(point);
    }

    /** Whether only answers from another node, or conntrack, tell that a point's filter hides the pods' side. */
    boolean hiddenByAnswers(int point) {
        return hiddenByAnswers[point];
    }
}
