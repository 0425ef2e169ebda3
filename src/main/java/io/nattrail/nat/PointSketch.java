package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.PointRole;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Ttl;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
    private int routedAgain;
    private int asSent;
    private int unrouted;
    private final Map<Integer, Integer> routedBehind = new TreeMap<>();
    private final Map<Integer, Integer> oneBehind = new TreeMap<>();
    private int keptSource;
    private final Set<Endpoint> keptBetween = new TreeSet<>();
    private final Set<IpAddress> endpoints = new TreeSet<>();
    /** Of the connection at hand; TTLs are -1 where there is none. */
    private boolean showsOriginal;
    private boolean showsTranslated;
    private int originalTtl = -1;
    private int translatedTtl = -1;
    private FiveTuple translatedTuple;

    private PointSketch() {
    }

    static List<PointEvidence> of(List<LegGroup> groups, int points, int most) {
        List<PointSketch> sketches = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            sketches.add(new PointSketch());
        }
        Set<IpAddress> answered = new TreeSet<>();
        int step = Math.max(1, groups.size() / most);
        for (int g = 0; g < groups.size(); g += step) {
            add(groups.get(g), sketches, answered);
        }
        return sketches.stream().map(sketch -> sketch.evidence(answered)).toList();
    }

    private PointEvidence evidence(Set<IpAddress> answered) {
        Set<IpAddress> elsewhere = new TreeSet<>(answered);
        elsewhere.removeAll(endpoints);
        return new PointEvidence(originals, translated, both, requests, freshRequests, freshReplies, earliest, called, fronts, pods,
                routedAgain, routedBehind, asSent, unrouted, oneBehind, keptSource, keptBetween,
                endpoints, elsewhere);
    }

    private static void add(LegGroup group, List<PointSketch> sketches, Set<IpAddress> answered) {
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
            int row = l.firstTellingRequest();
            if (row < 0) {
                continue;
            }
            boolean original = layout.level(i) == 0;
            sketch.add(l, row, original);
            if (layout.translated() != null && l.firstTellingReply() >= 0) {
                answered.add(layout.translated().destination().address());
            }
            if (original) {
                originalPoints++;
                if (l.requests().time(row) < firstTime) {
                    firstTime = l.requests().time(row);
                    first = sketch;
                }
            }
        }
        boolean itself = reachesItself(layout);
        boolean kept = itself || layout.translated() != null && layout.translated().source().equals(layout.original().source());
        if (originalPoints == 1 && kept && (itself || !first.showsTranslated)) {
            for (PointSketch other : sketches) {
                other.routedAgain += other.showsTranslated && other.translatedTtl < first.originalTtl - 1 ? 1 : 0;
                other.unrouted += other.showsTranslated && other.translatedTtl == first.originalTtl ? 1 : 0;
            }
            first.keptSource++;
            first.keptBetween.add(layout.original().destination());
            first.keptBetween.add(layout.translated().destination());
        }
        compare(sketches, originalPoints > 1 ? first : null);
        for (PointSketch sketch : sketches) {
            sketch.endConnection(layout);
        }
        if (originalPoints > 1) {
            first.earliest++;
        }
    }

    /** Whether a pod's call came back to it: what shows both sides of that may be the pod. */
    private static boolean reachesItself(GroupLayout layout) {
        return layout.translated() != null
                && layout.translated().destination().address().equals(layout.original().source().address());
    }

    /**
     * How far apart points are that show the connection at hand, by its TTL there.
     *
     * @param client where it showed first, if it showed untranslated elsewhere too; else null
     */
    private static void compare(List<PointSketch> sketches, PointSketch client) {
        int entry = -1;
        for (int i = 0; i < sketches.size(); i++) {
            entry = sketches.get(i).showsOriginal && sketches.get(i).showsTranslated ? i : entry;
        }
        int left = entry < 0 ? -1 : sketches.get(entry).translatedTtl;
        for (PointSketch here : sketches) {
            if (here.showsOriginal || !here.showsTranslated) {
                continue;
            }
            // What was translated anew left that node another way, or not at all.
            boolean sameTuple = entry >= 0 && here.translatedTuple.equals(sketches.get(entry).translatedTuple);
            if (sameTuple && here.translatedTtl < left) {
                here.routedAgain++;
                here.routedBehind.merge(entry, 1, Integer::sum);
            }
            here.asSent += sameTuple && here.translatedTtl == left ? 1 : 0;
            for (int i = 0; i < sketches.size(); i++) {
                PointSketch there = sketches.get(i);
                if (left < 0 && client != null && there != client && there.originalTtl == here.translatedTtl + 1) {
                    here.oneBehind.merge(i, 1, Integer::sum);
                }
            }
        }
    }

    private void add(LoadedLeg l, int request, boolean original) {
        showsOriginal |= original;
        showsTranslated |= !original;
        int ttl = l.requests().ttl(request);
        originalTtl = original ? ttl : originalTtl;
        translatedTtl = original ? translatedTtl : ttl;
        translatedTuple = original ? translatedTuple : l.leg().tuple();
        requests++;
        freshRequests += Ttl.fresh(ttl) ? 1 : 0;
        int reply = l.firstTellingReply();
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
            boolean bothSides = showsOriginal && showsTranslated && !reachesItself(layout);
            both += bothSides ? 1 : 0;
            originals += showsOriginal && !bothSides ? 1 : 0;
            translated += showsOriginal ? 0 : 1;
            if (showsTranslated) {
                endpoints.add(translatedTuple.destination().address());
            }
            if (bothSides) {
                fronts.add(layout.original().destination().address());
            }
        }
        showsOriginal = false;
        showsTranslated = false;
        originalTtl = -1;
        translatedTtl = -1;
        translatedTuple = null;
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
