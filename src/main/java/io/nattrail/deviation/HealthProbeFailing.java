package io.nattrail.deviation;

import io.nattrail.cluster.ClusterState;
import io.nattrail.nat.Flow;
import io.nattrail.nat.Sign;
import io.nattrail.net.Cidr;
import io.nattrail.net.IpAddress;
import io.nattrail.path.FlowTrace;
import java.util.List;

/** A load balancer's health probe that got no answer, or an error: why no client traffic comes to this node. */
final class HealthProbeFailing implements Detector {
    /** Whence cloud load balancers probe: Azure's wire server; Google Cloud's documented probe ranges. */
    private static final List<Cidr> PROBERS = List.of(Cidr.parse("168.63.129.16/32"), Cidr.parse("35.191.0.0/16"),
            Cidr.parse("130.211.0.0/22"));

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        boolean kubeProxyAnswers = facts.healthCheckPort(flow.original().destination().port())
                && facts.cluster().nodeOf(flow.original().destination().address()) != null;
        if (!kubeProxyAnswers && !fromProber(flow.original().source().address()) || !flow.tcp()) {
            return List.of();
        }
        String point = Frames.firstPoint(trace);
        Sign error = flow.sign(Sign.Kind.HTTP_ERROR);
        if (error != null) {
            boolean meant = kubeProxyAnswers && endpointElsewhere(trace, facts);
            Finding finding = Finding.of(EstablishmentTypes.HEALTH_PROBE_FAILING, "1.2", point,
                    "the probe of %s was answered with HTTP status %d%s".formatted(flow.original().destination(), error.value(),
                            meant ? ": no endpoint on this node, under policy Local the way to be left out" : ""),
                    Frames.join(Frames.first(trace), Frames.of(trace, error.frames())));
            return List.of(meant ? finding.as(Severity.INFO) : finding);
        }
        boolean unanswered = !flow.story().clientSawSynAck() && waitedForIt(trace);
        return unanswered ? List.of(Finding.of(EstablishmentTypes.HEALTH_PROBE_FAILING, "1.2", point,
                "the probe of %s got no answer".formatted(flow.original().destination()), Frames.first(trace))) : List.of();
    }

    private static boolean fromProber(IpAddress source) {
        for (Cidr prober : PROBERS) {
            if (prober.contains(source)) {
                return true;
            }
        }
        return false;
    }

    /** Refused, or asked again: a single SYN may be the capture's last packet. */
    private static boolean waitedForIt(FlowTrace trace) {
        return trace.flow().sign(Sign.Kind.SYN_REPEATED) != null || trace.flow().sign(Sign.Kind.RESET) != null
                || !Complaint.of(trace.flow()).isEmpty();
    }

    /** Whether the service of this health-check port has a ready endpoint on another node. */
    private static boolean endpointElsewhere(FlowTrace trace, CaseFacts facts) {
        for (ClusterState.Service service : facts.cluster().told().state().services()) {
            if (service.healthCheckNodePort() != trace.flow().original().destination().port()) {
                continue;
            }
            for (ClusterState.ServicePort port : service.ports()) {
                for (ClusterState.ServiceEndpoint endpoint : facts.cluster().told().endpointsOf(service, port)) {
                    if (endpoint.ready() && endpoint.node() != null && !endpoint.node().equals(trace.entryNode())) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
