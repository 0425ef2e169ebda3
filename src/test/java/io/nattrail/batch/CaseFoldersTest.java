package io.nattrail.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaseFoldersTest {
    @TempDir
    private Path root;

    private void file(String name) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "no capture");
    }

    private List<BatchCase> found() throws IOException {
        return CaseFolders.find(List.of(root), root.resolve("reports")).cases();
    }

    @Test
    void aFolderWithCapturesIsACaseAndAFolderOfFoldersIsLookedInto() throws IOException {
        file("monday/web/client.pcap");
        file("monday/web/node1-eth0.pcapng.gz");
        file("monday/dns/client.pcap.zst");
        file("tuesday/node2-cbr0.pcap3");
        file("tuesday/notes.txt");
        file("empty/readme.txt");

        assertThat(found()).extracting(BatchCase::name).containsExactly("monday/dns", "monday/web", "tuesday");
        assertThat(found()).extracting(BatchCase::folder).containsExactly("monday__dns", "monday__web", "tuesday");
        assertThat(found().get(0).inputs()).containsExactly(root.toAbsolutePath().resolve("monday/dns"));
    }

    @Test
    void aCaptureWithoutASpeakingNameIsKnownByItsFirstBytes() throws IOException {
        Files.createDirectories(root.resolve("odd"));
        Files.write(root.resolve("odd/trace"), Arrays.copyOf(new byte[] {(byte) 0xd4, (byte) 0xc3, (byte) 0xb2, (byte) 0xa1, 2, 0, 4, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1}, 24));
        Files.createDirectories(root.resolve("other"));
        Files.write(root.resolve("other/trace"), new byte[] {1, 2, 3, 4, 5});

        assertThat(found()).extracting(BatchCase::name).containsExactly("odd");
    }

    @Test
    void anArchiveIsACase() throws IOException {
        file("bundles/monday.tar.gz");
        file("bundles/tuesday.zip");
        file("web/client.pcap");
        file("web/client.pcap.gz");

        assertThat(found()).extracting(BatchCase::name).containsExactly("bundles/monday", "bundles/tuesday", "web");
        assertThat(found().get(0).inputs()).containsExactly(root.toAbsolutePath().resolve("bundles/monday.tar.gz"));
    }

    @Test
    void anArchiveMayBeNamedItself() throws IOException {
        file("bundles/monday.tar.gz");
        file("old/monday.tar.gz");

        assertThat(CaseFolders.find(List.of(root.resolve("bundles/monday.tar.gz"), root.resolve("old/monday.tar.gz")),
                root.resolve("reports")).cases()).extracting(BatchCase::name).containsExactly("monday", "monday (2)");
    }

    @Test
    void theFolderItselfMayBeTheCase() throws IOException {
        file("client.pcap");

        assertThat(found()).extracting(BatchCase::name).containsExactly(root.getFileName().toString());
    }

    @Test
    void theReportsAreNotTakenForCases() throws IOException {
        file("web/client.pcap");
        file("reports/cases/web/client.pcapng");
        file("nattrail-report/annotated.pcapng");
        file(".hidden/client.pcap");

        assertThat(found()).extracting(BatchCase::name).containsExactly("web");
    }

    @Test
    void severalFoldersAreToldApartByTheirNames() throws IOException {
        file("a/x/client.pcap");
        file("b/x/client.pcap");
        file("c/b/x/client.pcap");

        assertThat(CaseFolders.find(List.of(root.resolve("a"), root.resolve("b"), root.resolve("c/b")), root.resolve("reports")).cases())
                .extracting(BatchCase::name).containsExactly("a/x", "b/x", "b/x (2)");
        assertThat(CaseFolders.find(List.of(root, root.resolve("a")), root.resolve("reports")).cases()).as("each folder once").hasSize(3);
    }

    @Test
    void aLinkInACircleIsNotedAndTheRestIsFound() throws IOException {
        file("web/client.pcap");
        Files.createSymbolicLink(root.resolve("web/again"), root);

        CaseFolders.Found found = CaseFolders.find(List.of(root), root.resolve("reports"));

        assertThat(found.cases()).extracting(BatchCase::name).containsExactly("web");
        assertThat(found.notes()).singleElement().asString().contains("again", "a link back to a folder");
    }

    @Test
    void whatIsNoFolderIsRefused() throws IOException {
        file("client.pcap");

        assertThatThrownBy(() -> CaseFolders.find(List.of(root.resolve("none")), root)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> CaseFolders.find(List.of(root.resolve("client.pcap")), root)).isInstanceOf(FileSystemException.class)
                .hasMessageEndingWith("client.pcap: neither a folder nor a tar or zip archive");
    }
}
