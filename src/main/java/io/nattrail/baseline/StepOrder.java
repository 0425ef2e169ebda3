package io.nattrail.baseline;

import java.math.BigInteger;
import java.util.Comparator;

/** Step numbers in the order of the path: 1.2 before 1.2.1 before 1.10. */
final class StepOrder implements Comparator<String> {
    static final StepOrder INSTANCE = new StepOrder();

    private StepOrder() {
    }

    @Override
    public int compare(String a, String b) {
        String[] left = a.split("\\.", -1);
        String[] right = b.split("\\.", -1);
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            boolean numbers = left[i].matches("[0-9]+") && right[i].matches("[0-9]+");
            int order = numbers ? new BigInteger(left[i]).compareTo(new BigInteger(right[i])) : left[i].compareTo(right[i]);
            if (order != 0) {
                return order;
            }
        }
        int byLength = Integer.compare(left.length, right.length);
        return byLength != 0 ? byLength : a.compareTo(b);
    }
}
