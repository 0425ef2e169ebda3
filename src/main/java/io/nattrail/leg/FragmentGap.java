package io.nattrail.leg;

/**
 * A datagram of which this point did not see all fragments.
 *
 * @param number frame of its first fragment
 * @param identification IP identification, which NAT leaves unchanged
 */
public record FragmentGap(int file, long number, long timeNanos, int identification, boolean fromOpener) {
    FragmentGap earlier(long nanos) {
        return new FragmentGap(file, number, timeNanos - nanos, identification, fromOpener);
    }

    FragmentGap ofOtherDirection() {
        return new FragmentGap(file, number, timeNanos, identification, !fromOpener);
    }
}
