package io.nattrail.report;

import io.nattrail.analysis.PointResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where each point's times begin: at its first packet; the case begins with the reference's. */
final class PointClocks implements HtmlFlowCoder.Clocks {
    private final Map<String, Integer> indexes = new HashMap<>();
    private final long[] bases;
    private final long start;

    PointClocks(List<PointResult> points) {
        bases = new long[points.size()];
        Long reference = null;
        Long earliest = null;
        for (int i = 0; i < bases.length; i++) {
            PointResult point = points.get(i);
            indexes.put(point.point().name(), i);
            Long first = null;
            for (PointResult.FileResult part : point.files()) {
                Long begun = part.firstTimeNanos();
                if (begun != null && (first == null || begun < first)) {
                    first = begun;
                }
            }
            bases[i] = first == null ? Long.MIN_VALUE : first;
            if (first != null && point.clock().reference()) {
                reference = first;
            }
            if (first != null && (earliest == null || first < earliest)) {
                earliest = first;
            }
        }
        start = reference != null ? reference : earliest != null ? earliest : 0;
        for (int i = 0; i < bases.length; i++) {
            if (bases[i] == Long.MIN_VALUE) {
                bases[i] = start;
            }
        }
    }

    /** Where the case begins. */
    long start() {
        return start;
    }

    @Override
    public int count() {
        return bases.length;
    }

    @Override
    public int index(String point) {
        Integer index = indexes.get(point);
        if (index == null) {
            throw new IllegalStateException("a flow names the point " + point + ", which the case does not have");
        }
        return index;
    }

    @Override
    public long base(String point) {
        return bases[index(point)];
    }
}
