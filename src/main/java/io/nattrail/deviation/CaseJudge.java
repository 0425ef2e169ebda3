package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.cluster.NodePortRange;
import io.nattrail.leg.FrameRef;
import io.nattrail.net.Amount;
import io.nattrail.net.Endpoint;
import io.nattrail.net.TransportEndpoint;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.OwnConnections.OwnConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Judges the case as a whole: how many flows went well, their root causes, and what no single flow shows. Sees every flow once. */
public final class CaseJudge {
    /** So many ambiguous flows are named. */
    private static final int MOST_NAMES = 10;
    private static final int MOST_FRAMES = 5;
    /** Fewer choices make no distribution. */
    private static final int LEAST_CHOICES = 30;

    private final CaseFacts facts;
    private final CaptureJudge captureJudge;
    private final RootCauses causes;
    private final List<FrameRef> ambiguousFrames = new ArrayList<>();
    private final List<String> ambiguousNames = new ArrayList<>();
    private long ambiguous;
    private long midstream;
    private long ok;
    private long degraded;
    private long failed;
    private long undetermined;

    /** Verdicts counted. */
    public record Counts(long flows, long ok, long degraded, long failed, long undetermined) {
    }

    /** @param sources facts of each point, in the order of the points */
    public CaseJudge(CaseFacts facts, List<CaptureJudge.SourceFacts> sources) {
        this.facts = facts;
        captureJudge = new CaptureJudge(facts, sources);
        causes = new RootCauses(facts.captures());
    }

    /** Takes a judged flow into account. */
    public void add(FlowTrace trace, Judgement judgement) {
        switch (judgement.verdict()) {
            case OK -> ok++;
            case DEGRADED -> degraded++;
            case FAILED -> failed++;
            case UNDETERMINED -> undetermined++;
        }
        midstream += trace.flow().story().midstream() ? 1 : 0;
        if (!trace.flow().rivals().isEmpty()) {
            ambiguous++;
            if (ambiguousNames.size() < MOST_NAMES) {
                ambiguousNames.add("%s (or %s)".formatted(trace.flow().original(), trace.flow().rivals().get(0)));
                ambiguousFrames.addAll(facts.captures().refs(List.of(trace.flow().start())));
            }
        }
        captureJudge.add(trace);
        causes.add(trace, judgement);
    }

    public Counts counts() {
        return new Counts(ok + degraded + failed + undetermined, ok, degraded, failed, undetermined);
    }

    /** What explains most first; what ended flows before what only hurt them. */
    public List<RootCauses.Cause> rootCauses() {
        return causes.all();
    }

    /** Deviations of the case itself, once all flows have been added. */
    public List<Deviation> deviations() {
        List<Deviation> found = new ArrayList<>();
        captureJudge.deviations(found);
        ambiguousMatches(found);
        nodePortsInUse(found);
        unevenEndpoints(found);
        if (midstream > 0) {
            found.add(Deviation.ofCase(CaptureTypes.CAPTURE_STARTS_MIDSTREAM, null,
                    midstream == 1 ? "1 connection had begun before the captures: its handshake is not in them"
                            : midstream + " connections had begun before the captures: their handshakes are not in them"));
        }
        return found;
    }

    private void ambiguousMatches(List<Deviation> found) {
        if (ambiguous > 0) {
            found.add(new Deviation(CaptureTypes.AMBIGUOUS_MATCH, Severity.WARNING, null, null,
                    "%s cannot be told apart from others by anything in the captures: %s".formatted(Amount.of(ambiguous, "flow"),
                            String.join("; ", ambiguousNames)), ambiguousFrames, List.of()));
        }
    }

    private void nodePortsInUse(List<Deviation> found) {
        Map<String, List<OwnConnection>> byNode = new TreeMap<>();
        for (OwnConnection own : facts.cluster().ownConnections().all()) {
            // A node's own call of a service is masqueraded, too, to any port that is free.
            if (NodePortRange.contains(own.tuple().source())
                    && !facts.cluster().isChosen(own.tuple().protocol(), own.tuple().destination())) {
                byNode.computeIfAbsent(own.node(), n -> new ArrayList<>()).add(own);
            }
        }
        byNode.forEach((node, list) -> {
            List<FrameRef> frames = new ArrayList<>();
            for (OwnConnection own : list.subList(0, Math.min(MOST_FRAMES, list.size()))) {
                frames.addAll(facts.captures().refs(List.of(own.first())));
            }
            found.add(new Deviation(EstablishmentTypes.NODE_PORT_IN_EPHEMERAL_RANGE, Severity.WARNING, null, frames.get(0).point(),
                    list.size() == 1 ? "%s itself opened a connection from a port that belongs to node ports: %s".formatted(node,
                            list.get(0).tuple())
                            : "%s itself opened %d connections from ports that belong to node ports, for example %s".formatted(node,
                                    list.size(), list.get(0).tuple()), frames, List.of()));
        });
    }

    private void unevenEndpoints(List<Deviation> found) {
        facts.fronts().all().forEach((front, all) -> {
            ClusterIndex.Front told = facts.cluster().toldFront(front.protocol(), front.endpoint());
            Map<Endpoint, long[]> choices = choices(front, told, all.flows());
            long total = 0;
            for (long[] count : choices.values()) {
                total += count[0];
            }
            if (choices.size() >= 2 && total >= LEAST_CHOICES && Chance.hardlyShares(choices.values(), total)) {
                List<String> shares = new ArrayList<>();
                choices.forEach((endpoint, count) -> shares.add(endpoint + ": " + count[0]));
                found.add(Deviation.ofCase(TranslationTypes.UNEVEN_ENDPOINTS, null,
                        "%d connections to %s chose their endpoints far from evenly: %s".formatted(
                                total, told == null ? front.endpoint() : told.service().key(), String.join(", ", shares))));
            }
        });
    }

    /** How often each endpoint was chosen; none where it is not known, or where the choice is not meant to be even. */
    private Map<Endpoint, long[]> choices(TransportEndpoint front, ClusterIndex.Front told, List<FlowFact> flows) {
        if (told != null && (told.service().affinitySeconds() > 0 || told.service().externalLocal() || told.service().internalLocal()
                || keptForZones(told))) {
            return Map.of();
        }
        Map<Endpoint, long[]> counts = new TreeMap<>();
        // An endpoint may have come up late: only what was chosen since all were there counts.
        long since = Long.MIN_VALUE;
        for (FlowFact fact : flows) {
            if (fact.endpoint() == null && fact.answered()) {
                return Map.of();
            }
            if (fact.endpoint() != null && counts.putIfAbsent(fact.endpoint(), new long[1]) == null && told == null) {
                since = fact.start();
            }
        }
        if (told != null) {
            addReady(told, front.endpoint().address().v6(), counts);
        }
        for (FlowFact fact : flows) {
            if (fact.endpoint() != null && fact.start() >= since) {
                counts.get(fact.endpoint())[0]++;
            }
        }
        return counts;
    }

    /** With hints of zones each node takes only the endpoints of its own zone. */
    private boolean keptForZones(ClusterIndex.Front told) {
        for (ClusterState.ServiceEndpoint endpoint : facts.cluster().told().endpointsOf(told.service(), told.port())) {
            if (endpoint.forZones()) {
                return true;
            }
        }
        return false;
    }

    private void addReady(ClusterIndex.Front told, boolean v6, Map<Endpoint, long[]> counts) {
        for (ClusterState.ServiceEndpoint endpoint : facts.cluster().told().endpointsOf(told.service(), told.port())) {
            if (endpoint.ready() && !endpoint.terminating() && endpoint.address().address().v6() == v6) {
                counts.putIfAbsent(endpoint.address(), new long[1]);
            }
        }
    }
}
