package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FragmentGap;
import io.nattrail.leg.QuotedError;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Protocol;
import java.util.List;

/**
 * One leg of a flow, as numbers.
 *
 * @param level 0 for the client's tuple, rising with each translation; the level whose answers they are for untranslated replies
 * @param history letters as in Zeek
 * @param requests frames from the opener, copies included
 * @param replies frames to the opener, copies included
 * @param copies how many of them were folded
 * @param requestCopies how many of those came from the opener
 * @param first first frame of either direction; null for a leg that only an ICMP error quotes
 * @param firstRequest null without requests
 * @param firstReply null without replies
 * @param requestTtl of the first request that is no RST, -1 without any
 * @param replyTtl of the first answer that is no RST, -1 without any
 * @param syns SYNs of the opener
 * @param synAcks SYN-ACKs of the other side
 * @param mss of the SYN, 0 if unknown
 * @param replyMss of the SYN-ACK, 0 if unknown
 * @param requestFragments fragments among the requests other than first ones: they carry no ports, and are no packets of their own
 * @param replyFragments the same of the replies
 * @param doubles datagrams after the last answer that are the very packet of one shortly before: nobody asked by them
 * @param firstStamp the opener's first TCP timestamp, 0 without any
 * @param lastStamp the opener's last TCP timestamp
 * @param cut whether the snap length cut payloads
 */
public record FlowLeg(int point, FiveTuple tuple, Relation relation, int level, String history, long requests, long replies, long copies,
        long requestCopies, SeenFrame first, SeenFrame last, SeenFrame firstRequest, SeenFrame firstReply, int requestTtl, int replyTtl,
        int syns, int synAcks, int mss, int replyMss, int requestFragments, int replyFragments, int doubles, int firstStamp, int lastStamp,
        boolean cut, List<QuotedError> errors, List<FragmentGap> gaps) {
    public FlowLeg {
        errors = List.copyOf(errors);
        gaps = List.copyOf(gaps);
    }

    /** Whether it shows an answer of whom the opener calls: a SYN-ACK, data, a datagram; a reset may be anybody's. */
    public boolean answered() {
        return tuple.protocol() == Protocol.TCP ? synAcks > 0 || history.contains("d") : replies > 0;
    }

    /** Packets from the opener, copies included: however many fragments a datagram came in, it is one. */
    public long requestPackets() {
        return requests - requestFragments;
    }

    /** Packets to the opener, in the same way. */
    public long replyPackets() {
        return replies - replyFragments;
    }

    /** Packets from the opener, each counted once. */
    public long asked() {
        return requestPackets() - requestCopies - doubles;
    }

    /** Packets to the opener, each counted once. */
    public long answers() {
        return replyPackets() - (copies - requestCopies);
    }

    /** Packets of one direction, each counted once. */
    public long distinct(Direction direction) {
        return direction == Direction.REQUEST ? asked() : answers();
    }

    /** Packets of one direction, copies included. */
    public long packets(Direction direction) {
        return direction == Direction.REQUEST ? requestPackets() : replyPackets();
    }

    /** Whether its opener went on after the SYN, as only who has the SYN-ACK does, whether or not that shows here. */
    public boolean wentOn() {
        return syns > 0 && (history.indexOf('A') >= 0 || history.indexOf('D') >= 0);
    }

    /** Fragments other than first ones, of both directions. */
    public int laterFragments() {
        return requestFragments + replyFragments;
    }

    /** The same leg behind one more translation, unless errors alone quote its tuple as it was before that. */
    FlowLeg behindTranslationFrom(FiveTuple opened) {
        if (first == null && tuple.equals(opened)) {
            return at(0, Relation.ORIGINAL);
        }
        return at(level + 1, relation == Relation.ORIGINAL ? Relation.TRANSLATED : relation);
    }

    /** The same leg where the first translations do not count. */
    FlowLeg withoutTranslations(int count) {
        return at(Math.max(0, level - count), relation == Relation.TRANSLATED && level <= count ? Relation.ORIGINAL : relation);
    }

    private FlowLeg at(int otherLevel, Relation otherRelation) {
        return new FlowLeg(point, tuple, otherRelation, otherLevel, history, requests, replies, copies, requestCopies, first, last,
                firstRequest, firstReply, requestTtl, replyTtl, syns, synAcks, mss, replyMss, requestFragments, replyFragments,
                doubles, firstStamp, lastStamp, cut, errors, gaps);
    }
}
