package io.nattrail.packets;

import io.nattrail.wire.LinkType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives every IPv4 address and port of a captured case another number, in its packets (checksums and quoted packets included) and in the
 * text of its dumps: the same case, as another cluster would show it. Prefixes of 16 bits keep their hosts; ports change places.
 */
public final class Renumbering {
    private static final Pattern ADDRESS_AND_PORT = Pattern.compile(
            "\\b([0-9]{1,3}\\.[0-9]{1,3})(\\.[0-9]{1,3}\\.[0-9]{1,3})(?::([0-9]{1,5}))?\\b");
    private static final Pattern PORT = Pattern.compile("([sd]port[= ]|[pP]ort\": ?|--to-ports? )([0-9]{1,5})\\b");
    private static final int ETHERNET = 14;

    private final Map<Integer, Integer> prefixes;
    private final Map<Integer, Integer> ports;

    /**
     * @param prefixes first two bytes of an address to what they become, like {@code 10.240}
     * @param ports pairs that change places
     */
    public Renumbering(Map<String, String> prefixes, Map<Integer, Integer> ports) {
        Map<Integer, Integer> numbers = new HashMap<>();
        prefixes.forEach((from, to) -> numbers.put(prefix(from), prefix(to)));
        this.prefixes = numbers;
        Map<Integer, Integer> both = new HashMap<>(ports);
        ports.forEach((from, to) -> both.put(to, from));
        this.ports = both;
    }

    private static int prefix(String text) {
        String[] parts = text.split("\\.");
        return Integer.parseInt(parts[0]) << 8 | Integer.parseInt(parts[1]);
    }

    /** Ephemeral ports change places with their neighbours; they stay above those of servers. */
    int port(int port) {
        return ports.getOrDefault(port, port >= 32_768 && port < 65_534 && !ports.containsKey(port ^ 1) ? port ^ 1 : port);
    }

    /** Addresses and ports in a text, as the packets have them now. */
    public String text(String text) {
        String renamed = ADDRESS_AND_PORT.matcher(text).replaceAll(match -> {
            Integer number = prefixes.get(prefix(match.group(1)));
            String address = number == null ? match.group(1) : (number >>> 8) + "." + (number & 0xff);
            return address + match.group(2) + (match.group(3) == null ? "" : ":" + port(Integer.parseInt(match.group(3))));
        });
        return PORT.matcher(renamed).replaceAll(match -> Matcher.quoteReplacement(match.group(1) + port(Integer.parseInt(match.group(2)))));
    }

    /** Copies a case: pcap files with Ethernet as packets, all else as text. */
    public void copy(Path from, Path to) throws IOException {
        List<Path> files = new ArrayList<>();
        try (var entries = Files.list(from)) {
            entries.forEach(files::add);
        }
        for (Path file : files) {
            Path target = to.resolve(file.getFileName());
            if (file.toString().endsWith(".pcap")) {
                Files.write(target, capture(Files.readAllBytes(file)));
            } else {
                Files.writeString(target, text(Files.readString(file, StandardCharsets.UTF_8)));
            }
        }
    }

    private byte[] capture(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt(20) != LinkType.ETHERNET || in.getInt(0) >>> 16 != 0xa1b2) {
            throw new IllegalArgumentException("no little-endian pcap with Ethernet");
        }
        for (int at = 24; at < file.length; at += 16 + in.getInt(at + 8)) {
            frame(ByteBuffer.wrap(file, at + 16, in.getInt(at + 8)).slice());
        }
        return file;
    }

    private void frame(ByteBuffer frame) {
        int type = frame.getShort(12) & 0xffff;
        if (type == 0x0800) {
            packet(frame, ETHERNET);
        } else if (type == 0x0806) {
            prefix(frame, ETHERNET + 14);
            prefix(frame, ETHERNET + 24);
        }
    }

    /** An IPv4 packet, or the beginning of one that an ICMP error quotes. */
    private void packet(ByteBuffer frame, int ip) {
        int transport = ip + (frame.get(ip) & 0x0f) * 4;
        int protocol = frame.get(ip + 9);
        int checksum = protocol == 6 ? transport + 16 : protocol == 17 ? transport + 6 : -1;
        for (int word : new int[] {ip + 12, ip + 16}) {
            replace(frame, word, prefixes.getOrDefault(frame.getShort(word) & 0xffff, frame.getShort(word) & 0xffff), ip + 10, checksum);
        }
        if (protocol == 6 || protocol == 17) {
            for (int word : new int[] {transport, transport + 2}) {
                replace(frame, word, port(frame.getShort(word) & 0xffff), -1, checksum);
            }
        } else if (protocol == 1) {
            int icmp = frame.get(transport);
            if (icmp == 3 || icmp == 11) {
                packet(frame, transport + 8);
            }
            frame.putShort(transport + 2, (short) 0);
            frame.putShort(transport + 2, sum(frame, transport, frame.limit()));
        }
    }

    private void prefix(ByteBuffer frame, int at) {
        Integer number = prefixes.get(frame.getShort(at) & 0xffff);
        if (number != null) {
            frame.putShort(at, (short) number.intValue());
        }
    }

    /** A word of a header, and the checksums over it (RFC 1624, equation 3); one that lies behind what is quoted is not there. */
    private static void replace(ByteBuffer frame, int at, int now, int... checksums) {
        int before = frame.getShort(at) & 0xffff;
        frame.putShort(at, (short) now);
        for (int checksum : checksums) {
            if (checksum >= 0 && checksum + 2 <= frame.limit()) {
                int sum = (~frame.getShort(checksum) & 0xffff) + (~before & 0xffff) + now;
                sum = (sum & 0xffff) + (sum >>> 16);
                sum = (sum & 0xffff) + (sum >>> 16);
                frame.putShort(checksum, (short) ~sum);
            }
        }
    }

    private static short sum(ByteBuffer frame, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i += 2) {
            sum += (frame.get(i) & 0xff) << 8 | (i + 1 < to ? frame.get(i + 1) & 0xff : 0);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~((sum & 0xffff) + (sum >>> 16));
    }
}
