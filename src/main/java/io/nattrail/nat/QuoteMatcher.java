package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.QuotedError;
import io.nattrail.leg.Rows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

    QuoteMatcher(List<Leg> legs, LegEnds ends, LegUnion joined) {
        this.legs = legs;
        this.ends = ends;
        this.joined = joined;
    }

    void join() {
        Chains byEnd = new Chains();
        for (int i = 0; i < legs.size(); i++) {
            if (isQuotedOnly(legs.get(i))) {
                byEnd.add(ends.sourceAtPoint(i), i);
                if (numbered(legs.get(i))) {
                    byEnd.add(ends.destinationAtPoint(i), i);
                }
            }
        }
        Map<Integer, Integer> quotedOf = new HashMap<>(0);
        for (int i = 0; i < legs.size() && byEnd.count() > 0; i++) {
            if (legs.get(i).rowCount() > 0) {
                findQuotes(i, byEnd.first(ends.sourceAtPoint(i)), byEnd, quotedOf);
                findQuotes(i, byEnd.first(ends.destinationAtPoint(i)), byEnd, quotedOf);
            }
        }
        quotedOf.forEach((quoted, leg) -> {
            if (leg >= 0 && joined.root(quoted) == quoted && joined.next(quoted) == quoted) {
                joined.union(leg, quoted);
            }
        });
    }

    /** @param quotedOf takes the leg whose packet another one quotes, or -1 where there are several */
    private void findQuotes(int i, int first, Chains byEnd, Map<Integer, Integer> quotedOf) {
        Leg leg = legs.get(i);
        for (int link = first; link >= 0; link = byEnd.next(link)) {
            int quoted = byEnd.value(link);
            if (leg.protocol() == legs.get(quoted).protocol() && sent(leg, legs.get(quoted).errors())) {
                int other = quotedOf.getOrDefault(quoted, i);
                quotedOf.put(quoted, other >= 0 && joined.root(other) == joined.root(i) ? i : -1);
            }
        }
    }

    private static boolean isQuotedOnly(Leg leg) {
        return leg.rowCount() == 0 && !leg.errors().isEmpty() && leg.errors().stream().allMatch(QuotedError::quotedFromOpener);
    }

    /** Whether each quoted packet has a number that tells it from others for the same end. */
    private static boolean numbered(Leg quoted) {
        return quoted.errors().stream().allMatch(e -> e.quotedIdentification() != 0 || quoted.tcp() && e.quotedSeq() != 0);
    }

    private static boolean seqCutOff(QuotedError error) {
        return error.quotedSeq() == 0 && error.quotedIdentification() != 0;
    }

    /** Whether the opener of a leg sent, before each error, the packet that it quotes. */
    private boolean sent(Leg leg, List<QuotedError> errors) {
        rows.clear();
        leg.copyRows(rows);
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
