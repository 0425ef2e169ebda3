package io.nattrail.nat;

import io.nattrail.leg.Leg;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which legs were found to be one connection, and how doubtful that is. */
final class LegUnion {
    private final List<Leg> legs;
    private final DisjointSets sets;
    private final Map<Integer, Doubt> doubts = new HashMap<>();

    private record Doubt(double confidence, List<String> rivals) {
    }

    LegUnion(List<Leg> legs) {
        this.legs = legs;
        sets = new DisjointSets(legs.size());
    }

    /** The leg that stands for all that are joined with this one: the first of them. */
    int root(int i) {
        return sets.root(i);
    }

    /** Another leg that is joined with this one: going on from one to the next leads past all of them, and back to the first. */
    int next(int i) {
        return sets.next(i);
    }

    void union(int a, int b) {
        sets.union(a, b);
    }

    /** The other end opened the connection of a leg. Legs whose handshake says who did stay as they are. */
    void reverse(int member) {
        int i = member;
        do {
            if (!legs.get(i).hasClientIsn()) {
                legs.get(i).reverse();
            }
            i = sets.next(i);
        } while (i != member);
    }

    /** That a leg was joined with others nearly as likely as what it was joined with. */
    void doubt(int leg, double confidence, List<String> rivals) {
        doubts.put(leg, new Doubt(confidence, rivals));
    }

    /** The groups, in the order of their first leg. */
    List<LegGroup> groups() {
        LegGroup[] groupOf = new LegGroup[sets.count()];
        List<LegGroup> groups = new ArrayList<>();
        for (int i = 0; i < groupOf.length; i++) {
            int root = sets.root(i);
            if (root == i) {
                groupOf[i] = new LegGroup();
                groups.add(groupOf[i]);
            }
            groupOf[root].legs().add(legs.get(i));
        }
        doubts.forEach((leg, doubt) -> groupOf[sets.root(leg)].doubt(doubt.confidence, doubt.rivals));
        return groups;
    }
}
