package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.QuotedError;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Protocol;
import java.util.List;
import java.util.Set;

/**
 * All legs that are one connection of the client, across points and NAT, folded to numbers. Names, steps and judgements come later.
 *
 * @param original the client's tuple, or the earliest that was seen; where something in front of the nodes translates, as it came to them
 * @param translated the tuple after the last translation; null if none was seen
 * @param legs in no order that matters
 * @param places in the order of the path
 * @param hops requests from the client on, then answers from the endpoint on
 * @param confidence 0 to 1
 * @param rivals tuples that fit as well; empty unless ambiguous
 * @param start first frame, on its point's clock
 * @param end last frame
 * @param trail the packets one by one; null where they were not kept
 */
public record Flow(FiveTuple original, FiveTuple translated, List<FlowLeg> legs, List<Place> places, List<FlowHop> hops,
        Set<EvidenceKind> evidence, double confidence, List<String> rivals, SeenFrame start, SeenFrame end, List<Sign> signs, Story story,
        List<TrailPacket> trail) {
    /** Letters of a leg's history that stand for SYN, SYN-ACK and RST, of either side. */
    private static final String HANDSHAKE = "SsHhRr";

    public Protocol protocol() {
        return original.protocol();
    }

    public boolean tcp() {
        return original.protocol() == Protocol.TCP;
    }

    /**
     * Whether a node says that it could not send the flow's packets on, since nobody answered its ARP (ICMP host unreachable): conntrack
     * lists the connection all the same.
     */
    public boolean neighbourMissing() {
        for (FlowLeg leg : legs) {
            for (QuotedError error : leg.errors()) {
                if (error.hostUnreachable()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The same flow where something else than requests tells what it was before the translations that were captured. */
    public Flow openedAs(FiveTuple opened) {
        return new Flow(opened, translated == null ? original : translated,
                legs.stream().map(leg -> leg.behindTranslationFrom(opened)).toList(),
                places.stream().map(p -> new Place(p.point(), p.level() + 1, p.requestLeg(), p.replyLeg())).toList(), hops, evidence,
                confidence, rivals, start, end, signs, story, trail);
    }

    /**
     * The same flow as the nodes of the cluster know it, where something in front of them translates: what arrived there counts as the
     * original tuple.
     *
     * @param translations how many happened before; none where only the client's capture shows the flow
     */
    public Flow arrivedAs(FiveTuple arrived, int translations) {
        return new Flow(arrived, arrived.equals(translated) ? null : translated,
                legs.stream().map(leg -> leg.withoutTranslations(translations)).toList(),
                places.stream().map(p -> new Place(p.point(), Math.max(0, p.level() - translations), p.requestLeg(), p.replyLeg()))
                        .toList(), hops, evidence, confidence, rivals, start, end, signs, story, trail);
    }

    /** What the client itself called: not the original tuple where something in front of the nodes translates. */
    public FiveTuple called() {
        Place first = places.isEmpty() ? null : places.get(0);
        if (first == null || first.level() > 0) {
            return original;
        }
        FlowLeg leg = first.requestLeg() >= 0 ? requestLeg(first) : replyLeg(first);
        return leg.relation() == Relation.ORIGINAL ? leg.tuple() : original;
    }

    /** Whether nothing but SYNs, SYN-ACKs and RSTs was seen of it anywhere. */
    public boolean handshakeOnly() {
        if (!tcp() || story.midstream()) {
            return false;
        }
        for (FlowLeg leg : legs) {
            for (int i = 0; i < leg.history().length(); i++) {
                if (HANDSHAKE.indexOf(leg.history().charAt(i)) < 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The hop that begins at a place, in one direction, or null. */
    public FlowHop hopFrom(int place, Direction direction) {
        for (FlowHop hop : hops) {
            if (hop.from() == place && hop.direction() == direction) {
                return hop;
            }
        }
        return null;
    }

    /** The leg with a place's requests; null if it shows none. */
    public FlowLeg requestLeg(Place place) {
        return place.requestLeg() < 0 ? null : legs.get(place.requestLeg());
    }

    /** The leg with a place's answers; null if it shows none. */
    public FlowLeg replyLeg(Place place) {
        return place.replyLeg() < 0 ? null : legs.get(place.replyLeg());
    }

    /** The first sign of a kind, or null. */
    public Sign sign(Sign.Kind kind) {
        for (Sign sign : signs) {
            if (sign.kind() == kind) {
                return sign;
            }
        }
        return null;
    }

    /** The sign of a kind at the place nearest to those who sent the packets of a direction, or null. */
    public Sign firstSign(Sign.Kind kind, Direction direction) {
        Sign first = null;
        for (Sign sign : signs) {
            boolean nearer = first == null
                    || (direction == Direction.REQUEST ? sign.place() < first.place() : sign.place() > first.place());
            if (sign.kind() == kind && sign.direction() == direction && sign.place() >= 0 && nearer) {
                first = sign;
            }
        }
        return first;
    }

    /** Whether somebody announced a window of 0, or stayed with it: then nobody else held the data back. */
    public boolean windowClosed() {
        return sign(Sign.Kind.ZERO_WINDOW) != null || sign(Sign.Kind.WINDOW_STUCK) != null;
    }

    /**
     * One packet on its way.
     *
     * @param note empty, or what {@link TracedPacket} says
     */
    public record TrailPacket(Direction direction, int flags, long sequence, long acknowledgment, long length, String note,
            List<TrailSighting> sightings) {
    }

    /** A packet of the trail at one leg. */
    public record TrailSighting(int leg, SeenFrame frame) {
    }
}
