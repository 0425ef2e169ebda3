package io.nattrail.wire;

/**
 * Network-order reads from a byte array, bounds checked by the array itself. Put together from single bytes: the first of Java's two
 * compilers, the only one that matters in a run of a second or two, makes slower code of byte array VarHandles.
 */
public final class Bytes {
    private Bytes() {
    }

    /** Eight bits, unsigned. */
    public static int u8(byte[] buffer, int index) {
        return buffer[index] & 0xff;
    }

    /** Sixteen bits, unsigned. */
    public static int u16(byte[] buffer, int index) {
        return (buffer[index] & 0xff) << 8 | buffer[index + 1] & 0xff;
    }

    /** Thirty-two bits as they lie; unsigned fields keep their bit pattern. */
    public static int i32(byte[] buffer, int index) {
        // In two halves: short enough for the compiler to inline it.
        return u16(buffer, index) << 16 | u16(buffer, index + 2);
    }

    /** Thirty-two bits, unsigned. */
    public static long u32(byte[] buffer, int index) {
        return i32(buffer, index) & 0xffffffffL;
    }

    /** Forty-eight bits, unsigned: a link-layer address. */
    public static long u48(byte[] buffer, int index) {
        return (long) u16(buffer, index) << 32 | u32(buffer, index + 2);
    }

    /** Sixty-four bits as they lie. */
    public static long i64(byte[] buffer, int index) {
        return (long) i32(buffer, index) << 32 | u32(buffer, index + 4);
    }
}
