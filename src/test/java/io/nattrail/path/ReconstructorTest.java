package io.nattrail.path;

import static io.nattrail.packets.ServicePath.Place.CLIENT;
import static io.nattrail.packets.ServicePath.Place.NODE1_AFTER_NAT;
import static io.nattrail.packets.ServicePath.Place.NODE1_BEFORE_NAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.Folding;
import io.nattrail.net.IpAddress;
import io.nattrail.packets.ServicePath;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections whose every packet is known, by packets alone: which path they took and what is known of each step. */
class ReconstructorTest {
    private static final long SECOND = 1_000_000_000L;

    private final ServicePath path = ServicePath.create();
    private final ServicePath.Connection connection = path.connect(1);
    private ClusterView cluster;

    // Statuses

    @Test
    void ofAWholeConnectionEveryCapturedStepIsObservedAndTheOthersInferred() throws IOException {
        connection.handshake().ask("x").answer("y").close();

        FlowTrace trace = onlyTrace(Folding.of(path.tapes()));

        assertThat(statuses(trace)).isEqualTo("1.1 observed, 1.2 inferred, 1.2.1 inferred, 1.2.2 inferred, 1.3 observed, 1.4 inferred, "
                + "1.5 observed, 1.6 observed, 2.0 observed");
        assertThat(trace.template()).isSameAs(PathTemplates.NODEPORT);
        assertThat(trace.entryNode()).isEqualTo("node-1");
        assertThat(trace.endpoint()).hasToString("10.244.1.2:8443");
        assertThat(trace.endpointNode()).isEqualTo("node-2");
        assertThat(trace.local()).isFalse();
        assertThat(trace.spots()).containsExactly(Spot.CLIENT, Spot.ENTRY_IN, Spot.ENTRY_OUT, Spot.TARGET_BRIDGE);
    }

    @Test
    void theProofIsTheFirstFrameAtEachPointAndTheLatencyThatOfTheHop() throws IOException {
        connection.handshake().ask("x").answer("y").close();

        FlowTrace trace = onlyTrace(Folding.of(path.tapes()));

        assertThat(proof(trace, "1.1")).containsExactly("client#1", "node1-eth0#1");
        assertThat(proof(trace, "1.3")).containsExactly("node1-eth0#2");
        assertThat(proof(trace, "1.5")).containsExactly("node2-cbr0#1");
        assertThat(proof(trace, "1.6")).containsExactly("node2-cbr0#2", "node1-eth0#3");
        assertThat(proof(trace, "2.0")).containsExactly("node1-eth0#4", "client#2");
        assertThat(trace.step("1.1").packets()).isEqualTo(5);
        assertThat(trace.step("1.6").packets()).isEqualTo(3);
        assertThat(trace.step("1.3").latencyNanos()).isEqualTo(20_000);
        assertThat(trace.step("1.3").latencyUncertaintyNanos()).isZero();
        assertThat(trace.step("1.5").latencyNanos()).isEqualTo(100_000);
    }

    @Test
    void whatWasLostAfterNode1IsMissingAtNode2() throws IOException {
        path.connect(2).handshake().ask("x").answer("y").close();
        lostAt(NODE1_AFTER_NAT);
        path.connect(3).handshake().ask("x").answer("y").close();

        assertThat(statuses(traces(Folding.of(path.tapes())).get(1))).isEqualTo("1.1 observed, 1.2 inferred, 1.2.1 inferred, "
                + "1.2.2 inferred, 1.3 observed, 1.4 not-captured, 1.5 missing, 1.6 missing, 2.0 missing");
    }

    @Test
    void whatNeverLeftNode1IsMissingFromTheTranslationOn() throws IOException {
        path.connect(2).handshake().ask("x").answer("y").close();
        lostAt(NODE1_BEFORE_NAT);
        path.connect(3).handshake().ask("x").answer("y").close();

        FlowTrace trace = traces(Folding.of(path.tapes())).get(1);

        assertThat(trace.step("1.1").status()).isEqualTo(StepStatus.OBSERVED);
        assertThat(List.of(trace.step("1.2").status(), trace.step("1.2.1").status(), trace.step("1.2.2").status()))
                .containsOnly(StepStatus.MISSING);
        assertThat(trace.step("2.0").status()).isEqualTo(StepStatus.MISSING);
        assertThat(trace.endpoint()).isNull();
    }

    @Test
    void whatNeverCameToNode1LeavesTheRulesUnknown() throws IOException {
        path.connect(2).handshake().ask("x").answer("y").close();
        lostAt(CLIENT);
        path.connect(3).handshake().ask("x").answer("y").close();

        FlowTrace trace = traces(Folding.of(path.tapes())).get(1);

        assertThat(proof(trace, "1.1")).containsExactly("client#9");
        assertThat(trace.step("1.1").reason()).contains("node1-eth0");
        assertThat(trace.step("1.2").status()).isEqualTo(StepStatus.NOT_CAPTURED);
        assertThat(trace.step("1.2.2").status()).isEqualTo(StepStatus.NOT_CAPTURED);
    }

    @Test
    void withoutACaptureOnNode2AnAnswerProvesWhatLiesBetween() throws IOException {
        connection.handshake().ask("x").answer("y").close();

        FlowTrace trace = onlyTrace(Folding.of(path.tapes().subList(0, 2), points("client", "node1-eth0")));

        assertThat(List.of(trace.step("1.4").status(), trace.step("1.5").status())).containsOnly(StepStatus.INFERRED);
        assertThat(trace.step("1.6").status()).isEqualTo(StepStatus.OBSERVED);
    }

    @Test
    void withoutACaptureOnNode2AndWithoutAnAnswerNothingDoes() throws IOException {
        lostAt(NODE1_AFTER_NAT);

        FlowTrace trace = onlyTrace(Folding.of(path.tapes().subList(0, 2), points("client", "node1-eth0")));

        assertThat(List.of(trace.step("1.4").status(), trace.step("1.5").status())).containsOnly(StepStatus.NOT_CAPTURED);
        assertThat(trace.step("1.6").status()).isEqualTo(StepStatus.MISSING);
    }

    @Test
    void aStepAtAPointThatWasNotCapturingYetIsNotMissing() throws IOException {
        lostAt(NODE1_AFTER_NAT);
        path.pause(200 * SECOND);
        path.connect(2).handshake().ask("x").answer("y").close();

        FlowTrace trace = traces(Folding.of(path.tapes())).get(0);

        assertThat(trace.step("1.5").status()).isEqualTo(StepStatus.NOT_CAPTURED);
        assertThat(trace.step("1.5").reason()).contains("node2-cbr0");
    }

    @Test
    void aCaptureFilterThatHidesTheTranslatedLegIsNoLoss() throws IOException {
        for (int i = 0; i < 4; i++) {
            path.connect(i).handshake().ask("x").answer("y").close();
        }
        List<Tape> tapes = path.tapes();
        Tape filtered = new Tape();
        tapes.get(1).frames().stream().filter(frame -> hasAddress(frame.bytes(), "10.241.0.4"))
                .forEach(frame -> filtered.at(frame.timeNanos() - Tape.START, frame.bytes()));

        List<FlowTrace> traces = traces(Folding.of(List.of(tapes.get(0), filtered, tapes.get(2))));

        assertThat(traces).hasSize(4).allSatisfy(trace -> {
            assertThat(trace.step("1.3").status()).isEqualTo(StepStatus.INFERRED);
            assertThat(trace.step("1.5").status()).isEqualTo(StepStatus.OBSERVED);
            assertThat(trace.captures().translatedBlind(1)).isTrue();
        });
    }

    @Test
    void anEndpointOnTheEntryNodeTakesNoStepBetweenTheNodes() throws IOException {
        Tape client = new Tape();
        Tape node1 = new Tape();
        Tape bridge = new Tape();
        exchange(client, node1, bridge, "10.240.0.4:32000", "10.244.0.1:40001", "10.244.0.3:8443");

        FlowTrace trace = onlyTrace(Folding.of(List.of(client, node1, bridge), points("client", "node1-eth0", "node1-cbr0")));

        assertThat(trace.local()).isTrue();
        assertThat(trace.step("1.4").title()).isEqualTo("the packet travels from node-1 to another node");
        assertThat(statuses(trace)).isEqualTo("1.1 observed, 1.2 inferred, 1.2.1 inferred, 1.2.2 inferred, 1.3 not-applicable, "
                + "1.4 not-applicable, 1.5 not-applicable, 1.6 not-applicable, 2.0 observed");
    }

    /** As the kubelet's probe: that the bridge's address is none of a pod, though in their prefix, what it masqueraded tells. */
    @Test
    void whatTheNodeAsksItsPodsByItsBridgesAddressIsNoPodsCall() throws IOException {
        Tape client = new Tape();
        Tape node1 = new Tape();
        Tape bridge = new Tape();
        exchange(client, node1, bridge, "10.240.0.4:32000", "10.244.0.1:40001", "10.244.0.3:8443");
        TestPacket syn = TestPacket.tcp("10.244.0.1:50000", "10.244.0.3:8080", "S").seq(15).id(19);
        bridge.at(SECOND, syn).at(SECOND + 100_000, TestPacket.tcp("10.244.0.3:8080", "10.244.0.1:50000", "SA").seq(170).ack(16));

        assertThat(traces(Folding.of(List.of(client, node1, bridge), points("client", "node1-eth0", "node1-cbr0")))).singleElement()
                .satisfies(trace -> assertThat(trace.template()).isSameAs(PathTemplates.NODEPORT));
    }

    @Test
    void aClientsAddressThatIsKeptForALocalEndpointNeedsNoMasquerade() throws IOException {
        Tape client = new Tape();
        Tape node1 = new Tape();
        Tape bridge = new Tape();
        exchange(client, node1, bridge, "10.240.0.4:32000", "10.241.0.4:38001", "10.244.0.3:8443");

        assertThat(onlyTrace(Folding.of(List.of(client, node1, bridge), points("client", "node1-eth0", "node1-cbr0"))).step("1.2.2")
                .status())
                .isEqualTo(StepStatus.NOT_APPLICABLE);
    }

    /** A node port is one service's on each node: what another node shows of its policy is true here, where no capture shows the pod. */
    @Test
    void aNodePortThatKeepsSourcesOnAnotherNodeDoesSoHere() throws IOException {
        assertThat(onTwoNodes("10.241.0.4:38001")).isEqualTo(StepStatus.NOT_APPLICABLE);
        assertThat(onTwoNodes("10.244.1.1:61001")).isEqualTo(StepStatus.INFERRED);
    }

    /** The status of the masquerade at a first node of which the pods are not captured, where a second gives its clients this source. */
    private StepStatus onTwoNodes(String source) throws IOException {
        Tape client = new Tape();
        Tape node2 = new Tape();
        Tape bridge = new Tape();
        exchange(client, node2, bridge, "10.240.0.5:32000", source, "10.244.1.2:8443");
        TestPacket syn = TestPacket.tcp("10.241.0.4:38002", "10.240.0.4:32000", "S").seq(15).id(19);
        TestPacket synAck = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:38002", "SA").seq(170).ack(16).id(0).ttl(63);
        Tape node1 = new Tape().at(SECOND + 100_000, syn).at(SECOND + 200_000, synAck);
        client.at(SECOND, syn).at(SECOND + 300_000, synAck.ttl(62));
        return traces(Folding.of(List.of(client, node1, node2, bridge), points("client", "node1-eth0", "node2-eth0", "node2-cbr0"))).get(1)
                .step("1.2.2").status();
    }

    /** The translated request at a bridge and at its port, or at the interface only. */
    private FlowTrace refusedOnAllInterfaces(boolean bridged, int ttl) throws IOException {
        Tape client = new Tape();
        Tape any = new Tape();
        TestPacket syn = TestPacket.tcp("10.241.0.4:40000", "10.240.0.4:32000", "S").seq(5).id(9);
        TestPacket out = syn.translated("10.244.0.1:1234", "10.244.0.3:8443").ttl(63);
        TestPacket refusal = TestPacket.tcp("10.244.0.3:8443", "10.244.0.1:1234", "RA").seq(0).ack(6).id(0).ttl(ttl);
        TestPacket back = refusal.translated("10.240.0.4:32000", "10.241.0.4:40000").ttl(ttl - 1);
        client.at(0, syn).at(900_000, back);
        any.at(100_000, syn).at(150_000, out);
        if (bridged) {
            Tape port = new Tape();
            port.at(0, out);
            byte[] atPort = port.frames().get(0).bytes().clone();
            atPort[11] = 0x77;
            any.at(152_000, atPort);
        }
        any.at(300_000, refusal).at(350_000, back);
        return onlyTrace(Folding.of(List.of(client, any, new Tape()), points("client", "node1-any", "node2-cbr0")));
    }

    @Test
    void aRefusalThatNobodyRoutedToARequestOnABridgeComesFromAPodThere() throws IOException {
        FlowTrace trace = refusedOnAllInterfaces(true, 64);
        assertThat(trace.local()).isTrue();
        assertThat(trace.step("1.3").status()).isEqualTo(StepStatus.NOT_APPLICABLE);
    }

    @Test
    void aRefusalToARequestThatShowsOnceOrThatWasRoutedDoesNot() throws IOException {
        assertThat(refusedOnAllInterfaces(false, 64).local()).isNotEqualTo(true);
        assertThat(refusedOnAllInterfaces(true, 63).local()).isNotEqualTo(true);
    }

    /** Under policy Local; nothing of the second request tells where the pod is. */
    @Test
    void whatOneAnswerTellsOfAPodsNodeOnAllInterfacesIsTrueOfAnUnansweredRequestToIt() throws IOException {
        TestPacket first = TestPacket.udp("10.241.0.4:40000", "10.240.0.4:30053", "who").id(9);
        TestPacket second = TestPacket.udp("10.241.0.4:40001", "10.240.0.4:30053", "where").id(10);
        TestPacket answer = TestPacket.udp("10.244.0.3:5353", "10.241.0.4:40000", "there").id(0).ttl(64);
        Tape any = new Tape();
        for (TestPacket question : List.of(first, second)) {
            long time = question == first ? 0 : SECOND;
            TestPacket out = question.translated(question == first ? "10.241.0.4:40000" : "10.241.0.4:40001", "10.244.0.3:5353").ttl(63);
            byte[] atPort = new Tape().at(0, out).frames().get(0).bytes().clone();
            atPort[11] = 0x77;
            any.at(time, question).at(time + 50_000, out).at(time + 52_000, atPort);
        }
        any.at(300_000, answer).at(350_000, answer.translated("10.240.0.4:30053", "10.241.0.4:40000").ttl(63));

        assertThat(traces(Folding.of(List.of(any.sorted(), new Tape()), points("node1-any", "node2-cbr0")))).hasSize(2)
                .allSatisfy(trace -> assertThat(trace.local()).isTrue());
    }

    @Test
    void aRefusalThatTheEntryNodeOnlyRoutedIsTheAnswerOfAPodThere() throws IOException {
        FlowTrace trace = refused(63);

        assertThat(trace.local()).isTrue();
        assertThat(statuses(trace)).isEqualTo("1.1 observed, 1.2 inferred, 1.2.1 inferred, 1.2.2 inferred, 1.3 not-applicable, "
                + "1.4 not-applicable, 1.5 not-applicable, 1.6 not-applicable, 2.0 observed");
    }

    @Test
    void aRefusalOfTheEntryNodeItselfProvesNoPod() throws IOException {
        FlowTrace trace = refused(64);

        assertThat(trace.local()).isNull();
        assertThat(statuses(trace)).isEqualTo("1.1 observed, 1.2 missing, 1.2.1 missing, 1.2.2 missing, 1.3 not-captured, "
                + "1.4 not-captured, 1.5 not-captured, 1.6 not-captured, 2.0 observed");
        assertThat(trace.step("2.0").reason()).isEqualTo("only a RST, and nothing shows that a pod sent it");
    }

    @Test
    void aRefusalThatTwoNodesRoutedIsNoAnswerOfAPodOnTheEntryNode() throws IOException {
        assertThat(refused(62).local()).isNull();
    }

    @Test
    void anAnswerThatTwoNodesRoutedIsNoneOfAPodOnTheEntryNodeThoughNoTranslatedPacketShows() throws IOException {
        assertThat(answered(63).local()).isTrue();

        FlowTrace trace = answered(62);

        assertThat(trace.local()).isNull();
        assertThat(trace.step("1.4").status()).isEqualTo(StepStatus.NOT_CAPTURED);
    }

    @Test
    void aRequestThatShowsAtTheEntryNodesBridgeOnlyStayedThereThoughNobodyAnswered() throws IOException {
        Tape node1 = new Tape();
        Tape bridge = new Tape();
        TestPacket syn = TestPacket.tcp("10.241.0.4:38001", "10.240.0.4:32000", "S").seq(5).id(9);
        node1.at(100_000, syn);
        bridge.at(200_000, syn.translated("10.241.0.4:38001", "10.244.0.3:8443").ttl(63));

        FlowTrace trace = onlyTrace(Folding.of(List.of(node1, bridge), points("node1-eth0", "node1-cbr0")));

        assertThat(trace.local()).isTrue();
        assertThat(trace.endpointNode()).isEqualTo("node-1");
        assertThat(trace.step("1.2.2").status()).isEqualTo(StepStatus.NOT_APPLICABLE);
    }

    // Paths

    @Test
    void aPodThatCallsAnAddressWhichIsTranslatedCallsAClusterIp() throws IOException {
        Tape pod = new Tape();
        Tape eth0 = new Tape();
        Tape target = new Tape();
        TestPacket syn = TestPacket.tcp("10.244.0.7:40000", "172.31.0.5:443", "S").seq(5).id(9);
        TestPacket out = syn.translated("10.244.0.7:40000", "10.244.1.2:8443");
        TestPacket back = TestPacket.tcp("10.244.1.2:8443", "10.244.0.7:40000", "SA").seq(70).ack(6).id(0);
        pod.at(0, syn).at(600_000, back.translated("172.31.0.5:443", "10.244.0.7:40000").ttl(62));
        eth0.at(100_000, out).at(500_000, back.ttl(63));
        target.at(200_000, out.ttl(62)).at(300_000, back);

        FlowTrace trace = onlyTrace(Folding.of(List.of(pod, eth0, target), points("node1-cbr0", "node1-eth0", "node2-cbr0")));

        assertThat(trace.template()).isSameAs(PathTemplates.CLUSTERIP);
        assertThat(trace.clusterIp()).hasToString("172.31.0.5:443");
        assertThat(statuses(trace)).isEqualTo("1.1 observed, 1.2 inferred, 1.3 observed, 1.4 inferred, "
                + "1.5 observed, 1.6 observed, 2.0 observed");
    }

    /** On all interfaces of a node a pod looks as a neighbour of the node does; what it is asked for on its own network tells. */
    @Test
    void aPodThatOnlyAllInterfacesShowCallsAClusterIpToo() throws IOException {
        Tape any = new Tape();
        Tape target = new Tape();
        TestPacket syn = TestPacket.tcp("10.244.0.7:40000", "172.31.0.5:443", "S").seq(5).id(9);
        TestPacket out = syn.translated("10.244.0.7:40000", "10.244.1.2:8443");
        TestPacket back = TestPacket.tcp("10.244.1.2:8443", "10.244.0.7:40000", "SA").seq(70).ack(6).id(0);
        TestPacket hairpin = TestPacket.tcp("10.244.0.3:40001", "172.31.0.5:443", "S").seq(7).id(19);
        TestPacket itself = TestPacket.tcp("10.244.0.3:8443", "10.244.0.1:1234", "SA").seq(90).ack(8).id(0);
        any.at(0, syn).at(10_000, syn).at(100_000, out.ttl(63)).at(500_000, back.ttl(62))
                .at(600_000, back.translated("172.31.0.5:443", "10.244.0.7:40000").ttl(61))
                .at(SECOND, hairpin).at(SECOND + 10_000, hairpin)
                .at(SECOND + 20_000, hairpin.translated("10.244.0.1:1234", "10.244.0.3:8443").ttl(63))
                .at(SECOND + 30_000, hairpin.translated("10.244.0.1:1234", "10.244.0.3:8443").ttl(63))
                .at(SECOND + 40_000, itself).at(SECOND + 50_000, itself)
                .at(SECOND + 60_000, itself.translated("172.31.0.5:443", "10.244.0.3:40001").ttl(63));
        target.at(200_000, out.ttl(62)).at(300_000, back);

        assertThat(traces(Folding.of(List.of(any, target), points("node1-any", "node2-cbr0")))).hasSize(2)
                .allSatisfy(trace -> assertThat(trace.template()).isSameAs(PathTemplates.CLUSTERIP));
    }

    /** With br_netfilter: only between two ports of a bridge is anything translated and not routed. */
    @Test
    void whatAllInterfacesShowTranslatedAndNotRoutedIsACallOfAPod() throws IOException {
        TestPacket syn = TestPacket.tcp("10.244.0.7:40000", "172.31.0.5:443", "S").seq(5).id(9);
        TestPacket refusal = TestPacket.tcp("10.244.0.3:8443", "10.244.0.7:40000", "RA").seq(0).ack(6).id(0);
        Tape any = new Tape().at(0, syn).at(10_000, syn.translated("10.244.0.7:40000", "10.244.0.3:8443").ttl(64))
                .at(20_000, refusal)
                .at(30_000, refusal.translated("172.31.0.5:443", "10.244.0.7:40000").ttl(64));

        FlowTrace trace = onlyTrace(Folding.of(List.of(any), points("node1-any")));

        assertThat(trace.template()).isSameAs(PathTemplates.CLUSTERIP);
        assertThat(cluster.nodesByAddress()).isEmpty();
    }

    /** Nothing says that the caller is a pod: it has another network than they have, or came through a router. */
    @Test
    void aNeighbourOfTheNodeThatAllInterfacesShowIsNoPod() throws IOException {
        TestPacket syn = TestPacket.tcp("10.241.0.4:40000", "20.50.60.70:443", "S").seq(5).id(9);
        TestPacket out = syn.translated("10.241.0.4:40000", "10.244.0.3:8443");
        TestPacket back = TestPacket.tcp("10.244.0.3:8443", "10.241.0.4:40000", "SA").seq(70).ack(6).id(0);
        for (int ttl : new int[] {64, 60}) {
            Tape any = new Tape().at(0, syn.ttl(ttl)).at(100_000, out.ttl(ttl - 1)).at(120_000, out.ttl(ttl - 1)).at(300_000, back)
                    .at(320_000, back).at(400_000, back.translated("20.50.60.70:443", "10.241.0.4:40000").ttl(63));

            assertThat(onlyTrace(Folding.of(List.of(any), points("node1-any"))).template()).isNotSameAs(PathTemplates.CLUSTERIP);
        }
    }

    @Test
    void aPodsCallThatAnotherNodeTranslatesWasForItsNodePort() throws IOException {
        Tape pod = new Tape();
        Tape eth0 = new Tape();
        Tape other = new Tape();
        Tape target = new Tape();
        TestPacket syn = TestPacket.tcp("10.244.0.7:40000", "10.240.0.5:32000", "S").seq(5).id(9);
        TestPacket out = syn.translated("10.244.1.1:1234", "10.244.1.2:8443").ttl(62);
        TestPacket back = TestPacket.tcp("10.244.1.2:8443", "10.244.1.1:1234", "SA").seq(70).ack(6).id(0);
        TestPacket untranslated = back.translated("10.240.0.5:32000", "10.244.0.7:40000").ttl(63);
        pod.at(0, syn).at(800_000, untranslated.ttl(62));
        eth0.at(100_000, syn.ttl(63)).at(700_000, untranslated);
        other.at(200_000, syn.ttl(63)).at(600_000, untranslated);
        target.at(300_000, out).at(400_000, back);

        FlowTrace trace = onlyTrace(Folding.of(List.of(pod, eth0, other, target),
                points("pod", "node1-eth0", "node2-eth0", "node2-cbr0")));

        assertThat(trace.template()).isSameAs(PathTemplates.NODEPORT);
        assertThat(trace.entryNode()).isEqualTo("node-2");
        assertThat(trace.step("2.0").status()).isEqualTo(StepStatus.OBSERVED);
    }

    /** The same, while the other node's interface was not captured yet: the caller's own node sent it out as it was. */
    @Test
    void aPodsCallOfAnotherNodesPortEntersThereThoughThatNodesCaptureShowsNothing(@TempDir Path folder) throws IOException {
        Path nodes = Files.writeString(folder.resolve("nodes.json"), """
                {"kind": "List", "items": [
                 {"kind": "Node", "metadata": {"name": "node-1"}, "spec": {"podCIDR": "10.244.0.0/24"},
                  "status": {"addresses": [{"type": "InternalIP", "address": "10.240.0.4"}]}},
                 {"kind": "Node", "metadata": {"name": "node-2"}, "spec": {"podCIDR": "10.244.1.0/24"},
                  "status": {"addresses": [{"type": "InternalIP", "address": "10.240.0.5"}]}}]}""");
        TestPacket syn = TestPacket.tcp("10.244.0.7:40000", "10.240.0.5:32000", "S").seq(5).id(9);
        TestPacket out = syn.translated("10.244.1.1:1234", "10.244.1.2:8443").ttl(62);
        TestPacket back = TestPacket.tcp("10.244.1.2:8443", "10.244.1.1:1234", "SA").seq(70).ack(6).id(0);
        TestPacket untranslated = back.translated("10.240.0.5:32000", "10.244.0.7:40000").ttl(63);
        Tape pod = new Tape().at(0, syn).at(800_000, untranslated.ttl(62));
        Tape eth0 = new Tape().at(100_000, syn.ttl(63)).at(700_000, untranslated);
        Tape target = new Tape().at(300_000, out).at(400_000, back);

        Folding folding = Folding.of(List.of(pod, eth0, target), points("pod", "node1-eth0", "node2-cbr0"));

        assertThat(LocatedFlows.of(folding, List.of(nodes)).traces()).singleElement()
                .satisfies(trace -> assertThat(trace.entryNode()).isEqualTo("node-2"));
    }

    // The node that is called, where its own interface was not captured

    /** The kernel masquerades with the address of the interface that it sends on. */
    @Test
    void whatComesWithTheAddressOfThePodsBridgeWasForThePodsOwnNode() throws IOException {
        FlowTrace trace = callOfNode2("10.244.1.1:1234", "10.244.1.2:8443", "node2-cbr0");

        assertThat(trace.entryNode()).isEqualTo("node-2");
        assertThat(trace.local()).isTrue();
        assertThat(trace.step("1.3").status()).isEqualTo(StepStatus.NOT_APPLICABLE);
    }

    @Test
    void whatComesTranslatedThroughANodesInterfaceToItsBridgeWasForAnotherNode() throws IOException {
        FlowTrace trace = callOfNode2("10.240.0.5:1234", "10.244.0.3:8443", "node1-eth0", "node1-cbr0");

        assertThat(trace.entryNode()).isEqualTo("node-2");
        assertThat(trace.local()).isFalse();
        assertThat(trace.step("1.4").status()).isEqualTo(StepStatus.OBSERVED);
        assertThat(trace.step("1.5").status()).isEqualTo(StepStatus.OBSERVED);
    }

    /** Where nothing of the other node was captured, it has no name; that it is another one is known all the same. */
    @Test
    void whatComesTranslatedThroughTheOnlyNodeWasForOneThatHasNoName() throws IOException {
        Tape client = new Tape();
        Tape eth0 = new Tape();
        Tape bridge = new Tape();
        call(client, List.of(eth0, bridge), "10.240.0.5:1234", "10.244.0.3:8443");
        FlowTrace trace = onlyTrace(Folding.of(List.of(client, eth0, bridge), points("client", "node1-eth0", "node1-cbr0")));

        assertThat(trace.entryNode()).isNull();
        assertThat(trace.local()).isFalse();
        assertThat(trace.step("1.4").status()).isEqualTo(StepStatus.OBSERVED);
    }

    /** Under externalTrafficPolicy Local the sender tells nothing: Node-1's own address, known by others' calls, is another one. */
    @Test
    void whatIsCalledByANeighboursAddressOfTheOnlyNodeCapturedOutsideIsNotForThatNode() throws IOException {
        Tape client = new Tape();
        Tape node1 = new Tape();
        Tape bridge1 = new Tape();
        Tape bridge2 = new Tape();
        exchange(client, node1, bridge1, "10.240.0.4:32000", "10.241.0.4:38001", "10.244.0.3:8443");
        call(client, List.of(bridge2), "10.241.0.4:40000", "10.244.1.2:8443");

        FlowTrace trace = traces(Folding.of(List.of(client, node1, bridge1, bridge2),
                points("client", "node1-eth0", "node1-cbr0", "node2-cbr0"))).get(1);

        assertThat(trace.entryNode()).isEqualTo("node-2");
        assertThat(trace.local()).isTrue();
    }

    /** Only the node that was called has translated it: others that pass it on list what came out. */
    @Test
    void theNodeWhoseConntrackListsACallAsTranslatedWasCalled(@TempDir Path folder) throws IOException {
        Path listing = Files.writeString(folder.resolve("node-2.conntrack"), "tcp      6 86399 ESTABLISHED src=10.241.0.4 dst=10.240.0.5 "
                + "sport=40000 dport=32000 src=10.244.1.2 dst=10.241.0.4 sport=8443 dport=40000 [ASSURED] mark=0 use=1\n");
        Tape client = new Tape();
        Tape bridge = new Tape();
        call(client, List.of(bridge), "10.241.0.4:40000", "10.244.1.2:8443");
        Folding folding = Folding.of(List.of(client, new Tape(), bridge), points("client", "node1-eth0", "node2-cbr0"));

        assertThat(LocatedFlows.of(folding, List.of(listing)).traces()).singleElement()
                .satisfies(trace -> assertThat(trace.entryNode()).isEqualTo("node-2"));
    }

    /** One beside it, too: by the prefix of both, even where no packet tells of either's node. */
    @Test
    void aPodWhoseCallANodesConntrackListsAsTranslatedIsOnThatNode(@TempDir Path folder) throws IOException {
        Path listing = Files.writeString(folder.resolve("node-1.conntrack"), "ipv6 10 udp 17 28 src=fd00:244::7 dst=fd00:172:31::c "
                + "sport=41000 dport=53 src=fd00:244::10 dst=fd00:244::7 sport=5353 dport=41000 mark=0 use=1\n");
        Path rules = Files.writeString(folder.resolve("node-1.ip6tables-save"), """
                # Generated by ip6tables-save v1.8.9
                *nat
                :KUBE-SERVICES - [0:0]
                :KUBE-SVC-AAAA - [0:0]
                :KUBE-SEP-AAAA - [0:0]
                -A KUBE-SERVICES -d fd00:172:31::c/128 -p udp -m comment --comment "default/dns:dns cluster IP" --dport 53 -j KUBE-SVC-AAAA
                -A KUBE-SVC-AAAA -m comment --comment "default/dns:dns -> [fd00:244::10]:5353" -j KUBE-SEP-AAAA
                -A KUBE-SEP-AAAA -p udp -m comment --comment "default/dns:dns" -m udp -j DNAT --to-destination [fd00:244::10]:5353
                COMMIT
                """);
        Tape pod = new Tape();
        pod.at(0, TestPacket.udp("[fd00:244::7]:41000", "[fd00:172:31::c]:53", "who is web"));
        pod.at(500_000, TestPacket.udp("[fd00:172:31::c]:53", "[fd00:244::7]:41000", "web is fd00::1"));
        Folding folding = Folding.of(List.of(pod, new Tape(), new Tape()), points("pod", "node1-eth0", "node2-cbr0"));

        assertThat(LocatedFlows.of(folding, List.of(listing, rules)).traces()).singleElement().satisfies(trace -> {
            assertThat(trace.entryNode()).isEqualTo("node-1");
            assertThat(trace.endpointNode()).isEqualTo("node-1");
            assertThat(trace.local()).isTrue();
        });
    }

    /** Its own interface shows it, and neither its bridge nor its pods' do: where else one call of it went tells where all began. */
    @Test
    void aPodWhoseCallOfAnotherNodesPodLeavesANodesInterfaceIsOnThatNode() throws IOException {
        Tape pod = new Tape();
        Tape eth0 = new Tape();
        Tape bridge = new Tape();
        TestPacket syn = TestPacket.tcp("10.244.0.7:40000", "172.31.0.5:443", "S").seq(5).id(9);
        TestPacket out = syn.translated("10.244.0.7:40000", "10.244.1.2:8443").ttl(63);
        TestPacket back = TestPacket.tcp("10.244.1.2:8443", "10.244.0.7:40000", "SA").seq(70).ack(6).id(0);
        pod.at(0, syn).at(700_000, back.translated("172.31.0.5:443", "10.244.0.7:40000").ttl(62));
        eth0.at(100_000, out).at(600_000, back.ttl(63));
        bridge.at(200_000, out.ttl(62)).at(500_000, back);
        TestPacket other = TestPacket.tcp("10.244.0.7:40001", "172.31.0.5:443", "S").seq(15).id(19);
        pod.at(SECOND, other).at(SECOND + 100_000,
                TestPacket.tcp("172.31.0.5:443", "10.244.0.7:40001", "RA").seq(0).ack(16).id(0));

        FlowTrace refused = traces(Folding.of(List.of(pod, eth0, bridge), points("pod", "node1-eth0", "node2-cbr0"))).get(1);

        assertThat(refused.entryNode()).isEqualTo("node-1");
        assertThat(refused.local()).isTrue();
        assertThat(refused.step("1.3").status()).isEqualTo(StepStatus.NOT_APPLICABLE);
    }

    /** A call of Node-2's node port, of which these points show the translated packets. */
    private FlowTrace callOfNode2(String source, String pod, String... shownAt) throws IOException {
        List<String> names = List.of("client", "node1-eth0", "node1-cbr0", "node2-cbr0");
        List<Tape> tapes = List.of(new Tape(), new Tape(), new Tape(), new Tape());
        List<Tape> shown = new ArrayList<>();
        for (String name : shownAt) {
            shown.add(tapes.get(names.indexOf(name)));
        }
        call(tapes.get(0), shown, source, pod);
        return onlyTrace(Folding.of(tapes, points(names.toArray(String[]::new))));
    }

    private static void call(Tape client, List<Tape> translated, String source, String pod) {
        TestPacket syn = TestPacket.tcp("10.241.0.4:40000", "10.240.0.5:32000", "S").seq(15).id(19);
        TestPacket synAck = TestPacket.tcp(pod, source, "SA").seq(170).ack(16).id(0);
        client.at(SECOND, syn).at(SECOND + 900_000, synAck.translated("10.240.0.5:32000", "10.241.0.4:40000").ttl(62));
        for (int i = 0; i < translated.size(); i++) {
            int left = translated.size() - 1 - i;
            translated.get(i).at(SECOND + 100_000 * (i + 1), syn.translated(source, pod).ttl(63 - i))
                    .at(SECOND + 500_000 + 100_000 * left, synAck.ttl(64 - left));
        }
    }

    @Test
    void aPodThatRefusesOnTheCallersBridgeIsOnItsNode() throws IOException {
        Tape pod = new Tape();
        Tape bridge = new Tape();
        TestPacket syn = TestPacket.tcp("10.244.0.7:40000", "172.31.0.5:443", "S").seq(5).id(9);
        TestPacket refusal = TestPacket.tcp("10.244.0.3:8443", "10.244.0.7:40000", "RA").seq(0).ack(6).id(0);
        pod.at(0, syn).at(600_000, refusal.translated("172.31.0.5:443", "10.244.0.7:40000"));
        bridge.at(100_000, syn.translated("10.244.0.7:40000", "10.244.0.3:8443")).at(300_000, refusal);

        FlowTrace trace = onlyTrace(Folding.of(List.of(pod, bridge, new Tape(), new Tape()),
                points("pod", "node1-cbr0", "node1-eth0", "node2-cbr0")));

        assertThat(trace.local()).isTrue();
        assertThat(trace.step("1.4").status()).isEqualTo(StepStatus.NOT_APPLICABLE);
    }

    @Test
    void aSilentPodWithThePrefixOfItsCallerIsOnTheCallersNode() throws IOException {
        Tape bridge = new Tape();
        TestPacket syn = TestPacket.tcp("10.244.0.7:40000", "172.31.0.5:443", "S").seq(5).id(9);
        bridge.at(100_000, syn.translated("10.244.0.7:40000", "10.244.0.3:8443"));

        FlowTrace trace = onlyTrace(Folding.of(List.of(new Tape().at(0, syn), bridge, new Tape(), new Tape()),
                points("pod", "node1-cbr0", "node1-eth0", "node2-cbr0")));

        assertThat(trace.endpointNode()).isEqualTo("node-1");
        assertThat(trace.placeAtEndpoint()).isEqualTo(1);
    }

    @Test
    void aPodThatGetsItselfIsOnItsOwnNodeThoughItRefuses() throws IOException {
        Tape pod = new Tape();
        TestPacket syn = TestPacket.tcp("10.244.0.3:40000", "172.31.0.5:443", "S").seq(5).id(9);
        TestPacket refusal = TestPacket.tcp("10.244.0.3:8443", "10.244.0.1:1234", "RA").seq(0).ack(6).id(0);
        pod.at(0, syn).at(100_000, syn.translated("10.244.0.1:1234", "10.244.0.3:8443")).at(200_000, refusal)
                .at(300_000, refusal.translated("172.31.0.5:443", "10.244.0.3:40000"));
        Tape bridge = new Tape();
        bridge.at(50_000, syn.translated("10.244.0.3:40000", "10.244.0.3:8443"))
                .at(250_000, refusal.translated("10.244.0.3:8443", "10.244.0.3:40000"));

        FlowTrace trace = onlyTrace(Folding.of(List.of(pod, bridge, new Tape(), new Tape()),
                points("pod", "node1-cbr0", "node1-eth0", "node2-cbr0")));

        assertThat(trace.local()).isTrue();
        assertThat(trace.step("1.4").status()).isEqualTo(StepStatus.NOT_APPLICABLE);
    }

    /** A RST of the pod, a silent pod, and one that is known from what another client asked it. */
    @Test
    void whatIsRoutedToABridgeIsForAPodThereWhetherOrNotItAnswers() throws IOException {
        TestPacket refused = TestPacket.tcp("10.244.0.7:40000", "10.244.1.2:8443", "S").seq(5).id(9);
        TestPacket refusal = TestPacket.tcp("10.244.1.2:8443", "10.244.0.7:40000", "RA").seq(0).ack(6).id(0);
        TestPacket unanswered = TestPacket.tcp("10.244.0.7:40001", "10.244.1.3:8443", "S").seq(7).id(19);
        TestPacket onlyLeft = TestPacket.tcp("10.244.0.7:40002", "10.244.1.4:8443", "S").seq(9).id(29);
        TestPacket ofAnother = TestPacket.tcp("10.241.0.4:40003", "10.240.0.4:32000", "S").seq(11).id(39);
        TestPacket translated = ofAnother.translated("10.240.0.4:1234", "10.244.1.4:8443");
        Tape caller = new Tape().at(0, refused).at(500_000, refusal.ttl(62)).at(SECOND, unanswered).at(2 * SECOND, onlyLeft);
        Tape eth0 = new Tape().at(100_000, refused.ttl(63)).at(400_000, refusal.ttl(63)).at(SECOND + 100_000, unanswered.ttl(63))
                .at(2 * SECOND + 100_000, onlyLeft.ttl(63)).at(3 * SECOND, ofAnother).at(3 * SECOND + 50_000, translated.ttl(63));
        Tape target = new Tape().at(200_000, refused.ttl(62)).at(300_000, refusal).at(SECOND + 200_000, unanswered.ttl(62))
                .at(3 * SECOND + 100_000, translated.ttl(62));

        List<FlowTrace> traces = traces(Folding.of(List.of(caller, eth0, target), points("node1-cbr0", "node1-eth0", "node2-cbr0")));

        assertThat(traces).extracting(trace -> trace.template().name() + " " + trace.endpoint()).containsExactlyInAnyOrder(
                "pod-to-pod 10.244.1.2:8443", "pod-to-pod 10.244.1.3:8443", "pod-to-pod 10.244.1.4:8443", "nodeport 10.244.1.4:8443");
    }

    @Test
    void aPodsCallThatItsOwnNodeRejectsIsOneOfAClusterIp() throws IOException {
        assertThat(rejected("10.244.0.1", 64)).singleElement().satisfies(trace -> {
            assertThat(trace.template()).isSameAs(PathTemplates.CLUSTERIP);
            assertThat(trace.step("1.1").status()).isEqualTo(StepStatus.OBSERVED);
            assertThat(trace.entryNode()).isEqualTo("node-1");
        });
    }

    @Test
    void aPodsCallThatTheCalledHostOrARouterRejectsIsNot() throws IOException {
        assertThat(rejected("172.31.0.5", 64)).isEmpty();
        assertThat(rejected("10.250.0.1", 60)).isEmpty();
    }

    /** Linux limits what it says of it. */
    @Test
    void aPodsCallIsOneOfAClusterIpThoughItsNodeSaidOnlyOfAnotherThatItRejectsIt() throws IOException {
        TestPacket question = TestPacket.udp("10.244.0.7:40000", "172.31.0.5:53", "who").id(9);
        Tape bridge = new Tape().at(0, question).at(50_000, question.unreachable("10.244.0.1", 3, 64))
                .at(SECOND, TestPacket.udp("10.244.0.7:40001", "172.31.0.5:53", "where").id(10))
                .at(SECOND, TestPacket.udp("10.244.0.7:40002", "172.31.0.6:53", "elsewhere").id(11));

        assertThat(traces(Folding.of(List.of(bridge), points("node1-cbr0")))).hasSize(2).allSatisfy(trace -> {
            assertThat(trace.template()).isSameAs(PathTemplates.CLUSTERIP);
            assertThat(trace.flow().original().destination()).hasToString("172.31.0.5:53");
        });
    }

    @Test
    void anAnswerSaysThatWhatIsRejectedToOthersIsNoService() throws IOException {
        TestPacket question = TestPacket.udp("10.244.0.7:40000", "172.31.0.5:53", "who").id(9);
        Tape bridge = new Tape().at(0, question).at(50_000, question.unreachable("10.244.0.1", 3, 64))
                .at(SECOND, TestPacket.udp("10.244.0.7:40001", "172.31.0.5:53", "where").id(10))
                .at(SECOND + 50_000, TestPacket.udp("172.31.0.5:53", "10.244.0.7:40001", "there").id(20).ttl(55));

        assertThat(traces(Folding.of(List.of(bridge), points("node1-cbr0")))).hasSize(1);
    }

    /** A load balancer left its own address in the packet, and the service has no endpoint that would show it. */
    @Test
    void whatANodeRejectsOfAnotherAddressThanItsOwnCameByALoadBalancer() throws IOException {
        TestPacket question = TestPacket.tcp("10.241.0.4:40000", "20.50.60.70:443", "S").seq(5).id(9);
        TestPacket second = TestPacket.tcp("10.241.0.4:40001", "20.50.60.70:443", "S").seq(7).id(10);
        TestPacket toHost = TestPacket.tcp("10.241.0.4:40002", "20.50.60.71:443", "S").seq(9).id(11);
        Tape client = new Tape().at(0, question).at(150_000, question.unreachable("10.240.0.4", 3, 63)).at(SECOND, second)
                .at(2 * SECOND, toHost).at(2 * SECOND + 150_000, toHost.unreachable("20.50.60.71", 3, 60));
        Tape eth0 = new Tape().at(50_000, question).at(100_000, question.unreachable("10.240.0.4", 3, 64)).at(SECOND + 50_000, second)
                .at(2 * SECOND + 50_000, toHost).at(2 * SECOND + 100_000, toHost.unreachable("20.50.60.71", 3, 61));

        assertThat(traces(Folding.of(List.of(client, eth0), points("client", "node1-eth0")))).hasSize(2).allSatisfy(trace -> {
            assertThat(trace.template()).isSameAs(PathTemplates.LOADBALANCER);
            assertThat(trace.entryNode()).isEqualTo("node-1");
            assertThat(trace.flow().original().destination()).hasToString("20.50.60.70:443");
        });
    }

    @Test
    void aPodsCallOfSomethingElseThanTheServicesThatAreToldIsNot(@TempDir Path folder) throws IOException {
        Path services = Files.writeString(folder.resolve("services.json"), """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "dns", "namespace": "kube-system"},
                 "spec": {"clusterIP": "172.31.0.10", "ports": [{"port": 53, "protocol": "UDP"}]}}""");
        assertThat(LocatedFlows.of(rejection("10.244.0.1", 64), List.of(services)).traces()).isEmpty();
    }

    private List<FlowTrace> rejected(String by, int ttl) throws IOException {
        return traces(rejection(by, ttl));
    }

    private static Folding rejection(String by, int ttl) throws IOException {
        Tape bridge = new Tape();
        TestPacket question = TestPacket.udp("10.244.0.7:40000", "172.31.0.5:53", "who").id(9);
        bridge.at(0, question);
        bridge.at(50_000, question.unreachable(by, 3, ttl));
        return Folding.of(List.of(bridge), points("node1-cbr0"));
    }

    @Test
    void aPodThatIsMasqueradedToItsNodeLeavesTheCluster() throws IOException {
        Tape bridge = new Tape();
        Tape eth0 = new Tape();
        TestPacket syn = TestPacket.tcp("10.244.0.7:40000", "93.184.216.34:443", "S").seq(5).id(9);
        TestPacket back = TestPacket.tcp("93.184.216.34:443", "10.240.0.4:61000", "SA").seq(70).ack(6).id(0).ttl(55);
        bridge.at(0, syn).at(600_000, back.translated("93.184.216.34:443", "10.244.0.7:40000"));
        eth0.at(100_000, syn.translated("10.240.0.4:61000", "93.184.216.34:443")).at(500_000, back);

        FlowTrace trace = onlyTrace(Folding.of(List.of(bridge, eth0), points("node1-cbr0", "node1-eth0")));

        assertThat(trace.template()).isSameAs(PathTemplates.EGRESS);
        assertThat(statuses(trace)).isEqualTo("1.1 observed, 1.2 inferred, 1.3 observed, 1.6 observed, 2.0 observed");
    }

    @Test
    void trafficOfNobodysServiceTakesNoPath() throws IOException {
        path.connect(1).handshake().ask("x").answer("y").close();
        List<Tape> tapes = path.tapes();
        TestPacket ssh = TestPacket.tcp("10.241.0.4:50000", "10.240.0.4:22", "S").seq(1).id(900);
        tapes.get(0).at(0, ssh);
        tapes.get(1).at(100_000, ssh);

        assertThat(traces(Folding.of(tapes))).hasSize(1);
    }

    // What flows tell of the cluster

    @Test
    void podsSeenAtABridgeTellItsNodeThePodCidr() throws IOException {
        path.connect("10.241.0.4:38001", "10.240.0.4:32000", "10.240.0.4:52001", "10.244.1.2:8443").handshake().ask("x").answer("y")
                .close();
        lost(path.connect("10.241.0.4:38002", "10.240.0.4:32000", "10.240.0.4:52002", "10.244.1.9:8443"));
        path.connect("10.241.0.4:38003", "10.240.0.4:32000", "10.240.0.4:52003", "10.244.1.2:8443").handshake().ask("x").answer("y")
                .close();

        List<FlowTrace> traces = traces(Folding.of(path.tapes()));

        assertThat(traces).extracting(FlowTrace::endpointNode).containsOnly("node-2");
        assertThat(cluster.nodeOfPod(IpAddress.parse("10.244.1.77"))).isEqualTo("node-2");
        assertThat(cluster.nodeOfPod(IpAddress.parse("10.244.2.77"))).isNull();
        assertThat(cluster.nodesByAddress()).containsEntry(IpAddress.parse("10.240.0.4"), "node-1");
        assertThat(cluster.masqueradeAddresses()).containsExactly(IpAddress.parse("10.240.0.4"));
    }

    @Test
    void aNodeWhosePodsGetRequestsIsNotWhereOthersAreLostThoughTheyDoNotAnswer() throws IOException {
        Tape eth0 = new Tape();
        Tape third = new Tape();
        Tape fourth = new Tape();
        TestPacket silent = TestPacket.tcp("10.241.0.4:40000", "10.240.0.4:32000", "S").seq(5).id(9);
        TestPacket delivered = silent.translated("10.240.0.4:1234", "10.244.2.2:8443");
        TestPacket lost = TestPacket.tcp("10.241.0.4:40001", "10.240.0.4:32000", "S").seq(7).id(19);
        eth0.at(0, silent).at(50_000, delivered).at(10_000_000, lost)
                .at(10_050_000, lost.translated("10.240.0.4:1235", "10.244.3.2:8443"));
        third.at(100_000, delivered);

        List<FlowTrace> traces = traces(Folding.of(List.of(eth0, third, fourth), points("node1-eth0", "node3-cbr0", "node4-cbr0")));

        assertThat(traces).extracting(FlowTrace::endpointNode).containsExactly("node-3", "node-4");
    }

    @Test
    void aPodOfAnotherPrefixThanTheCapturedNodesMayBeOnANodeThatWasNotCaptured() throws IOException {
        path.connect("10.241.0.4:38001", "10.240.0.4:32000", "10.240.0.4:52001", "10.244.1.2:8443").handshake().ask("x").answer("y")
                .close();
        lost(path.connect("10.241.0.4:38002", "10.240.0.4:32000", "10.240.0.4:52002", "10.244.7.9:8443"));

        List<FlowTrace> traces = traces(Folding.of(path.tapes()));

        assertThat(traces).extracting(FlowTrace::endpointNode).containsExactly("node-2", null);
    }

    @Test
    void podsOfOnePrefixOnTwoNodesTakeTheGuessBack() throws IOException {
        ServicePath first = ServicePath.create();
        first.connect("10.241.0.4:38001", "10.240.0.4:32000", "10.240.0.4:52001", "10.244.1.2:8443").handshake().ask("x").answer("y")
                .close();
        ServicePath second = ServicePath.create();
        second.connect("10.241.0.4:38002", "10.240.0.4:32000", "10.240.0.4:52002", "10.244.1.3:8443").handshake().ask("x").answer("y")
                .close();
        List<Tape> both = new ArrayList<>(first.tapes());
        for (int i = 0; i < 2; i++) {
            for (Tape.Frame frame : second.tapes().get(i).frames()) {
                both.get(i).at(frame.timeNanos() - Tape.START, frame.bytes());
            }
            both.get(i).sorted();
        }
        both.add(second.tapes().get(2));

        traces(Folding.of(both, points("client", "node1-eth0", "node2-cbr0", "node3-cbr0")));

        assertThat(cluster.nodeOfPod(IpAddress.parse("10.244.1.2"))).isEqualTo("node-2");
        assertThat(cluster.nodeOfPod(IpAddress.parse("10.244.1.3"))).isEqualTo("node-3");
        assertThat(cluster.nodeOfPod(IpAddress.parse("10.244.1.77"))).isNull();
    }

    private void lostAt(ServicePath.Place place) {
        for (int i = 0; i < 3; i++) {
            connection.request(connection.syn(), place);
            path.pause(SECOND << i);
        }
    }

    private void lost(ServicePath.Connection one) {
        one.request(one.syn(), NODE1_AFTER_NAT);
    }

    /** A handshake with an endpoint on the entry node. */
    private static void exchange(Tape client, Tape node1, Tape bridge, String service, String source, String pod) {
        TestPacket syn = TestPacket.tcp("10.241.0.4:38001", service, "S").seq(5).id(9);
        TestPacket synAck = TestPacket.tcp(pod, source, "SA").seq(70).ack(6).id(0);
        TestPacket ack = TestPacket.tcp("10.241.0.4:38001", service, "A").seq(6).ack(71).id(10);
        TestPacket reversed = synAck.translated(service, "10.241.0.4:38001");
        client.at(0, syn).at(500_000, reversed).at(600_000, ack);
        node1.at(100_000, syn).at(400_000, reversed).at(700_000, ack);
        bridge.at(200_000, syn.translated(source, pod)).at(300_000, synAck).at(800_000, ack.translated(source, pod));
    }

    /** A SYN that no capture shows translated, and a RST that leaves the entry node with this TTL. */
    private FlowTrace refused(int ttl) throws IOException {
        Tape client = new Tape();
        Tape node1 = new Tape();
        TestPacket syn = TestPacket.tcp("10.241.0.4:38001", "10.240.0.4:32000", "S").seq(5).id(9);
        TestPacket reset = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:38001", "RA").seq(0).ack(6).id(0).ttl(ttl);
        client.at(0, syn).at(500_000, reset);
        node1.at(100_000, syn).at(400_000, reset);
        return onlyTrace(Folding.of(List.of(client, node1), points("client", "node1-eth0")));
    }

    /** The same with an answer. */
    private FlowTrace answered(int ttl) throws IOException {
        Tape client = new Tape();
        Tape node1 = new Tape();
        TestPacket question = TestPacket.udp("10.241.0.4:38001", "10.240.0.4:30053", "who").id(9);
        TestPacket answer = TestPacket.udp("10.240.0.4:30053", "10.241.0.4:38001", "me").id(0).ttl(ttl);
        client.at(0, question).at(500_000, answer);
        node1.at(100_000, question).at(400_000, answer);
        return onlyTrace(Folding.of(List.of(client, node1), points("client", "node1-eth0")));
    }

    private static boolean hasAddress(byte[] frame, String address) {
        byte[] wanted = bytes(address);
        for (int at : new int[] {26, 30}) {
            if (Arrays.equals(Arrays.copyOfRange(frame, at, at + 4), wanted)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] bytes(String address) {
        String[] parts = address.split("\\.");
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            bytes[i] = (byte) Integer.parseInt(parts[i]);
        }
        return bytes;
    }

    private static List<CapturePoint> points(String... names) {
        List<CapturePoint> points = new ArrayList<>();
        for (String name : names) {
            PointRole role = switch (name) {
                case "client" -> PointRole.CLIENT;
                case "pod" -> PointRole.POD;
                case "node1-any" -> PointRole.ANY;
                default -> name.endsWith("eth0") ? PointRole.NODE_INTERFACE : PointRole.BRIDGE;
            };
            points.add(Folding.point(name, role, name.startsWith("node") ? "node-" + name.charAt(4) : null));
        }
        return points;
    }

    private FlowTrace onlyTrace(Folding folding) throws IOException {
        List<FlowTrace> traces = traces(folding);
        assertThat(traces).hasSize(1);
        return traces.get(0);
    }

    private List<FlowTrace> traces(Folding folding) throws IOException {
        LocatedFlows located = LocatedFlows.of(folding);
        cluster = located.cluster();
        return located.traces();
    }

    private static String statuses(FlowTrace trace) {
        return trace.steps().stream().map(step -> step.number() + " " + step.status().label()).collect(Collectors.joining(", "));
    }

    private static List<String> proof(FlowTrace trace, String step) {
        return trace.step(step).evidence().stream().map(ReconstructorTest::frame).toList();
    }

    private static String frame(FrameRef frame) {
        return frame.point() + "#" + frame.number();
    }
}
