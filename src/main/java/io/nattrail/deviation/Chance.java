package io.nattrail.deviation;

import java.util.Collection;

/** Statistical tests: what is hardly chance has a reason. */
final class Chance {
    private static final double IMPROBABLE = 0.005;
    /** Where Stirling's series is not exact enough. */
    private static final int EXACT_FACTORIALS = 32;
    /** Fewer expected in a class make a chi-square test wrong. */
    private static final double LEAST_EXPECTED = 5;
    /** The 99.9 % point of the normal distribution. */
    private static final double NORMAL_999 = 3.09;

    private Chance() {
    }

    /** Whether chance would hardly give that many of the slow to so many drawn of all (Fisher's exact test). */
    static boolean hardlyGives(int slowDrawn, int drawn, int slow, int all) {
        return ofAtLeast(slowDrawn, drawn, slow, all) < IMPROBABLE;
    }

    /** The hypergeometric chance that at least so many of the drawn are slow. */
    private static double ofAtLeast(int least, int drawn, int slow, int all) {
        double chance = 0;
        for (int k = least; k <= Math.min(drawn, slow); k++) {
            double one = Math.exp(logChoose(slow, k) + logChoose(all - slow, drawn - k) - logChoose(all, drawn));
            chance += one;
            if (one < chance * 1e-9) {
                break;
            }
        }
        return chance;
    }

    private static double logChoose(int n, int k) {
        return k < 0 || k > n ? Double.NEGATIVE_INFINITY : logFactorial(n) - logFactorial(k) - logFactorial(n - k);
    }

    private static double logFactorial(int n) {
        if (n > EXACT_FACTORIALS) {
            // Stirling's series.
            return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1.0 / (12.0 * n);
        }
        double log = 0;
        for (int i = 2; i <= n; i++) {
            log += Math.log(i);
        }
        return log;
    }

    /** Whether chance would hardly share so unevenly: Pearson's chi-square; its 99.9 % point by Wilson and Hilferty's approximation. */
    static boolean hardlyShares(Collection<long[]> counts, long total) {
        double expected = (double) total / counts.size();
        if (expected < LEAST_EXPECTED) {
            return false;
        }
        double chiSquare = 0;
        for (long[] count : counts) {
            chiSquare += (count[0] - expected) * (count[0] - expected) / expected;
        }
        double freedom = counts.size() - 1.0;
        double spread = 2 / (9 * freedom);
        return chiSquare > freedom * Math.pow(1 - spread + NORMAL_999 * Math.sqrt(spread), 3);
    }
}
