package io.nattrail.analysis;

import static io.nattrail.assertj.NatTrailAssertions.assertThatCase;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Captures of cases that were taken badly, or changed before they were handed over: what they do not show any more accuses nobody. */
class PoorCapturesTest {
    private static final Path CASES = Path.of("src/test/resources/cases");

    @TempDir
    Path folder;

    // Begun late, over early

    @Test
    void whoseHandshakeIsNotInTheCaptureAndGoesOnHasItsAnswersAnotherWay() throws IOException {
        state("direct-server-return");
        copy("direct-server-return", "node1-eth0").without(1, 8).to(folder.resolve("node1-eth0.pcap"));

        assertThatCase(run()).hasFlows(4).hasNoDeviation("snat-missing");
    }

    @Test
    void whereTheNodesCaptureShowsOnlyTheEndTheClientHadItsAnswersAllTheSame() throws IOException {
        take("direct-server-return", "client", "node2-cbr0");
        copy("direct-server-return", "node1-eth0").without(4, 40).to(folder.resolve("node1-eth0.pcap"));

        assertThatCase(run()).hasNoDeviation("snat-missing");
    }

    /** The client sends it again a second later, and it comes through. */
    @Test
    void aSynThatIsLostJustBeforeTheCapturesEndHasFailedNothingYet() throws IOException {
        takeUntil("syn-and-data-lost", 1_795_663_475_820L, "client", "node1-eth0", "node2-cbr0");

        assertThat(run().flows()).filteredOn(flow -> flow.client().port() >= 43_002 && flow.client().port() <= 43_004).hasSize(3)
                .allSatisfy(flow -> assertThat(flow.verdict()).isEqualTo(Verdict.UNDETERMINED))
                .allSatisfy(flow -> assertThat(flow.deviations()).noneMatch(d -> d.type().code().startsWith("request-lost")));
    }

    @Test
    void nothingFailedYetWhereASynIsSentAgainJustBeforeTheCapturesEnd() throws IOException {
        takeUntil("fast-open", 1_795_733_760_021L, "client", "node1-eth0", "node2-cbr0");

        assertThat(run().flows()).filteredOn(flow -> flow.client().port() == 41_003)
                .allSatisfy(flow -> assertThat(flow.verdict()).isEqualTo(Verdict.UNDETERMINED)).hasSize(1);
    }

    /** A capture that goes on shows nothing of it either way where the endpoint is on another node. */
    @Test
    void aCaptureFurtherOnThatGoesOnDoesNotTellThatASynWasNotSentAgain() throws IOException {
        state("fast-open");
        for (String point : List.of("client", "node1-eth0")) {
            copy("fast-open", point).until(1_795_733_760_100L).to(folder.resolve(point + ".pcap"));
        }
        copy("fast-open", "node2-cbr0").where(frame -> !ofPort(frame, 25_039)).to(folder.resolve("node2-cbr0.pcap"));

        assertThat(run().flows()).filteredOn(flow -> flow.client().port() == 41_006)
                .allSatisfy(flow -> assertThat(flow.verdict()).isEqualTo(Verdict.UNDETERMINED)).hasSize(1);
    }

    /** Captures before it show that the pod's kernel took the question and the client's end, and said nothing up to then. */
    @ParameterizedTest
    @ValueSource(strings = {"over early", "begun late", "headers alone"})
    void aQuestionThatAPodDidNotAnswerIsToldThoughItsOwnCaptureLacksSomeOfThat(String how) throws IOException {
        String name = "hangs-at-a-later-question";
        List<String> failed = failed(name);
        take(name, "client", "node1-eth0");
        CaptureCopy atPod = copy(name, "node2-cbr0");
        (switch (how) {
            case "over early" -> atPod.until(1_795_708_877_000L);
            case "begun late" -> atPod.since(1_795_708_877_000L);
            default -> atPod.shortened(66);
        }).to(folder.resolve("node2-cbr0.pcap"));

        CaseResult result = run();

        assertThat(failed(result)).isEqualTo(failed);
        assertThatCase(result).hasDeviation("no-reply-from-pod");
    }

    /** The pod's answers show there translated by halves, which only the handshake ties to the rest. */
    @Test
    void aConnectionThatGoesOnAtTheBridgeIsAnsweredThoughItsHandshakeIsNotInTheCapture() throws IOException {
        state("pod-calls-node-port");
        copy("pod-calls-node-port", "node1-cbr0").without(1, 1).to(folder.resolve("node1-cbr0.pcap"));
        copy("pod-calls-node-port", "node1-eth0").without(1, 20).to(folder.resolve("node1-eth0.pcap"));

        assertThatCase(run()).hasNoDeviation("no-reply-from-pod");
    }

    /** What one connection sent once after a silence, in vain, is no sign that it outlived that. */
    @Test
    void aTimeOutIsToldThoughFilesEndInsideTheirLastRecord() throws IOException {
        take("idle-timeout-drop", "client", "node1-eth0", "node2-cbr0");
        for (String damaged : List.of("client.pcap", "node1-eth0.pcap")) {
            byte[] whole = Files.readAllBytes(folder.resolve(damaged));
            Files.write(folder.resolve(damaged), Arrays.copyOf(whole, whole.length - 7));
        }

        assertThatCase(run()).hasNoDeviation("request-lost-before-node1").hasDeviation("idle-timeout-drop");
    }

    // Files of a ring

    @ParameterizedTest
    @ValueSource(strings = {"client-on-another-node", "refused-between-nodes", "dnat-unexpected-endpoint", "udp-stale-rules"})
    void whatPassedWhileAFileOfTheRingIsMissingIsNotLost(String name) throws IOException {
        List<String> whole = failed(name);
        for (String point : points(name)) {
            for (int file : new int[] {0, 1, 3}) {
                copy(name, point).ofRing(file, 4).to(folder.resolve(point + ".pcap" + file));
            }
        }

        assertThat(failed(run())).isSubsetOf(whole);
    }

    /**
     * Who goes on acknowledging answers has got them, packets are under way for as long as others of their hop, and the rest of a datagram
     * may come while nothing is captured.
     */
    @ParameterizedTest
    @CsvSource({"clock-set-back, 5, 2", "fragments-lost, 4, 1", "fragments-lost, 5, 2", "mtu-told-as-the-capture-ends, 4, 2",
        "simultaneous-close, 5, 2", "two-entry-nodes, 6, 4"})
    void whatGoesOnBehindAMissingFileFailedNobody(String name, int files, int missing) throws IOException {
        List<String> whole = failed(name);
        state(name);
        for (String point : points(name)) {
            for (int file = 0; file < files; file++) {
                if (file != missing) {
                    copy(name, point).ofRing(file, files).to(folder.resolve(point + ".pcap" + file));
                }
            }
        }

        assertThat(failed(run())).isSubsetOf(whole);
    }

    @Test
    void aHandshakeThatEndsInAMissingFileIsNotHalfOpen() throws IOException {
        copy("fast-open", "client").without(7, 96).to(folder.resolve("client.pcap0"));
        copy("fast-open", "client").without(1, 17).to(folder.resolve("client.pcap2"));

        assertThatCase(run()).hasNoDeviation("half-open");
    }

    /** What became of it may lie in the file that is missing. */
    @Test
    void nothingFailedYetWhereASynIsSentAgainJustBeforeAMissingFile() throws IOException {
        copy("fast-open", "client").until(1_795_733_760_021L).to(folder.resolve("client.pcap0"));
        copy("fast-open", "client").without(1, 85).where(frame -> !ofPort(frame, 41_003)).to(folder.resolve("client.pcap2"));

        assertThat(run().flows()).filteredOn(flow -> flow.client().port() == 41_003)
                .allSatisfy(flow -> assertThat(flow.verdict()).isEqualTo(Verdict.UNDETERMINED)).hasSize(1);
    }

    // Changed before they were handed over

    @Test
    void ofPayloadsThatWereBlankedInOneCaptureNoneWasAlteredOnTheWay() throws IOException {
        take("invalid-dropped", "client", "node2-cbr0");
        copy("invalid-dropped", "node1-eth0").blanked().to(folder.resolve("node1-eth0.pcap"));

        assertThatCase(run()).hasNoDeviation("payload-altered").hasDeviation("capture-edited");
    }

    /** Packets without identification show on all interfaces, and there twice: of each two on one of them the second is a copy. */
    @ParameterizedTest
    @CsvSource({"all-interfaces, node1-any", "all-interfaces, node2-any", "all-interfaces-udp-unnumbered, node1-any",
        "all-interfaces-over-vxlan, client", "pod-calls-itself-on-all-interfaces, node1-any", "sidecar, pod"})
    void frameByFrameTwiceInACaptureOfAllInterfacesIsNoDuplicateOfTheNetwork(String name, String twice) throws IOException {
        state(name);
        for (String point : points(name)) {
            CaptureCopy copy = copy(name, point);
            (point.equals(twice) ? copy.doubled() : copy).to(folder.resolve(point + ".pcap"));
        }

        assertThatCase(run()).hasNoDeviation("duplicate-packet").hasNoDeviation("loss").hasNoDeviation("loss-inside-node");
    }

    @ParameterizedTest
    @CsvSource({"mixed-faults,no-endpoints-reject", "udp-stale-rules,stale-endpoint", "rejected-beyond-the-limit,no-endpoints-reject"})
    void whoRefusesIsToldThoughAddressesWereReplacedInHeadersAndNotInWhatErrorsQuote(String name, String refusal) throws IOException {
        for (String point : points(name)) {
            copy(name, point).renamed().to(folder.resolve(point + ".pcap"));
        }

        CaseResult result = run();

        assertThatCase(result).hasDeviation("capture-edited");
        assertThatCase(result).hasDeviation(refusal);
    }

    // Coarse time stamps

    @ParameterizedTest
    @CsvSource({"all-interfaces-lost,client", "reply-lost-before-client-v6,node1-eth0"})
    void howLongPacketsTookIsNotToldByStampsThatAreCoarser(String name, String coarse) throws IOException {
        for (String point : points(name)) {
            copy(name, point).stampedBy(point.equals(coarse) ? 1_000_000 : 1).to(folder.resolve(point + ".pcap"));
        }

        assertThatCase(run()).hasNoDeviation("latency-high");
    }

    /** Queues of a card hand over packets of one connection out of order; an answer acknowledges its question wherever it stands. */
    @ParameterizedTest
    @CsvSource({"plain-tcp, node2-cbr0", "loss-inside-node, node2-cbr0", "snat-ports-exhausted, node2-cbr0", "invalid-dropped, node2-cbr0",
        "pod-to-pod, node2-cbr0", "endpoint-removed, node2-cbr0"})
    void anAnswerThatACaptureShowsBeforeItsQuestionIsOne(String name, String point) throws IOException {
        List<String> failed = failed(name);
        state(name);
        for (String other : points(name)) {
            CaptureCopy copy = copy(name, other);
            (other.equals(point) ? copy.reversedWithin(1000) : copy).to(folder.resolve(other + ".pcap"));
        }

        assertThat(failed(run())).isSubsetOf(failed);
    }

    // Snap lengths

    @Test
    void whoRefusesIsToldThoughTheSnapLengthCutWhatErrorsQuoteBeforeItsAddresses() throws IOException {
        for (String point : points("udp-stale-rules")) {
            copy("udp-stale-rules", point).shortened(54).to(folder.resolve(point + ".pcap"));
        }

        assertThatCase(run()).hasNoDeviation("request-lost-between-nodes").hasDeviation("stale-endpoint");
    }

    /** What says the same by its numbers and time stamp is the same, with its payload in the file or without. */
    @Test
    void whatWasTranslatedAnewIsFoundInCapturesOfHeadersAlone() throws IOException {
        take("translations-flushed", "client", "node1-eth0");
        for (String point : List.of("node1-cbr0", "node2-cbr0")) {
            copy("translations-flushed", point).shortened(66).to(folder.resolve(point + ".pcap"));
        }

        CaseResult result = run();

        assertThat(result.flows()).allMatch(flow -> flow.path().equals("nodeport"));
        assertThat(failed(result)).isEqualTo(failed("translations-flushed"));
        assertThat(result.flows()).filteredOn(flow -> flow.verdict() == Verdict.FAILED)
                .allSatisfy(flow -> assertThat(flow.deviations()).anyMatch(d -> d.type().code().equals("nat-remapped-midflow")));
    }

    // One direction

    /** What comes to a node for itself did not come to a client, whatever the node's capture is taken for. */
    @Test
    void answersToTheNodesOwnAddressLeakedToNoClient() throws IOException {
        take("plain-tcp", "node2-cbr0");
        copy("plain-tcp", "node1-eth0").where(frame -> to(frame, 10, 240, 0, 4)).to(folder.resolve("client.pcap"));
        copy("plain-tcp", "client").where(frame -> to(frame, 10, 241, 0, 4)).to(folder.resolve("other.pcap"));

        assertThatCase(run()).hasNoDeviation("reply-leaks-untranslated");
    }

    /** What a client repeats without end, and no capture shows to be acknowledged, is in vain. */
    @ParameterizedTest
    @CsvSource({"pod-falls-silent, in", "pod-falls-silent, out", "falls-silent-behind-node2-eth0, out", "idle-timeout-drop, out",
        "endpoint-removed, in", "pod-calls-dropped-inside-node, in", "local-answers-dropped-on-all-interfaces, out"})
    void whatIsSentInVainIsNoSuccess(String name, String way) throws IOException {
        List<String> failed = failed(name);
        state(name);
        for (String point : points(name)) {
            oneWay(name, point, way).to(folder.resolve(point + ".pcap"));
        }

        assertThat(run().flows()).filteredOn(flow -> failed.contains(flow.client() + " " + flow.service())).isNotEmpty()
                .allSatisfy(flow -> assertThat(flow.verdict()).isIn(Verdict.FAILED, Verdict.UNDETERMINED));
    }

    @ParameterizedTest
    @CsvSource({"pod-falls-silent", "stalled-pod", "long-answer-leaks-under-local-policy"})
    void aQuestionOfWhichOnlyTheClientsOwnPacketsTellIsNotKnownToBeAnswered(String name) throws IOException {
        List<String> failed = failed(name);
        oneWay(name, "client", "out").to(folder.resolve("client.pcap"));

        assertThat(run().flows()).filteredOn(flow -> failed.contains(flow.client() + " " + flow.service())).isNotEmpty()
                .allSatisfy(flow -> assertThat(flow.verdict()).isIn(Verdict.FAILED, Verdict.UNDETERMINED));
    }

    /** It had its answer, which this capture does not show. */
    @ParameterizedTest
    @ValueSource(strings = {"clock-set-back", "ephemeral-tuple-reused"})
    void aClientThatResetsMayHaveHadItsAnswer(String name) throws IOException {
        List<String> failed = failed(name);
        oneWay(name, "client", "out").to(folder.resolve("client.pcap"));

        assertThat(failed(run())).isSubsetOf(failed);
    }

    /** The error that the client's host sends for it quotes it. */
    @Test
    void anAnswerThatAnErrorQuotesWasGivenThoughTheCaptureShowsNone() throws IOException {
        state("client-gone-behind-node1");
        Files.copy(CASES.resolve("client-gone-behind-node1/node-1.conntrack"), folder.resolve("node-1.conntrack"));
        copy("client-gone-behind-node1", "node2-cbr0").where(frame -> to(frame, 10, 244, 1, 16)).to(folder.resolve("node2-cbr0.pcap"));

        assertThatCase(run()).hasFlows(3).hasNoDeviation("no-reply-from-pod");
    }

    /** That it took the answer shows further on: what the pod resets after both have closed ends nothing. */
    @ParameterizedTest
    @CsvSource({"syn-duplicated-late, client"})
    void aClientWhoseBareAcknowledgementsAFilterHidesHadItsAnswer(String name, String filtered) throws IOException {
        List<String> failed = failed(name);
        state(name);
        for (String point : points(name)) {
            CaptureCopy copy = copy(name, point);
            (point.equals(filtered) ? copy.where(PoorCapturesTest::carriesData) : copy).to(folder.resolve(point + ".pcap"));
        }

        assertThat(failed(run())).isSubsetOf(failed);
    }

    /** The client goes on acknowledging more: what it asks is answered, though neither the handshake nor an answer shows. */
    @ParameterizedTest
    @ValueSource(strings = {"captures-start-midstream", "captures-one-after-the-other"})
    void aConnectionBegunBeforeIsForwardedWhereItsClientGetsMoreAndMore(String name) throws IOException {
        state(name);
        oneWay(name, "node1-eth0", "in").to(folder.resolve("node1-eth0.pcap"));

        assertThatCase(run()).hasNoDeviation("request-not-forwarded");
    }

    /** As tcpdump's option -Q has it: the host's own hardware address is the one that most frames come from or go to. */
    private static CaptureCopy oneWay(String name, String point, String way) throws IOException {
        Map<Long, Integer> frames = new HashMap<>();
        CaptureCopy whole = copy(name, point);
        whole.where(frame -> frame.limit() > 30 && frames.merge(hardware(frame, 16), 1, Integer::sum)
                + frames.merge(hardware(frame, 22), 1, Integer::sum) > 0);
        long own = frames.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
        return whole.where(frame -> frame.limit() > 30 && (hardware(frame, 22) == own) == way.equals("out"));
    }

    private static long hardware(ByteBuffer frame, int at) {
        return ((long) frame.getInt(at) << 16) | frame.getShort(at + 4) & 0xffff;
    }

    private static boolean ofPort(ByteBuffer frame, int port) {
        short bytes = Short.reverseBytes((short) port);
        return frame.limit() > 54 && (frame.getShort(50) == bytes || frame.getShort(52) == bytes);
    }

    /** Of TCP over IPv4 behind Ethernet without tags. */
    private static boolean carriesData(ByteBuffer frame) {
        return frame.limit() > 66 && Short.toUnsignedInt(Short.reverseBytes(frame.getShort(32))) > 20 + (frame.get(62) >> 4 & 15) * 4;
    }

    private static boolean to(ByteBuffer frame, int... address) {
        for (int i = 0; i < address.length; i++) {
            if (frame.limit() < 50 || frame.get(46 + i) != (byte) address[i]) {
                return false;
            }
        }
        return true;
    }

    private List<String> failed(String name) throws IOException {
        Path out = Files.createDirectories(folder.resolve("whole"));
        for (String point : points(name)) {
            copy(name, point).to(out.resolve(point + ".pcap"));
        }
        List<String> failed = failed(run(out));
        for (String point : points(name)) {
            Files.delete(out.resolve(point + ".pcap"));
        }
        Files.delete(out);
        return failed;
    }

    private static List<String> failed(CaseResult result) {
        return result.flows().stream().filter(flow -> flow.verdict() == Verdict.FAILED).map(flow -> flow.client() + " " + flow.service())
                .toList();
    }

    private void take(String name, String... points) throws IOException {
        state(name);
        for (String point : points) {
            copy(name, point).to(folder.resolve(point + ".pcap"));
        }
    }

    private void takeUntil(String name, long millis, String... points) throws IOException {
        state(name);
        for (String point : points) {
            copy(name, point).until(millis).to(folder.resolve(point + ".pcap"));
        }
    }

    private void state(String name) throws IOException {
        Files.copy(CASES.resolve(name).resolve("kubectl-get.json"), folder.resolve("kubectl-get.json"));
    }

    private static List<String> points(String name) throws IOException {
        try (Stream<Path> files = Files.list(CASES.resolve(name))) {
            return files.map(file -> file.getFileName().toString()).filter(file -> file.contains(".pcap"))
                    .map(file -> file.substring(0, file.indexOf(".pcap"))).sorted().toList();
        }
    }

    private static CaptureCopy copy(String name, String point) throws IOException {
        Path plain = CASES.resolve(name).resolve(point + ".pcap");
        return CaptureCopy.of(Files.exists(plain) ? plain : CASES.resolve(name).resolve(point + ".pcap.gz"));
    }

    private CaseResult run() throws IOException {
        return run(folder);
    }

    private static CaseResult run(Path captures) throws IOException {
        CaseResult.Collector collector = new CaseResult.Collector();
        CaseAnalyzer.plain().run(CaseRequest.of(captures), collector, Progress.NONE);
        return collector.result();
    }
}
