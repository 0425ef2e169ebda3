package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class AssignmentProperties {
    @Property(tries = 500)
    void noOtherAssignmentWeighsMore(@ForAll @IntRange(min = 0, max = 6) int rows, @ForAll @IntRange(min = 0, max = 6) int columns,
            @ForAll long seed) {
        double[][] weights = weights(rows, columns, new Random(seed));

        int[] given = Assignment.solve(weights);

        Set<Integer> taken = new HashSet<>();
        double weight = 0;
        for (int row = 0; row < rows; row++) {
            if (given[row] >= 0) {
                assertThat(taken.add(given[row])).as("column given once").isTrue();
                assertThat(weights[row][given[row]]).as("only candidates are given").isPositive();
                weight += weights[row][given[row]];
            }
        }
        assertThat(weight).isCloseTo(best(weights, 0, new boolean[columns]), within(1e-9));
    }

    @Property(tries = 100)
    void theSameWeightsGiveTheSameAssignment(@ForAll @IntRange(min = 1, max = 30) int size, @ForAll long seed) {
        double[][] weights = weights(size, size + 3, new Random(seed));

        assertThat(Assignment.solve(weights)).isEqualTo(Assignment.solve(Arrays.stream(weights).map(double[]::clone)
                .toArray(double[][]::new)));
    }

    /** The best pair first would leave the second row alone: 10 instead of 9 + 9. */
    @Example
    void takesTheSecondBestPairIfThatServesBoth() {
        assertThat(Assignment.solve(new double[][] {{10, 9}, {9, 0}})).containsExactly(1, 0);
    }

    private static double[][] weights(int rows, int columns, Random random) {
        double[][] weights = new double[rows][columns];
        for (double[] row : weights) {
            for (int column = 0; column < columns; column++) {
                row[column] = random.nextInt(3) == 0 ? 0 : random.nextInt(8) + (random.nextBoolean() ? 0.25 : 0);
            }
        }
        return weights;
    }

    private static double best(double[][] weights, int row, boolean[] used) {
        if (row == weights.length) {
            return 0;
        }
        double best = best(weights, row + 1, used);
        for (int column = 0; column < used.length; column++) {
            if (!used[column] && weights[row][column] > 0) {
                used[column] = true;
                best = Math.max(best, weights[row][column] + best(weights, row + 1, used));
                used[column] = false;
            }
        }
        return best;
    }
}
