package io.nattrail.capture;

import java.io.IOException;

/** A format of capture files. Add one by registering it in {@link CaptureFormats#ALL}. */
interface CaptureFormat {
    /** As in reports. */
    String name();

    /** Whether a file that begins so is of this format. */
    boolean recognises(byte[] head, int length);

    /**
     * Reads the file's header.
     *
     * @throws UnreadableInputException if nothing can be read behind it
     */
    RecordReader open(Feed feed, String file) throws IOException;
}
