package io.nattrail.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A server in a JVM of its own, which can be given little memory, and killed. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final String address;

    /**
     * @param options for the JVM; {@code -Dendless=true} makes every analysis go on for ever
     */
    ServerProcess(Path data, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of(options));
        command.addAll(List.of(ServerProcess.class.getName(), data.toString()));
        process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        address = out.readLine();
        if (address == null) {
            throw new IOException("the server did not start");
        }
    }

    /** What runs in the other JVM. */
    public static void main(String[] args) throws Exception {
        FakeAnalysis analysis = new FakeAnalysis();
        if (Boolean.getBoolean("endless")) {
            analysis.gate = new CountDownLatch(1);
        }
        CaseServer server = new CaseServer(new ServeSettings(InetAddress.getLoopbackAddress(), 0, Path.of(args[0]), null, List.of(), 1,
                Limits.DEFAULT, "test"), analysis, ServeLog.NONE);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                server.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }));
        System.out.println(server.address());
        server.join();
    }

    String address() {
        return address;
    }

    int port() {
        return java.net.URI.create(address).getPort();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** As kill -9 does: nothing in it runs any more. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** As kill or Ctrl-C do. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the server did not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(30, TimeUnit.SECONDS);
    }
}
