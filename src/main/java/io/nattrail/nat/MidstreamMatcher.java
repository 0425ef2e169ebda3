package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.Rows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** TCP legs that begin in the middle of their connection: found by a packet that another leg shows, too. */
final class MidstreamMatcher {
    private static final int MOST_SAMPLES = 48;

    private final List<Leg> legs;
    private final LegUnion joined;
    private final Rows left = new Rows();
    private final Rows right = new Rows();

    MidstreamMatcher(List<Leg> legs, LegUnion joined) {
        this.legs = legs;
        this.joined = joined;
    }

    void join() {
        Map<Long, Integer> samples = new HashMap<>();
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (!leg.tcp() || leg.hasClientIsn() || leg.rowCount() == 0) {
                continue;
            }
            left.clear();
            leg.copyFirstRows(MOST_SAMPLES, left);
            for (int row = 0; row < left.count(); row++) {
                long print = RowFacts.fingerprint(left, row);
                Integer other = samples.putIfAbsent(print, i);
                if (other != null && joined.root(other) != joined.root(i)) {
                    joinWithDirection(other, i, print);
                }
            }
        }
        if (samples.isEmpty()) {
            return;
        }
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (!leg.tcp()) {
                continue;
            }
            left.clear();
            leg.copyRows(left);
            for (int row = 0; row < left.count(); row++) {
                long print = RowFacts.fingerprint(left, row);
                Integer other = samples.get(print);
                if (other != null && joined.root(other) != joined.root(i)) {
                    joinWithDirection(i, other, print);
                }
            }
        }
    }

    /**
     * The same packet must be a request, or an answer, on both legs: who joined in the middle learns who opened it.
     *
     * @param unsure without a handshake, as the other may be, too
     * @param print of a packet that both show
     */
    private void joinWithDirection(int sure, int unsure, long print) {
        Leg a = legs.get(sure);
        if (asks(a, print) != asks(legs.get(unsure), print)) {
            joined.reverse(a.hasClientIsn() || portsFall(a) >= portsFall(legs.get(unsure)) ? unsure : sure);
        }
        joined.union(sure, unsure);
    }

    /** Servers listen below the ephemeral range (32768 and up on Linux); the larger the gap, the surer. */
    private static int portsFall(Leg leg) {
        return leg.tuple().source().port() - leg.tuple().destination().port();
    }

    /** Whether the opener sent a packet that the leg shows. */
    private boolean asks(Leg leg, long print) {
        right.clear();
        leg.copyRows(right);
        int row = 0;
        while (RowFacts.fingerprint(right, row) != print) {
            row++;
        }
        return right.fromSecond(row) == leg.openedBySecond();
    }
}
