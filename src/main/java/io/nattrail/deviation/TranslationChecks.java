package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Relation;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.List;

/** Whether the translation is the one that the service's policy and endpoints ask for. */
final class TranslationChecks implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (flow.translated() == null || trace.template() == PathTemplates.EGRESS || trace.template() == PathTemplates.POD_TO_POD) {
            return List.of();
        }
        if (facts.strange().translated(flow)) {
            // Addresses that were replaced in the file say nothing of the translation.
            return List.of();
        }
        List<Finding> findings = new ArrayList<>(1);
        if (trace.template() != PathTemplates.CLUSTERIP) {
            source(trace, facts, findings);
        }
        endpoint(trace, facts, findings);
        return findings;
    }

    private static void source(FlowTrace trace, CaseFacts facts, List<Finding> findings) {
        Flow flow = trace.flow();
        IpAddress client = flow.original().source().address();
        IpAddress after = flow.translated().source().address();
        Boolean localPolicy = trace.front() == null ? null : trace.front().service().externalLocal();
        if (after.equals(client)) {
            kept(trace, facts, localPolicy, findings);
        } else if (Boolean.TRUE.equals(localPolicy)) {
            if (!fromInside(trace, facts)) {
                findings.add(Finding.of(TranslationTypes.SNAT_UNDER_LOCAL_POLICY, "1.2.2", point(trace),
                        "masqueraded to %s although externalTrafficPolicy is Local".formatted(after), evidence(trace)));
            }
        } else if (unexpected(after, trace, facts)) {
            findings.add(Finding.of(TranslationTypes.SNAT_UNEXPECTED_SOURCE, "1.2.2", point(trace),
                    "masqueraded to %s, which is no address of %s or its bridge".formatted(after,
                            Frames.entryNode(trace)), evidence(trace)));
        }
    }

    /** What it means that the pod sees the client's own address; the policy is null where nothing tells it. */
    private static void kept(FlowTrace trace, CaseFacts facts, Boolean localPolicy, List<Finding> findings) {
        Flow flow = trace.flow();
        IpAddress client = flow.original().source().address();
        if (keptAnyway(trace, facts, client)) {
            return;
        }
        // Without a policy told, an answer that came back the right way says that the source was kept on purpose.
        boolean elsewhere = Boolean.FALSE.equals(trace.local()) && trace.leg(Spot.ENTRY_IN, Direction.REPLY) == null
                && trace.leg(Spot.ENTRY_OUT, Direction.REPLY) == null;
        boolean hidden = (flow.story().clientSawSynAck() && elsewhere || trace.answeredUnseen()) && !trace.directServerReturn();
        boolean astray = Boolean.FALSE.equals(trace.local()) && !flow.story().clientSawSynAck();
        boolean exception = localPolicy == null && !trace.directServerReturn() && othersAreMasqueraded(trace, facts);
        if (!exception && (Boolean.TRUE.equals(localPolicy) || localPolicy == null && !astray)) {
            findings.add(Finding.of(TranslationTypes.SOURCE_PRESERVED, "1.2.2", point(trace),
                    "the pod sees the client's address %s".formatted(client)
                            + (localPolicy == null ? ", as under externalTrafficPolicy Local" : ""), evidence(trace)));
        } else if ((!hidden || exception) && sent(trace) != null) {
            // Else the client got its answers, and the node's capture, filter or time hides by which way; or only an answer leaked.
            findings.add(Finding.of(TranslationTypes.SNAT_MISSING, "1.2.2", point(trace),
                    "%s left with the client's own address: without source NAT the answer does not come back through %s".formatted(
                            flow.translated(), trace.entryNode() == null ? "this node" : trace.entryNode()), evidence(trace)));
        }
    }

    /** Whether the address that shows would be the client's own with source NAT as well. */
    private static boolean keptAnyway(FlowTrace trace, CaseFacts facts, IpAddress client) {
        if (trace.entryNode() == null) {
            return false;
        }
        // A process of the node itself calls: its own address is what it would be masqueraded to.
        if (trace.entryNode().equals(facts.cluster().nodeOf(client))) {
            return true;
        }
        // With br_netfilter a bridge shows what goes between its ports with the destination translated, and not yet the source.
        return Boolean.TRUE.equals(trace.local()) && !trace.seen(Spot.ENDPOINT_POD, Direction.REQUEST)
                && trace.entryNode().equals(facts.cluster().nodeOfPod(client));
    }

    /**
     * Whether the node masquerades other clients to the same endpoint, and the policy is not Local all the same: before this one and after
     * it others were masqueraded, or taken to another node.
     */
    private static boolean othersAreMasqueraded(FlowTrace trace, CaseFacts facts) {
        if (trace.endpoint() == null || fromInside(trace, facts)) {
            return false;
        }
        FrontFacts front = facts.fronts().of(trace.flow().original());
        return front.masqueraded(trace.entryNode(), trace.endpoint()) != null && front.policyIsNotLocal(trace.entryNode(), trace.id());
    }

    /** Neither the entry node's own address nor one in its pod CIDR, where its bridge's is. */
    private static boolean unexpected(IpAddress source, FlowTrace trace, CaseFacts facts) {
        if (!addressesTold(trace.entryNode(), facts)) {
            return false;
        }
        ClusterState.Node owner = facts.cluster().told().nodeOfAddress(source);
        ClusterState.Node cidr = facts.cluster().told().nodeOfPodCidr(source);
        boolean own = owner != null && owner.name().equals(trace.entryNode());
        boolean bridge = cidr != null && cidr.name().equals(trace.entryNode());
        boolean called = source.equals(trace.flow().original().destination().address());
        return !own && !bridge && !called;
    }

    /**
     * Without pod CIDRs, as some CNIs leave a node, the address of its bridge is not known; nor where its pods are outside of them, as with
     * Calico, whose tunnels have addresses of their own that others' pods are masqueraded to.
     */
    private static boolean addressesTold(String node, CaseFacts facts) {
        for (ClusterState.Node told : facts.cluster().told().state().nodes()) {
            if (told.name().equals(node)) {
                return !told.addresses().isEmpty() && !told.podCidrs().isEmpty() && facts.cluster().told().prefixesHold(node);
            }
        }
        return false;
    }

    private static void endpoint(FlowTrace trace, CaseFacts facts, List<Finding> findings) {
        ClusterIndex.Front front = trace.front();
        Endpoint endpoint = trace.endpoint();
        if (front == null || endpoint == null || !facts.cluster().told().knowsEndpoints(front.service(), front.port())) {
            return;
        }
        boolean known = false;
        for (ClusterState.ServiceEndpoint one : facts.cluster().told().endpointsOf(front.service(), front.port())) {
            known |= one.address().equals(endpoint);
        }
        boolean localOnly = trace.template() == PathTemplates.CLUSTERIP ? front.service().internalLocal()
                : front.service().externalLocal() && !fromInside(trace, facts);
        FlowFact answered = facts.fronts().of(trace.flow().original()).firstAnswered(endpoint);
        if (!known && answered != null && !isRule(trace, facts)) {
            // The state tells another time, as one written after a rollout; what is true of all flows is said once.
            if (answered.id() == trace.id()) {
                findings.add(Finding.of(TranslationTypes.DNAT_UNEXPECTED_ENDPOINT, "1.2.1", point(trace),
                        "%s answered, but is no endpoint of %s: the cluster's state was written at another time than the capture".formatted(
                                endpoint, front.service().key()), evidence(trace)).as(Severity.INFO));
            }
        } else if (!known) {
            findings.add(Finding.of(TranslationTypes.DNAT_UNEXPECTED_ENDPOINT, "1.2.1", point(trace),
                    "translated to %s, which is no endpoint of %s".formatted(endpoint, front.service().key()), evidence(trace)));
        } else if (localOnly && Boolean.FALSE.equals(trace.local())) {
            findings.add(Finding.of(TranslationTypes.REMOTE_ENDPOINT_UNDER_LOCAL_POLICY, "1.2.1", point(trace),
                    "translated to %s on %s although the policy is Local".formatted(endpoint, trace.endpointNode()), evidence(trace)));
        }
    }

    /**
     * externalTrafficPolicy is for who comes from outside: of a pod or a process of the node, kube-proxy takes a call of a node port to any
     * endpoint (KUBE-EXT: "pod traffic for external destinations", "route LOCAL traffic"), and masquerades the node's own.
     */
    static boolean fromInside(FlowTrace trace, CaseFacts facts) {
        IpAddress client = trace.flow().original().source().address();
        return facts.cluster().isPod(client) || trace.entryNode() != null && trace.entryNode().equals(facts.cluster().nodeOf(client));
    }

    /** Whether a rule of the node, as dumped, names the endpoint. */
    private static boolean isRule(FlowTrace trace, CaseFacts facts) {
        ClusterState.ServiceRule rule = facts.cluster().told().ruleOf(trace.entryNode(), trace.flow().protocol(),
                trace.flow().original().destination(), trace.template() == PathTemplates.NODEPORT);
        return rule != null && rule.endpoints().contains(trace.endpoint());
    }

    private static String point(FlowTrace trace) {
        FlowLeg leg = sent(trace);
        return leg == null ? null : trace.captures().point(leg.point()).name();
    }

    static FlowLeg translatedLeg(Flow flow) {
        for (FlowLeg leg : flow.legs()) {
            if (leg.relation() == Relation.TRANSLATED && leg.tuple().equals(flow.translated()) && leg.firstRequest() != null) {
                return leg;
            }
        }
        return null;
    }

    /** The translated request as it left the entry node: with a kept source, the client's RST to a stray answer has the same tuple. */
    private static FlowLeg sent(FlowTrace trace) {
        FlowLeg out = trace.leg(Spot.ENTRY_OUT, Direction.REQUEST);
        boolean proof = out != null && out.tuple().equals(trace.flow().translated());
        return proof ? out : translatedLeg(trace.flow());
    }

    private static List<FrameRef> evidence(FlowTrace trace) {
        FlowLeg leg = sent(trace);
        if (leg != null) {
            return Frames.of(trace, List.of(leg.firstRequest()));
        }
        for (FlowLeg stray : trace.flow().legs()) {
            if (stray.relation() == Relation.REPLY_UNTRANSLATED && stray.tuple().equals(trace.flow().translated())
                    && stray.firstReply() != null) {
                return Frames.of(trace, List.of(stray.firstReply()));
            }
        }
        return Frames.first(trace);
    }
}
