package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Gathers, while hops are folded, what proves that a flow's legs belong together. */
final class EvidenceCollector {
    private static final int MOST_LOOKED_AT = 32;

    private final Set<EvidenceKind> kinds = EnumSet.noneOf(EvidenceKind.class);
    private final boolean tcp;

    EvidenceCollector(List<LoadedLeg> legs, LegGroup group, boolean tcp) {
        this.tcp = tcp;
        kinds.addAll(group.evidence());
        int handshakes = 0;
        for (LoadedLeg l : legs) {
            handshakes += l.leg().hasClientIsn() ? 1 : 0;
        }
        if (tcp && handshakes > 1) {
            kinds.add(EvidenceKind.TCP_ISN);
        }
    }

    void hop(Place a, Place b, Rows up, Rows down, PacketMatcher matcher, Direction direction) {
        if (a.level() == b.level() && a.point() != b.point()) {
            kinds.add(EvidenceKind.TUPLE);
        }
        for (int i = 0; i < Math.min(MOST_LOOKED_AT, up.count()); i++) {
            int j = matcher.downOf(i);
            if (j < 0) {
                continue;
            }
            if (up.identification(i) != 0 && up.identification(i) == down.identification(j)) {
                kinds.add(EvidenceKind.IP_ID);
            }
            if (up.length(i) > 0 && up.whole(i) && down.whole(j) && !matcher.altered(i)) {
                kinds.add(EvidenceKind.PAYLOAD);
            }
            if (tcp) {
                kinds.add(EvidenceKind.TCP_SEQUENCE);
                if (up.timestamps(i)) {
                    kinds.add(EvidenceKind.TCP_TIMESTAMP);
                }
            }
        }
    }

    Set<EvidenceKind> kinds() {
        return kinds;
    }
}
