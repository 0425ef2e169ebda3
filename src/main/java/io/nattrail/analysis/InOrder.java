package io.nattrail.analysis;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does a piece of work for each of many numbers on several threads, and hands on what comes of them in the order of the numbers. */
final class InOrder implements AutoCloseable {
    /** Numbers of which one thread does the work together, so that threads seldom wait for each other. */
    private static final int BLOCK = 16;

    private final int threads;
    private ExecutorService pool;

    /** What is done for a number, on any thread. */
    interface Work<T> {
        T of(int number) throws IOException;
    }

    /** Takes what came of a number, on the thread that asked for it. */
    interface Sink<T> {
        void accept(int number, T result) throws IOException;
    }

    InOrder(int threads) {
        this.threads = threads;
    }

    /** Does the work for all numbers from 0 to below {@code count}. Few results wait at any time. */
    <T> void run(int count, Work<T> work, Sink<T> sink) throws IOException {
        if (threads < 2 || count <= BLOCK) {
            for (int number = 0; number < count; number++) {
                sink.accept(number, work.of(number));
            }
            return;
        }
        if (pool == null) {
            pool = Executors.newFixedThreadPool(threads);
        }
        Deque<Future<List<T>>> waiting = new ArrayDeque<>();
        int handedOn = 0;
        for (int from = 0; from < count || !waiting.isEmpty(); from += BLOCK) {
            if (from < count) {
                waiting.add(pool.submit(new Block<>(from, Math.min(count, from + BLOCK), work)));
            }
            if (from >= count || waiting.size() > 2 * threads) {
                for (T result : CaseAnalyzer.result(waiting.remove())) {
                    sink.accept(handedOn++, result);
                }
            }
        }
    }

    private record Block<T>(int from, int to, Work<T> work) implements Callable<List<T>> {
        @Override
        public List<T> call() throws IOException {
            List<T> results = new ArrayList<>(to - from);
            for (int number = from; number < to; number++) {
                results.add(work.of(number));
            }
            return results;
        }
    }

    @Override
    public void close() {
        if (pool != null) {
            pool.shutdownNow();
        }
    }
}
