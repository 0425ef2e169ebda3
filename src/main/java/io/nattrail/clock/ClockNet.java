package io.nattrail.clock;

/** What tells of the clocks of all points of a case: the packets that crossed between every two. */
public final class ClockNet {
    private final int points;
    private final Crossings[] pairs;

    public ClockNet(int points) {
        this.points = points;
        this.pairs = new Crossings[points * points];
    }

    /** A packet was seen at {@code from}, then at {@code to}, each on its own clock. */
    public void crossed(int from, long fromNanos, int to, long toNanos) {
        int a = Math.min(from, to);
        int b = Math.max(from, to);
        Crossings crossings = pairs[a * points + b];
        if (crossings == null) {
            crossings = new Crossings();
            pairs[a * points + b] = crossings;
        }
        if (from == a) {
            crossings.add(fromNanos, toNanos, true);
        } else {
            crossings.add(toNanos, fromNanos, false);
        }
    }

    /** Whether any packet was seen at both points. */
    public boolean met(int one, int other) {
        return pairs[Math.min(one, other) * points + Math.max(one, other)] != null;
    }

    /** Takes over what another net saw, of the same points or the first of them. */
    public void addAll(ClockNet other) {
        for (int a = 0; a < other.points; a++) {
            for (int b = a + 1; b < other.points; b++) {
                Crossings theirs = other.pairs[a * other.points + b];
                if (theirs != null) {
                    int pair = a * points + b;
                    if (pairs[pair] == null) {
                        pairs[pair] = new Crossings();
                    }
                    pairs[pair].addAll(theirs);
                }
            }
        }
    }

    /**
     * What the crossings seen so far tell.
     *
     * @param grains of how many nanoseconds the grains are to which each point's stamps were rounded down; 0 for exact ones
     */
    public PairFits fits(long[] grains) {
        PairFit[] fits = new PairFit[pairs.length];
        boolean[] disordered = new boolean[pairs.length];
        for (int pair = 0; pair < pairs.length; pair++) {
            if (pairs[pair] != null) {
                long first = grains[pair / points];
                long second = grains[pair % points];
                fits[pair] = PairFit.of(pairs[pair], first, second);
                disordered[pair] = fits[pair].quality() == ClockQuality.CONTRADICTORY
                        && pairs[pair].contradictThroughout(first + second);
            }
        }
        return new PairFits(points, fits, disordered);
    }
}
