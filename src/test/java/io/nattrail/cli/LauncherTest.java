package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a folder of its own, with a Java and a Maven that only tell how they were called. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final Instant BEFORE = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path folder;
    private Path home;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void aCheckoutAndAJava() throws IOException {
        folder = folder.toRealPath();
        home = Files.createDirectories(folder.resolve("a checkout"));
        Files.copy(Path.of("nattrail"), home.resolve("nattrail"));
        Files.createDirectories(home.resolve("src/main/java"));
        old(Files.writeString(home.resolve("pom.xml"), "<project/>"));
        old(Files.writeString(home.resolve("src/main/java/A.java"), "class A {}"));
        script(home.resolve("mvnw"), """
                echo "built with $JAVA_HOME: $*" >> builds
                sleep 1
                mkdir -p target
                echo jar > target/nattrail-1.0-all.jar
                """);
        environment.put("JAVA_HOME", java("jdk", "17.0.2").toString());
        environment.put("HOME", Files.createDirectory(folder.resolve("user")).toString());
    }

    @AfterEach
    void nothingIsMadeAnyMore() throws Exception {
        for (long end = System.nanoTime() + 120_000_000_000L; isSomethingMade(); Thread.sleep(20)) {
            assertThat(System.nanoTime()).as("an archive takes forever").isLessThan(end);
        }
    }

    private boolean isSomethingMade() throws IOException {
        for (Path jars : List.of(home.resolve("target"), folder.resolve("release/lib"))) {
            if (Files.isDirectory(jars)) {
                try (Stream<Path> files = Files.list(jars)) {
                    if (files.anyMatch(file -> file.toString().endsWith(".jsa.new"))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    @Test
    void argumentsReachTheProgramAsTheyWereWritten() throws Exception {
        built();

        Run run = nattrail("analyze", "a folder", "--filter", "tcp port 80", "", "*");

        assertThat(run.out).containsSubsequence("-jar", home + "/target/nattrail-1.0-all.jar", "analyze", "a folder", "--filter",
                "tcp port 80", "", "*");
        assertThat(run.err).isEmpty();
        assertThat(run.status).isZero();
    }

    @Test
    void javaReadsAnyNameAlsoInThePlainLocale() throws Exception {
        built();
        script(folder.resolve("jdk/bin/java"), "echo $LC_ALL,${NATTRAIL_LOCALE:-}\n");

        environment.put("LC_ALL", "C");
        assertThat(nattrail("analyze").out).containsExactly("C.UTF-8,C");
        environment.put("LC_ALL", "de_DE.UTF-8");
        assertThat(nattrail("analyze").out).containsExactly("de_DE.UTF-8,");
    }

    /** Java takes the system's words from the C library, which translates them, and knows by them that nobody reads on behind a pipe. */
    @Test
    void theSystemsMessagesAreNotTranslated() throws Exception {
        built();
        script(folder.resolve("jdk/bin/java"), "echo $LC_ALL,$LANGUAGE\n");
        environment.put("LC_ALL", "de_DE.UTF-8");
        environment.put("LANGUAGE", "de:fr");

        assertThat(nattrail("analyze").out).containsExactly("de_DE.UTF-8,C");
    }

    @Test
    void theStatusOfTheProgramIsThatOfTheLauncher() throws Exception {
        built();
        environment.put("FAKE_STATUS", "3");

        assertThat(nattrail("analyze").status).isEqualTo(3);
    }

    @Test
    void theFirstRunBuildsAndSaysSo() throws Exception {
        Run run = nattrail("--version");

        assertThat(run.err).contains("building once");
        assertThat(run.out).contains("--version");
        assertThat(home.resolve("builds")).content().contains("built with " + environment.get("JAVA_HOME"), "package");
        assertThat(nattrail("--version").err).as("the second run").isEmpty();
        assertThat(Files.readAllLines(home.resolve("builds"))).hasSize(1);
    }

    @Test
    void changedSourcesAreBuiltAgainUnlessThatIsUnwanted() throws Exception {
        built();
        Files.setLastModifiedTime(home.resolve("src/main/java/A.java"), FileTime.from(Instant.now().plusSeconds(3600)));
        environment.put("NATTRAIL_REBUILD", "no");
        assertThat(nattrail("--version").err).isEmpty();
        environment.remove("NATTRAIL_REBUILD");

        assertThat(nattrail("--version").err).contains("building again, since sources changed");
        assertThat(nattrail("--version").err).as("although the file's time is still to come").isEmpty();
    }

    @Test
    void runsAtTheSameTimeBuildOnce() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            processes.add(start(home.resolve("nattrail").toString(), "--version"));
        }
        for (Process process : processes) {
            assertThat(process.waitFor()).isZero();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).contains("--version");
        }
        assertThat(Files.readAllLines(home.resolve("builds"))).hasSize(1);
        assertThat(home.resolve("target/.building")).doesNotExist();
    }

    @Test
    void theLockOfARunThatWasKilledIsTakenAway() throws Exception {
        Path lock = Files.createDirectories(home.resolve("target/.building"));
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        Files.writeString(lock.resolve("pid"), gone.pid() + "\n");

        assertThat(nattrail("--version").status).isZero();
    }

    @Test
    void whatAnInterruptedBuildLeftIsBuiltAgain() throws Exception {
        built();
        Path lock = Files.createDirectories(home.resolve("target/.building"));
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        Files.writeString(lock.resolve("pid"), gone.pid() + "\n");

        assertThat(nattrail("--version").err).contains("building again, since a build was interrupted");
        assertThat(nattrail("--version").err).isEmpty();
    }

    @Test
    void theBuildOfARunThatWasKilledGoesOnAndTheNextRunWaitsForIt() throws Exception {
        Path maven = home.resolve("mvnw");
        Files.writeString(maven, Files.readString(maven).replaceFirst("\n", "\necho half > target/nattrail-1.0-all.jar\n"
                + "until test -e go-on; do sleep 0.1; done\n"));
        Process first = start(home.resolve("nattrail").toString(), "--version");
        while (!Files.exists(home.resolve("target/nattrail-1.0-all.jar"))) {
            Thread.sleep(20);
        }
        first.destroyForcibly().waitFor();

        Process next = start(home.resolve("nattrail").toString(), "--version");
        BufferedReader err = next.errorReader(StandardCharsets.UTF_8);
        assertThat(err.readLine()).contains("waiting for another first run");
        Files.createFile(home.resolve("go-on"));

        assertThat(err.lines()).noneMatch(line -> line.contains("nattrail: building"));
        assertThat(next.inputReader(StandardCharsets.UTF_8).lines()).contains("--version");
        assertThat(next.waitFor()).isZero();
        assertThat(Files.readAllLines(home.resolve("builds"))).hasSize(1);
        assertThat(home.resolve("target/.building")).doesNotExist();
    }

    @Test
    void aBuildThatFailsIsTheEndAndSaysWhatToDo() throws Exception {
        script(home.resolve("mvnw"), "echo 'BUILD FAILURE'; exit 1");

        Run run = nattrail("--version");

        assertThat(run.status).isEqualTo(2);
        assertThat(run.out).isEmpty();
        assertThat(run.err).contains("BUILD FAILURE", "the build failed");
        assertThat(home.resolve("target/.building")).doesNotExist();
    }

    @Test
    void aRuntimeWithoutACompilerCannotBuild() throws Exception {
        Files.delete(Path.of(environment.get("JAVA_HOME"), "bin/javac"));

        assertThat(nattrail("--version").err).contains("has no compiler", "install a JDK");
    }

    @Test
    void aJavaThatIsTooOldIsPassedOver() throws Exception {
        built();
        environment.put("JAVA_HOME", java("old", "11.0.20").toString());
        environment.put("PATH", java("new", "21.0.1") + "/bin:" + System.getenv("PATH"));

        assertThat(nattrail("--version").out).contains("java of " + folder.resolve("new"));
    }

    @Test
    void withoutAJavaThatIsNewEnoughItNamesThoseThatAreNot() throws Exception {
        built();
        environment.put("JAVA_HOME", java("old", "1.8.0_402").toString());
        environment.put("PATH", java("older", "11") + "/bin:" + withoutJava());
        // Where the machine has one in the usual folders, that is found; the test then shows only this.
        Run run = nattrail("--version");

        if (run.status == 2) {
            assertThat(run.err).contains("needs Java 17 or newer", "Java 1.8.0_402 in " + folder.resolve("old"), "set JAVA_HOME");
        } else {
            assertThat(run.out).doesNotContain("java of " + folder.resolve("old"));
        }
    }

    @Test
    void itIsFoundThroughSymbolicLinksAndFromAnyFolder() throws Exception {
        built();
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("one"), Path.of("../a checkout/nattrail"));
        Files.createSymbolicLink(bin.resolve("two"), bin.resolve("one"));

        assertThat(run(bin.resolve("two").toString(), "x").out).contains(home + "/target/nattrail-1.0-all.jar");
        assertThat(run("bin/one", "x").out).contains(home + "/target/nattrail-1.0-all.jar");
    }

    @Test
    void optionsForJavaComeAfterTheLaunchersOwnSoThatTheyCountMore() throws Exception {
        built();
        environment.put("JAVA_OPTS", "-Xmx1g -Da=b");
        environment.put("NATTRAIL_OPTS", "-Xmx2g");

        assertThat(nattrail("x").out).containsSubsequence("-XX:+UseSerialGC", "-Xmx1g", "-Da=b", "-Xmx2g", "-jar");
    }

    @Test
    void theHeapBeginsLargeUnlessItsSizeIsGiven() throws Exception {
        built();

        assertThat(nattrail("x").out).contains("-Xms128m");
        environment.put("NATTRAIL_OPTS", "-Xmx64m");
        assertThat(nattrail("x").out).contains("-Xmx64m").doesNotContain("-Xms128m");
    }

    @Test
    void theArchiveOfClassesIsMadeOnceForAJarAndAJavaBesideTheRunThatFoundNone() throws Exception {
        built();
        assertThat(nattrail("x").out).as("the run that found none").noneMatch(argument -> argument.contains("SharedArchiveFile"));
        Path first = archive(1).get(0);

        assertThat(nattrail("x").out).contains("-XX:SharedArchiveFile=" + first);
        environment.put("JAVA_HOME", java("other", "25.0.1").toString());
        nattrail("x");
        archive(2);
        assertThat(nattrail("x").out).anyMatch(argument -> argument.startsWith("-XX:AOTCache=" + home));
        assertThat(Files.readAllLines(folder.resolve("warm-ups"))).hasSize(3);
    }

    @Test
    void nobodyWaitsForTheArchiveAndRunsMeanwhileMakeNoOther() throws Exception {
        built();
        Path hold = Files.createFile(folder.resolve("hold"));

        for (int i = 0; i < 3; i++) {
            // Also the end of its output is not waited for, which a process that holds it open would keep away.
            assertThat(nattrail("x").out).contains("x");
        }
        assertThat(archives(home.resolve("target"))).isEmpty();
        Files.delete(hold);
        archive(1);
        assertThat(Files.readAllLines(folder.resolve("warm-ups"))).as("one list of classes, one archive").hasSize(2);
    }

    @Test
    void anArchiveWhoseMakerIsGoneIsMadeByTheNextRun() throws Exception {
        built();
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        nattrail("x");
        Path archive = archive(1).get(0);
        Files.delete(archive);
        Path lock = Files.createDirectory(Path.of(archive + ".new"));
        Files.writeString(lock.resolve("pid"), gone.pid() + "\n");

        nattrail("x");

        archive(1);
        assertThat(lock).doesNotExist();
    }

    @Test
    void aCheckoutThatWasMovedMakesItsArchiveAgain() throws Exception {
        built();
        nattrail("warm-up");
        Files.move(home, home = folder.resolve("elsewhere"));

        assertThat(nattrail("x").out).as("Java refuses it").noneMatch(argument -> argument.contains("SharedArchiveFile"));
        Path again = archive(1).get(0);

        assertThat(nattrail("x").out).contains("-XX:SharedArchiveFile=" + again);
    }

    @Test
    void warmUpMakesTheArchiveBeforeItEnds() throws Exception {
        built();

        nattrail("warm-up");

        assertThat(archives(home.resolve("target"))).hasSize(1);
    }

    @Test
    void anArchiveThatCannotBeMadeIsNotTriedAgain() throws Exception {
        built();
        environment.put("FAKE_NO_ARCHIVE", "yes");
        nattrail("warm-up");
        Files.deleteIfExists(folder.resolve("warm-ups"));

        assertThat(nattrail("warm-up").out).noneMatch(argument -> argument.contains("SharedArchiveFile"));
        assertThat(folder.resolve("warm-ups")).doesNotExist();
    }

    @Test
    void aReleaseHasItsJarInLibAndNeedsNoSources() throws Exception {
        Path release = Files.createDirectories(folder.resolve("release"));
        Files.copy(home.resolve("nattrail"), release.resolve("nattrail"));

        assertThat(run(release.resolve("nattrail").toString(), "x").err).contains("is not complete", "unpack the release again");
        Files.createDirectory(release.resolve("lib"));
        Files.writeString(release.resolve("lib/nattrail.jar"), "jar");
        assertThat(run(release.resolve("nattrail").toString(), "x").out).contains(release + "/lib/nattrail.jar");
    }

    private void built() throws IOException {
        Files.createDirectories(home.resolve("target"));
        Files.writeString(home.resolve("target/nattrail-1.0-all.jar"), "jar");
    }

    /** A folder like that of a JDK. Its java prints its arguments, and makes archives as it is told. */
    private Path java(String name, String version) throws IOException {
        Path jdk = Files.createDirectories(folder.resolve(name));
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"No One\"\nJAVA_VERSION=\"" + version + "\"\n");
        Files.createDirectories(jdk.resolve("bin"));
        script(jdk.resolve("bin/javac"), "");
        script(jdk.resolve("bin/java"), """
                made=''
                for argument; do
                    case $argument in
                        -XX:DumpLoadedClassList=*|-XX:AOTCacheOutput=*) made=${argument#*=} ;;
                        -Xshare:dump) dump=yes ;;
                        -XX:SharedArchiveFile=*) [ -z "${dump:-}" ] || made=${argument#*=} ;;
                    esac
                    case $argument in
                        -XX:SharedClassListFile=*) dump=yes ;;
                    esac
                done
                if [ -n "$made" ]; then
                    echo warm-up >> "{folder}/warm-ups"
                    left=300
                    while [ -e "{folder}/hold" ] && [ $left -gt 0 ]; do left=$((left - 1)); sleep 0.05; done
                    [ -n "${FAKE_NO_ARCHIVE:-}" ] || echo archive > "$made"
                    exit 0
                fi
                echo "java of {jdk}"
                for argument; do printf '%s\\n' "$argument"; done
                exit ${FAKE_STATUS:-0}
                """.replace("{jdk}", jdk.toString()).replace("{folder}", folder.toString()));
        return jdk;
    }

    /** Folders with the tools that the launcher uses, and no java. */
    private static String withoutJava() {
        return Stream.of(System.getenv("PATH").split(":")).filter(bin -> !Files.exists(Path.of(bin, "java")))
                .reduce("/nowhere", (a, b) -> a + ":" + b);
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void old(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(BEFORE));
    }

    /** The archives of the checkout, when none is being made. */
    private List<Path> archive(int number) throws Exception {
        nothingIsMadeAnyMore();
        List<Path> made = archives(home.resolve("target"));
        assertThat(made).hasSize(number);
        return made;
    }

    private static List<Path> archives(Path in) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            return files.filter(file -> file.toString().endsWith(".jsa")).sorted().toList();
        }
    }

    private Run nattrail(String... args) throws Exception {
        String[] command = new String[args.length + 1];
        command[0] = home.resolve("nattrail").toString();
        System.arraycopy(args, 0, command, 1, args.length);
        return run(command);
    }

    private Run run(String... command) throws Exception {
        Process process = start(command);
        List<String> out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), out, err);
    }

    private Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("JAVA") || name.startsWith("NATTRAIL") || name.startsWith("XDG"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private record Run(int status, List<String> out, String err) {
    }
}
