package io.nattrail.nat;

import io.nattrail.clock.ClockFit;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.LegTable;
import io.nattrail.leg.PointRole;
import io.nattrail.packets.Tape;
import java.util.ArrayList;
import java.util.List;

/** Tapes of capture points to flows, as the second movement of an analysis does it. */
public final class Folding {
    private static final CapturePoint CLIENT = new CapturePoint("client", PointRole.CLIENT, null, "test");
    private static final CapturePoint NODE1 = new CapturePoint("node1-eth0", PointRole.NODE_INTERFACE, "node-1", "test");
    private static final CapturePoint NODE2 = new CapturePoint("node2-cbr0", PointRole.BRIDGE, "node-2", "test");

    private final CaptureSet captures;
    private final List<Flow> flows;

    private Folding(CaptureSet captures, List<Flow> flows) {
        this.captures = captures;
        this.flows = flows;
    }

    /** Of the three standard points. */
    public static Folding of(List<Tape> tapes) {
        return of(tapes, List.of(CLIENT, NODE1, NODE2));
    }

    public static Folding of(List<Tape> tapes, List<CapturePoint> points) {
        List<LegTable> tables = new ArrayList<>();
        for (int i = 0; i < tapes.size(); i++) {
            tables.add(tapes.get(i).table(i));
        }
        return ofTables(tables, points);
    }

    /** Of points that were read already. */
    static Folding ofTables(List<LegTable> tables, List<CapturePoint> points) {
        List<PointCapture> read = new ArrayList<>();
        long[] origins = new long[tables.size()];
        for (int i = 0; i < tables.size(); i++) {
            LegTable table = tables.get(i);
            read.add(new PointCapture(points.get(i),
                    new CaptureWindow(table.firstTime(), table.latestTime(), table.frames(), table.longestSilence(), false, List.of()),
                    new LeftOut(null, false, false, table.headless(), List.of(), List.of(), List.of(), 0),
                    List.of(points.get(i).name() + ".pcap")));
            origins[i] = table.frames() == 0 ? 0 : table.firstTime();
        }
        Correlator correlator = new Correlator(tables, new Correlator.Settled());
        ClockFit[] clocks = correlator.clockSketch().handshakes().fits(new long[tables.size()]).clocks(0, origins);
        CaptureSet captures = new CaptureSet(read, clocks, List.of());
        FlowStore store = new FlowStore(Integer.MAX_VALUE, Long.MAX_VALUE);
        correlator.fold(captures, 1, true, store);
        List<Flow> flows = new ArrayList<>();
        for (int i = 0; i < store.size(); i++) {
            flows.add(store.get(i));
        }
        captures.clocks(captures.crossings().fits(new long[tables.size()]).clocks(0, origins));
        return new Folding(captures, flows);
    }

    public static CapturePoint point(String name, PointRole role, String node) {
        return new CapturePoint(name, role, node, "test");
    }

    public CaptureSet captures() {
        return captures;
    }

    public List<Flow> flows() {
        return flows;
    }

    public Flow onlyFlow() {
        if (flows.size() != 1) {
            throw new AssertionError(flows.size() + " flows instead of one: " + flows.stream().map(f -> f.original().toString()).toList());
        }
        return flows.get(0);
    }
}
