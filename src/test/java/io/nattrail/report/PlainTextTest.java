package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainTextTest {
    @Test
    void leavesPrintableTextAlone() {
        assertThat(PlainText.of("default/web-2: größer \ud83d\ude80")).isEqualTo("default/web-2: größer \ud83d\ude80");
    }

    @Test
    void showsControlCharactersInsteadOfSendingThem() {
        assertThat(PlainText.of("a\u001b[2Jb\r\n\u0007\u009b")).isEqualTo("a\\x1b[2Jb\\x0d\\x0a\\x07\\x9b");
    }

    @Test
    void showsWhatWouldTurnTheReadingDirection() {
        assertThat(PlainText.of("web\u202egnp.exe\u2066\u200b")).isEqualTo("web\\u202egnp.exe\\u2066\\u200b");
    }

    @Test
    void showsHalfACharacter() {
        assertThat(PlainText.of("a\ud83d")).isEqualTo("a\\ud83d");
    }

    @Test
    void isEmptyForNull() {
        assertThat(PlainText.of(null)).isEmpty();
    }

    @Test
    void canBeHeldToAscii() {
        assertThat(PlainText.ascii("größer →")).isEqualTo("gr\\xf6\\xdfer \\u2192");
    }
}
