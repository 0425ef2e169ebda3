package io.nattrail.analysis;

import static io.nattrail.assertj.NatTrailAssertions.assertThatCase;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Deviation;
import io.nattrail.leg.PointRole;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files whose names say nothing: what their packets say of where they were captured. */
class PointRolesTest {
    private static final Path CASES = Path.of("src/test/resources/cases");

    @TempDir
    Path folder;

    @Test
    void aLoneCaptureOfTheClientAccusesNobody() throws IOException {
        copy(Path.of("captures/lost-between-nodes/client.pcap"), "mine.pcap");

        CaseResult result = analyze();

        assertThat(role(result, "client")).isEqualTo(PointRole.CLIENT);
        assertThatCase(result).hasNoDeviation("request-not-forwarded").hasNoDeviation("half-open");
    }

    @Test
    void aClientWhoseConnectionsNobodyTranslatedShowsThemAllTheSame() throws IOException {
        copy(Path.of("captures/no-endpoints/client.pcap"), "mine.pcap");

        assertThat(analyze().header().notes()).anySatisfy(note -> assertThat(note).contains("client's side of 4 connections"));
    }

    @Test
    void aLoneCaptureOfTheEntryNodeIsANodes() throws IOException {
        copy(Path.of("captures/lost-between-nodes/node1-eth0.pcap"), "mine.pcap");

        assertThat(role(analyze(), "node1-eth0")).isEqualTo(PointRole.NODE_INTERFACE);
    }

    /** Nothing shows at the bridge, so only its name tells whose it is. */
    @Test
    void aNodeMayBeCalledByTheEndOfItsName() throws IOException {
        Path with = Path.of("captures/lost-between-nodes");
        Files.writeString(folder.resolve("kubectl-get.json"), Files.readString(with.resolve("kubectl-get.json"))
                .replace("\"node-1\"", "\"aks-nodepool1-12345678-vmss000000\"")
                .replace("\"node-2\"", "\"aks-nodepool1-12345678-vmss000001\""));
        copy(with.resolve("client.pcap"), "client.pcap");
        copy(with.resolve("node1-eth0.pcap"), "vmss000000_eth0.pcap");
        copy(with.resolve("node2-cbr0.pcap"), "vmss000001_cbr0.pcap");

        assertThatCase(analyze()).hasRootCause("request-lost-between-nodes");
    }

    /** Every endpoint is on the entry node: its eth0 shows the client's side only, as the client does, but behind a router. */
    @Test
    void theEntryNodeIsNamedByTheAddressThatIsCalledThere() throws IOException {
        Path with = CASES.resolve("local-policy-three-nodes");
        copyDumps(with);
        copy(with.resolve("client.pcap"), "b.pcap");
        copy(with.resolve("node2-eth0.pcap"), "a.pcap");

        CaseResult result = analyze();

        assertThat(role(result, "client")).isEqualTo(PointRole.CLIENT);
        assertThat(role(result, "node2-eth0")).isEqualTo(PointRole.NODE_INTERFACE);
        assertThatCase(result).hasNoDeviation("remote-endpoint-under-local-policy");
    }

    @Test
    void aClientThatShowsBothSidesBesideANodeThatShowsOneIsSaidToBeSwapped() throws IOException {
        copy(Path.of("captures/lost-between-nodes/client.pcap"), "node1-eth0.pcap");
        copy(Path.of("captures/lost-between-nodes/node1-eth0.pcap"), "client.pcap");

        assertThat(analyze().header().notes()).anySatisfy(note -> assertThat(note).startsWith("client shows both sides")
                .endsWith("--point client=FILE --point node1-eth0=FILE"));
    }

    @Test
    void swappedNamesAreNoClockThatWasSet() throws IOException {
        Path with = CASES.resolve("syn-duplicated-late");
        copy(with.resolve("client.pcap"), "node1-eth0.pcap");
        copy(with.resolve("node1-eth0.pcap"), "client.pcap");
        copy(with.resolve("node2-cbr0.pcap"), "node2-cbr0.pcap");

        CaseResult result = analyze();

        assertThat(result.header().notes()).anySatisfy(note -> assertThat(note).contains("may be swapped"));
        assertThatCase(result).hasNoDeviation("clock-step");
    }

    /** However few connections there are. */
    @Test
    void aClientThatShowsWhatPodsAnswerBesideABridgeThatShowsWhatClientsCallIsSaidToBeSwapped() throws IOException {
        Path with = CASES.resolve("stalled-pod");
        copy(with.resolve("node2-cbr0.pcap.gz"), "client.pcap.gz");
        copy(with.resolve("node1-eth0.pcap.gz"), "node1-eth0.pcap.gz");
        copy(with.resolve("client.pcap.gz"), "node2-cbr0.pcap.gz");

        assertThat(analyze().header().notes()).singleElement().satisfies(note -> assertThat(note).startsWith("client shows only the tra")
                .endsWith("--point client=FILE --point node2-cbr0=FILE"));
    }

    @Test
    void theyAreSaidToBeSwappedWithoutACaptureOfTheNodeInBetween() throws IOException {
        Path with = CASES.resolve("stalled-pod");
        copy(with.resolve("node2-cbr0.pcap.gz"), "client.pcap.gz");
        copy(with.resolve("client.pcap.gz"), "node2-cbr0.pcap.gz");

        assertThat(analyze().header().notes()).anySatisfy(note -> assertThat(note).startsWith("client shows only the translated side")
                .endsWith("--point client=FILE --point node2-cbr0=FILE"));
    }

    /** Nothing else was captured that it could have been swapped with. */
    @Test
    void aClientThatShowsBothSidesIsSaidToBeANode() throws IOException {
        copy(CASES.resolve("healthy-manners/node1-eth0.pcap.gz"), "client.pcap.gz");

        assertThat(analyze().header().notes()).anySatisfy(note -> assertThat(note).startsWith("client: its name says client, but it shows")
                .endsWith("--point node1-eth0=FILE"));
    }

    @Test
    void aBridgeThatShowsOnlyWhatClientsCallIsSaidToBeAnotherPoint() throws IOException {
        copy(CASES.resolve("healthy-manners/node1-eth0.pcap.gz"), "node1-eth0.pcap.gz");
        copy(CASES.resolve("healthy-manners/client.pcap.gz"), "node2-cbr0.pcap.gz");

        assertThat(analyze().header().notes()).anySatisfy(note -> assertThat(note).startsWith("node2-cbr0: its name says bridge, but")
                .endsWith("--point NAME=FILE"));
    }

    @Test
    void withTheirRightNamesAndNothingInBetweenTheyAreNot() throws IOException {
        Path with = CASES.resolve("stalled-pod");
        copy(with.resolve("client.pcap.gz"), "client.pcap.gz");
        copy(with.resolve("node2-cbr0.pcap.gz"), "node2-cbr0.pcap.gz");

        assertThat(analyze().header().notes()).noneSatisfy(note -> assertThat(note).contains("swapped"));
    }

    /** The outside server is named client here, and its calls come from a bridge with pods: nothing but the source is translated. */
    @Test
    void norIsAServerOutsideThatPodsCall() throws IOException {
        Path with = CASES.resolve("egress");
        copy(with.resolve("client.pcap"), "client.pcap");
        copy(with.resolve("node1-cbr0.pcap"), "node1-cbr0.pcap");

        assertThat(analyze().header().notes()).noneSatisfy(note -> assertThat(note).contains("swapped"));
    }

    @Test
    void aNodeThatShowsWhatPodsAnswerBesideABridgeThatShowsBothSidesIsSaidToBeSwapped() throws IOException {
        Path with = CASES.resolve("stalled-pod");
        copy(with.resolve("client.pcap.gz"), "client.pcap.gz");
        copy(with.resolve("node2-cbr0.pcap.gz"), "node1-eth0.pcap.gz");
        copy(with.resolve("node1-eth0.pcap.gz"), "node2-cbr0.pcap.gz");

        assertThat(analyze().header().notes()).singleElement().satisfies(note -> assertThat(note).startsWith("node1-eth0 shows only the")
                .endsWith("--point node1-eth0=FILE --point node2-cbr0=FILE"));
    }

    /** A pod's calls out of the cluster show untranslated at its bridge, and translated at whom it calls. */
    @Test
    void callsOutOfTheClusterLookLikeSwappedNamesAndAreNot() throws IOException {
        Path with = CASES.resolve("egress");
        try (Stream<Path> files = Files.list(with)) {
            for (Path file : files.filter(f -> f.toString().contains(".pcap")).toList()) {
                copy(file, file.getFileName().toString());
            }
        }

        assertThat(analyze().header().notes()).noneSatisfy(note -> assertThat(note).contains("--point"));
    }

    @Test
    void filesWithTheirRightNamesAreNot() throws IOException {
        copy(Path.of("captures/lost-between-nodes/client.pcap"), "client.pcap");
        copy(Path.of("captures/lost-between-nodes/node1-eth0.pcap"), "node1-eth0.pcap");

        assertThat(analyze().header().notes()).noneSatisfy(note -> assertThat(note).contains("swapped"));
    }

    @Test
    void aCaptureOfNoneOfTheConnectionsIsNotTakenForAnything() throws IOException {
        Path with = CASES.resolve("pod-falls-silent");
        copy(with.resolve("client.pcap.gz"), "c.pcap.gz");
        copy(with.resolve("node1-eth0.pcap.gz"), "a.pcap.gz");
        copy(CASES.resolve("local-answers-dropped-on-all-interfaces/node2-cbr0.pcap.gz"), "b.pcap.gz");

        assertThat(analyze().header().notes()).anySatisfy(note -> assertThat(note).startsWith("b: neither its name nor its connections"));
    }

    /** Nobody answers, so that no TTL of an answer tells; that of the request is lower than where it left the node that was called. */
    @Test
    void aBridgeIsOneThoughNoPodAnswersThere() throws IOException {
        Path with = CASES.resolve("pod-falls-silent");
        copy(with.resolve("client.pcap.gz"), "c.pcap.gz");
        copy(with.resolve("node1-eth0.pcap.gz"), "a.pcap.gz");
        copy(with.resolve("node2-cbr0.pcap.gz"), "b.pcap.gz");

        assertThat(role(analyze(), "node2-cbr0")).isEqualTo(PointRole.BRIDGE);
    }

    @Test
    void aBridgeOneRouterBehindTheInterfaceOfANodeIsOnThatNode() throws IOException {
        Path with = CASES.resolve("snat-under-local-policy");
        copyCaptures(with);

        CaseResult result = analyze();

        assertThat(role(result, "node1-cbr0")).isEqualTo(PointRole.BRIDGE);
        assertThat(result.flows()).allSatisfy(flow -> assertThat(flow.endpoint().local()).isTrue());
    }

    /** The name tells whose bridge it is, the packets that the interface is on that node, and not on one of another name. */
    @Test
    void theInterfaceInFrontOfABridgeWithANameIsOnItsNode() throws IOException {
        Path with = CASES.resolve("snat-under-local-policy");
        copy(with.resolve("client.pcap.gz"), "laptop.pcap.gz");
        copy(with.resolve("node1-eth0.pcap.gz"), "mine.pcap.gz");
        copy(with.resolve("node1-cbr0.pcap.gz"), "aks-pool-vmss000000_cbr0.pcap.gz");
        copy(with.resolve("node2-cbr0.pcap.gz"), "aks-pool-vmss000001_cbr0.pcap.gz");

        CaseResult result = analyze();

        assertThat(node(result, "aks-pool-vmss000000-eth0")).isEqualTo("aks-pool-vmss000000");
        assertThat(result.flows()).allSatisfy(flow -> assertThat(flow.endpoint().local()).isTrue());
    }

    /** Such a thing as the worker of a picture that somebody drew: the cluster knows no node of that name. */
    @Test
    void aNodeOfANameThatTheClusterDoesNotKnowIsTheOneInFrontOfItsBridge() throws IOException {
        Path with = CASES.resolve("snat-under-local-policy");
        Files.writeString(folder.resolve("kubectl-get.json"), Files.readString(with.resolve("kubectl-get.json"))
                .replace("10.244.", "10.99."));
        copy(with.resolve("client.pcap.gz"), "client.pcap.gz");
        copy(with.resolve("node1-eth0.pcap.gz"), "mine.pcap.gz");
        copy(with.resolve("node1-cbr0.pcap.gz"), "worker7_cbr0.pcap.gz");

        CaseResult result = analyze();

        assertThat(node(result, "worker7_cbr0")).isEqualTo("node-1");
        assertThat(result.flows()).allSatisfy(flow -> assertThat(flow.endpoint().local()).isTrue());
    }

    /** A folder in which files of several attempts have gathered: each is told once, against those that belong together. */
    @Test
    void filesOfEarlierAttemptsAreEachNamedOnce() throws IOException {
        copyCaptures(Path.of("captures/lost-between-nodes"));
        copy(Path.of("captures/forward-drop/client.pcap"), "old.pcap");
        copy(Path.of("captures/no-endpoints/client.pcap"), "older.pcap");

        assertThat(analyze().findings().deviations()).filteredOn(d -> d.type().code().equals("capture-windows-disjoint"))
                .extracting(Deviation::message).hasSize(2)
                .allMatch(message -> message.matches(
                        "client.* \\(old(er)?.pcap, .* has no time in common with .*a.pcap.*b.pcap.*c.pcap.*"));
    }

    /** Nothing came to the bridge, so that only the names tell. */
    @Test
    void aFileNamedByANodeIsOfTheNodeThatAnotherOneNames() throws IOException {
        Path with = Path.of("captures/no-endpoints");
        copy(with.resolve("client.pcap"), "laptop.pcap");
        copy(with.resolve("node1-eth0.pcap"), "Worker-1.pcap");
        copy(with.resolve("node2-cbr0.pcap"), "worker1_bridge.pcap");

        assertThat(node(analyze(), "worker1-eth0")).isEqualTo("worker1");
    }

    @Test
    void aNodeThatCountsWithZerosIsTheOneThatTheClusterNames() throws IOException {
        Path with = Path.of("captures/lost-between-nodes");
        Files.writeString(folder.resolve("kubectl-get.json"), Files.readString(with.resolve("kubectl-get.json"))
                .replace("\"node-1\"", "\"node01\"").replace("\"node-2\"", "\"node02\""));
        copy(with.resolve("client.pcap"), "client.pcap");
        copy(with.resolve("node1-eth0.pcap"), "node01_eth0.pcap");
        copy(with.resolve("node2-cbr0.pcap"), "node-2-bridge.pcap");

        CaseResult result = analyze();

        assertThat(node(result, "node01_eth0")).isEqualTo("node01");
        assertThat(node(result, "node-2-bridge")).isEqualTo("node02");
    }

    @Test
    void whoseOwnNodeTranslatesItsCallsIsAPodAndNobodyMissesItsMasquerade() throws IOException {
        copyCaptures(CASES.resolve("pod-service-lost"));

        CaseResult result = analyze();

        assertThat(role(result, "pod")).isEqualTo(PointRole.POD);
        assertThat(role(result, "node1-cbr0")).isEqualTo(PointRole.BRIDGE);
        assertThat(role(result, "node1-eth0")).isEqualTo(PointRole.NODE_INTERFACE);
        assertThat(result.flows()).allMatch(flow -> flow.path().equals("clusterip"));
        assertThatCase(result).hasNoDeviation("snat-missing").hasNoDeviation("source-preserved");
    }

    @Test
    void aClientOfABalancerThatTranslatesIsNoPod() throws IOException {
        copyCaptures(CASES.resolve("balancer-translates"));

        assertThat(role(analyze(), "client")).isEqualTo(PointRole.CLIENT);
    }

    @Test
    void whatIsCookedAndTranslatedIsOfAllInterfaces() throws IOException {
        copyCaptures(CASES.resolve("all-interfaces"));

        CaseResult result = analyze();

        assertThat(role(result, "node1-any")).isEqualTo(PointRole.ANY);
        assertThat(role(result, "node2-any")).isEqualTo(PointRole.ANY);
    }

    @Test
    void interfacesWithAddressesOfTheirOwnThatClientsCallAreOfTwoNodes() throws IOException {
        copyCaptures(CASES.resolve("two-entry-nodes"));

        CaseResult result = analyze();

        assertThat(result.flows()).hasSize(12).extracting(flow -> flow.service().address() + " " + flow.entryNode()).containsOnly(
                "10.240.0.4 node-1", "10.240.0.5 node-2");
        assertThat(result.flows()).filteredOn(flow -> flow.endpoint().local()).as("to a pod on the node that was called").hasSize(6);
        assertThat(node(result, "node1-cbr0")).isEqualTo("node-1");
        assertThat(node(result, "node2-cbr0")).isEqualTo("node-2");
    }

    @Test
    void whatWasTranslatedAnewToAnotherPodTellsNothingOfItsBridge() throws IOException {
        copyCaptures(CASES.resolve("translations-flushed"));

        assertThat(role(analyze(), "node1-cbr0")).isEqualTo(PointRole.BRIDGE);
    }

    @Test
    void aPodThatReachesItselfIsAPod() throws IOException {
        copyCaptures(CASES.resolve("pod-calls-itself"));

        CaseResult result = analyze();

        assertThat(role(result, "pod")).isEqualTo(PointRole.POD);
        assertThat(role(result, "node1-eth0")).isEqualTo(PointRole.NODE_INTERFACE);
        assertThatCase(result).hasNoDeviation("clusterip-on-the-wire");
    }

    @Test
    void aCallThatNoNodeTouchedIsNotOnTheWireBetweenThem() throws IOException {
        copyCaptures(CASES.resolve("internal-policy-no-endpoint"));
        copyDumps(CASES.resolve("internal-policy-no-endpoint"));

        assertThatCase(analyze()).hasNoDeviation("clusterip-on-the-wire").hasDeviation("local-policy-no-endpoint");
    }

    @Test
    void aCaptureThatCouldNotBePlacedMayBeTheOneThatIsMissing() throws IOException {
        copyCaptures(CASES.resolve("host-network-endpoint"));

        assertThatCase(analyze()).hasNoDeviation("capture-missing");
    }

    /** A pod on Node-2 calls a ClusterIP, and clients call Node-1, which sends some of their connections to Node-2. */
    @Test
    void theBridgeOfAPodThatCallsIsNotOnTheNodeThatSendsItConnections() throws IOException {
        Tape client = new Tape();
        Tape pod = new Tape();
        Tape bridge = new Tape();
        Tape node1 = new Tape();
        Tape node2 = new Tape();
        for (int i = 0; i < 3; i++) {
            long begin = i * 10_000_000L;
            TestPacket asked = TestPacket.tcp("10.241.0.4:4000" + i, "10.240.0.4:32000", "S").seq(50 + i).id(9 + i);
            TestPacket sent = asked.translated("10.240.0.4:5000" + i, "10.244.1.2:8443");
            TestPacket answer = TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:5000" + i, "SA").seq(7000 + i).ack(51 + i).id(70 + i);
            client.at(begin, asked.ttl(64));
            node1.at(begin + 100_000, asked.ttl(64)).at(begin + 120_000, sent.ttl(63)).at(begin + 520_000, answer.ttl(63));
            node2.at(begin + 220_000, sent.ttl(63)).at(begin + 420_000, answer.ttl(63));
            bridge.at(begin + 240_000, sent.ttl(62)).at(begin + 400_000, answer.ttl(64));

            long later = begin + 5_000_000L;
            TestPacket call = TestPacket.tcp("10.244.1.99:4100" + i, "172.31.0.5:443", "S").seq(800 + i).id(30 + i);
            TestPacket chosen = call.translated("10.244.1.99:4100" + i, "10.244.0.3:8443");
            pod.at(later, call.ttl(64));
            bridge.at(later + 10_000, chosen.ttl(64));
            node2.at(later + 30_000, chosen.ttl(63));
            node1.at(later + 130_000, chosen.ttl(63));
        }
        Tape[] tapes = {client, node1, bridge, node2, pod};
        for (int i = 0; i < tapes.length; i++) {
            write(tapes[i].sorted(), folder.resolve((char) ('a' + i) + ".pcap"));
        }

        CaseResult result = analyze();

        assertThat(role(result, "node2-cbr0")).isEqualTo(PointRole.BRIDGE);
        assertThat(node(result, "node2-cbr0")).isEqualTo("node-2");
        assertThat(result.flows()).extracting(flow -> flow.path() + " " + flow.entryNode()).containsOnly("nodeport node-1",
                "clusterip node-2");
    }

    /** The node asks the pod itself, so that no router was before its bridge: that lies behind its interface all the same. */
    @Test
    void theBridgeOfTheEntryNodeIsBehindItsInterfaceThoughASynProxyAsks() throws IOException {
        TestPacket asked = TestPacket.tcp("10.241.0.4:40001", "10.240.0.4:32000", "S").seq(50).id(9).ttl(64);
        TestPacket answered = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40001", "SA").seq(700).ack(51).id(0).ttl(64);
        TestPacket acknowledged = TestPacket.tcp("10.241.0.4:40001", "10.240.0.4:32000", "A").seq(51).ack(701).id(10).ttl(64);
        TestPacket passedOn = TestPacket.tcp("10.244.0.1:7712", "10.244.0.3:8443", "S").seq(50).ack(700).id(0).ttl(64);
        Tape client = new Tape().at(0, asked).at(300_000, answered).at(310_000, acknowledged);
        Tape node = new Tape().at(100_000, asked).at(200_000, answered).at(400_000, acknowledged);
        Tape bridge = new Tape().at(450_000, passedOn).at(1_000_450_000L, passedOn).at(3_000_450_000L, passedOn);
        write(client, folder.resolve("client.pcap"));
        write(node, folder.resolve("node1-eth0.pcap"));
        write(bridge, folder.resolve("node1-cbr0.pcap"));

        assertThat(analyze().flows()).singleElement().satisfies(flow -> assertThat(flow.hops()).extracting(hop -> hop.from() + " "
                + hop.to()).startsWith("client node1-eth0", "node1-eth0 node1-cbr0"));
    }

    /** The node asks the pod in its own name, and the bridge shows for the client already what the pod answers to that. */
    @Test
    void halfTranslatedAnswersBehindASynProxyAreOfTheConnection() throws IOException {
        TestPacket asked = TestPacket.tcp("10.241.0.4:40001", "10.240.0.4:32000", "S").seq(50).id(9).ttl(64);
        TestPacket answered = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40001", "SA").seq(700).ack(51).id(0).ttl(64);
        TestPacket acknowledged = TestPacket.tcp("10.241.0.4:40001", "10.240.0.4:32000", "A").seq(51).ack(701).id(10).ttl(64);
        TestPacket passedOn = TestPacket.tcp("10.244.0.1:7712", "10.244.0.3:8443", "S").seq(50).ack(700).id(0).ttl(64);
        TestPacket half = TestPacket.tcp("10.244.0.3:8443", "10.241.0.4:40001", "SA").seq(9000).ack(51).id(0).ttl(64);
        TestPacket known = TestPacket.tcp("10.244.0.1:7712", "10.244.0.3:8443", "A").seq(51).ack(9001).id(11).ttl(64);
        Tape client = new Tape().at(0, asked).at(300_000, answered).at(310_000, acknowledged);
        Tape node = new Tape().at(100_000, asked).at(200_000, answered).at(400_000, acknowledged);
        Tape bridge = new Tape().at(450_000, passedOn).at(480_000, half).at(490_000, known);
        write(client, folder.resolve("client.pcap"));
        write(node, folder.resolve("node1-eth0.pcap"));
        write(bridge, folder.resolve("node1-cbr0.pcap"));

        assertThat(analyze().flows()).singleElement().satisfies(flow -> assertThat(flow.legs()).hasSize(4));
    }

    /** Two pods of one node answer, each in its turn; of what is behind the entry node one file has the packets of some of them. */
    private CaseResult answeredByTwoPods(String... shown) throws IOException {
        Tape client = new Tape();
        Tape node1 = new Tape();
        Tape behind = new Tape();
        for (int i = 0; i < 6; i++) {
            long begin = i * 10_000_000L;
            String pod = i % 2 == 0 ? "10.244.1.2:8443" : "10.244.1.3:8443";
            TestPacket asked = TestPacket.tcp("10.241.0.4:4000" + i, "10.240.0.4:32000", "S").seq(50 + i).id(9 + i);
            TestPacket sent = asked.translated("10.240.0.4:5000" + i, pod);
            TestPacket answer = TestPacket.tcp(pod, "10.240.0.4:5000" + i, "SA").seq(7000 + i).ack(51 + i).id(70 + i);
            client.at(begin, asked.ttl(64)).at(begin + 700_000, answer.translated("10.240.0.4:32000", "10.241.0.4:4000" + i).ttl(62));
            node1.at(begin + 100_000, asked.ttl(64)).at(begin + 120_000, sent.ttl(63)).at(begin + 520_000, answer.ttl(63));
            if (List.of(shown).contains(pod)) {
                behind.at(begin + 240_000, sent.ttl(62)).at(begin + 400_000, answer.ttl(64));
            }
        }
        Tape[] tapes = {client, node1, behind};
        for (int i = 0; i < tapes.length; i++) {
            write(tapes[i].sorted(), folder.resolve((char) ('a' + i) + ".pcap"));
        }
        return analyze();
    }

    @Test
    void whatShowsOneOfSeveralPodsThatAnsweredIsThatPods() throws IOException {
        CaseResult result = answeredByTwoPods("10.244.1.2:8443");

        assertThat(role(result, "pod")).isEqualTo(PointRole.POD);
        assertThatCase(result).hasNoDeviation("request-lost-between-nodes");
    }

    @Test
    void whatShowsAllPodsThatAnsweredIsTheirBridge() throws IOException {
        assertThat(role(answeredByTwoPods("10.244.1.2:8443", "10.244.1.3:8443"), "node2-cbr0")).isEqualTo(PointRole.BRIDGE);
    }

    private static void write(Tape tape, Path file) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(ByteBuffer.allocate(24).putInt(0xa1b23c4d).putShort((short) 2).putShort((short) 4).putInt(16, 65_535).putInt(20, 1)
                .array());
        for (Tape.Frame frame : tape.frames()) {
            int length = frame.bytes().length;
            out.write(ByteBuffer.allocate(16).putInt((int) (frame.timeNanos() / 1_000_000_000L))
                    .putInt((int) (frame.timeNanos() % 1_000_000_000L)).putInt(length).putInt(length).array());
            out.write(frame.bytes());
        }
        Files.write(file, out.toByteArray());
    }

    private static String node(CaseResult result, String point) {
        return result.header().points().stream().filter(p -> p.point().name().equals(point)).findFirst().orElseThrow().point().node();
    }

    private static PointRole role(CaseResult result, String point) {
        return result.header().points().stream().filter(p -> p.point().name().equals(point)).findFirst().orElseThrow().point().role();
    }

    private void copyDumps(Path with) throws IOException {
        try (Stream<Path> files = Files.list(with)) {
            for (Path file : files.filter(f -> !f.toString().contains(".pcap") && !f.endsWith("truth.json")).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }

    /** All captures of a case, under names that say nothing. */
    private void copyCaptures(Path with) throws IOException {
        try (Stream<Path> files = Files.list(with)) {
            char letter = 'a';
            for (Path file : files.filter(f -> f.toString().contains(".pcap")).sorted().toList()) {
                String name = file.getFileName().toString();
                copy(file, letter++ + name.substring(name.indexOf(".pcap")));
            }
        }
    }

    private void copy(Path capture, String name) throws IOException {
        Files.copy(capture, folder.resolve(name));
    }

    private CaseResult analyze() throws IOException {
        CaseResult.Collector collector = new CaseResult.Collector();
        CaseAnalyzer.plain().run(CaseRequest.of(folder), collector, Progress.NONE);
        return collector.result();
    }
}
