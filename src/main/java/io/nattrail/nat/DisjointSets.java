package io.nattrail.nat;

/** Numbers that are joined into sets, one of which stands for each set: the lowest, so that sets keep the order of their numbers. */
final class DisjointSets {
    private final int[] parent;

    /** Each of the numbers from 0 on is a set of its own. */
    DisjointSets(int numbers) {
        parent = new int[numbers];
        for (int i = 0; i < numbers; i++) {
            parent[i] = i;
        }
    }

    int count() {
        return parent.length;
    }

    /** The number that stands for all that are joined with this one. */
    int root(int i) {
        int r = i;
        while (parent[r] != r) {
            parent[r] = parent[parent[r]];
            r = parent[r];
        }
        return r;
    }

    void union(int a, int b) {
        int x = root(a);
        int y = root(b);
        if (x < y) {
            parent[y] = x;
        } else {
            parent[x] = y;
        }
    }
}
