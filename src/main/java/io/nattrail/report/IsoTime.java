package io.nattrail.report;

/**
 * Nanoseconds since 1970 as ISO 8601 text in UTC. Much faster than {@code DateTimeFormatter}: reports hold a time for every frame they
 * name.
 */
final class IsoTime {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long SECONDS_PER_DAY = 86_400;
    static final long NANOS_PER_DAY = SECONDS_PER_DAY * NANOS_PER_SECOND;

    private IsoTime() {
    }

    /** For example {@code 2026-11-23T15:34:12.750914000Z}. */
    static String of(long nanos) {
        StringBuilder text = new StringBuilder(30);
        long seconds = Math.floorDiv(nanos, NANOS_PER_SECOND);
        date(text, Math.floorDiv(seconds, SECONDS_PER_DAY));
        text.append('T');
        clock(text, seconds, (int) Math.floorMod(nanos, NANOS_PER_SECOND));
        return text.append('Z').toString();
    }

    /** The same, or null for null. */
    static String of(Long nanos) {
        return nanos == null ? null : of(nanos.longValue());
    }

    /** The day and the time to the microsecond, e.g. {@code 2026-11-23 15:34:12.750914}. */
    static String dayAndTime(long nanos) {
        return of(nanos).substring(0, 26).replace('T', ' ');
    }

    private static void clock(StringBuilder text, long seconds, int nanos) {
        int second = (int) Math.floorMod(seconds, SECONDS_PER_DAY);
        digits(text, second / 3600, 2);
        text.append(':');
        digits(text, second / 60 % 60, 2);
        text.append(':');
        digits(text, second % 60, 2);
        text.append('.');
        digits(text, nanos, 9);
    }

    /** Days since 1970 to year, month and day, by counting years from March, in eras of 400 years. */
    private static void date(StringBuilder text, long days) {
        long shifted = days + 719_468;
        long era = Math.floorDiv(shifted, 146_097);
        int dayOfEra = (int) (shifted - era * 146_097);
        int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int fromMarch = (5 * dayOfYear + 2) / 153;
        int month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
        digits(text, (int) (yearOfEra + era * 400) + (month <= 2 ? 1 : 0), 4);
        text.append('-');
        digits(text, month, 2);
        text.append('-');
        digits(text, dayOfYear - (153 * fromMarch + 2) / 5 + 1, 2);
    }

    private static void digits(StringBuilder text, int value, int width) {
        int place = 1;
        for (int i = 1; i < width; i++) {
            place *= 10;
        }
        for (; place > 0; place /= 10) {
            text.append((char) ('0' + value / place % 10));
        }
    }
}
