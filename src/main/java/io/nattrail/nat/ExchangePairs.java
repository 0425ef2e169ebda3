package io.nattrail.nat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Pairs of exchanges that may be one flow's before and after the NAT. Pairs that compete, directly or by others, are settled together: each
 * exchange before the NAT is joined with at most one behind it, so that all together weigh the most.
 */
final class ExchangePairs {
    private static final int MOST_TO_ASSIGN = 400;
    /** Of more than can be assigned exactly, so many are named. */
    private static final int MOST_RIVALS = 20;
    /** What weighs more of the best than this fits as well. */
    private static final double SURELY_LESS = 0.97;

    private final Exchanges exchanges;
    private final ExchangeWeights weights;
    private final LegUnion joined;
    private final Chains known = new Chains();
    /** By the numbers of both exchanges, as {@link #known}: what need not be looked at again for each of the words they have in common. */
    private final Chains refused = new Chains();
    private int[] before = new int[16];
    private int[] after = new int[16];
    private double[] weight = new double[16];
    private int count;

    /** @param joined takes what is found */
    ExchangePairs(Exchanges exchanges, ExchangeWeights weights, LegUnion joined) {
        this.exchanges = exchanges;
        this.weights = weights;
        this.joined = joined;
    }

    /** Whether two exchanges are a pair already. */
    boolean has(int a, int b) {
        return known.first(key(a, b)) >= 0;
    }

    /** Whether two exchanges were refused before. */
    boolean hasRefused(int a, int b) {
        return refused.first(key(a, b)) >= 0;
    }

    /** Notes that two exchanges are no pair, unless nobody else says the same. */
    void refuse(int a, int b) {
        refused.add(key(a, b), 0);
    }

    private static long key(int a, int b) {
        return (long) Math.min(a, b) << 32 | Math.max(a, b);
    }

    /** Makes two exchanges a pair, if any datagram of the one is found again in the other. */
    void weigh(int a, int b) {
        double weighed = weights.weigh(a, b);
        if (weighed == 0) {
            refuse(a, b);
            return;
        }
        if (count == before.length) {
            before = Arrays.copyOf(before, 2 * count);
            after = Arrays.copyOf(after, 2 * count);
            weight = Arrays.copyOf(weight, 2 * count);
        }
        known.add(key(a, b), count);
        before[count] = weighed > 0 ? a : b;
        after[count] = weighed > 0 ? b : a;
        weight[count++] = Math.abs(weighed);
    }

    /** Joins the legs of the pairs that fit best. */
    void settle() {
        DisjointSets competing = new DisjointSets(exchanges.count());
        for (int pair = 0; pair < count; pair++) {
            competing.union(before[pair], after[pair]);
        }
        Chains ofSet = new Chains();
        for (int pair = 0; pair < count; pair++) {
            ofSet.add(competing.root(before[pair]), pair);
        }
        int[] place = new int[exchanges.count()];
        Arrays.fill(place, -1);
        for (int set = 0; set < ofSet.count(); set++) {
            int first = ofSet.firstOf(set);
            if (ofSet.next(first) < 0) {
                // As nearly all are: nothing competes with it.
                join(ofSet.value(first));
            } else {
                int size = 0;
                for (int link = first; link >= 0; link = ofSet.next(link)) {
                    size++;
                }
                int[] pairs = new int[size];
                for (int link = first, i = 0; link >= 0; link = ofSet.next(link)) {
                    pairs[i++] = ofSet.value(link);
                }
                settleTogether(pairs, place);
            }
        }
    }

    private void join(int pair) {
        joined.union(exchanges.leg(before[pair]), exchanges.leg(after[pair]));
    }

    /** @param place room to note where each exchange stands among those before the NAT, or among all; as it was when done */
    private void settleTogether(int[] pairs, int[] place) {
        int[] left = Arrays.stream(pairs).map(pair -> before[pair]).sorted().distinct().toArray();
        if (left.length > MOST_TO_ASSIGN) {
            settleGreedily(pairs);
            return;
        }
        int[] all = Arrays.stream(pairs).flatMap(pair -> IntStream.of(before[pair], after[pair])).sorted().distinct().toArray();
        double[][] matrix = new double[left.length][all.length];
        number(left, place);
        int[] rows = Arrays.stream(pairs).map(pair -> place[before[pair]]).toArray();
        number(all, place);
        for (int i = 0; i < pairs.length; i++) {
            matrix[rows[i]][place[after[pairs[i]]]] = weight[pairs[i]];
        }
        int[] given = Assignment.solve(matrix);
        boolean[] taken = new boolean[all.length];
        for (int i = 0; i < given.length; i++) {
            if (given[i] >= 0) {
                taken[given[i]] = true;
                joined.union(exchanges.leg(left[i]), exchanges.leg(all[given[i]]));
            }
        }
        for (int i = 0; i < given.length; i++) {
            if (given[i] >= 0) {
                doubt(left, all, matrix, i, given[i]);
            }
        }
        for (int j = 0; j < taken.length; j++) {
            if (!taken[j]) {
                translatedAgain(left, all, matrix, given, j);
            }
        }
    }

    private static void number(int[] numbers, int[] place) {
        for (int i = 0; i < numbers.length; i++) {
            place[numbers[i]] = i;
        }
    }

    /** Notes what fits nearly as well as what was joined, if it is no other tuple of the same flow. */
    private void doubt(int[] left, int[] all, double[][] matrix, int i, int j) {
        int own = joined.root(exchanges.leg(left[i]));
        double best = matrix[i][j];
        double second = 0;
        List<String> rivals = new ArrayList<>();
        for (int k = 0; k < all.length; k++) {
            if (k != j && matrix[i][k] > 0 && joined.root(exchanges.leg(all[k])) != own && !weights.apart(all[j], all[k])) {
                second = Math.max(second, matrix[i][k]);
                if (matrix[i][k] > best * SURELY_LESS) {
                    rivals.add(exchanges.tuple(all[k]).toString());
                }
            }
        }
        for (int k = 0; k < left.length; k++) {
            if (k != i && matrix[k][j] > 0 && joined.root(exchanges.leg(left[k])) != own) {
                second = Math.max(second, matrix[k][j]);
                if (matrix[k][j] > best * SURELY_LESS) {
                    rivals.add(exchanges.tuple(left[k]).toString());
                }
            }
        }
        if (second > 0) {
            double confidence = Math.max(0.3, Math.min(1, 0.5 + (best - second) / best));
            joined.doubt(exchanges.leg(left[i]), confidence, rivals);
        }
    }

    /**
     * A socket that paused for longer than conntrack remembers is translated anew: the same packets under another tuple, when the one
     * before had ended.
     */
    private void translatedAgain(int[] left, int[] all, double[][] matrix, int[] given, int j) {
        int best = -1;
        for (int i = 0; i < given.length; i++) {
            if (matrix[i][j] >= ExchangeWeights.SAME_PACKET && (best < 0 || matrix[i][j] > matrix[best][j])) {
                best = i;
            }
        }
        if (best < 0 || given[best] < 0 || !weights.apart(all[given[best]], all[j])) {
            return;
        }
        for (int i = 0; i < given.length; i++) {
            if (i != best && matrix[i][j] > matrix[best][j] * SURELY_LESS) {
                return;
            }
        }
        joined.union(exchanges.leg(left[best]), exchanges.leg(all[j]));
    }

    /** Too many for the exact method: surest first. */
    private void settleGreedily(int[] pairs) {
        List<Integer> surestFirst = new ArrayList<>(Arrays.stream(pairs).boxed().toList());
        surestFirst.sort(Comparator.<Integer>comparingDouble(pair -> -weight[pair]).thenComparingInt(pair -> before[pair])
                .thenComparingInt(pair -> after[pair]));
        Map<Integer, Integer> next = new HashMap<>();
        Map<Integer, Integer> previous = new HashMap<>();
        for (int pair : surestFirst) {
            if (!next.containsKey(before[pair]) && previous.putIfAbsent(after[pair], pair) == null) {
                next.put(before[pair], pair);
                join(pair);
            }
        }
        Map<Integer, Doubt> doubts = new TreeMap<>();
        for (int pair : surestFirst) {
            boolean joins = Integer.valueOf(pair).equals(next.get(before[pair]));
            if (!joins) {
                compete(pair, next.get(before[pair]), after[pair], doubts);
                compete(pair, previous.get(after[pair]), before[pair], doubts);
            }
        }
        doubts.forEach((pair, doubt) -> {
            double confidence = Math.max(0.3, Math.min(1, 0.5 + (weight[pair] - doubt.second) / weight[pair]));
            joined.doubt(exchanges.leg(before[pair]), confidence, doubt.rivals);
        });
    }

    /** What fits a pair's side nearly as well as the pair. */
    private static final class Doubt {
        private double second;
        private final List<String> rivals = new ArrayList<>();
    }

    /**
     * Notes that a pair which was not joined has one side in common with one that was. To be called with the surest first.
     *
     * @param chosen what was joined instead, or null
     * @param rival the exchange on the other side
     */
    private void compete(int pair, Integer chosen, int rival, Map<Integer, Doubt> doubts) {
        Doubt known = chosen == null ? null : doubts.get(chosen);
        boolean fits = chosen != null && weight[pair] > weight[chosen] * SURELY_LESS;
        boolean tellsMore = known == null || fits && known.rivals.size() < MOST_RIVALS;
        if (chosen == null || !tellsMore || joined.root(exchanges.leg(rival)) == joined.root(exchanges.leg(before[chosen]))
                || rival == after[pair] && weights.apart(after[chosen], rival)) {
            return;
        }
        Doubt doubt = doubts.computeIfAbsent(chosen, c -> new Doubt());
        doubt.second = Math.max(doubt.second, weight[pair]);
        if (fits) {
            doubt.rivals.add(exchanges.tuple(rival).toString());
        }
    }
}
