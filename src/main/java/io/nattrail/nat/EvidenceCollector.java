package io.nattrail.nat;

import io.nattrail.leg.Rows;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Gathers, while hops are folded, what proves that a flow's legs belong together. */
final class EvidenceCollector {
    private static final int MOST_LOOKED_AT = 12;

    private static final EvidenceKind[] ALL = EvidenceKind.values();

    private final boolean tcp;
    private int kinds;

    EvidenceCollector(List<LoadedLeg> legs, boolean tcp) {
        this.tcp = tcp;
        int handshakes = 0;
        for (int i = 0; i < legs.size(); i++) {
            handshakes += legs.get(i).leg().hasClientIsn() ? 1 : 0;
        }
        if (tcp && handshakes > 1) {
            add(EvidenceKind.TCP_ISN);
        }
    }

    private void add(EvidenceKind kind) {
        kinds |= 1 << kind.ordinal();
    }

    void hop(Place a, Place b, Rows up, Rows down, PacketMatcher matcher) {
        if (a.level() == b.level() && a.point() != b.point()) {
            add(EvidenceKind.TUPLE);
        }
        int most = Math.min(MOST_LOOKED_AT, up.count());
        for (int i = 0; i < most; i++) {
            int j = matcher.downOf(i);
            if (j < 0) {
                continue;
            }
            if (up.identification(i) != 0 && up.identification(i) == down.identification(j)) {
                add(EvidenceKind.IP_ID);
            }
            if (up.length(i) > 0 && up.whole(i) && down.whole(j) && !matcher.altered(i)) {
                add(EvidenceKind.PAYLOAD);
            }
            if (tcp) {
                add(EvidenceKind.TCP_SEQUENCE);
                if (up.timestamps(i)) {
                    add(EvidenceKind.TCP_TIMESTAMP);
                }
            }
        }
    }

    Set<EvidenceKind> kinds() {
        Set<EvidenceKind> set = EnumSet.noneOf(EvidenceKind.class);
        for (EvidenceKind kind : ALL) {
            if ((kinds & 1 << kind.ordinal()) != 0) {
                set.add(kind);
            }
        }
        return set;
    }
}
