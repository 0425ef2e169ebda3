package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.Analysis;
import io.nattrail.report.SampleCases;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ServeCommandTest {
    private static final Analysis ANALYSIS = (request, sink, progress) -> SampleCases.happy().sendTo(sink);

    @TempDir
    private Path folder;

    private CommandRun run(String... args) {
        return CommandRun.of(CommandRun.alone(new ServeCommand(ANALYSIS)), args);
    }

    /** A server as the command starts it, until it is interrupted. */
    private final class Started implements AutoCloseable {
        private final StringWriter out = new StringWriter();
        private final StringWriter err = new StringWriter();
        private final CompletableFuture<Integer> status = new CompletableFuture<>();
        private final Thread thread;
        private final String address;

        Started(String... args) throws InterruptedException {
            CommandLine command = CommandRun.alone(new ServeCommand(ANALYSIS)).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
            thread = new Thread(() -> status.complete(command.execute(args)));
            thread.start();
            Matcher said = Pattern.compile("NatTrail is at (\\S+)\\n").matcher(out.getBuffer());
            while (!said.reset(out.toString()).find() && !status.isDone()) {
                Thread.sleep(20);
            }
            assertThat(out.toString() + err).contains("NatTrail is at ");
            address = said.group(1);
        }

        @Override
        public void close() throws Exception {
            thread.interrupt();
            assertThat(status.get(120, TimeUnit.SECONDS)).isZero();
        }
    }

    private static HttpResponse<String> get(String address, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void servesOnThisMachineUntilItIsEnded() throws Exception {
        try (Started started = new Started("--port", "0", "--data", folder.resolve("cases").toString())) {
            assertThat(started.address).matches("http://127\\.0\\.0\\.1:[0-9]+/");
            assertThat(started.out.toString()).contains("cases are kept in " + folder.resolve("cases"), "Ctrl-C");
            assertThat(get(started.address).body()).contains("<title>NatTrail</title>");
            assertThat(get(started.address + "api/info").body()).contains("\"uploadBytes\":4294967296", "\"analysisSeconds\":900");
        }
        assertThat(folder.resolve("cases/lock")).exists();
    }

    @Test
    void limitsAreAsTheUserSays() throws Exception {
        try (Started started = new Started("--port", "0", "--data", folder.resolve("cases").toString(), "--max-upload", "5M", "--max-files",
                "7", "--max-cases", "8", "--max-disk", "1G", "--max-analysis-time", "2")) {
            assertThat(get(started.address + "api/info").body()).contains("\"uploadBytes\":5242880", "\"files\":7", "\"cases\":8",
                    "\"dataBytes\":1073741824", "\"analysisSeconds\":120");
        }
    }

    @Test
    void theAddressThatIsPrintedHasTheToken() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "a-token-of-the-test\n");
        try (Started started = new Started("--port", "0", "--data", folder.resolve("cases").toString(), "--token-file", token.toString())) {
            assertThat(started.address).endsWith("/#token=a-token-of-the-test");
            String address = started.address.substring(0, started.address.indexOf('#'));
            assertThat(get(address + "api/cases").statusCode()).isEqualTo(401);
            assertThat(get(address + "api/cases", "Authorization", "Bearer a-token-of-the-test").statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--port 70000            | --port must be 0 to 65535",
        "--port x                | 'x' is no whole number",
        "--max-upload 10X        | '10X' is no size",
        "--max-upload 0          | between 1 byte",
        "--max-files 0           | --max-files must be at least 1, not 0",
        "--max-cases -1          | --max-cases must be at least 1, not -1",
        "--max-analysis-time 0   | --max-analysis-time must be at least 1, not 0",
        "--jobs 0                | --jobs must be at least 1, not 0",
        "--bind 256.1.1.1        | '256.1.1.1' is no address",
    })
    void wrongOptionsAreToldWithStatus2(String options, String message) {
        CommandRun run = run(("--data " + folder.resolve("cases") + " " + options).split(" "));

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains(message).contains("--help");
        assertThat(folder.resolve("cases")).doesNotExist();
    }

    @Test
    void aWeakTokenIsRefused() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "secret\n");

        CommandRun run = run("--data", folder.resolve("cases").toString(), "--token-file", token.toString());
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("16 characters at least", "openssl rand");
        assertThat(run("--token-file", folder.resolve("none").toString()).err()).contains("none: no such file");
    }

    @Test
    void anAddressOfAnotherMachineIsToldWithWhatToDo() {
        // From the block for documentation (RFC 5737): no machine has it.
        CommandRun run = run("--bind", "192.0.2.1", "--port", "0", "--data", folder.resolve("cases").toString());

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("cannot listen on 192.0.2.1:0", "--bind").doesNotContain("--port");
    }

    @Test
    void aPortInUseIsToldWithWhatToDo() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandRun run = run("--port", Integer.toString(taken.getLocalPort()), "--data", folder.resolve("cases").toString());

            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err()).contains("cannot listen on 127.0.0.1:" + taken.getLocalPort(), "--port 0");
        }
    }

    @Test
    void casesAreKeptWhereTheUsersDataBelongs() {
        assertThat(ServeCommand.dataFolder(Map.of(), "/home/me")).isEqualTo(Path.of("/home/me/.local/share/nattrail/serve"));
        assertThat(ServeCommand.dataFolder(Map.of("XDG_DATA_HOME", "/data"), "/home/me")).isEqualTo(Path.of("/data/nattrail/serve"));
        assertThat(ServeCommand.dataFolder(Map.of("XDG_DATA_HOME", "relative"), "/h")).isEqualTo(Path.of("/h/.local/share/nattrail/serve"));
    }

    /** Starting a server must cost the other commands nothing. */
    @Test
    void otherCommandsLoadNothingOfTheServer() throws Exception {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-verbose:class", "-cp",
                System.getProperty("java.class.path"), ServeCommandTest.class.getName()).redirectErrorStream(true).start();
        String loaded = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isZero();
        assertThat(loaded).contains("io.nattrail.cli.ServeCommand ").doesNotContain("io.nattrail.serve.", "org.eclipse.jetty.");
    }

    /** Asks for the help of all commands, one of which is {@code serve}. */
    public static void main(String[] args) {
        CommandLine all = Main.commandLine(CommandRun.PIPE);
        if (!all.getSubcommands().containsKey("serve")) {
            all.addSubcommand(new ServeCommand(ANALYSIS));
        }
        all.execute("--help");
        all.execute("schema");
    }
}
