package io.nattrail.nat;

/** Numbers that are joined into sets, one of which stands for each set: the lowest, so that sets keep the order of their numbers. */
final class DisjointSets {
    private final int[] parent;
    /** The members of each set in a ring. */
    private final int[] next;

    /** Each of the numbers from 0 on is a set of its own. */
    DisjointSets(int numbers) {
        parent = new int[numbers];
        next = new int[numbers];
        for (int i = 0; i < numbers; i++) {
            parent[i] = i;
            next[i] = i;
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

    /** Another number of the same set: going on from one to the next leads past all of them, and back to the first. */
    int next(int i) {
        return next[i];
    }

    void union(int a, int b) {
        int x = root(a);
        int y = root(b);
        if (x == y) {
            return;
        }
        int behindX = next[x];
        next[x] = next[y];
        next[y] = behindX;
        if (x < y) {
            parent[y] = x;
        } else {
            parent[x] = y;
        }
    }
}
