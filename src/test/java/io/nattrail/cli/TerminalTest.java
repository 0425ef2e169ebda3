package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
    @Test
    void showsUnicodeOnlyWhereTheLocaleSaysSo() {
        assertThat(terminal(Map.of("LANG", "de_DE.UTF-8")).style(ColorChoice.AUTO).unicode()).isTrue();
        assertThat(terminal(Map.of("LANG", "C.utf8")).style(ColorChoice.AUTO).unicode()).isTrue();
        assertThat(terminal(Map.of("LANG", "C")).style(ColorChoice.AUTO).unicode()).isFalse();
        assertThat(terminal(Map.of("LANG", "de_DE.UTF-8", "LC_ALL", "POSIX")).style(ColorChoice.AUTO).unicode()).isFalse();
        assertThat(terminal(Map.of("LANG", "C", "LC_ALL", "", "LC_CTYPE", "en_US.UTF-8")).style(ColorChoice.AUTO).unicode()).isTrue();
        assertThat(terminal(Map.of()).style(ColorChoice.AUTO).unicode()).isFalse();
    }

    @Test
    void writesInTheEncodingThatItShows() {
        assertThat(written(Map.of("LANG", "C.UTF-8"))).isEqualTo("→".getBytes(StandardCharsets.UTF_8));
        assertThat(written(Map.of("LANG", "C"))).isEqualTo("?".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void takesTheWidthThatTheShellTells() {
        assertThat(terminal(Map.of("COLUMNS", "77")).width()).isEqualTo(77);
        assertThat(terminal(Map.of("COLUMNS", "wide")).width()).isEqualTo(100);
        assertThat(terminal(Map.of()).width()).isEqualTo(100);
    }

    @Test
    void showsNoProgressWhereNobodyWatches() {
        assertThat(new Terminal(Map.of("TERM", "xterm"), false, true).errInteractive()).isTrue();
        assertThat(new Terminal(Map.of("TERM", "xterm"), true, false).errInteractive()).isFalse();
        assertThat(new Terminal(Map.of("TERM", "dumb"), true, true).errInteractive()).isFalse();
    }

    private static Terminal terminal(Map<String, String> environment) {
        return new Terminal(environment, false, false);
    }

    private static byte[] written(Map<String, String> environment) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintWriter writer = terminal(environment).writer(new PrintStream(bytes, true));
        writer.print("→");
        writer.flush();
        return bytes.toByteArray();
    }
}
