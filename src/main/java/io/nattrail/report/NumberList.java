package io.nattrail.report;

import java.io.IOException;
import java.util.Arrays;

/** Numbers one after the other. Lists of the same numbers are equal. */
final class NumberList {
    private long[] numbers;
    private int size;

    NumberList() {
        this(new long[128], 0);
    }

    private NumberList(long[] numbers, int size) {
        this.numbers = numbers;
        this.size = size;
    }

    void add(long number) {
        if (size == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * size);
        }
        numbers[size++] = number;
    }

    void clear() {
        size = 0;
    }

    NumberList copy() {
        return new NumberList(Arrays.copyOf(numbers, size), size);
    }

    /** Writes an array. */
    void write(JsonOut json) throws IOException {
        json.numbers(numbers, size);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NumberList that && Arrays.equals(numbers, 0, size, that.numbers, 0, that.size);
    }

    @Override
    public int hashCode() {
        long hash = size;
        for (int i = 0; i < size; i++) {
            hash = 31 * hash + numbers[i];
        }
        return Long.hashCode(hash);
    }
}
