package io.nattrail.leg;

/**
 * Whether a capture shows nearly every packet twice, as a mirror port does that copies what comes in and what goes out, or two devices of
 * one card. The packets of one short connection do not tell that; those of the whole capture do, and soon.
 */
final class Doubling {
    private static final int LOOK_BACK = 16;
    private static final int LEAST_TO_JUDGE = 8;
    private static final int MOST_TO_JUDGE = 4096;
    /** A device takes no longer to show a packet again; who says the same again, as a beat that tells of life, does. */
    private static final long COPY_NANOS = 1_000_000L;

    /** A mirror may show a packet again so much later, where it stands on the way or its queue is long. */
    private static final long LATE_NANOS = 100_000_000L;
    /** A power of two. */
    private static final int REMEMBERED = 4096;

    private final long[] seen = new long[LOOK_BACK];
    private final long[] times = new long[LOOK_BACK];
    private final boolean[] paired = new boolean[LOOK_BACK];
    private int next;
    private int packets;
    private int copies;
    private long[] named = {};
    private long[] namedTimes = {};
    private int all;
    private int again;
    private long latest;

    /**
     * A packet: its numbers, and all else that no two packets of one sender share, if it has an identification. Without one, as in IPv6,
     * heartbeats and counters say the same again and again: there a copy is what comes at once, and not also a third time.
     */
    void add(long time, long numbers, long rest, boolean numbered) {
        if (packets == MOST_TO_JUDGE) {
            return;
        }
        long packet = (numbers ^ rest * 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
        for (int i = 0; i < LOOK_BACK; i++) {
            boolean soon = Math.abs(time - times[i]) <= COPY_NANOS;
            if (seen[i] != packet || numbered && !soon) {
                continue;
            }
            packets++;
            if (numbered) {
                // Each is the copy of one other.
                seen[i] = 0;
                copies++;
            } else {
                copies += soon && !paired[i] ? 1 : 0;
                paired[i] = soon;
                times[i] = time;
            }
            return;
        }
        packets++;
        seen[next] = packet;
        times[next] = time;
        paired[next] = false;
        next = (next + 1) % LOOK_BACK;
    }

    /**
     * A packet that no second one of its sender equals, whenever it comes: by its identification, or the time stamps of its TCP. Who sends
     * the same bytes again gives them another.
     *
     * @param contents all that is alike in copies, wherever on the way they were made
     * @param stamped whether it has time stamps: else small devices give all that they send one identification
     */
    void addNamed(long time, long numbers, long contents, boolean stamped) {
        if (all == MOST_TO_JUDGE) {
            return;
        }
        if (named.length == 0) {
            named = new long[REMEMBERED];
            namedTimes = new long[REMEMBERED];
        }
        all++;
        long packet = (numbers ^ contents * 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
        int at = (int) (packet >>> 40) & REMEMBERED - 1;
        long age = Math.abs(time - namedTimes[at]);
        if (named[at] == packet && age <= LATE_NANOS) {
            named[at] = ~packet;
            namedTimes[at] = time;
            again++;
            latest = Math.max(latest, age);
        } else if (!stamped && named[at] == ~packet && age <= LATE_NANOS) {
            // Each is the copy of one other: who shows the same a third time says it again and again.
            namedTimes[at] = time;
            again = Math.max(0, again - 2);
        } else {
            named[at] = packet;
            namedTimes[at] = time;
        }
    }

    /** Whether nearly every packet has a copy; where a capture missed some, not all have. */
    boolean all() {
        return packets >= LEAST_TO_JUDGE && copies * 20L >= packets * 9L || namedAgain();
    }

    /** Many other packets may lie between a packet and its copy, also where that comes within a millisecond. */
    private boolean namedAgain() {
        return all >= LEAST_TO_JUDGE && again * 20L >= all * 9L;
    }

    /** How long after a packet its copy comes at most. */
    long copyNanos() {
        return latest > COPY_NANOS && namedAgain() ? Math.min(LATE_NANOS, 2 * latest) : COPY_NANOS;
    }
}
