package io.nattrail.leg;

import io.nattrail.net.IpAddress;

/**
 * What names an IP datagram while it is on its way, whatever it carries (RFC 6864, section 4).
 *
 * @param destination null of a datagram that only an error tells of which does not say it
 * @param identification of IPv6 the low 16 bits of that of its fragments, as rows have them
 */
public record DatagramId(IpAddress source, IpAddress destination, int protocol, int identification) {
}
