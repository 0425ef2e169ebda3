package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.nattrail.capture.UnreadableInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class CaseInputsTest {
    private static final int MANY = 10_000;
    private static final InputStream NOTHING = new ByteArrayInputStream(new byte[0]);

    @TempDir
    Path folder;

    @Test
    void leaveFoldersAndFilesAsTheyAre() throws IOException {
        try (CaseInputs inputs = CaseInputs.open(CaseRequest.of(Path.of("captures/forward-drop")), NOTHING)) {
            assertThat(inputs.request().inputs()).containsExactly(Path.of("captures/forward-drop"));
            assertThat(inputs.caseName()).isEqualTo("forward-drop");
        }
    }

    @Test
    void unpackAnArchiveForAsLongAsTheyAreOpen() throws IOException {
        Path archive = zip("incident-17.zip", "captures/client.pcap");
        Path unpacked;

        try (CaseInputs inputs = CaseInputs.open(CaseRequest.of(archive), NOTHING)) {
            unpacked = inputs.request().inputs().get(0);
            assertThat(unpacked.resolve("client.pcap")).exists();
            assertThat(inputs.caseName()).isEqualTo("incident-17");
        }
        assertThat(unpacked).doesNotExist();
    }

    @Test
    void keepStandardInputInAFileForAsLongAsTheyAreOpen() throws IOException {
        Path kept;
        CaseRequest request = new CaseRequest(List.of(), Map.of("client", List.of(Path.of("-"))), null, null, FlowSelection.ALL, 1, false);
        try (CaseInputs inputs = CaseInputs.open(request, new ByteArrayInputStream("a capture".getBytes()))) {
            kept = inputs.request().points().get("client").get(0);
            assertThat(kept).isRegularFile().hasFileName("standard input").hasContent("a capture");
        }
        assertThat(kept).doesNotExist();
        assertThat(kept.getParent()).doesNotExist();
    }

    @Test
    void sayOfStandardInputThatIsNoCaptureWhatTheUserCallsIt() {
        CaseRequest request = new CaseRequest(List.of(), Map.of("client", List.of(Path.of("-"))), null, null, FlowSelection.ALL, 1, false);
        CaseAnalyzer analyzer = new CaseAnalyzer("test", expression -> frame -> true, NOTHING);

        assertThatThrownBy(() -> analyzer.run(request, new CaseResult.Collector(), Progress.NONE))
                .isInstanceOf(UnreadableInputException.class).hasMessage("standard input: byte 0: is empty");
    }

    @Test
    void sayOfWhatCannotBeReadWhatItIs() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Input/output error");
            }
        };
        CaseRequest request = new CaseRequest(List.of(), Map.of("client", List.of(Path.of("-"))), null, null, FlowSelection.ALL, 1, false);

        assertThatThrownBy(() -> CaseInputs.open(request, broken)).isInstanceOf(IOException.class)
                .hasMessage("standard input: cannot be read: Input/output error");
    }

    /** As a shell hands over what {@code <(kubectl get ...)} prints: it can be read only once, and has no length. */
    @Test
    void keepAPipeInAFile() throws Exception {
        Path pipe = pipe("nodes.json");
        Thread writer = writing(pipe);

        try (CaseInputs inputs = CaseInputs.open(CaseRequest.of(pipe), NOTHING)) {
            Path kept = inputs.request().inputs().get(0);
            assertThat(kept).isRegularFile().hasFileName("nodes.json").hasContent("what nodes.json holds");
        }
        writer.join();
    }

    /** As {@code --point client=<(xz -dc client.pcap.xz)}: frames out of order and those that a report shows are read again. */
    @Test
    void keepThePipeOfAPointInAFile() throws Exception {
        Path pipe = pipe("client.pcap");
        Thread writer = writing(pipe);
        CaseRequest request = new CaseRequest(List.of(), Map.of("client", List.of(pipe)), null, null, FlowSelection.ALL, 1, false);

        try (CaseInputs inputs = CaseInputs.open(request, NOTHING)) {
            assertThat(inputs.request().points().get("client").get(0)).isRegularFile().hasContent("what client.pcap holds");
        }
        writer.join();
    }

    /** Who fills them fills one after the other, each with more than a pipe holds: to open the second first would wait for ever. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void keepSeveralPipesOfAPointInTheirOrder() throws Exception {
        Path first = pipe("client.pcap0");
        Path second = pipe("client.pcap1");
        Thread writer = writing(first, second);
        CaseRequest request = new CaseRequest(List.of(), Map.of("client", List.of(first, second)), null, null, FlowSelection.ALL, 1, false);

        try (CaseInputs inputs = CaseInputs.open(request, NOTHING)) {
            assertThat(inputs.request().points().get("client")).extracting(Files::readString)
                    .containsExactly("what client.pcap0 holds".repeat(MANY), "what client.pcap1 holds".repeat(MANY));
        }
        writer.join();
    }

    private Path pipe(String name) throws IOException, InterruptedException {
        Path pipe = folder.resolve(name);
        assumeThat(Files.isExecutable(Path.of("/usr/bin/mkfifo"))).isTrue();
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor()).isZero();
        return pipe;
    }

    private static Thread writing(Path... pipes) {
        Thread writer = new Thread(() -> {
            try {
                for (Path pipe : pipes) {
                    Files.writeString(pipe, ("what " + pipe.getFileName() + " holds").repeat(pipes.length == 1 ? 1 : MANY));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        writer.setDaemon(true);
        writer.start();
        return writer;
    }

    private Path zip(String name, String entry) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            zip.putNextEntry(new ZipEntry(entry));
            zip.write(new byte[10]);
        }
        return folder.resolve(name);
    }
}
