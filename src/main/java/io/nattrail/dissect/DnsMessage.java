package io.nattrail.dissect;

import io.nattrail.net.IpAddress;
import io.nattrail.wire.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;

/**
 * The names and the data of records of a DNS message, read where they lie in it (RFC 1035, 4.1). Pcap4J puts a dot before names that are a
 * pointer alone, follows none in the data of records, and does not know SRV. Places count from the message's first byte.
 */
final class DnsMessage {
    private static final int POINTER = 0xc0;
    private static final int LONGEST_LABEL = 63;
    private static final int LONGEST_NAME = 255;
    /** Each leads to one label at least. */
    private static final int MOST_POINTERS = 128;
    /** Of a record, behind its name: type, class, time to live, length of the data. */
    private static final int RECORD_HEADER = 10;
    private static final int OPT = 41;

    private final byte[] frame;
    private final int start;
    private final int length;

    DnsMessage(byte[] frame, int start, int length) {
        this.frame = frame;
        this.start = start;
        this.length = length;
    }

    /** The name at a place; it ends in {@code ?} if it leads out of the message or in a circle. */
    String name(int place) {
        StringBuilder text = new StringBuilder();
        int at = place;
        int pointers = 0;
        while (at < length && text.length() <= LONGEST_NAME) {
            int label = u8(at);
            if (label == 0) {
                return text.isEmpty() ? "." : text.toString();
            }
            if (label >= POINTER) {
                if (at + 1 == length || ++pointers > MOST_POINTERS) {
                    break;
                }
                at = (label & ~POINTER) << 8 | u8(at + 1);
            } else if (label > LONGEST_LABEL || label >= length - at) {
                break;
            } else {
                text.append(text.isEmpty() ? "" : ".").append(new String(frame, start + at + 1, label, StandardCharsets.UTF_8));
                at += 1 + label;
            }
        }
        return text.append('?').toString();
    }

    /** The place behind a name. */
    private int behindName(int place) {
        int at = place;
        while (at < length && u8(at) != 0) {
            if (u8(at) >= POINTER) {
                return at + 2;
            }
            at += 1 + u8(at);
        }
        return at + 1;
    }

    /** What a record says, without its name and type: {@code 10.96.0.10, TTL 30 s}. */
    String record(int place) {
        int at = behindName(place);
        if (length - at < RECORD_HEADER) {
            return "";
        }
        int type = u16(at);
        int size = u16(at + 8);
        int data = at + RECORD_HEADER;
        if (size > length - data) {
            return "";
        }
        return type == OPT ? "UDP payload " + u16(at + 2) + " bytes" : data(type, data, size) + ", TTL " + u32(at + 4) + " s";
    }

    private String data(int type, int at, int size) {
        return switch (type) {
            case 1 -> size == 4 ? IpAddress.v4((int) u32(at)).toString() : bytes(size);
            case 28 -> size == 16 ? IpAddress.v6(u32(at) << 32 | u32(at + 4), u32(at + 8) << 32 | u32(at + 12)).toString() : bytes(size);
            // NS, CNAME, PTR
            case 2, 5, 12 -> name(at);
            // SOA: the primary server and the mailbox of its administrator
            case 6 -> name(at) + " " + name(behindName(at));
            // MX
            case 15 -> size < 3 ? bytes(size) : u16(at) + " " + name(at + 2);
            case 16 -> text(at, size);
            // SRV (RFC 2782)
            case 33 -> size < 7 ? bytes(size) : "priority " + u16(at) + ", weight " + u16(at + 2) + ", port " + u16(at + 4) + ", "
                    + name(at + 6);
            default -> bytes(size);
        };
    }

    /** TXT: texts with their lengths before them. */
    private String text(int from, int size) {
        StringJoiner texts = new StringJoiner(" ");
        int end = from + size;
        for (int at = from; at < end; at += 1 + u8(at)) {
            texts.add('"' + new String(frame, start + at + 1, Math.min(u8(at), end - at - 1), StandardCharsets.UTF_8) + '"');
        }
        return texts.toString();
    }

    private static String bytes(int size) {
        return size + (size == 1 ? " byte" : " bytes");
    }

    private int u8(int at) {
        return Bytes.u8(frame, start + at);
    }

    private int u16(int at) {
        return Bytes.u16(frame, start + at);
    }

    private long u32(int at) {
        return Bytes.u32(frame, start + at);
    }
}
