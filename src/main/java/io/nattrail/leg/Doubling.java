package io.nattrail.leg;

/**
 * Whether a capture shows nearly every packet twice, as a mirror port does that copies what comes in and what goes out, or two devices of
 * one card. The packets of one short connection do not tell that; those of the whole capture do, and soon.
 */
final class Doubling {
    private static final int LOOK_BACK = 16;
    private static final int LEAST_TO_JUDGE = 8;
    private static final int MOST_TO_JUDGE = 4096;

    private final long[] seen = new long[LOOK_BACK];
    private int next;
    private int packets;
    private int copies;

    /** A packet: its numbers, and all else that no two packets of one sender share. */
    void add(long numbers, long rest) {
        if (packets == MOST_TO_JUDGE) {
            return;
        }
        long packet = (numbers ^ rest * 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
        for (int i = 0; i < LOOK_BACK; i++) {
            if (seen[i] == packet) {
                // Each is the copy of one other.
                seen[i] = 0;
                copies++;
                packets++;
                return;
            }
        }
        packets++;
        seen[next++ % LOOK_BACK] = packet;
    }

    /** Whether nearly every packet has a copy; where a capture missed some, not all have. */
    boolean all() {
        return packets >= LEAST_TO_JUDGE && copies * 20L >= packets * 9L;
    }
}
