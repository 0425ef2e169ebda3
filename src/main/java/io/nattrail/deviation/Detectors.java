package io.nattrail.deviation;

import java.util.List;

/** All detectors of flows. A new one is a class and a line here. */
final class Detectors {
    static final List<Detector> ALL = List.of(
            new WhereItEnded(),
            new BrokenLater(),
            new TranslationChecks(),
            new IcmpErrors(),
            new HopTroubles(),
            new HopTroubles.RepeatedSyn(),
            new HopTroubles.Retransmission(),
            new LatencyHigh());

    private Detectors() {
    }
}
