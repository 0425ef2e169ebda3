package io.nattrail.nat;

import java.util.Arrays;

/**
 * Maximum-weight assignment of left to right nodes (the Hungarian method with potentials, O(n² m)): settles all candidates of a group of
 * legs together, where taking the best pair first could force a wrong one later.
 */
final class Assignment {
    private Assignment() {
    }

    /**
     * @param weights weight of each pair, rows left, columns right; 0 or less means "no candidate"
     * @return for each row the column it was given, or -1
     */
    static int[] solve(double[][] weights) {
        int rows = weights.length;
        int given = rows == 0 ? 0 : weights[0].length;
        // A column of its own for each row, of weight 0, stands for "no partner".
        int columns = given + rows;
        double[] rowPotential = new double[rows + 1];
        double[] columnPotential = new double[columns + 1];
        int[] rowOf = new int[columns + 1];
        int[] way = new int[columns + 1];
        for (int i = 1; i <= rows; i++) {
            rowOf[0] = i;
            int j0 = 0;
            double[] least = new double[columns + 1];
            Arrays.fill(least, Double.POSITIVE_INFINITY);
            boolean[] used = new boolean[columns + 1];
            do {
                used[j0] = true;
                int i0 = rowOf[j0];
                int j1 = 0;
                double delta = Double.POSITIVE_INFINITY;
                for (int j = 1; j <= columns; j++) {
                    if (used[j]) {
                        continue;
                    }
                    double cost = cost(weights, i0 - 1, j - 1, given) - rowPotential[i0] - columnPotential[j];
                    if (cost < least[j]) {
                        least[j] = cost;
                        way[j] = j0;
                    }
                    if (least[j] < delta) {
                        delta = least[j];
                        j1 = j;
                    }
                }
                for (int j = 0; j <= columns; j++) {
                    if (used[j]) {
                        rowPotential[rowOf[j]] += delta;
                        columnPotential[j] -= delta;
                    } else {
                        least[j] -= delta;
                    }
                }
                j0 = j1;
            } while (rowOf[j0] != 0);
            do {
                int j1 = way[j0];
                rowOf[j0] = rowOf[j1];
                j0 = j1;
            } while (j0 != 0);
        }
        int[] columnOf = new int[rows];
        Arrays.fill(columnOf, -1);
        for (int j = 1; j <= given; j++) {
            if (rowOf[j] != 0 && weights[rowOf[j] - 1][j - 1] > 0) {
                columnOf[rowOf[j] - 1] = j - 1;
            }
        }
        return columnOf;
    }

    private static double cost(double[][] weights, int row, int column, int given) {
        return column >= given ? 0 : -Math.max(0, weights[row][column]);
    }
}
