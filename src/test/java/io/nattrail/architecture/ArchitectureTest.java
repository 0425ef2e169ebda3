package io.nattrail.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules between the packages, as CONTRIBUTING.md tells them. */
class ArchitectureTest {
    private static final String ROOT = "io.nattrail";

    /** From the lowest layer up; a package uses what lies in the layers before its own. */
    private static final List<Set<String>> LAYERS = List.of(
            Set.of("net"),
            Set.of("wire"),
            Set.of("capture"),
            Set.of("leg"),
            Set.of("clock", "cluster"),
            Set.of("nat"),
            Set.of("path"),
            Set.of("deviation"),
            Set.of("analysis"),
            Set.of("dissect", "report"),
            Set.of("batch", "baseline", "serve", "assertj"),
            Set.of("cli"));

    /** Uses inside one layer that are wanted. */
    private static final Map<String, Set<String>> NEIGHBOURS = Map.of("report", Set.of("dissect"), "assertj", Set.of("baseline"));

    private static final Map<String, Set<String>> LIBRARIES = Map.of(
            "org.pcap4j..", Set.of("dissect"),
            "picocli..", Set.of("cli"),
            "org.apache.commons.csv..", Set.of("report", "batch"),
            "com.fasterxml.jackson..", Set.of("cluster", "report", "baseline", "batch", "serve"),
            "org.apache.commons.compress..", Set.of("analysis"),
            "com.github.luben.zstd..", Set.of("capture"),
            "net.jpountz..", Set.of("capture"),
            "org.assertj..", Set.of("assertj"),
            "org.junit..", Set.of("assertj"),
            "org.eclipse.jetty..", Set.of("serve"));

    private static final JavaClasses CLASSES = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    static Set<String> packages() {
        Set<String> all = new TreeSet<>();
        LAYERS.forEach(all::addAll);
        return all;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packages")
    void aPackageUsesLowerLayersOnly(String name) {
        String[] forbidden = packages().stream().filter(other -> !mayUse(name,
                other)).map(other -> inPackage(other)).toArray(String[]::new);

        check(noClasses().that().resideInAPackage(inPackage(name)).should().dependOnClassesThat().resideInAnyPackage(forbidden));
    }

    @Test
    void everyPackageHasALayer() {
        Set<String> known = packages();

        assertThat(CLASSES).filteredOn(c -> !c.getPackageName().equals(ROOT))
                .allSatisfy(c -> assertThat(known).contains(c.getPackageName().substring(ROOT.length() + 1).split("\\.")[0]));
    }

    @Test
    void packagesAreFreeOfCycles() {
        check(slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
    }

    static Set<String> libraries() {
        return new TreeSet<>(LIBRARIES.keySet());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("libraries")
    void aLibraryStaysInThePackagesItServes(String library) {
        String[] allowed = LIBRARIES.get(library).stream().map(ArchitectureTest::inPackage).toArray(String[]::new);

        check(noClasses().that().resideOutsideOfPackages(allowed).should().dependOnClassesThat().resideInAPackage(library));
    }

    @Test
    void whatRunsForEveryFrameHasNoStreamNoOptionalAndNoLambda() {
        check(noClasses().that(runForEveryFrame()).should().dependOnClassesThat().resideInAPackage("java.util.stream")
                .orShould().dependOnClassesThat().areAssignableTo(Optional.class)
                .orShould(makeLambdas()));
    }

    @Test
    void onlyCommandsWriteToTheTerminal() {
        check(noClasses().that().resideOutsideOfPackages(inPackage("cli")).should(ACCESS_STANDARD_STREAMS));
    }

    @Test
    void onlyMainEndsTheProcess() {
        check(noClasses().that().doNotHaveFullyQualifiedName(ROOT + ".cli.Main").should().callMethod(System.class, "exit", int.class));
    }

    private static boolean mayUse(String user, String used) {
        return user.equals(used) || layer(used) < layer(user) || NEIGHBOURS.getOrDefault(user, Set.of()).contains(used);
    }

    private static int layer(String name) {
        for (int i = 0; i < LAYERS.size(); i++) {
            if (LAYERS.get(i).contains(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no layer has the package " + name);
    }

    private static String inPackage(String name) {
        return ROOT + "." + name + "..";
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(CLASSES);
    }

    private static DescribedPredicate<JavaClass> runForEveryFrame() {
        Set<String> perFrame = Set.of("wire", "leg");
        Set<String> ofCapture = Set.of("CaptureReader", "Feed", "PcapReader", "PcapngInterface", "PcapngReader", "PcapngWriter",
                "RecordReader");
        return DescribedPredicate.describe("run for every frame", c -> perFrame.stream().anyMatch(p -> c.getPackageName().equals(ROOT
                + "." + p)) || c.getPackageName().equals(ROOT + ".capture") && ofCapture.contains(c.getSimpleName()));
    }

    /** A class that makes a lambda or a method reference names the factory of both in its constant pool. */
    private static ArchCondition<JavaClass> makeLambdas() {
        return new ArchCondition<>("make lambdas") {
            @Override
            public void check(JavaClass c, ConditionEvents events) {
                boolean makes = constantPool(c).contains("java/lang/invoke/LambdaMetafactory");
                events.add(new SimpleConditionEvent(c, makes, c.getName() + (makes ? " makes lambdas" : " makes no lambdas")));
            }
        };
    }

    private static String constantPool(JavaClass c) {
        try (InputStream in = c.getSource().orElseThrow().getUri().toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
