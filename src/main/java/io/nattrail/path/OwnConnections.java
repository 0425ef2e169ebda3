package io.nattrail.path;

import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.SeenFrame;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Ttl;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** TCP connections that nodes opened themselves, to anybody: they leave a node's interface with a TTL that no forwarding has touched. */
public final class OwnConnections {
    private final CaptureSet captures;
    private final List<Opened> opened = new ArrayList<>();
    private final List<OwnConnection> all = new ArrayList<>();
    private final Map<Contents, List<OwnConnection>> byContents = new HashMap<>();

    /**
     * One of them.
     *
     * @param start on the common clock
     * @param requestPrint length and CRC of the first payload, as in the flow's story
     */
    public record OwnConnection(String node, FiveTuple tuple, SeenFrame first, long start, long end, long requestPrint, long replyPrint) {
    }

    /** A connection that left a node's interface as if the node had opened it. */
    private record Opened(String node, FiveTuple tuple, SeenFrame first, SeenFrame start, SeenFrame end, long requestPrint,
            long replyPrint) {
    }

    private record Contents(long request, long reply) {
        // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

        @Override
        public boolean equals(Object other) {
            return other instanceof Contents that && request == that.request && reply == that.reply;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(31 * request + reply);
        }
    }

    OwnConnections(CaptureSet captures) {
        this.captures = captures;
    }

    void note(Flow flow) {
        if (!flow.tcp() || flow.translated() != null || flow.story().midstream()) {
            return;
        }
        for (Place place : flow.places()) {
            FlowLeg leg = flow.requestLeg(place);
            String node = captures.node(place.point());
            if (captures.role(place.point()) == PointRole.NODE_INTERFACE && node != null && leg != null && leg.syns() > 0
                    && Ttl.fresh(leg.requestTtl())) {
                opened.add(new Opened(node, flow.original(), leg.firstRequest(), flow.start(), flow.end(), flow.story().requestPrint(),
                        flow.story().replyPrint()));
            }
        }
    }

    /** All flows were seen: only now is known which addresses are nodes. */
    void settle(Function<IpAddress, String> nodeOf) {
        Opened last = null;
        for (Opened one : opened) {
            boolean again = last != null && one.tuple.equals(last.tuple) && one.start.equals(last.start);
            if (!again && one.node.equals(nodeOf.apply(one.tuple.source().address()))) {
                keep(new OwnConnection(one.node, one.tuple, one.first, captures.aligned(one.start), captures.aligned(one.end),
                        one.requestPrint, one.replyPrint));
                last = one;
            }
        }
        opened.clear();
    }

    private void keep(OwnConnection own) {
        all.add(own);
        if (own.requestPrint != 0 && own.replyPrint != 0) {
            byContents.computeIfAbsent(new Contents(own.requestPrint, own.replyPrint), c -> new ArrayList<>(1)).add(own);
        }
    }

    public List<OwnConnection> all() {
        return Collections.unmodifiableList(all);
    }

    /** The connection in which a node carried on a client's, with the same first question and answer, inside its time; or null. */
    public OwnConnection carryingOn(Flow flow, String node) {
        long start = captures.aligned(flow.start());
        long end = captures.aligned(flow.end());
        Contents contents = new Contents(flow.story().requestPrint(), flow.story().replyPrint());
        for (OwnConnection own : byContents.getOrDefault(contents, List.of())) {
            boolean inside = own.start >= start && own.start <= end && !own.tuple.destination().equals(flow.original().destination());
            if (inside && own.node.equals(node)) {
                return own;
            }
        }
        return null;
    }
}
