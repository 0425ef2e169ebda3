package io.nattrail.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What is fuzzed. Each has a class {@code ...FuzzTest} of its own, for Jazzer fuzzes one test in a process. */
enum Target {
    PCAP(PcapFuzzTest.class, new CaptureCheck()::check),
    PCAPNG(PcapngFuzzTest.class, new CaptureCheck()::check),
    COMPRESSED(CompressedFuzzTest.class, new CaptureCheck()::check),
    ARCHIVE(ArchiveFuzzTest.class, new ArchiveCheck()::check),
    DECODER(DecoderFuzzTest.class, new DecoderCheck()::check),
    KUBERNETES_JSON(KubernetesJsonFuzzTest.class, new DumpCheck("kubectl get -o json")::check),
    KUBERNETES_YAML(KubernetesYamlFuzzTest.class, new DumpCheck("kubectl get -o yaml")::check),
    IPTABLES_SAVE(IptablesSaveFuzzTest.class, new DumpCheck("iptables-save")::check),
    NFT_TEXT(NftTextFuzzTest.class, new DumpCheck("nft list ruleset")::check),
    NFT_JSON(NftJsonFuzzTest.class, new DumpCheck("nft -j list ruleset")::check),
    CONNTRACK(ConntrackFuzzTest.class, new DumpCheck("conntrack")::check),
    IPVSADM(IpvsadmFuzzTest.class, new DumpCheck("ipvsadm -Ln")::check),
    IP_ADDR(IpAddrFuzzTest.class, new DumpCheck("ip addr, ip route")::check),
    IP_ROUTE(IpRouteFuzzTest.class, new DumpCheck("ip addr, ip route")::check),
    DUMP_FILE(DumpFileFuzzTest.class, new DumpFileCheck()::check);

    private static final Path INPUTS = Path.of("src/test/resources/io/nattrail/fuzz");

    private final Class<?> test;
    private final Bounds.Check check;

    Target(Class<?> test, Bounds.Check check) {
        this.test = test;
        this.check = check;
    }

    /** Fails if anything that holds for every input does not hold for this one. */
    void survives(byte[] input) {
        Bounds.within(input, check);
    }

    /** The inputs that are kept, in order: small real ones to begin with, and what was found. */
    List<byte[]> inputs() {
        try (Stream<Path> walk = Files.walk(INPUTS.resolve(test.getSimpleName() + "Inputs"))) {
            List<byte[]> inputs = new ArrayList<>();
            for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
            return inputs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
