package io.nattrail.nat;

/** What is known of the points' clocks while legs are matched. */
interface ClockView {
    /** Nothing but the captures' own times. */
    ClockView RAW = new ClockView() {
        @Override
        public boolean known(int point, int other) {
            return point == other;
        }

        @Override
        public long aligned(int point, long timeNanos) {
            return timeNanos;
        }
    };

    /** Whether the offset between two points is bounded. */
    boolean known(int point, int other);

    /** A point's time on the common clock; the time itself where nothing is known. */
    long aligned(int point, long timeNanos);
}
