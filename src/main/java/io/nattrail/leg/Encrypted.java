package io.nattrail.leg;

import io.nattrail.net.IpProtocol;
import io.nattrail.wire.PacketView;

/** Packets in which hosts hide others from whoever looks on: of IPsec (RFC 4303, RFC 3948) and of WireGuard. */
final class Encrypted {
    private static final int ESP_IN_UDP_PORT = 4500;
    /**
     * WireGuard's transport data: type 4 in little endian, receiver, counter, and the packet, filled up to 16 bytes, with its tag: the
     * least packet, of an IP header, makes 64 bytes. A keepalive has none and 32.
     */
    private static final int DATA = 0x04000000;
    private static final int LEAST_DATA = 64;
    private static final int BLOCK = 16;

    private Encrypted() {
    }

    static boolean carries(PacketView p) {
        if (p.protocol() != IpProtocol.UDP) {
            return p.protocol() == IpProtocol.ESP && p.stopLayer() != PacketView.LAYER_LINK;
        }
        if (p.stopLayer() != PacketView.LAYER_TRANSPORT || p.payloadCaptured() < Integer.BYTES) {
            return false;
        }
        boolean blocks = p.payloadLength() >= LEAST_DATA && p.payloadLength() % BLOCK == 0;
        boolean esp = p.sourcePort() == ESP_IN_UDP_PORT || p.destinationPort() == ESP_IN_UDP_PORT;
        return blocks && firstWord(p) == DATA || esp && firstWord(p) != 0;
    }

    private static int firstWord(PacketView p) {
        byte[] bytes = p.buffer();
        int at = p.payloadStart();
        return bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff;
    }
}
