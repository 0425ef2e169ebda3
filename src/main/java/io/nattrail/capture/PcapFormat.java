package io.nattrail.capture;

import io.nattrail.wire.Bytes;
import java.io.IOException;

/**
 * The format of libpcap's savefiles (pcap-savefile(5), draft-ietf-opsawg-pcap): microseconds, nanoseconds, Kuznetzov's modified
 * records, and those of which the magic number does not tell.
 *
 * <pre>
 * magic, version major and minor (16 bits each), time zone, significant figures, snap length, link type: 24 bytes
 * </pre>
 */
final class PcapFormat implements CaptureFormat {
    private static final int HEADER = 24;
    private static final int MICROSECONDS = 0xa1b2c3d4;
    private static final int NANOSECONDS = 0xa1b23c4d;
    private static final int MODIFIED = 0xa1b2cd34;

    @Override
    public String name() {
        return "pcap";
    }

    @Override
    public boolean recognises(byte[] head, int length) {
        if (length < 4) {
            return false;
        }
        int magic = Bytes.i32(head, 0);
        return isMagic(magic) || isMagic(Integer.reverseBytes(magic));
    }

    static boolean isMagic(int magic) {
        return magic == MICROSECONDS || magic == NANOSECONDS || magic == MODIFIED;
    }

    @Override
    public RecordReader open(Feed feed, String file) throws IOException {
        if (!feed.has(HEADER)) {
            String found = feed.broken() != null ? feed.broken()
                    : "the file ends inside the pcap file header: " + feed.limit + " of " + HEADER + " bytes are there";
            throw new UnreadableInputException(file, feed.limit, found,
                    "nothing is left of this capture; fetch the file again, or capture again");
        }
        byte[] head = feed.buffer;
        int magic = Bytes.i32(head, 0);
        boolean little = !isMagic(magic);
        if (little) {
            magic = Integer.reverseBytes(magic);
        }
        PcapReader reader = new PcapReader(feed, file, little, magic == NANOSECONDS, magic == MODIFIED);
        int major = reader.u16(head, 4);
        int minor = reader.u16(head, 6);
        if (major < 2) {
            throw new UnreadableInputException(file, 4,
                    "is a pcap file of version " + major + "." + minor + ", older than any that is read",
                    "convert it with an old tcpdump or Wireshark: tcpdump -r OLD -w NEW");
        }
        reader.header(major, minor, reader.i32(head, 16), reader.i32(head, 20));
        feed.position = HEADER;
        reader.settle();
        return reader;
    }
}
