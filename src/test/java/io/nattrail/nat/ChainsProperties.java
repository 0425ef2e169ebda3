package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The tables in which datagrams are compared hold what the collections of Java would. */
class ChainsProperties {
    /** Few distinct keys, so that many numbers meet under one; large and negative ones among them. */
    private static long key(int number) {
        return (number % 40 - 20) * 0x1_0000_0001L;
    }

    @Property
    void chainsAreTheListsOfALinkedMap(@ForAll @Size(max = 300) List<@IntRange(min = 0, max = 500) Integer> numbers) {
        Chains chains = new Chains();
        Map<Long, List<Integer>> lists = new LinkedHashMap<>();
        for (int number : numbers) {
            chains.add(key(number), number);
            lists.computeIfAbsent(key(number), k -> new ArrayList<>()).add(number);
        }

        assertThat(lists(chains)).containsExactlyEntriesOf(lists);
        for (int number = 0; number < 40; number++) {
            assertThat(chains.first(key(number)) >= 0).isEqualTo(lists.containsKey(key(number)));
        }
    }

    @Property
    void whatIsTheLastOfItsKeyIsNotFiledOnceMore(@ForAll @Size(max = 200) List<@IntRange(min = 0, max = 3) Integer> numbers) {
        Chains chains = new Chains();
        List<Integer> list = new ArrayList<>();
        for (int number : numbers) {
            chains.addOnce(7, number);
            if (list.isEmpty() || list.get(list.size() - 1) != number) {
                list.add(number);
            }
        }

        assertThat(lists(chains)).isEqualTo(list.isEmpty() ? Map.of() : Map.of(7L, list));
    }

    @Property
    void equalObjectsHaveOneNumberInTheOrderOfTheirFirst(@ForAll @Size(max = 200) List<@IntRange(min = 0, max = 90) Integer> values) {
        Numbering<String> numbering = new Numbering<>();
        Set<String> distinct = new LinkedHashSet<>();
        for (int value : values) {
            distinct.add("v" + value);
            numbering.of("v" + value);
        }

        assertThat(numbering.count()).isEqualTo(distinct.size());
        int number = 0;
        for (String value : distinct) {
            assertThat(numbering.of(value)).isEqualTo(number++);
        }
    }

    @Property
    void aSetIsStoodForByItsLowestNumber(@ForAll @Size(max = 60) List<@IntRange(min = 0, max = 29) Integer> ends) {
        DisjointSets sets = new DisjointSets(30);
        int[] lowest = new int[30];
        for (int i = 0; i < 30; i++) {
            lowest[i] = i;
        }
        for (int i = 1; i < ends.size(); i += 2) {
            sets.union(ends.get(i - 1), ends.get(i));
            int one = lowest[ends.get(i - 1)];
            int other = lowest[ends.get(i)];
            for (int k = 0; k < 30; k++) {
                lowest[k] = lowest[k] == one || lowest[k] == other ? Math.min(one, other) : lowest[k];
            }
        }

        for (int i = 0; i < 30; i++) {
            assertThat(sets.root(i)).isEqualTo(lowest[i]);
        }
    }

    private static Map<Long, List<Integer>> lists(Chains chains) {
        Map<Long, List<Integer>> lists = new LinkedHashMap<>();
        for (int place = 0; place < chains.count(); place++) {
            List<Integer> list = new ArrayList<>();
            for (int link = chains.firstOf(place); link >= 0; link = chains.next(link)) {
                list.add(chains.value(link));
            }
            lists.put(chains.key(place), list);
        }
        return lists;
    }
}
