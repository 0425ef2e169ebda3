package io.nattrail.nat;

import io.nattrail.leg.Leg;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which legs were found to be one connection (a disjoint-set forest), and how doubtful that is. */
final class LegUnion {
    private final int[] parent;
    private final Map<Integer, Doubt> doubts = new HashMap<>();

    private record Doubt(double confidence, List<String> rivals) {
    }

    LegUnion(int legs) {
        parent = new int[legs];
        for (int i = 0; i < legs; i++) {
            parent[i] = i;
        }
    }

    /** The leg that stands for all that are joined with this one. */
    int root(int i) {
        int r = i;
        while (parent[r] != r) {
            parent[r] = parent[parent[r]];
            r = parent[r];
        }
        return r;
    }

    /** The lower index stays the root, so that groups keep the order of the legs. */
    void union(int a, int b) {
        int x = root(a);
        int y = root(b);
        if (x < y) {
            parent[y] = x;
        } else {
            parent[x] = y;
        }
    }

    /** That a leg was joined with others nearly as likely as what it was joined with. */
    void doubt(int leg, double confidence, List<String> rivals) {
        doubts.put(leg, new Doubt(confidence, rivals));
    }

    /** The groups, in the order of their first leg. */
    List<LegGroup> groups(List<Leg> legs) {
        Map<Integer, LegGroup> groups = new LinkedHashMap<>();
        for (int i = 0; i < parent.length; i++) {
            groups.computeIfAbsent(root(i), r -> new LegGroup()).legs().add(legs.get(i));
        }
        doubts.forEach((leg, doubt) -> groups.get(root(leg)).doubt(doubt.confidence, doubt.rivals));
        return new ArrayList<>(groups.values());
    }
}
