package io.nattrail.deviation;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a tired engineer may rely on for each code. */
class CatalogueTest {
    private static final Pattern COMMAND = Pattern.compile("`([^`]+)`");
    private static final Pattern CODE = Pattern.compile("\\(([a-z0-9]+(?:-[a-z0-9]+)+)\\)");
    private static final Set<String> TOOLS = Set.of(
            "kubectl", "az", "iptables", "iptables-save", "nft", "conntrack", "ipvsadm", "ip", "bridge", "tc", "ss", "sysctl",
            "ethtool", "tcpdump", "tshark", "capinfos", "editcap", "reordercap", "mergecap", "pcapfix", "nstat", "dmesg", "journalctl",
            "curl", "nc", "ping", "tracepath", "traceroute", "iperf3", "mpstat", "dropwatch", "perf", "lsmod", "cat", "nattrail",
            "cilium", "chronyc", "date", "nsenter", "kube-proxy", "bpftool", "xtables-monitor", "timedatectl", "kill", "sha256sum");

    static List<DeviationType> types() {
        return Catalogue.ALL;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("types")
    void everyCodeHasAllItsParts(DeviationType type) {
        assertThat(type.title()).hasSizeBetween(20, 110).doesNotEndWith(".").doesNotContain("\n");
        assertThat(type.wire().split("(?<=[.?])\\s")).as("sentences about the wire").hasSizeBetween(2, 5);
        assertThat(type.causes()).hasSizeBetween(3, 5).doesNotHaveDuplicates().allMatch(cause -> cause.length() > 10);
        assertThat(type.checks()).hasSizeBetween(3, 7).doesNotHaveDuplicates().allMatch(check -> check.endsWith("."));
        assertThat(type.references()).isNotEmpty().doesNotHaveDuplicates();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("types")
    void aCodeIsToldFromWhatLooksAlike(DeviationType type) {
        assertThat(type.wire()).contains("Not this:");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("types")
    void theRemedyStandsAloneAndNamesACommand(DeviationType type) {
        assertThat(type.remedy()).isEqualTo(type.checksInGeneral().get(0)).doesNotStartWith("Or ").containsPattern(COMMAND);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("types")
    void commandsAreThoseOfKnownTools(DeviationType type) {
        for (String check : type.checksInGeneral()) {
            assertThat(check.chars().filter(c -> c == '`').count()).as(check).isEven();
        }
        assertThat(commands(type)).filteredOn(command -> command.contains(" ") && !command.startsWith("-"))
                .allSatisfy(command -> assertThat(TOOLS).contains(command.split(" ")[0]));
    }

    /** zsh refuses a command with a bracket that no file fits; addresses of IPv6 stand in brackets before a port. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("types")
    void commandsAreQuotedWhereAShellWouldExpandBrackets(DeviationType type) {
        for (String check : type.checks()) {
            for (int i = 1; i < check.split("`").length; i += 2) {
                String unquoted = check.split("`")[i].replaceAll("'[^']*'", "");
                assertThat(unquoted).as(check).doesNotContain("[").doesNotContainPattern("\\{(address|client|pod_ip|source)}:");
            }
        }
    }

    @Test
    void aConstantIsNamedLikeItsCode() throws IllegalAccessException {
        List<DeviationType> constants = new ArrayList<>();
        for (Class<?> group : List.of(EstablishmentTypes.class, TranslationTypes.class, EstablishedTypes.class, CaptureTypes.class)) {
            for (Field field : group.getDeclaredFields()) {
                if (field.getType() == DeviationType.class && Modifier.isPublic(field.getModifiers())) {
                    DeviationType type = (DeviationType) field.get(null);
                    assertThat(field.getName()).isEqualTo(type.code().toUpperCase(Locale.ROOT).replace('-', '_'));
                    constants.add(type);
                }
            }
        }

        assertThat(Catalogue.ALL).containsExactlyInAnyOrderElementsOf(constants).hasSize(75);
    }

    @Test
    void codesAreUnique() {
        assertThat(Catalogue.ALL).extracting(DeviationType::code).doesNotHaveDuplicates();
    }

    @Test
    void codesThatAnEntryRefersToExist() {
        Set<String> codes = Catalogue.ALL.stream().map(DeviationType::code).collect(Collectors.toSet());
        Set<String> words = Set.of("n-1");
        for (DeviationType type : Catalogue.ALL) {
            String text = Stream.of(List.of(type.wire()), type.causes(), type.checks()).flatMap(List::stream)
                    .collect(Collectors.joining("\n"));
            Matcher reference = CODE.matcher(text);
            while (reference.find()) {
                assertThat(codes.contains(reference.group(1)) || words.contains(reference.group(1)))
                        .as("%s refers to %s", type.code(), reference.group(1)).isTrue();
            }
        }
    }

    @Test
    void aFaultOfTheCapturesNeverReadsAsAFaultOfTheNetwork() {
        assertThat(CaptureTypes.ALL).filteredOn(type -> type.severity() == Severity.ERROR)
                .containsExactly(CaptureTypes.CAPTURE_WINDOWS_DISJOINT);
    }

    private static List<String> commands(DeviationType type) {
        List<String> commands = new ArrayList<>();
        for (String check : type.checksInGeneral()) {
            Matcher command = COMMAND.matcher(check);
            while (command.find()) {
                commands.add(command.group(1));
            }
        }
        return commands;
    }
}
