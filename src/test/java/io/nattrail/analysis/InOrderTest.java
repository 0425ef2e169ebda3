package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InOrderTest {
    @ParameterizedTest
    @CsvSource({"1, 0", "1, 1000", "4, 0", "4, 1", "4, 16", "4, 17", "4, 1000"})
    void whatComesOfEachNumberIsHandedOnInTheOrderOfTheNumbers(int threads, int count) throws IOException {
        List<String> handedOn = new ArrayList<>();
        try (InOrder inOrder = new InOrder(threads)) {
            inOrder.run(count, number -> {
                if (number % 16 == 0) {
                    Thread.yield();
                }
                return number * number;
            }, (number, square) -> handedOn.add(number + "^2=" + square));
        }

        assertThat(handedOn).containsExactlyElementsOf(IntStream.range(0, count).mapToObj(n -> n + "^2=" + n * n).toList());
    }

    @Test
    void severalThreadsWork() throws IOException {
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        try (InOrder inOrder = new InOrder(3)) {
            inOrder.run(1000, number -> workers.add(Thread.currentThread()), (number, isNew) -> { });
        }

        assertThat(workers).hasSizeBetween(1, 3).doesNotContain(Thread.currentThread());
    }

    @Test
    void fewResultsWaitAtAnyTime() throws IOException {
        AtomicInteger done = new AtomicInteger();
        List<Integer> ahead = new ArrayList<>();
        try (InOrder inOrder = new InOrder(2)) {
            inOrder.run(10_000, number -> done.incrementAndGet(), (number, result) -> ahead.add(done.get() - number));
        }

        assertThat(ahead).allMatch(results -> results <= 6 * 16);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatGoesWrongIsThrownToWhoAskedForTheWork(int threads) {
        try (InOrder inOrder = new InOrder(threads)) {
            List<Integer> handedOn = new ArrayList<>();

            assertThatThrownBy(() -> inOrder.run(100, number -> {
                if (number == 40) {
                    throw new IOException("number 40");
                }
                return number;
            }, (number, result) -> handedOn.add(number))).isInstanceOf(IOException.class).hasMessage("number 40");
            assertThat(handedOn).hasSizeLessThanOrEqualTo(40).isEqualTo(IntStream.range(0, handedOn.size()).boxed().toList());
        }
    }
}
