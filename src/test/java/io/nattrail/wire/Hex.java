package io.nattrail.wire;

import java.util.HexFormat;

/** Frames written as hex, with blanks where they help the reader. */
final class Hex {
    static final String ETHERNET = "020000000002 020000000001 ";
    static final String IPV4_SYN = "4500003c 1234 4000 40 06 0000 0af10004 0af00004 " + Hex.SYN;
    static final String SYN = "9600 7d00 01020304 00000000 a002 faf0 0000 0000 020405b4 0402 080a 00000064 00000000 01 030307";

    private Hex() {
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    static PacketView decode(int linkType, String hex) {
        return decode(linkType, bytes(hex));
    }

    static PacketView decode(int linkType, byte[] bytes) {
        return decode(linkType, bytes, bytes.length);
    }

    /** @param original bytes that were on the wire */
    static PacketView decode(int linkType, byte[] bytes, int original) {
        PacketView packet = new PacketView();
        FrameView frame = new FrameView();
        frame.set(bytes, 0, bytes.length, original, 0, true, 1, 0, linkType, 0);
        new PacketDecoder().decode(frame, packet);
        return packet;
    }
}
