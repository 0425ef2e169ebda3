package io.nattrail.capture;

import io.nattrail.wire.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Says of a file that is no capture what it looks like, and what to do about it. */
final class FileLooks {
    private static final String CONVERT = "convert it: editcap FILE NEW.pcapng (comes with Wireshark)";
    private static final String CONVERT_TRACE = "convert it on Windows: pktmon etl2pcap FILE --out NEW.pcapng, "
            + "or, if netsh trace wrote it, Microsoft's etl2pcapng FILE NEW.pcapng";
    private static final String UNPACK = "unpack it and name the folder: nattrail analyze DIR";
    private static final String CASE = "if it holds the captures of a case: nattrail analyze ARCHIVE; else unpack it";
    private static final String RAW = "capture into a file, not onto the screen: tcpdump -w FILE";
    private static final String STATE = "it is no capture, but may tell of the cluster: put it into the folder of the case, "
            + "nattrail analyze DIR";
    private static final String NONE = "name a pcap or pcapng file, plain or compressed with gzip, zstd or lz4";

    /** Of remedies that name a command or an argument: what to do instead where files are sent to a page. */
    private static final Map<String, String> FOR_SENDER = Map.of(
            UNPACK, "unpack it and send what it holds",
            CASE, "if it holds the captures of a case, send it without a point: then it is unpacked",
            STATE, "it is no capture, but may tell of the cluster: send it without a point, together with the captures",
            NONE, "send a pcap or pcapng file, plain or compressed with gzip, zstd or lz4");

    private static final int TAR_MAGIC = 257;
    /** The header of a buffer of Windows' event tracing, behind which that of the first event begins, and behind that what it tells. */
    private static final int TRACE_EVENT = 72;
    private static final int TRACE_TOLD = TRACE_EVENT + 32;
    /** Of a record of Endace's cards, of which an Ethernet frame is one type. */
    private static final int ERF_HEADER = 16;
    private static final int ERF_ETHERNET = 2;
    private static final long ERF_EARLIEST = 800_000_000;
    private static final long ERF_APART = 3_600;
    private static final int SEARCHED = 64;
    /** Characters that are searched for what a text is; more takes long, and nothing of it stands far from the beginning. */
    private static final int TEXT_SEARCHED = 4096;
    private static final int MOST_QUOTED = 80;
    private static final int SHOWN = 8;
    private static final HexFormat HEX = HexFormat.of();

    /** A file that begins with these bytes. */
    private record Magic(String bytes, String what, String remedy) {
        boolean fits(byte[] head, int length) {
            byte[] wanted = bytes.getBytes(StandardCharsets.ISO_8859_1);
            if (length < wanted.length) {
                return false;
            }
            for (int i = 0; i < wanted.length; i++) {
                if (head[i] != wanted[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** A text in which this is found. */
    private record Words(Pattern pattern, String what, String remedy) {
        Words(String pattern, String what, String remedy) {
            this(Pattern.compile(pattern, Pattern.MULTILINE), what, remedy);
        }
    }

    private static final List<Magic> MAGICS = List.of(
            new Magic("PK\u0003\u0004", "a zip archive", CASE),
            new Magic("7z\u00bc\u00af\u0027\u001c", "a 7-Zip archive", UNPACK),
            new Magic("Rar!", "a RAR archive", UNPACK),
            new Magic("\u00fd7zXZ\u0000", "compressed with xz", "decompress it first: xz -d FILE"),
            new Magic("BZh", "compressed with bzip2", "decompress it first: bunzip2 FILE"),
            new Magic("\u0002\u0021\u004c\u0018", "compressed with lz4 in its old format", "decompress it first: lz4 -d FILE"),
            new Magic("snoop\u0000\u0000\u0000", "a snoop capture of Solaris", CONVERT),
            new Magic("btsnoop\u0000", "a Bluetooth snoop capture", CONVERT),
            new Magic("GMBU", "a capture of Microsoft Network Monitor", CONVERT),
            new Magic("RTSS", "a capture of Microsoft Network Monitor 1", CONVERT),
            new Magic("TRSNIFF data", "a capture of Network General's Sniffer", CONVERT),
            new Magic("XCP\u0000", "a capture of NetXray or Windows Sniffer", CONVERT),
            new Magic("iptrace ", "a capture of AIX's iptrace", CONVERT),
            new Magic("\u007fver", "a capture of Omnipeek", CONVERT),
            new Magic("ObserverPktBuffer", "a capture of Observer", CONVERT),
            new Magic("\u001f\u009d", "compressed with compress", "decompress it first: gzip -dc FILE > NEW.pcap"),
            new Magic("\u005d\u0000\u0000", "compressed with lzma", "decompress it first: xz -dc --format=lzma FILE > NEW.pcap"),
            new Magic("MSCF\u0000\u0000\u0000\u0000", "a Windows cabinet", UNPACK),
            new Magic("\u0030\u0082", "a certificate or other ASN.1 data", NONE),
            new Magic("\u007fELF", "a program (ELF)", NONE),
            new Magic("MZ", "a Windows program", NONE),
            new Magic("\u0089PNG", "a PNG picture", NONE),
            new Magic("\u00ff\u00d8\u00ff", "a JPEG picture", NONE),
            new Magic("%PDF", "a PDF document", NONE),
            new Magic("SQLite format 3", "an SQLite database", NONE),
            new Magic("\u00ff\u00fe", "text in UTF-16", NONE),
            new Magic("\u00fe\u00ff", "text in UTF-16", NONE));

    private static final List<Words> TEXTS = List.of(
            new Words("\\A(1MOyo|obLD1|TTyyo|obI8T|NM2yo|obLNN|Cg0NC)", "a capture as base64 text",
                    "decode it first: base64 -d FILE > NEW.pcap"),
            new Words("\\Aversion https://git-lfs\\.github\\.com/spec/", "a pointer of Git LFS, not the file itself",
                    "fetch the file: git lfs pull"),
            new Words("\\A(<!DOCTYPE html|<html)", "a web page (HTML)", "download the file itself; a page came instead, perhaps a login"),
            new Words("\\A<\\?xml[^>]*>\\s*<conntrack>", "output of conntrack -o xml", "list it as text: conntrack -L > node-1.conntrack"),
            new Words("\\A<\\?xml|\\A<", "XML", NONE),
            new Words("\\A(NAMESPACE +)?NAME +.*\\bAGE\\b", "a table of kubectl get, without -o json",
                    "kubectl get nodes,services,endpointslices,pods -A -o json > kubectl-get.json"),
            new Words("^Chain \\S+ \\((policy|\\d+ references)", "output of iptables -L, which does not tell all of a rule",
                    "take it with: iptables-save > node-1.iptables-save"),
            new Words("\\A# Generated by (x|ip6?)tables(-[a-z]+)?-save|^\\*(nat|filter|mangle|raw)$", "output of iptables-save", STATE),
            new Words("^table (ip|ip6|inet|bridge|netdev) ", "an nftables ruleset", STATE),
            new Words("^(ipv4 +2 |tcp +6 |udp +17 |icmp +1 )", "output of conntrack", STATE),
            new Words("^IP Virtual Server version", "output of ipvsadm", STATE),
            new Words("\\A[\\[{]", "JSON", STATE),
            new Words("^(apiVersion|kind): ", "Kubernetes objects (YAML)", STATE),
            new Words("^\\d\\d:\\d\\d:\\d\\d\\.\\d{6} |^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6} (IP|ARP)",
                    "what tcpdump prints", RAW),
            new Words("^ *\\d+ +\\d+\\.\\d+ +\\S+ (\u2192|->) \\S+ ", "what tshark prints", RAW),
            new Words("^(0x)?0000:? +[0-9a-f]{2}", "a hex dump", "convert it: text2pcap FILE NEW.pcapng (comes with Wireshark)"),
            new Words("\\A-----BEGIN ", "a key or certificate", NONE));

    private FileLooks() {
    }

    /** Compressed data from which nothing comes. */
    static UnreadableInputException broken(String file, String what) {
        // zstd --long=28 and more need a window of as much memory as the file says; that is not given to any file that asks.
        boolean window = what.contains("too much memory");
        return new UnreadableInputException(file, 0, "nothing can be decompressed: " + what,
                window ? "decompress it first: zstd -d --long=31 FILE" : "fetch the file again, or capture again");
    }

    static UnreadableInputException noCapture(String file, byte[] head, int length, Compression compression) {
        String inside = compression == Compression.NONE ? "" : "inside the " + compression.label() + " data: ";
        if (length == 0) {
            return new UnreadableInputException(file, 0, inside + "is empty",
                    "capture again; a capture that was only just begun is written with tcpdump -U, or when tcpdump is stopped with SIGINT");
        }
        String[] looks = looks(head, length);
        String not = looks[1].equals(CONVERT) || looks[1].equals(CONVERT_TRACE) ? ", not pcap or pcapng" : ", not a capture";
        return new UnreadableInputException(file, 0, inside + "starts with " + hex(head, length) + looks[0] + not, looks[1],
                FOR_SENDER.getOrDefault(looks[1], looks[1]));
    }

    /** What it is, beginning with a comma, and the remedy. */
    private static String[] looks(byte[] head, int length) {
        Compression again = Compression.of(head, length);
        if (again != Compression.NONE) {
            return new String[] {", compressed with " + again.label() + " once more",
                "decompress it once: " + again.label() + " -d"};
        }
        if (length >= TAR_MAGIC + 5 && new String(head, TAR_MAGIC, 5, StandardCharsets.ISO_8859_1).equals("ustar")) {
            return new String[] {", a tar archive", CASE};
        }
        for (Magic magic : MAGICS) {
            if (magic.fits(head, length)) {
                return new String[] {", " + magic.what(), magic.remedy()};
            }
        }
        if (isEventTrace(head, length)) {
            return new String[] {", an event trace of Windows (pktmon, netsh trace)", CONVERT_TRACE};
        }
        if (isErf(head, length)) {
            return new String[] {", a capture of an Endace card (ERF)", CONVERT};
        }
        for (int i = 1; i < Math.min(SEARCHED, length - 3); i++) {
            if (startsCapture(head, i)) {
                return new String[] {"; a capture begins only at byte " + i + ", something was put before it",
                    "cut it off: tail -c +" + (i + 1) + " FILE > NEW.pcap"};
            }
        }
        return text(head, length);
    }

    /**
     * Whether it is an .etl file: a buffer (WMI_BUFFER_HEADER), in it a system event (SYSTEM_TRACE_HEADER, marked 01 or 02 and c0), in it
     * the header of the log (TRACE_LOGFILE_HEADER), which repeats the buffer's size.
     */
    private static boolean isEventTrace(byte[] head, int length) {
        if (length < TRACE_TOLD + 4) {
            return false;
        }
        int mark = Bytes.u16(head, TRACE_EVENT + 2);
        return (mark == 0x01c0 || mark == 0x02c0) && Bytes.i32(head, 0) != 0 && Bytes.i32(head, 0) == Bytes.i32(head, TRACE_TOLD);
    }

    /**
     * Whether records of ERF follow each other: time in 64 bits, little-endian, seconds in the upper half; type, flags; length of the
     * record, loss counter, length on the wire. There is no magic number, so their times must agree as well.
     */
    private static boolean isErf(byte[] head, int length) {
        int at = 0;
        long before = 0;
        while (length - at >= ERF_HEADER) {
            long seconds = Integer.reverseBytes(Bytes.i32(head, at + 4)) & 0xffffffffL;
            int record = Bytes.u16(head, at + 10);
            int wire = Bytes.u16(head, at + 14);
            // Two bytes of padding before the frame, and up to seven behind it.
            boolean fits = (head[at + 8] & 0x7f) == ERF_ETHERNET && record >= ERF_HEADER + 2 && record - ERF_HEADER - 9 <= wire;
            if (!fits || wire == 0 || seconds < ERF_EARLIEST || at > 0 && Math.abs(seconds - before) > ERF_APART) {
                return false;
            }
            before = seconds;
            at += record;
        }
        return at > 0;
    }

    private static boolean startsCapture(byte[] head, int at) {
        int magic = Bytes.i32(head, at);
        return PcapFormat.isMagic(magic) || PcapFormat.isMagic(Integer.reverseBytes(magic)) || magic == PcapngReader.SECTION;
    }

    private static String[] text(byte[] head, int length) {
        if (onlyZeros(head, length)) {
            return new String[] {", only zeros: space that was reserved and never written", "fetch the file again, or capture again"};
        }
        int searched = Math.min(length, TEXT_SEARCHED);
        for (int i = 0; i < searched; i++) {
            byte b = head[i];
            if (b >= 0 && b < 0x20 && b != '\n' && b != '\r' && b != '\t' || b == 0x7f) {
                return new String[] {", nothing that is known", NONE};
            }
        }
        String begin = new String(head, 0, searched, StandardCharsets.UTF_8);
        for (Words words : TEXTS) {
            if (words.pattern().matcher(begin).find()) {
                return new String[] {", " + words.what(), words.remedy()};
            }
        }
        // A character that is cut at the end is none that is wrong.
        int wrong = begin.indexOf('\ufffd');
        boolean text = wrong < 0 || length > searched && wrong >= begin.length() - 3;
        return text ? new String[] {", the text \"" + firstLine(begin) + "\"", NONE} : new String[] {", nothing that is known", NONE};
    }

    /** What a command complained of, for one, where its output was asked for. */
    private static String firstLine(String text) {
        String line = text.lines().map(String::strip).filter(one -> !one.isEmpty()).findFirst().orElse("");
        return line.length() > MOST_QUOTED ? line.substring(0, MOST_QUOTED) + "..." : line;
    }

    private static boolean onlyZeros(byte[] head, int length) {
        for (int i = 0; i < length; i++) {
            if (head[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static String hex(byte[] head, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(SHOWN, length); i++) {
            text.append(i == 0 ? "" : " ").append(HEX.toHexDigits(head[i]));
        }
        return text.toString();
    }
}
