package io.nattrail.capture;

import java.math.BigInteger;

/** An interface of a pcapng file while it is read: link type, and what its ticks mean. */
final class PcapngInterface {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final int POWER_OF_TWO = 0x80;
    private static final int MICROSECONDS = 6;
    private static final int NANOSECONDS = 9;
    /** From here on not even 2^64 ticks are a nanosecond. */
    private static final int NO_TIME_DECIMAL = 29;

    final int id;
    final int linkType;
    /** As the block has it, unsigned; 0 for unlimited. */
    final int snapLength;
    private final int section;
    String name;
    String description;
    String filter;
    long interfaceDrops = -1;
    long systemDrops = -1;

    private int resolution = MICROSECONDS;
    /** Nanoseconds in a tick, or 0 where it is no whole number of them. */
    private long factor = 1_000;
    private long offsetNanos;
    private boolean offsetPossible = true;
    private long packetDrops;

    PcapngInterface(int id, int section, int linkType, int snapLength) {
        this.id = id;
        this.section = section;
        this.linkType = linkType;
        this.snapLength = snapLength;
    }

    /** @param code if_tsresol: a negative power of 10, or of 2 if the highest bit is set */
    void resolution(int code) {
        resolution = code;
        factor = code <= NANOSECONDS ? pow10(NANOSECONDS - code) : code == POWER_OF_TWO ? NANOS_PER_SECOND : 0;
    }

    /** @param seconds if_tsoffset, to be added to every time */
    void offset(long seconds) {
        offsetPossible = Math.abs(seconds) <= Long.MAX_VALUE / NANOS_PER_SECOND && seconds != Long.MIN_VALUE;
        offsetNanos = offsetPossible ? seconds * NANOS_PER_SECOND : 0;
    }

    void countDrops(long count) {
        if (count > 0) {
            packetDrops = packetDrops + count < 0 ? Long.MAX_VALUE : packetDrops + count;
        }
    }

    /** Whether a time is one that 64 bits of nanoseconds since 1970 can tell. */
    boolean datable(long ticks) {
        if (!offsetPossible) {
            return false;
        }
        long nanos;
        if (factor > 0) {
            if (ticks < 0 || Math.multiplyHigh(ticks, factor) != 0 || ticks * factor < 0) {
                return false;
            }
            nanos = ticks * factor;
        } else {
            nanos = fine(ticks);
            if (nanos < 0) {
                return false;
            }
        }
        long sum = nanos + offsetNanos;
        return offsetNanos < 0 || sum >= 0;
    }

    /** Nanoseconds since 1970, if {@link #datable}. */
    long nanos(long ticks) {
        return (factor > 0 ? ticks * factor : fine(ticks)) + offsetNanos;
    }

    /** Ticks shorter than a nanosecond, or of a power of two; negative if the time is too late. */
    private long fine(long ticks) {
        if (resolution < POWER_OF_TWO) {
            int digits = resolution - NANOSECONDS;
            return digits > NO_TIME_DECIMAL - NANOSECONDS - 1 ? 0 : Long.divideUnsigned(ticks, pow10(Math.min(digits, 18)))
                    / (digits > 18 ? 10 : 1);
        }
        int bits = resolution - POWER_OF_TWO;
        // 64 bits of ticks by 30 bits of nanoseconds: the product's upper half, unsigned.
        long high = Math.multiplyHigh(ticks, NANOS_PER_SECOND) + (ticks < 0 ? NANOS_PER_SECOND : 0);
        long low = ticks * NANOS_PER_SECOND;
        if (bits >= 64) {
            return bits >= 128 ? 0 : high >>> bits - 64;
        }
        return high >>> bits - 1 != 0 ? -1 : high << 64 - bits | low >>> bits;
    }

    private static long pow10(int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= 10;
        }
        return power;
    }

    String resolutionName() {
        return switch (resolution) {
            case 0, POWER_OF_TWO -> "seconds";
            case 3 -> "milliseconds";
            case MICROSECONDS -> "microseconds";
            case NANOSECONDS -> "nanoseconds";
            case 12 -> "picoseconds";
            default -> "1/" + (resolution < POWER_OF_TWO ? BigInteger.TEN.pow(resolution)
                    : BigInteger.ONE.shiftLeft(resolution - POWER_OF_TWO))
                    + " s";
        };
    }

    CaptureInterface facts() {
        Long dropped = null;
        if (interfaceDrops >= 0 || systemDrops >= 0) {
            dropped = Math.max(0, interfaceDrops) + Math.max(0, systemDrops);
        } else if (packetDrops > 0) {
            dropped = packetDrops;
        }
        return new CaptureInterface(name, description, filter, linkType, snapLength < 0 ? 0 : snapLength, dropped, section);
    }
}
