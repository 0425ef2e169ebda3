package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DisjointSetsTest {
    @Test
    void aSetIsKnownByItsLowestNumberAndLeadsFromEachMemberPastAll() {
        DisjointSets sets = new DisjointSets(8);
        sets.union(5, 2);
        sets.union(7, 3);
        sets.union(2, 5);
        sets.union(3, 5);

        for (int member : new int[] {2, 3, 5, 7}) {
            assertThat(sets.root(member)).isEqualTo(2);
            assertThat(ring(sets, member)).containsExactly(2, 3, 5, 7);
        }
        assertThat(ring(sets, 4)).containsExactly(4);
    }

    private static Set<Integer> ring(DisjointSets sets, int member) {
        Set<Integer> found = new TreeSet<>();
        for (int i = member; found.add(i);) {
            i = sets.next(i);
        }
        return found;
    }
}
