package io.nattrail.leg;

import io.nattrail.net.IpAddress;

/**
 * A datagram of which this point saw later fragments and never the first, so that nothing here tells its ports.
 *
 * @param number frame of the first of them
 * @param identification its low 16 bits, as rows have them
 */
public record HeadlessDatagram(int point, IpAddress source, IpAddress destination, int protocol, int identification, int file,
        long number, long timeNanos) {
}
