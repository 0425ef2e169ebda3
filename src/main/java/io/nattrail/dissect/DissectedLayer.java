package io.nattrail.dissect;

import java.util.List;

/**
 * One header of a frame with its fields, from the outside in; the last layer may be what the headers carry, which has no fields.
 *
 * @param name as Wireshark calls it, e.g. {@code Transmission Control Protocol}
 * @param summary its most telling fields on one line
 * @param start index of its first byte in the frame
 * @param length in bytes, as far as they were captured
 * @param problem why it could not be taken apart, in words for the user, or null
 */
public record DissectedLayer(String name, String summary, int start, int length, String problem, List<DissectedField> fields) {
    public DissectedLayer {
        fields = List.copyOf(fields);
    }

    /** Whether this is no header, but the bytes behind all headers that are known. */
    public boolean opaque() {
        return fields.isEmpty();
    }
}
