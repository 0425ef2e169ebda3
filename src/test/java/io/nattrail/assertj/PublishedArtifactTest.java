package io.nattrail.assertj;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The artifact as others get it: a project of its own (src/test/projects/consumer) takes it by its coordinates from a local repository and
 * runs its tests, offline. Leave it out with {@code -DexcludedGroups=consumer}.
 */
@Tag("consumer")
class PublishedArtifactTest {
    private static final Path PROJECT = Path.of("src/test/projects/consumer");

    @TempDir
    private Path folder;

    @Test
    void aProjectThatDependsOnItRunsItsTests() throws Exception {
        Path cached = Path.of(System.getProperty("localRepository", System.getProperty("user.home") + "/.m2/repository"));
        Assumptions.assumeTrue(Files.isDirectory(cached), "no local repository of Maven at " + cached);
        Assumptions.assumeTrue(Files.isExecutable(Path.of("mvnw")), "the Maven wrapper cannot be run here");
        copy(PROJECT, folder.resolve("consumer"));
        for (String name : List.of("kubeproxy-happy-cross-node", "lost-between-nodes")) {
            copy(Path.of("captures", name), folder.resolve("consumer/src/test/captures").resolve(name));
        }
        String version = install(folder.resolve("repository"));

        String output = maven(cached, "-Dnattrail.version=" + version);

        Assumptions.assumeFalse(output.contains("offline mode"), () -> "not all that the project needs was fetched before: " + output);
        assertThat(output).contains("Tests run: 3, Failures: 0, Errors: 0, Skipped: 0", "BUILD SUCCESS");
    }

    /** Puts the compiled classes and the POM where a local repository has them. */
    private static String install(Path repository) throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        Matcher version = Pattern.compile("<artifactId>nattrail</artifactId>\\s*<version>([^<]+)</version>").matcher(pom);
        assertThat(version.find()).isTrue();
        Path place = Files.createDirectories(repository.resolve("io/nattrail/nattrail").resolve(version.group(1)));
        String name = "nattrail-" + version.group(1);
        Files.writeString(place.resolve(name + ".pom"), pom);
        Path classes = Path.of("target/classes");
        try (OutputStream out = Files.newOutputStream(place.resolve(name + ".jar")); JarOutputStream jar = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                jar.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
        return version.group(1);
    }

    private String maven(Path cached, String... properties) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Path.of("mvnw").toAbsolutePath().toString(), "--offline", "--batch-mode", "-f",
                folder.resolve("consumer/pom.xml").toString(), "-Dmaven.repo.local=" + folder.resolve("repository"),
                "-Dmaven.repo.local.tail=" + cached, "test");
        builder.command().addAll(List.of(properties));
        Path log = folder.resolve("log");
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        if (!process.waitFor(15, TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path entered, BasicFileAttributes attributes) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(entered)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
