package io.nattrail.wire;

/** How the decoding of a frame ended. Nothing here is an exception: a frame that cannot be understood is data about the capture. */
public enum DecodeStatus {
    /** Understood down to the payload. */
    OK,
    /** A header reaches past the captured bytes (snap length, or a cut quote); a TCP header may be there up to its flags. */
    HEADER_CUT,
    /** The fixed header is there, its options are not all captured. */
    OPTIONS_CUT,
    /** A length field says something impossible. */
    BAD_HEADER_LENGTH,
    /** A fragment other than the first: no transport header. */
    LATER_FRAGMENT,
    /** The link type or EtherType is not one that carries IP or ARP here. */
    UNKNOWN_LINK,
    /** The IP protocol is not one that is followed. */
    UNKNOWN_TRANSPORT,
    /** More tunnels or tags within each other than any network has. */
    TOO_DEEP
}
