package io.nattrail.truth;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Writes a case with other addresses and ports: captures (pcap, Ethernet, IPv4) packet by packet with their checksums as right or wrong as
 * they were, the cluster's dumps as text.
 */
final class Renumbering {
    private static final Map<Integer, Integer> SECOND_BYTES = Map.of(240, 88, 241, 77, 244, 99);
    private static final Map<Integer, Integer> PORTS = new TreeMap<>(Map.of(32_000, 31_444, 32_010, 31_454, 30_053, 30_777, 8443, 7443, 443,
            9043, 5353, 6353, 30_999, 31_999));
    private static final Pattern ADDRESS = Pattern.compile("\\b10\\.(24[014])\\.");
    private static final Pattern CLUSTER = Pattern.compile("\\b172\\.31\\.");
    private static final Pattern NUMBER = Pattern.compile("(?<![\\w.])(32000|32010|30053|8443|443|5353|30999)(?![\\w.])");

    private Renumbering() {
    }

    /** Whether all packets of a case can be rewritten: no tunnels, no IPv6 but for neighbours looking for each other, no pcapng. */
    static boolean possible(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.contains(".pcapng") || name.contains(".pcap") && !plain(read(file))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean plain(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int at = 24;
        while (at + 16 <= file.length) {
            int length = in.getInt(at + 8);
            int frame = at + 16;
            if (frame + length > file.length) {
                return true;
            }
            int type = length < 24 ? 0 : (file[frame + 12] & 0xff) << 8 | file[frame + 13] & 0xff;
            boolean vxlan = type == 0x0800 && length > 38 && file[frame + 23] == 17 && port(file, frame + 34 + 2) == 8472;
            boolean v6 = type == 0x86dd && (file[frame + 20] == 6 || file[frame + 20] == 17);
            if (v6 || vxlan) {
                return false;
            }
            at = frame + length;
        }
        return true;
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.equals("truth.json") || name.endsWith(".md")) {
                    continue;
                }
                if (name.contains(".pcap")) {
                    byte[] content = read(file);
                    rewrite(content);
                    Files.write(to.resolve(name.replace(".gz", "")), content);
                } else {
                    Files.writeString(to.resolve(name), text(Files.readString(file)), StandardCharsets.UTF_8);
                }
            }
        }
    }

    private static byte[] read(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        if (!file.getFileName().toString().endsWith(".gz")) {
            return content;
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(content))) {
            return in.readAllBytes();
        }
    }

    static String text(String text) {
        String result = ADDRESS.matcher(text).replaceAll(m -> "10." + SECOND_BYTES.get(Integer.parseInt(m.group(1))) + ".");
        result = CLUSTER.matcher(result).replaceAll("172.29.");
        Matcher numbers = NUMBER.matcher(result);
        return numbers.replaceAll(m -> String.valueOf(PORTS.get(Integer.parseInt(m.group(1)))));
    }

    private static void rewrite(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int at = 24;
        while (at + 16 <= file.length) {
            int length = in.getInt(at + 8);
            int frame = at + 16;
            int end = Math.min(file.length, frame + length);
            if (end - frame >= 34 && port(file, frame + 12) == 0x0800) {
                packet(file, frame + 14, end, List.of());
            }
            at = frame + length;
        }
    }

    /** @param sums places of checksums that cover this packet from outside: an ICMP error's over what it quotes */
    private static void packet(byte[] b, int ip, int end, List<Integer> sums) {
        int header = (b[ip] & 0x0f) * 4;
        int protocol = b[ip + 9];
        boolean first = (port(b, ip + 6) & 0x1fff) == 0;
        int transport = ip + header;
        int sum = !first ? -1 : protocol == 6 ? transport + 16 : protocol == 17 ? transport + 6 : -1;
        boolean unfinished = sum >= 0 && sum + 2 <= end && unfinished(b, ip, transport, protocol, sum);
        boolean none = protocol == 17 && sum >= 0 && sum + 2 <= end && port(b, sum) == 0;
        int covering = sum < 0 || sum + 2 > end || none ? -1 : sum;
        for (int address = ip + 12; address <= ip + 16; address += 4) {
            int old = port(b, address);
            int now = old >>> 8 == 10 && SECOND_BYTES.containsKey(old & 0xff) ? 10 << 8 | SECOND_BYTES.get(old & 0xff)
                    : old == (172 << 8 | 31) ? 172 << 8 | 29 : old;
            change(b, address, now, covering, unfinished, ip + 10, sums);
        }
        if (first && (protocol == 6 || protocol == 17) && transport + 4 <= end) {
            for (int place = transport; place <= transport + 2; place += 2) {
                change(b, place, PORTS.getOrDefault(port(b, place), port(b, place)), unfinished ? -1 : covering, false, -1, sums);
            }
        } else if (first && protocol == 1 && transport + 36 <= end && (b[transport] == 3 || b[transport] == 11)) {
            packet(b, transport + 8, end, List.of(transport + 2));
        }
    }

    /** Whether the checksum is only that of the pseudo header, left for the card to finish. */
    private static boolean unfinished(byte[] b, int ip, int transport, int protocol, int sum) {
        int length = port(b, ip + 2) - (transport - ip);
        int pseudo = protocol + length;
        for (int word = ip + 12; word < ip + 20; word += 2) {
            pseudo += port(b, word);
        }
        return port(b, sum) == fold(pseudo);
    }

    /** Writes a word, and what it changes in the sums that cover it (RFC 1624). */
    private static void change(byte[] b, int place, int now, int sum, boolean unfinished, int header, List<Integer> outer) {
        int old = port(b, place);
        if (old == now) {
            return;
        }
        set(b, place, now);
        if (sum >= 0) {
            adjust(b, sum, old, now, unfinished, outer);
        }
        if (header >= 0) {
            adjust(b, header, old, now, false, outer);
        }
        for (int over : outer) {
            adjust(b, over, old, now, false, List.of());
        }
    }

    private static void adjust(byte[] b, int sum, int old, int now, boolean unfinished, List<Integer> outer) {
        int before = port(b, sum);
        int after = unfinished ? fold(before + (~old & 0xffff) + now) : ~fold((~before & 0xffff) + (~old & 0xffff) + now) & 0xffff;
        set(b, sum, after);
        for (int over : outer) {
            adjust(b, over, before, after, false, List.of());
        }
    }

    private static int fold(int sum) {
        int folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return folded;
    }

    private static int port(byte[] b, int at) {
        return (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
    }

    private static void set(byte[] b, int at, int value) {
        b[at] = (byte) (value >>> 8);
        b[at + 1] = (byte) value;
    }
}
