package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.QuotedError;
import io.nattrail.leg.Rows;
import io.nattrail.net.Ttl;
import java.util.ArrayList;
import java.util.List;

/**
 * Folds a group of legs into a {@link Flow}: places in the order of the path, what each hop did to the packets, what was notable, how it
 * went. Reads every row a few times and keeps none. Reused; not for several threads.
 */
final class FlowFolder {
    /** Where Linux' ports of clients begin (net.ipv4.ip_local_port_range). */
    private static final int FIRST_EPHEMERAL = 32_768;

    private final FoldContext context;
    private final HopFolder hopFolder;
    private final OneWayCopies oneWayCopies = new OneWayCopies();
    private final List<LoadedLeg> pool = new ArrayList<>();
    private final List<LoadedLeg> loaded = new ArrayList<>();

    FlowFolder(FoldContext context) {
        this.context = context;
        this.hopFolder = new HopFolder(context);
    }

    /** @param keepTrail whether to keep the packets one by one */
    Flow fold(LegGroup group, boolean keepTrail) {
        load(group);
        GroupLayout layout = new GroupLayout(loaded, context);
        PlacedLegs legs = new PlacedLegs(loaded, layout.places(), begunApart(layout), layout.moved().legs());
        oneWayCopies.takeOut(legs);
        TrailBuilder trail = keepTrail ? new TrailBuilder(legs.tcp()) : null;
        EvidenceCollector evidence = new EvidenceCollector(loaded, legs.tcp());
        Signs signs = new Signs();
        List<FlowHop> hops = hopFolder.fold(legs, signs, evidence, trail);
        List<FlowLeg> flowLegs = LegFolder.fold(context, legs, layout, hops, signs);
        if (!context.headless().isEmpty()) {
            FirstFragments.sense(context, legs, signs);
        }
        if (legs.tcp()) {
            TcpSensors.sense(legs, signs);
        }
        Story story = StoryFolder.fold(context, legs, signs);
        return new Flow(layout.original(), layout.translated(), flowLegs, List.copyOf(layout.places()), List.copyOf(hops), evidence.kinds(),
                group.confidence(), group.rivals(), edge(true), edge(false), signs.list(), story, trail == null ? null : trail.packets());
    }

    /**
     * Legs at no place that a SYN of their own began, or a datagram: what comes after the node had forgotten the connection is translated
     * anew, of TCP a late duplicate.
     */
    private List<LoadedLeg> begunApart(GroupLayout layout) {
        List<LoadedLeg> apart = new ArrayList<>(0);
        for (int i = 0; i < loaded.size(); i++) {
            if (layout.relation(i) == Relation.REMAPPED && (loaded.get(i).leg().synSeen() || !loaded.get(i).leg().tcp())) {
                apart.add(loaded.get(i));
            }
        }
        return apart;
    }

    private void load(LegGroup group) {
        loaded.clear();
        for (Leg leg : group.legs()) {
            if (loaded.size() == pool.size()) {
                pool.add(new LoadedLeg());
            }
            LoadedLeg next = pool.get(loaded.size());
            next.load(leg);
            loaded.add(next);
        }
        renumberRelayed();
        if (beganWithAnAnswer()) {
            for (LoadedLeg l : loaded) {
                l.leg().reverse();
                l.load(l.leg());
            }
        }
    }

    /**
     * Netfilter's SYNPROXY answers the client's handshake itself, and asks the endpoint once that is whole: by the client's own number,
     * and with the one that it had answered by as the acknowledgement number of its SYN (nf_synproxy_core.c, "used to relay our ISN").
     * From then on it translates the endpoint's numbers and time stamps to its own, as is done here to those of the legs behind it.
     */
    private void renumberRelayed() {
        int number = 0;
        for (LoadedLeg l : loaded) {
            number = number == 0 ? l.relayedNumber() : number;
        }
        LoadedLeg front = null;
        LoadedLeg answered = null;
        for (int i = 0; i < loaded.size() && number != 0; i++) {
            LoadedLeg l = loaded.get(i);
            if (l.leg().hasServerIsn() && l.leg().serverIsn() == number) {
                front = front == null ? l : front;
            } else if (l.leg().hasServerIsn()) {
                answered = answered == null ? l : answered;
            }
        }
        if (front == null) {
            return;
        }
        int shift = answered == null ? 0 : number - answered.leg().serverIsn();
        int stamp = answered == null ? 0 : front.stampAhead(answered);
        for (LoadedLeg l : loaded) {
            if (l.relayedNumber() == number || l.leg().hasServerIsn() && l.leg().serverIsn() != number) {
                l.renumber(shift, stamp);
            }
        }
    }

    /**
     * A capture may begin with an answer. What comes to the client's machine from afar, for a port as clients have, is one; its own
     * questions leave it with a TTL that no router has touched.
     */
    private boolean beganWithAnAnswer() {
        boolean answer = false;
        for (LoadedLeg l : loaded) {
            if (l.leg().hasClientIsn()) {
                return false;
            }
            int request = l.firstTellingRequest();
            int reply = l.firstTellingReply();
            boolean atClient = context.role(l.leg().point()) == PointRole.CLIENT && l.leg().tuple().destination().port() >= FIRST_EPHEMERAL;
            answer |= atClient && request >= 0 && !Ttl.fresh(l.requests().ttl(request))
                    && (reply < 0 || Ttl.fresh(l.replies().ttl(reply)));
        }
        return answer;
    }

    /** The first or the last frame of all legs, by the common clock. */
    private SeenFrame edge(boolean first) {
        SeenFrame best = null;
        long bestTime = 0;
        for (LoadedLeg l : loaded) {
            for (Rows rows : List.of(l.requests(), l.replies())) {
                if (rows.count() > 0) {
                    int row = first ? 0 : rows.count() - 1;
                    long time = context.aligned(l.leg().point(), rows.time(row));
                    if (best == null || (first ? time < bestTime : time > bestTime)) {
                        best = SeenFrame.of(rows, row, l.leg().point());
                        bestTime = time;
                    }
                }
            }
        }
        if (best == null) {
            // A leg without packets there is by an error that quotes one.
            Leg leg = loaded.get(0).leg();
            QuotedError error = leg.errors().get(0);
            best = new SeenFrame(leg.point(), error.file(), error.number(), error.timeNanos());
        }
        return best;
    }
}
