package io.nattrail.cli;

import io.nattrail.analysis.Analysis;
import io.nattrail.report.PlainText;
import io.nattrail.serve.CaseServer;
import io.nattrail.serve.Limits;
import io.nattrail.serve.ServeLog;
import io.nattrail.serve.ServeSettings;
import io.nattrail.serve.Sizes;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(name = "serve", mixinStandardHelpOptions = true, versionProvider = VersionFacts.class, sortOptions = false,
        abbreviateSynopsis = true,
        description = "Open a page on this machine that takes captures by drag and drop and shows their report, and an HTTP API that does "
                + "the same. Cases stay until they are deleted there.",
        footer = {"", "Examples:",
            "  nattrail serve",
            "  nattrail serve --port 0 --data /var/tmp/nattrail --jobs 2",
            "  nattrail serve --bind 0.0.0.0 --token-file ~/.token --host nattrail.example",
            "  curl -F file=@client.pcap -F node1-eth0=@b http://127.0.0.1:7080/api/cases",
            "", "From another machine: ssh -L 7080:127.0.0.1:7080 HOST, then http://127.0.0.1:7080/ there.",
            "", "Runs until Ctrl-C. Exit status: 2 wrong usage, or the address or folder cannot be used; 3 internal error; "
                + "130 ended by Ctrl-C; 143 ended by SIGTERM."})
final class ServeCommand implements Callable<Integer> {
    private static final int TOKEN_BYTES = 32;
    private static final int LONGEST_TOKEN = 1024;

    private final Analysis analysis;

    @Option(names = "--port", paramLabel = "N", description = "port to listen on; 0 for any that is free (default: ${DEFAULT-VALUE})")
    private int port = 7080;

    @Option(names = "--bind", paramLabel = "ADDRESS", converter = AddressConverter.class,
            description = "address to listen on (default: 127.0.0.1); other machines can reach others than loopback: then a token is "
            + "needed, and what is sent can be read on the way")
    private InetAddress bind = loopback();

    @Option(names = "--token-file", paramLabel = "FILE",
            description = "clients must show the token that is the first line of this file; without it, one is made where it is needed")
    private Path tokenFile;

    @Option(names = "--host", paramLabel = "NAME", description = "further name under which browsers may call the server; may be repeated")
    private List<String> hosts = new ArrayList<>();

    @Option(names = "--data", paramLabel = "DIR",
            description = "folder for the cases, made if needed, private to you (default: nattrail/serve in $XDG_DATA_HOME or "
            + "~/.local/share)")
    private Path data;

    @Option(names = "--jobs", paramLabel = "N", description = "cases analyzed at the same time (default: ${DEFAULT-VALUE})")
    private int jobs = 1;

    @Option(names = "--max-upload", paramLabel = "SIZE", converter = SizeConverter.class,
            description = "bytes of one case, such as 500M (default: 4G)")
    private Long maxUpload;

    @Option(names = "--max-files", paramLabel = "N", description = "files of one case (default: 200)")
    private Integer maxFiles;

    @Option(names = "--max-cases", paramLabel = "N", description = "cases kept (default: 500)")
    private Integer maxCases;

    @Option(names = "--max-disk", paramLabel = "SIZE", converter = SizeConverter.class,
            description = "bytes of all cases with their reports (default: 20G)")
    private Long maxDisk;

    @Option(names = "--max-analysis-time", paramLabel = "MINUTES",
            description = "an analysis that takes longer is stopped (default: 15)")
    private Integer maxAnalysisMinutes;

    @Option(names = {"-q", "--quiet"}, description = "print nothing but the address and errors")
    private boolean quiet;

    @Spec
    private CommandSpec spec;

    ServeCommand(Analysis analysis) {
        this.analysis = analysis;
    }

    @Override
    public Integer call() throws IOException {
        return new Running(this).call();
    }

    /** All that touches the server. It stands apart since picocli looks at every method of a command: other commands need not load it. */
    private record Running(ServeCommand options) {
        int call() throws IOException {
            ServeSettings settings = settings();
            PrintWriter out = options.spec.commandLine().getOut();
            PrintWriter err = options.spec.commandLine().getErr();
            try (CaseServer server = new CaseServer(settings, options.analysis, log(err))) {
                Thread ending = new Thread(() -> end(server, err), "shutdown");
                Runtime.getRuntime().addShutdownHook(ending);
                welcome(out, settings, server);
                try {
                    server.join();
                } catch (InterruptedException e) {
                    // Asked to end: closing the server below is the answer.
                    Runtime.getRuntime().removeShutdownHook(ending);
                }
            }
            return ExitStatus.OK;
        }

        private static void welcome(PrintWriter out, ServeSettings settings, CaseServer server) throws IOException {
            for (String address : server.addresses()) {
                out.println("NatTrail is at " + address + (settings.token() == null ? "" : "#token=" + settings.token()));
            }
            out.println("  cases are kept in " + PlainText.of(settings.data().toString()) + "; Ctrl-C ends the server");
            if (!settings.bind().isLoopbackAddress()) {
                out.println("  plain HTTP: the token and the captures can be read on the way; safer is a server on 127.0.0.1 and");
                out.println("  ssh -L " + server.port() + ":127.0.0.1:" + server.port() + " to it");
            }
            out.flush();
        }

        private static void end(CaseServer server, PrintWriter err) {
            try {
                server.close();
            } catch (IOException e) {
                err.println("nattrail: " + PlainText.of(e.getMessage()));
                err.flush();
            }
        }

        private ServeLog log(PrintWriter err) {
            return (line, fault) -> {
                if (!options.quiet || fault != null) {
                    synchronized (err) {
                        err.println(Instant.now().truncatedTo(ChronoUnit.SECONDS) + " " + PlainText.of(line));
                        if (fault != null) {
                            fault.printStackTrace(err);
                        }
                        err.flush();
                    }
                }
            };
        }

        private ServeSettings settings() throws IOException {
            if (options.port < 0 || options.port > 65_535) {
                throw options.wrong("--port must be 0 to 65535, not " + options.port);
            }
            options.require("--jobs", options.jobs);
            options.require("--max-files", options.maxFiles);
            options.require("--max-cases", options.maxCases);
            options.require("--max-analysis-time", options.maxAnalysisMinutes);
            Path folder = options.data == null ? dataFolder(System.getenv(), System.getProperty("user.home")) : options.data;
            return new ServeSettings(options.bind, options.port, folder.toAbsolutePath(), options.token(), options.hosts, options.jobs,
                    limits(), VersionFacts.version());
        }

        private Limits limits() {
            Limits usual = Limits.DEFAULT;
            Duration time = options.maxAnalysisMinutes == null ? usual.analysisTime() : Duration.ofMinutes(options.maxAnalysisMinutes);
            return new Limits(chosen(options.maxUpload, usual.uploadBytes()), chosen(options.maxFiles, usual.files()), usual.uploads(),
                    usual.waiting(), chosen(options.maxCases, usual.cases()), chosen(options.maxDisk, usual.dataBytes()),
                    usual.freeBytes(), usual.bytesPerSecond(), usual.stall(), usual.uploadTime(), time);
        }

        private static <T> T chosen(T option, T usual) {
            return option == null ? usual : option;
        }
    }

    private void require(String option, Integer number) {
        if (number != null && number < 1) {
            throw wrong(option + " must be at least 1, not " + number);
        }
    }

    private String token() throws IOException {
        if (tokenFile == null) {
            return bind.isLoopbackAddress() ? null : newToken();
        }
        byte[] bytes = Files.readAllBytes(tokenFile);
        String token = new String(bytes, StandardCharsets.UTF_8).lines().findFirst().orElse("").strip();
        if (!token.matches("[!-~]{" + ServeSettings.LEAST_TOKEN_LENGTH + "," + LONGEST_TOKEN + "}")) {
            throw wrong("--token-file: the first line of " + tokenFile + " is no token: " + ServeSettings.LEAST_TOKEN_LENGTH
                    + " characters at least, without spaces; for example: openssl rand -hex 32 > " + tokenFile);
        }
        return token;
    }

    private static String newToken() {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** Where an application keeps what its user made (XDG Base Directory Specification; on Windows its counterpart). */
    static Path dataFolder(Map<String, String> environment, String home) {
        for (String name : List.of("XDG_DATA_HOME", "LOCALAPPDATA")) {
            String told = environment.getOrDefault(name, "");
            if (!told.isEmpty() && Path.of(told).isAbsolute()) {
                return Path.of(told, "nattrail", "serve");
            }
        }
        return Path.of(home, ".local", "share", "nattrail", "serve");
    }

    private static InetAddress loopback() {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an IPv4 address", e);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    static final class AddressConverter implements ITypeConverter<InetAddress> {
        @Override
        public InetAddress convert(String text) {
            try {
                return InetAddress.getByName(text);
            } catch (UnknownHostException e) {
                throw new TypeConversionException("'" + text + "' is no address of this machine");
            }
        }
    }

    static final class SizeConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            try {
                return Sizes.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
