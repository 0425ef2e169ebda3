package io.nattrail.report;

import io.nattrail.leg.FrameRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The frames of a finding in one file, as a display filter that can be pasted into Wireshark.
 *
 * @param more how many frames the filter leaves out
 */
record FrameFilter(String file, String filter, int more) {
    private static final int MOST_FRAMES = 8;

    /** One for each file, in the order of the evidence. */
    static List<FrameFilter> of(List<FrameRef> evidence) {
        Map<String, List<Long>> frames = new LinkedHashMap<>();
        for (FrameRef frame : evidence) {
            frames.computeIfAbsent(frame.file(), file -> new ArrayList<>()).add(frame.number());
        }
        List<FrameFilter> filters = new ArrayList<>(frames.size());
        frames.forEach((file, numbers) -> {
            int shown = Math.min(MOST_FRAMES, numbers.size());
            StringBuilder filter = new StringBuilder("frame.number in {");
            for (int i = 0; i < shown; i++) {
                filter.append(i == 0 ? "" : ",").append(numbers.get(i));
            }
            filters.add(new FrameFilter(file, filter.append('}').toString(), numbers.size() - shown));
        });
        return filters;
    }
}
