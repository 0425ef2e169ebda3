package io.nattrail.cli;

import io.nattrail.analysis.CaptureInspection;
import io.nattrail.analysis.CaptureInspector;
import io.nattrail.capture.CaptureReader;
import io.nattrail.report.InspectionJson;
import io.nattrail.report.InspectionText;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "inspect", mixinStandardHelpOptions = true, versionProvider = VersionFacts.class,
        description = "Print the facts of capture files: format, link types, times, what is in them, and where they are damaged.",
        footer = {"", "Examples:",
            "  nattrail inspect client.pcap node1-eth0.pcapng.gz",
            "  nattrail inspect --json client.pcap.zst | jq .packets",
            "  tcpdump -i eth0 -c 100 -w - | nattrail inspect -",
            "", "Exit status: 0 the files were read, damaged or not; 2 one could not be read at all."})
final class InspectCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";

    private final Terminal terminal;
    private final InputStream standardInput;

    @Parameters(paramLabel = "FILE", arity = "1..*",
            description = "pcap or pcapng, also in gzip, zstd or lz4; - is standard input")
    private List<String> files;

    @Option(names = "--json", description = "print a JSON object for each file instead of text")
    private boolean json;

    @Option(names = "--color", paramLabel = "WHEN",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}: on a terminal, unless "
            + "NO_COLOR is set")
    private ColorChoice color = ColorChoice.AUTO;

    @Spec
    private CommandSpec spec;

    InspectCommand(Terminal terminal, InputStream standardInput) {
        this.terminal = terminal;
        this.standardInput = standardInput;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        InspectionText text = new InspectionText(out, terminal.style(color));
        int status = ExitStatus.OK;
        if (files.contains("")) {
            throw new ParameterException(spec.commandLine(), FileNames.NAMELESS);
        }
        for (String file : files) {
            CaptureInspection inspection;
            try (CaptureReader reader = open(file)) {
                inspection = CaptureInspector.inspect(reader);
            } catch (IOException | RuntimeException e) {
                // One bad file never stops the rest.
                status = Math.max(status, ErrorHandler.report(e, err));
                continue;
            }
            if (json) {
                out.print(InspectionJson.of(inspection));
            } else {
                text.print(inspection);
            }
            out.flush();
        }
        return status;
    }

    private CaptureReader open(String file) throws IOException {
        if (!file.equals(STANDARD_INPUT)) {
            return CaptureReader.open(FileNames.path(file));
        }
        return CaptureReader.open(new FilterInputStream(standardInput) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return in.read(buffer, offset, length);
            }

            @Override
            public void close() {
                // Standard input is not ours to close: another may read on, and the process closes it.
            }
        }, "standard input");
    }
}
