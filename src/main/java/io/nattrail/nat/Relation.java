package io.nattrail.nat;

/** How a leg's tuple stands to the one that the client used. */
public enum Relation {
    /** As the client sent it. */
    ORIGINAL("original"),
    /** After the NAT of the path. */
    TRANSLATED("translated"),
    /** Answers under a tuple that is not yet, or was not, translated back. */
    REPLY_UNTRANSLATED("reply-untranslated"),
    /** Another translation of the same connection, begun later. */
    REMAPPED("remapped");

    private final String label;

    Relation(String label) {
        this.label = label;
    }

    /** The word in reports. */
    public String label() {
        return label;
    }
}
