package io.nattrail.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Network-order reads from a byte array: one machine instruction each, bounds checked by the array itself. */
public final class Bytes {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() {
    }

    /** Eight bits, unsigned. */
    public static int u8(byte[] buffer, int index) {
        return buffer[index] & 0xff;
    }

    /** Sixteen bits, unsigned. */
    public static int u16(byte[] buffer, int index) {
        return (short) SHORT.get(buffer, index) & 0xffff;
    }

    /** Thirty-two bits as they lie; unsigned fields keep their bit pattern. */
    public static int i32(byte[] buffer, int index) {
        return (int) INT.get(buffer, index);
    }

    /** Thirty-two bits, unsigned. */
    public static long u32(byte[] buffer, int index) {
        return (int) INT.get(buffer, index) & 0xffffffffL;
    }

    /** Forty-eight bits, unsigned: a link-layer address. */
    public static long u48(byte[] buffer, int index) {
        return (long) u16(buffer, index) << 32 | u32(buffer, index + 2);
    }

    /** Sixty-four bits as they lie. */
    public static long i64(byte[] buffer, int index) {
        return (long) LONG.get(buffer, index);
    }
}
