package io.nattrail.dissect;

import java.util.List;

/**
 * One field of a header, for people.
 *
 * @param start index of its first byte in the frame, or -1 if only the layer's place is known
 * @param length in bytes; 0 if the place is not known
 * @param parts what the field consists of: flags, options; empty for a plain one
 */
public record DissectedField(String name, String value, int start, int length, List<DissectedField> parts) {
    public DissectedField {
        parts = List.copyOf(parts);
    }

    /** A field without parts. */
    public DissectedField(String name, String value, int start, int length) {
        this(name, value, start, length, List.of());
    }
}
