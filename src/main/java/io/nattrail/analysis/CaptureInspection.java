package io.nattrail.analysis;

import io.nattrail.capture.CaptureFacts;
import io.nattrail.wire.DecodeStatus;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What {@code nattrail inspect} says of one capture. Counts are of packets; a packet in a tunnel counts with what is innermost, and a
 * packet that an ICMP error quotes does not count.
 *
 * @param frames number of the last frame as Wireshark counts, which includes some pcapng blocks that are no packets
 * @param backwards packets whose time is before that of the packet before them
 * @param cut packets of which the capture kept less than was on the wire
 * @param fragments IP fragments, the first ones included
 * @param tunnelled packets that were taken out of a tunnel
 * @param notUnderstood packets whose decoding ended before the payload, by why
 */
public record CaptureInspection(CaptureFacts facts, long frames, Protocols protocols, Network network, TcpFlags tcpFlags,
        Conversations conversations, long backwards, long cut, long fragments, long tunnelled, Map<DecodeStatus, Long> notUnderstood) {
    public CaptureInspection {
        Map<DecodeStatus, Long> copy = new EnumMap<>(DecodeStatus.class);
        copy.putAll(notUnderstood);
        notUnderstood = Collections.unmodifiableMap(copy);
    }

    /** By innermost transport, or ARP. */
    public record Protocols(long tcp, long udp, long icmp, long icmpv6, long sctp, long arp) {
    }

    /** By outermost network layer. */
    public record Network(long ipv4, long ipv6) {
    }

    /** SYN without ACK, SYN with ACK, FIN, RST. */
    public record TcpFlags(long syn, long synAck, long fin, long rst) {
    }

    /** Distinct pairs of endpoints; of TCP, a port that is used again with another initial sequence number begins another. */
    public record Conversations(long tcp, long udp) {
    }
}
