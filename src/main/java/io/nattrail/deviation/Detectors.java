package io.nattrail.deviation;

import java.util.List;

/** All detectors of flows. A new one is a class and a line here. */
final class Detectors {
    static final List<Detector> ALL = List.of(
            new WhereItEnded(),
            new StrayReply(),
            new BrokenLater(),
            new HalfOpen(),
            new GaveUp(),
            new SnatPortsExhausted(),
            new ConntrackTableFull(),
            new SnatPortRace(),
            new DnatMissing(),
            new ClusterIpOnTheWire(),
            new DirectServerReturn(),
            new TranslationChecks(),
            new HealthProbeFailing(),
            new AffinityBroken(),
            new ProxyNotNat(),
            new LoadBalancerFloatingIp(),
            new EphemeralTupleReused(),
            new PortReused(),
            new UdpStaleConntrack(),
            new ZeroWindow(),
            new FragmentsLost(),
            new MssClamped(),
            new ChecksumBad(),
            new TtlUnexpected(),
            new IcmpErrors(),
            new HopTroubles(),
            new HopTroubles.RepeatedSyn(),
            new HopTroubles.Retransmission(),
            new LatencyHigh());

    private Detectors() {
    }
}
