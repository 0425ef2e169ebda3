package io.nattrail.leg;

/**
 * A datagram of which this point saw later fragments and never the first, so that nothing here tells its ports.
 *
 * @param number frame of the first of them
 */
public record HeadlessDatagram(int point, DatagramId id, int file, long number, long timeNanos) {
}
