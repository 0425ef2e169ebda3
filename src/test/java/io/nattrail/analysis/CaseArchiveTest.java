package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nattrail.capture.UnreadableInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaseArchiveTest {
    private static final CaseArchive.Limits SMALL = new CaseArchive.Limits(10, 1 << 20, 50, 64 << 10, 4096);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"case.tar", "case.tar.gz", "case.tgz", "case.zip", "misnamed.pcap"})
    void isUnpackedWhateverItsKind(String name) throws IOException {
        Path file = name.endsWith("zip") ? zip(name, "client.pcap", "node1-eth0.pcap")
                : tar(name, name.contains("gz"), "client.pcap", "node1-eth0.pcap");

        assertThat(CaseArchive.isArchive(file)).isTrue();
        try (CaseArchive archive = CaseArchive.unpack(file)) {
            assertThat(names(archive.folder())).containsExactly("client.pcap", "node1-eth0.pcap");
            assertThat(Files.readString(archive.folder().resolve("client.pcap"))).isEqualTo("content of client.pcap");
            assertThat(archive.name()).isEqualTo(name.equals("misnamed.pcap") ? name : "case");
            assertThat(archive.notes()).isEmpty();
        }
    }

    @Test
    void isUnpackedWhereNobodyElseCanReadAndDeletedAtTheEnd() throws IOException {
        CaseArchive archive = CaseArchive.unpack(tar("case.tar", false, "a/b/client.pcap"));
        Path at = archive.folder();

        assertThat(at).endsWithRaw(Path.of("a/b"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(at.getParent().getParent()))).isEqualTo("rwx------");

        archive.close();
        assertThat(at.getParent().getParent()).doesNotExist();
        archive.close();
    }

    @Test
    void isToldFromOtherFiles() throws IOException {
        assertThat(CaseArchive.isArchive(Path.of("captures/forward-drop/client.pcap"))).isFalse();
        assertThat(CaseArchive.isArchive(Path.of("captures/happy-nftables/client.pcapng.gz"))).isFalse();
        assertThat(CaseArchive.isArchive(Path.of("captures"))).isFalse();
        assertThat(CaseArchive.isArchive(Files.write(folder.resolve("cut.gz"), new byte[] {0x1f, (byte) 0x8b, 8}))).isFalse();
        assertThat(CaseArchive.isArchive(Files.write(folder.resolve("empty"), new byte[0]))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "a/../../evil", "..\\evil", "C:\\evil", "a/..", ".."})
    void writesNothingOutsideItsFolder(String evil) throws IOException {
        Path inTar = tarOf("evil.tar", entry(evil), entry("client.pcap"));
        Path inZip = zip("evil.zip", evil, "client.pcap");

        for (Path file : List.of(inTar, inZip)) {
            try (CaseArchive archive = CaseArchive.unpack(file)) {
                assertThat(names(archive.folder())).containsExactly("client.pcap");
                // Commons Compress turns the backslashes of a zip made on Windows itself.
                assertThat(archive.notes()).extracting(note -> note.replace('\\', '/'))
                        .containsExactly(evil.replace('\\', '/') + ": its name leads out of the archive");
                assertThat(archive.folder().getParent().resolve("evil")).doesNotExist();
            }
        }
    }

    @Test
    void takesAbsoluteNamesAsNamesInsideIt() throws IOException {
        try (CaseArchive archive = CaseArchive.unpack(zip("absolute.zip", "/etc/nattrail-test/client.pcap"))) {
            assertThat(names(archive.folder())).containsExactly("client.pcap");
        }
    }

    @Test
    void makesNoLinksAndNoDevices() throws IOException {
        TarArchiveEntry symbolic = new TarArchiveEntry("outside", TarConstants.LF_SYMLINK);
        symbolic.setLinkName("/etc");
        TarArchiveEntry hard = new TarArchiveEntry("passwd", TarConstants.LF_LINK);
        hard.setLinkName("/etc/passwd");
        TarArchiveEntry device = new TarArchiveEntry("null", TarConstants.LF_CHR);

        try (CaseArchive archive = CaseArchive.unpack(tarOf("links.tar", symbolic, hard, device, entry("outside/hosts"),
                entry("client.pcap")))) {
            assertThat(names(archive.folder())).containsExactly("client.pcap", "outside");
            assertThat(Files.isDirectory(archive.folder().resolve("outside"), LinkOption.NOFOLLOW_LINKS)).isTrue();
            assertThat(archive.notes()).containsExactly("outside: is a link", "passwd: is a link", "null: is neither a file nor a folder");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "/"})
    void leavesOutAFileWithoutAName(String name) throws IOException {
        TarArchiveEntry nameless = new TarArchiveEntry(name, TarConstants.LF_NORMAL);

        try (CaseArchive archive = CaseArchive.unpack(tarOf("nameless.tar", nameless, entry("client.pcap")))) {
            assertThat(names(archive.folder())).containsExactly("client.pcap");
        }
    }

    @Test
    void leavesOutWhatMacsPutThere() throws IOException {
        try (CaseArchive archive = CaseArchive.unpack(zip("mac.zip", "__MACOSX/._client.pcap", "case/._client.pcap", "case/.DS_Store",
                "case/client.pcap"))) {
            assertThat(names(archive.folder())).containsExactly("client.pcap");
            assertThat(archive.notes()).isEmpty();
        }
    }

    @Test
    void refusesToFillTheDisk() throws IOException {
        Path large = zipOf("large.zip", "zeros.pcap", new byte[2 << 20]);
        Path dense = zipOf("dense.zip", "zeros.pcap", new byte[900 << 10]);

        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> CaseArchive.unpack(large,
                new CaseArchive.Limits(10, 1 << 20, 1 << 20, 0, 4096))).withMessageContaining("unpacks to more than 1 MB");
        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> CaseArchive.unpack(dense, SMALL))
                .withMessageContaining("unpacks to more than 50 times its size");
    }

    @Test
    void refusesToFillTheDiskWithWhatIsLeftOut() throws IOException {
        Path dense = zipOf("dense.zip", "../zeros.pcap", new byte[900 << 10]);

        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> CaseArchive.unpack(dense, SMALL));
    }

    @Test
    void refusesTooManyEntries() throws IOException {
        String[] many = new String[11];
        Arrays.setAll(many, i -> "file" + i);

        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> CaseArchive.unpack(tar("many.tar", false, many), SMALL))
                .withMessageContaining("holds more than 10 entries");
    }

    @Test
    void doesNotKeepANameOfAnyLengthInMemory() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            put(tar, entry("client.pcap"), "first".getBytes());
            TarArchiveEntry longName = new TarArchiveEntry("././@LongLink", TarConstants.LF_GNUTYPE_LONGNAME);
            put(tar, longName, "n".repeat(500_000).getBytes());
            put(tar, entry("x"), new byte[0]);
        }
        Path file = Files.write(folder.resolve("long.tar"), bytes.toByteArray());

        try (CaseArchive archive = CaseArchive.unpack(file, SMALL)) {
            assertThat(names(archive.folder())).containsExactly("client.pcap");
            assertThat(archive.notes()).singleElement().asString().contains("an entry is described by too many bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "nn/", "x/y"})
    void leavesOutNamesThatNoFileCanHave(String piece) throws IOException {
        // A name of one letter too many, a path that is too long, and folders in each other without an end.
        String name = piece.repeat(piece.equals("a") ? 256 : 60_000 / piece.length()) + "z";

        try (CaseArchive archive = CaseArchive.unpack(tarOf("long.tar", entry(name), entry("client.pcap")))) {
            assertThat(names(archive.folder())).containsExactly("client.pcap");
            assertThat(archive.notes()).singleElement().asString().hasSizeLessThan(300)
                    .endsWith("...: its name is longer than that of a file can be");
        }
    }

    @Test
    void keepsNamesThatAreOnlyLong() throws IOException {
        String name = "n".repeat(250) + "/" + "f/".repeat(40) + "client.pcap";

        try (CaseArchive archive = CaseArchive.unpack(tarOf("long.tar", entry(name)))) {
            assertThat(names(archive.folder())).containsExactly("client.pcap");
            assertThat(archive.notes()).isEmpty();
        }
    }

    @Test
    void saysThatItsCompressedDataIsDamagedFromTheStart() throws IOException {
        byte[] noise = new byte[200_000];
        new Random(7).nextBytes(noise);
        byte[] whole = Files.readAllBytes(tarGzOf("whole.tar.gz", entry("client.pcap"), noise, entry("node1-eth0.pcap"), noise));
        Arrays.fill(whole, 10, 40, (byte) 0xff);
        Path broken = Files.write(folder.resolve("broken.tar.gz"), whole);

        assertThat(CaseArchive.isArchive(broken)).isFalse();
        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> CaseArchive.unpack(broken))
                .withMessageContaining("nothing can be decompressed");
    }

    @Test
    void keepsWhatCameBeforeDamage() throws IOException {
        byte[] noise = new byte[200_000];
        new Random(7).nextBytes(noise);
        Path whole = tarGzOf("whole.tar.gz", entry("client.pcap"), "first".getBytes(), entry("node1-eth0.pcap"), noise);
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = Files.write(folder.resolve("cut.tar.gz"), Arrays.copyOf(bytes, bytes.length - 100_000));

        try (CaseArchive archive = CaseArchive.unpack(cut)) {
            assertThat(names(archive.folder())).containsExactly("client.pcap", "node1-eth0.pcap");
            assertThat(Files.size(archive.folder().resolve("node1-eth0.pcap"))).isBetween(50_000L, 110_000L);
            assertThat(archive.notes()).singleElement().asString().startsWith("node1-eth0.pcap: the archive is damaged there");
        }
    }

    @Test
    void namesWhatItCannotDecompressAndGoesOn() throws IOException {
        Path file = folder.resolve("methods.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (String name : List.of("client.pcap", "node1-eth0.pcap")) {
                ZipEntry stored = new ZipEntry(name);
                stored.setMethod(ZipEntry.STORED);
                stored.setSize(4);
                stored.setCrc(0x2144df1c);
                zip.putNextEntry(stored);
                zip.write(new byte[4]);
            }
        }
        byte[] bytes = Files.readAllBytes(file);
        // The method of the first entry: 14 is LZMA. When asked for it, Commons Compress throws a NullPointerException.
        bytes[8] = 14;
        Files.write(file, bytes);

        try (CaseArchive archive = CaseArchive.unpack(file)) {
            assertThat(names(archive.folder())).containsExactly("node1-eth0.pcap");
            assertThat(archive.notes()).singleElement().asString()
                    .startsWith("client.pcap: is compressed in a way that is not read here");
        }
    }

    @Test
    void saysThatNothingIsInIt() throws IOException {
        Path file = tarOf("empty.tar", new TarArchiveEntry("folder/"));

        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> CaseArchive.unpack(file))
                .withMessageContaining("an archive without files");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static TarArchiveEntry entry(String name) {
        return new TarArchiveEntry(name);
    }

    private Path tar(String name, boolean gzip, String... files) throws IOException {
        try (OutputStream out = Files.newOutputStream(folder.resolve(name));
                TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip ? new GZIPOutputStream(out) : out)) {
            for (String file : files) {
                put(tar, entry(file), ("content of " + file).getBytes(StandardCharsets.UTF_8));
            }
        }
        return folder.resolve(name);
    }

    private Path tarOf(String name, TarArchiveEntry... entries) throws IOException {
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
            for (TarArchiveEntry entry : entries) {
                put(tar, entry, entry.isFile() && !entry.isLink() && !entry.isSymbolicLink() ? "content".getBytes() : new byte[0]);
            }
        }
        return folder.resolve(name);
    }

    private Path tarGzOf(String name, TarArchiveEntry first, byte[] one, TarArchiveEntry second, byte[] other) throws IOException {
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(folder.resolve(name))))) {
            put(tar, first, one);
            put(tar, second, other);
        }
        return folder.resolve(name);
    }

    private static void put(TarArchiveOutputStream tar, TarArchiveEntry entry, byte[] content) throws IOException {
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private Path zip(String name, String... files) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            for (String file : files) {
                zip.putNextEntry(new ZipEntry(file));
                zip.write(("content of " + file).getBytes(StandardCharsets.UTF_8));
            }
        }
        return folder.resolve(name);
    }

    private Path zipOf(String name, String file, byte[] content) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            zip.putNextEntry(new ZipEntry(file));
            zip.write(content);
        }
        return folder.resolve(name);
    }
}
