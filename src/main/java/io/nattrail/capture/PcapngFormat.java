package io.nattrail.capture;

import io.nattrail.wire.Bytes;
import java.io.IOException;

/** pcapng (draft-ietf-opsawg-pcapng): blocks in sections. */
final class PcapngFormat implements CaptureFormat {
    @Override
    public String name() {
        return "pcapng";
    }

    @Override
    public boolean recognises(byte[] head, int length) {
        return length >= 4 && Bytes.i32(head, 0) == PcapngReader.SECTION;
    }

    @Override
    public RecordReader open(Feed feed, String file) throws IOException {
        return new PcapngReader(feed, file);
    }
}
