package io.nattrail.dissect;

import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.pcap4j.packet.BsdLoopbackPacket;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IllegalPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpSelector;
import org.pcap4j.packet.LinuxSllPacket;
import org.pcap4j.packet.Packet;

/** Takes a frame apart completely with Pcap4J. Slow, for the few frames somebody looks at. */
public final class PacketDissector {
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
    private static final int MOST_HEX_BYTES = 256;

    private PacketDissector() {
    }

    /** The layers of a frame; what Pcap4J refuses is a last layer "not understood" with its bytes. */
    public static List<DissectedLayer> dissect(byte[] frame, int linkType) {
        List<DissectedLayer> layers = new ArrayList<>();
        int start = 0;
        if (!knownToPcap4j(linkType)) {
            start = networkStart(frame, linkType);
            if (start < 0) {
                return List.of(opaque("not understood: link type " + LinkType.name(linkType), frame, 0, frame.length));
            }
            if (start > 0) {
                layers.add(opaque(LinkType.name(linkType) + " header", frame, 0, start));
            }
        }
        try {
            walk(parse(frame, start, linkType), frame, start, layers);
        } catch (IllegalRawDataException | IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
            // Pcap4J checks most, not all, lengths before it reads.
            layers.add(opaque("not understood: " + e.getMessage(), frame, start, frame.length));
        }
        return layers;
    }

    private static boolean knownToPcap4j(int linkType) {
        return linkType == LinkType.ETHERNET || linkType == LinkType.LINUX_SLL || linkType == LinkType.NULL;
    }

    private static int networkStart(byte[] frame, int linkType) {
        FrameView view = new FrameView();
        view.set(frame, 0, frame.length, frame.length, 0, false, 1, 0, linkType, 0);
        PacketView packet = new PacketView();
        new PacketDecoder().decode(view, packet);
        boolean ip = packet.network() == PacketView.NETWORK_IPV4 || packet.network() == PacketView.NETWORK_IPV6;
        return ip && packet.tunnelDepth() == 0 ? packet.networkStart() : -1;
    }

    private static Packet parse(byte[] frame, int start, int linkType) throws IllegalRawDataException {
        int length = frame.length - start;
        return switch (linkType) {
            case LinkType.ETHERNET -> EthernetPacket.newPacket(frame, start, length);
            case LinkType.LINUX_SLL -> LinuxSllPacket.newPacket(frame, start, length);
            case LinkType.NULL -> BsdLoopbackPacket.newPacket(frame, start, length);
            default -> IpSelector.newPacket(frame, start, length);
        };
    }

    private static void walk(Packet outermost, byte[] frame, int first, List<DissectedLayer> layers) {
        int start = first;
        for (Packet packet = outermost; packet != null; packet = packet.getPayload()) {
            if (packet.getHeader() == null) {
                String name = packet instanceof IllegalPacket ? "not understood" : "Data";
                layers.add(opaque(name, frame, start, Math.min(frame.length, start + packet.length())));
                return;
            }
            layers.add(layer(packet.getHeader().toString()));
            start += packet.getHeader().length();
        }
    }

    /** Pcap4J prints a header as a title in brackets and a line for each field. */
    private static DissectedLayer layer(String text) {
        String name = "";
        List<DissectedField> fields = new ArrayList<>();
        for (String line : text.split("\\R")) {
            String stripped = line.strip();
            int colon = stripped.indexOf(':');
            if (stripped.startsWith("[") && name.isEmpty()) {
                name = stripped.substring(1, stripped.length() - 1);
            } else if (colon > 0) {
                fields.add(new DissectedField(stripped.substring(0, colon), stripped.substring(colon + 1).strip(), -1, 0));
            }
        }
        return new DissectedLayer(name, fields);
    }

    private static DissectedLayer opaque(String name, byte[] frame, int start, int end) {
        int from = Math.min(start, end);
        int shown = Math.min(end, from + MOST_HEX_BYTES);
        String hex = HEX.formatHex(frame, from, shown) + (shown < end ? " ..." : "");
        return new DissectedLayer(name, List.of(new DissectedField("bytes", hex, from, end - from)));
    }
}
