package io.nattrail.nat;

/** What tells that two legs are one connection; Linux NAT leaves all of it unchanged but the tuple. */
public enum EvidenceKind {
    /** The same tuple at two points. */
    TUPLE("tuple"),
    /** The initial sequence numbers of the handshake. */
    TCP_ISN("tcp-isn"),
    /** Sequence and acknowledgement numbers inside the stream. */
    TCP_SEQUENCE("tcp-sequence"),
    /** TCP timestamp values (RFC 7323). */
    TCP_TIMESTAMP("tcp-timestamp"),
    /** The IP identification. */
    IP_ID("ip-id"),
    /** Length and CRC of the payload. */
    PAYLOAD("payload"),
    /** Only the order and closeness in time. */
    TIME("time");

    private final String label;

    EvidenceKind(String label) {
        this.label = label;
    }

    /** The word in reports. */
    public String label() {
        return label;
    }
}
