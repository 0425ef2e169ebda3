package io.nattrail.capture;

import java.util.List;

/** The formats that are read. */
final class CaptureFormats {
    static final List<CaptureFormat> ALL = List.of(new PcapFormat(), new PcapngFormat());

    private CaptureFormats() {
    }

    /** The format of a file that begins so, or null. */
    static CaptureFormat of(byte[] head, int length) {
        for (CaptureFormat format : ALL) {
            if (format.recognises(head, length)) {
                return format;
            }
        }
        return null;
    }
}
