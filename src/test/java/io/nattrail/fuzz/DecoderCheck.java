package io.nattrail.fuzz;

import static io.nattrail.fuzz.Bounds.require;
import static io.nattrail.fuzz.Bounds.same;

import io.nattrail.wire.FrameView;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.util.Arrays;

/** What holds for every frame. The input's first two bytes are the link type, the rest is the frame. */
final class DecoderCheck {
    private static final int BEFORE = 3;
    private static final int AFTER = 5;

    private final PacketDecoder decoder = new PacketDecoder();
    private final FrameView frame = new FrameView();
    private final PacketView packet = new PacketView();
    private final PacketView quoted = new PacketView();

    void check(byte[] input) {
        if (input.length < 2) {
            return;
        }
        int linkType = (input[0] & 0xff) << 8 | input[1] & 0xff;
        byte[] bytes = Arrays.copyOfRange(input, 2, input.length);
        String zeros = decoded(bytes, linkType, (byte) 0);
        // What lies around a frame in the reader's buffer is of other frames and must not matter.
        same(zeros, decoded(bytes, linkType, (byte) 0xff), "what lies around a frame changes what is read of it");
    }

    private String decoded(byte[] bytes, int linkType, byte around) {
        byte[] buffer = new byte[BEFORE + bytes.length + AFTER];
        Arrays.fill(buffer, around);
        System.arraycopy(bytes, 0, buffer, BEFORE, bytes.length);
        frame.set(buffer, BEFORE, bytes.length, bytes.length, 0, true, 1, 0, linkType, 0);
        boolean quote = decode(decoder, frame, packet, quoted);
        return text(packet) + (quote ? " quotes " + text(quoted) : "");
    }

    /** Decodes a frame and the packet that it quotes, if it does; whether it does. */
    static boolean decode(PacketDecoder decoder, FrameView frame, PacketView packet, PacketView quoted) {
        decoder.decode(frame, packet);
        inside(packet, frame);
        if (packet.quoting() && decoder.decodeQuoted(packet, quoted)) {
            inside(quoted, frame);
            return true;
        }
        return false;
    }

    /** What the decoder says lies inside the frame. */
    private static void inside(PacketView packet, FrameView frame) {
        int start = frame.start();
        int end = start + frame.capturedLength();
        require(packet.status() != null, "no status");
        require(packet.payloadCaptured() >= 0 && packet.payloadLength() >= 0 && packet.payloadStart() >= start
                && (packet.payloadCaptured() == 0 || packet.payloadStart() + packet.payloadCaptured() <= end),
                "a payload outside of its frame");
        require(packet.networkStart() >= start && packet.networkStart() <= end, "a network header outside of its frame");
        require(packet.stopOffset() >= start, "decoding stopped before the frame");
        require(!packet.quoting() || packet.quotedStart() >= start && packet.quotedLimit() <= end, "a quote outside of its frame");
        require(packet.stopLayer() < PacketView.LAYER_TRANSPORT || packet.transportStart() >= start && packet.transportStart() <= end,
                "a transport header outside of its frame");
        require((packet.sourcePort() | packet.destinationPort()) >>> 16 == 0, "a port that is none");
    }

    private static String text(PacketView p) {
        return p.status() + " " + p.stopLayer() + " " + p.stopOffset() + " " + p.tunnelDepth() + " " + p.outerNetwork() + " " + p.network()
                + " "
                + p.protocol() + " " + p.payloadStart() + " " + p.payloadCaptured() + " " + p.payloadLength() + " " + p.sourcePort() + " "
                + p.destinationPort() + " " + p.quoting() + " " + p.quotedStart() + " " + p.quotedLimit() + " "
                + (p.stopLayer() < PacketView.LAYER_NETWORK ? "" : p.sourceHigh() + " " + p.sourceLow() + " " + p.destinationHigh() + " "
                        + p.destinationLow() + " " + p.ttl() + " " + p.identification() + " " + p.fragmentOffset())
                + (p.tcp() ? " " + p.sequence() + " " + p.flags() + " " + p.mss() : "");
    }
}
