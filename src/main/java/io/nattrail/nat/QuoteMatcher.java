package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.QuotedError;
import io.nattrail.leg.Rows;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Conntrack gives the packet that an ICMP error quotes the name under which its sender knows it, while a bridge whose hook translates
 * shows the packet itself under its new one; the error of a pod on the bridge shows there while only the sender has its old name again.
 * The quote is of the connection from or to the same end, at the same point, that sent the packet that it quotes, if there is only one.
 */
final class QuoteMatcher {
    private final List<Leg> legs;
    private final LegEnds ends;
    private final LegUnion joined;
    private final Rows rows = new Rows();
    /** Of which leg the rows are. */
    private int loaded = -1;
    /** Legs that are only quoted, by their source, and by their destination together with the first quoted packet. */
    private final Chains bySource = new Chains();
    private final Chains byPacket = new Chains();
    private final Set<Long> destinations = new HashSet<>(0);
    /** The leg whose packet a leg that is only quoted quotes, or -1 where there are several. */
    private final Map<Integer, Integer> quotedOf = new HashMap<>(0);

    QuoteMatcher(List<Leg> legs, LegEnds ends, LegUnion joined) {
        this.legs = legs;
        this.ends = ends;
        this.joined = joined;
    }

    void join() {
        for (int i = 0; i < legs.size(); i++) {
            if (isQuotedOnly(legs.get(i))) {
                bySource.add(ends.sourceAtPoint(i), i);
                if (numbered(legs.get(i))) {
                    QuotedError error = legs.get(i).errors().get(0);
                    destinations.add(ends.destinationAtPoint(i));
                    byPacket.add(packet(ends.destinationAtPoint(i), error.v6() ? 0 : error.quotedIdentification(), error.quotedSeq()), i);
                }
            }
        }
        for (int i = 0; i < legs.size() && bySource.count() > 0; i++) {
            if (legs.get(i).rowCount() > 0) {
                findQuotes(i, ends.sourceAtPoint(i));
                findQuotes(i, ends.destinationAtPoint(i));
            }
        }
        quotedOf.forEach((quoted, leg) -> {
            if (leg >= 0 && joined.root(quoted) == quoted && joined.next(quoted) == quoted) {
                joined.union(leg, quoted);
            }
        });
    }

    /** Many legs, and many of which errors tell, may have one destination in common: there a packet's number is looked up. */
    private void findQuotes(int i, long end) {
        findQuotes(i, bySource, end);
        if (!destinations.contains(end)) {
            return;
        }
        load(i);
        boolean v6 = legs.get(i).tuple().source().address().v6();
        for (int row = 0; row < rows.count(); row++) {
            findQuotes(i, byPacket, packet(end, v6 ? 0 : rows.identification(row), rows.seq(row)));
        }
    }

    private void findQuotes(int i, Chains chains, long key) {
        Leg leg = legs.get(i);
        for (int link = chains.first(key); link >= 0; link = chains.next(link)) {
            int quoted = chains.value(link);
            if (leg.protocol() == legs.get(quoted).protocol() && sent(i, legs.get(quoted).errors())) {
                int other = quotedOf.getOrDefault(quoted, i);
                quotedOf.put(quoted, other >= 0 && joined.root(other) == joined.root(i) ? i : -1);
            }
        }
    }

    /** Two packets that have it in common by chance are told apart when they are compared. */
    private static long packet(long end, int identification, int seq) {
        return RowFacts.mix(end) ^ (identification != 0 ? identification : seq);
    }

    private void load(int i) {
        if (loaded != i) {
            rows.clear();
            legs.get(i).copyRows(rows);
            loaded = i;
        }
    }

    private static boolean isQuotedOnly(Leg leg) {
        return leg.rowCount() == 0 && !leg.errors().isEmpty() && leg.errors().stream().allMatch(QuotedError::quotedFromOpener);
    }

    /** Whether each quoted packet has a number that tells it from others for the same end. */
    private static boolean numbered(Leg quoted) {
        return quoted.errors().stream().allMatch(e -> !e.v6() && e.quotedIdentification() != 0 || quoted.tcp() && e.quotedSeq() != 0);
    }

    private static boolean seqCutOff(QuotedError error) {
        return error.quotedSeq() == 0 && error.quotedIdentification() != 0;
    }

    /** Whether the opener of a leg sent, before each error, the packet that it quotes. */
    private boolean sent(int i, List<QuotedError> errors) {
        load(i);
        Leg leg = legs.get(i);
        return errors.stream().allMatch(error -> {
            for (int row = 0; row < rows.count() && rows.time(row) <= error.timeNanos(); row++) {
                if (rows.fromSecond(row) == leg.openedBySecond() && (!leg.tcp() || rows.seq(row) == error.quotedSeq() || seqCutOff(error))
                        && (error.v6() || rows.identification(row) == error.quotedIdentification())) {
                    return true;
                }
            }
            return false;
        });
    }
}
