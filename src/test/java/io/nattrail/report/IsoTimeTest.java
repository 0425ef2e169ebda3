package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class IsoTimeTest {
    private static final DateTimeFormatter JDK = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    @Test
    void alwaysHasNanoseconds() {
        assertThat(IsoTime.of(0L)).isEqualTo("1970-01-01T00:00:00.000000000Z");
        assertThat(IsoTime.of(SampleCases.START)).isEqualTo("2026-11-23T15:34:12.750914000Z");
    }

    @Test
    void isNullForNull() {
        assertThat(IsoTime.of((Long) null)).isNull();
    }

    @Test
    void showsDayAndTimeToTheMicrosecond() {
        assertThat(IsoTime.dayAndTime(SampleCases.START)).isEqualTo("2026-11-23 15:34:12.750914");
    }

    @Property
    void agreesWithTheJdkForEveryTime(@ForAll long nanos) {
        assertThat(IsoTime.of(nanos)).isEqualTo(JDK.format(Instant.ofEpochSecond(0, nanos)));
    }
}
