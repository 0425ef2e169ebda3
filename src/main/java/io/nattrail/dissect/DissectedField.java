package io.nattrail.dissect;

/**
 * One field of a header, for people.
 *
 * @param start index of its first byte in the frame, or -1 if only the layer's place is known
 * @param length in bytes; 0 if the place is not known
 */
public record DissectedField(String name, String value, int start, int length) {
}
