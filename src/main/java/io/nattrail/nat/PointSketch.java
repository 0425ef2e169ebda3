package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.PointRole;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Ttl;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Gathers what connections say of one point, before it is known what any point is. */
final class PointSketch {
    private int originals;
    private int translated;
    private int both;
    private int requests;
    private int freshRequests;
    private int freshReplies;
    private int earliest;
    private final Set<IpAddress> called = new TreeSet<>();
    private final Set<IpAddress> fronts = new TreeSet<>();
    private final Set<IpAddress> pods = new TreeSet<>();
    /** Of the connection at hand. */
    private boolean showsOriginal;
    private boolean showsTranslated;

    private PointSketch() {
    }

    static List<PointEvidence> of(List<LegGroup> groups, int points, int most) {
        List<PointSketch> sketches = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            sketches.add(new PointSketch());
        }
        int step = Math.max(1, groups.size() / most);
        for (int g = 0; g < groups.size(); g += step) {
            add(groups.get(g), sketches);
        }
        return sketches.stream().map(PointSketch::evidence).toList();
    }

    private PointEvidence evidence() {
        return new PointEvidence(originals, translated, both, requests, freshRequests, freshReplies, earliest, called, fronts, pods);
    }

    private static void add(LegGroup group, List<PointSketch> sketches) {
        List<LoadedLeg> loaded = new ArrayList<>();
        for (Leg leg : group.legs()) {
            LoadedLeg l = new LoadedLeg();
            l.load(leg);
            loaded.add(l);
        }
        GroupLayout layout = new GroupLayout(loaded, new Neutral());
        PointSketch first = null;
        long firstTime = Long.MAX_VALUE;
        int originalPoints = 0;
        for (int i = 0; i < loaded.size(); i++) {
            LoadedLeg l = loaded.get(i);
            PointSketch sketch = sketches.get(l.leg().point());
            int row = GroupLayout.firstTelling(l.requests(), l.leg().tcp());
            if (row < 0) {
                continue;
            }
            boolean original = layout.level(i) == 0;
            sketch.add(l, row, original);
            if (original) {
                originalPoints++;
                if (l.requests().time(row) < firstTime) {
                    firstTime = l.requests().time(row);
                    first = sketch;
                }
            }
        }
        for (PointSketch sketch : sketches) {
            sketch.endConnection(layout);
        }
        if (originalPoints > 1) {
            first.earliest++;
        }
    }

    private void add(LoadedLeg l, int request, boolean original) {
        showsOriginal |= original;
        showsTranslated |= !original;
        requests++;
        freshRequests += Ttl.fresh(l.requests().ttl(request)) ? 1 : 0;
        int reply = GroupLayout.firstTelling(l.replies(), l.leg().tcp());
        if (reply < 0 && !original && l.replies().count() > 0) {
            // A pod where nothing listens answers with RST only; behind the translation nobody else is one hop away.
            reply = 0;
        }
        boolean freshReply = reply >= 0 && Ttl.fresh(l.replies().ttl(reply));
        freshReplies += freshReply ? 1 : 0;
        if (freshReply && !original) {
            pods.add(l.leg().tuple().destination().address());
        }
    }

    private void endConnection(GroupLayout layout) {
        if (showsOriginal) {
            called.add(layout.original().destination().address());
        }
        if (layout.translated() != null && (showsOriginal || showsTranslated)) {
            both += showsOriginal && showsTranslated ? 1 : 0;
            originals += showsTranslated ? 0 : 1;
            translated += showsOriginal ? 0 : 1;
            if (showsOriginal && showsTranslated) {
                fronts.add(layout.original().destination().address());
            }
        }
        showsOriginal = false;
        showsTranslated = false;
    }

    /** Nothing is known of points and clocks. */
    private static final class Neutral implements FoldContext {
        @Override
        public PointRole role(int point) {
            return null;
        }

        @Override
        public String node(int point) {
            return null;
        }

        @Override
        public long aligned(int point, long timeNanos) {
            return timeNanos;
        }

        @Override
        public Coverage coverage(int from, long timeNanos, int to) {
            return Coverage.SURE;
        }

        @Override
        public void crossed(int from, long fromNanos, int to, long toNanos) {
            // Only the order of tuples is wanted.
        }
    }
}
