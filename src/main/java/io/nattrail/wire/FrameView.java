package io.nattrail.wire;

/**
 * One record of a capture file where it lies in the reader's buffer. Valid until the reader's next call; confined to its thread.
 */
public final class FrameView {
    private byte[] buffer;
    private int start;
    private int capturedLength;
    private long originalLength;
    private long timeNanos;
    private long number;
    private long fileOffset;
    private int linkType;
    private int interfaceId;
    private boolean timed;

    /**
     * Lays the view on a record.
     *
     * @param start index of the first captured byte in {@code buffer}
     * @param capturedLength bytes present, from {@code start}
     * @param originalLength bytes on the wire, as the file says; may be less than captured in odd files
     * @param timeNanos nanoseconds since 1970
     * @param timed false for records without a time stamp (pcapng simple packets); {@code timeNanos} is then that of the frame before
     * @param number frame number as Wireshark counts, from 1
     * @param fileOffset offset of the record in the uncompressed stream
     * @param linkType LINKTYPE_ number
     * @param interfaceId number of the interface in the file, over all its sections; 0 for pcap
     */
    public void set(byte[] buffer, int start, int capturedLength, long originalLength, long timeNanos, boolean timed, long number,
            long fileOffset, int linkType, int interfaceId) {
        this.buffer = buffer;
        this.start = start;
        this.capturedLength = capturedLength;
        this.originalLength = originalLength;
        this.timeNanos = timeNanos;
        this.timed = timed;
        this.number = number;
        this.fileOffset = fileOffset;
        this.linkType = linkType;
        this.interfaceId = interfaceId;
    }

    public byte[] buffer() {
        return buffer;
    }

    public int start() {
        return start;
    }

    public int capturedLength() {
        return capturedLength;
    }

    public long originalLength() {
        return originalLength;
    }

    public long timeNanos() {
        return timeNanos;
    }

    public boolean timed() {
        return timed;
    }

    public long number() {
        return number;
    }

    public long fileOffset() {
        return fileOffset;
    }

    public int linkType() {
        return linkType;
    }

    public int interfaceId() {
        return interfaceId;
    }
}
