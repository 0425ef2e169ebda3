package io.nattrail.batch;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Heap that the cases of a batch share. Who asks first is served first, so that a large case is not kept waiting by small ones. A case
 * that asks for more than there is gets all of it, alone.
 */
final class MemoryBudget {
    private final long total;
    private final Deque<Object> queue = new ArrayDeque<>();
    private long taken;

    MemoryBudget(long total) {
        this.total = total;
    }

    /**
     * Waits until so much is free.
     *
     * @return what to give back
     */
    synchronized long take(long bytes) throws InterruptedException {
        long share = Math.min(total, Math.max(1, bytes));
        Object ticket = new Object();
        queue.add(ticket);
        try {
            while (queue.peek() != ticket || taken + share > total) {
                wait();
            }
        } finally {
            queue.remove(ticket);
            notifyAll();
        }
        taken += share;
        return share;
    }

    synchronized void giveBack(long share) {
        taken -= share;
        notifyAll();
    }
}
