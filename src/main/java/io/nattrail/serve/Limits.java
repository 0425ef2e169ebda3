package io.nattrail.serve;

import java.time.Duration;

/**
 * How much of the machine clients may use.
 *
 * @param uploadBytes bytes of one case, as uploaded
 * @param files files of one case
 * @param uploads uploads at the same time; more are asked to come again
 * @param waiting cases that may wait for their analysis; more are asked to come again
 * @param cases cases kept; then some must be deleted first
 * @param dataBytes bytes of all cases with their reports
 * @param freeBytes bytes that must stay free on the disk
 * @param bytesPerSecond how fast an upload must be on average, after its first {@code stall}
 * @param stall how long a connection may be silent
 * @param uploadTime how long one upload may take
 * @param analysisTime how long one analysis may take
 */
public record Limits(long uploadBytes, int files, int uploads, int waiting, int cases, long dataBytes, long freeBytes,
        long bytesPerSecond, Duration stall, Duration uploadTime, Duration analysisTime) {
    private static final long MIB = 1 << 20;

    /** For one person's machine. */
    public static final Limits DEFAULT = new Limits(4096 * MIB, 200, 64, 256, 500, 20_480 * MIB, 512 * MIB, 4096, Duration.ofSeconds(30),
            Duration.ofHours(1), Duration.ofMinutes(15));

    public Limits {
        if (uploadBytes < 1 || files < 1 || uploads < 1 || waiting < 1 || cases < 1 || dataBytes < 1) {
            throw new IllegalArgumentException("a limit below 1 lets nothing in");
        }
        if (freeBytes < 0 || bytesPerSecond < 0) {
            throw new IllegalArgumentException("a limit is negative");
        }
        for (Duration time : new Duration[] {stall, uploadTime, analysisTime}) {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException("a limit of no time lets nothing in");
            }
        }
    }
}
