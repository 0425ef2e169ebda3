package io.nattrail.cluster;

import static io.nattrail.cluster.ClusterIndex.Kind.CLUSTER_IP;
import static io.nattrail.cluster.ClusterIndex.Kind.EXTERNAL;
import static io.nattrail.cluster.ClusterIndex.Kind.NODE_PORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterIndexTest {
    private static final ClusterState.Node NODE_1 = new ClusterState.Node("node-1", ips("10.240.0.4", "10.244.0.1"),
            cidrs("10.244.0.0/24"));
    private static final ClusterState.Node NODE_2 = new ClusterState.Node("node-2", ips("10.240.0.5"), cidrs("10.244.0.0/16"));
    private static final ClusterState.ServicePort HTTPS = new ClusterState.ServicePort("https", Protocol.TCP, 443, "8443", 32000);
    private static final ClusterState.Service WEB = new ClusterState.Service("default", "web", ips("172.31.0.5"), ips("20.50.1.9"), false,
            false,
            0, 0, List.of(HTTPS));
    private static final ClusterState.ServiceEndpoint ENDPOINT = new ClusterState.ServiceEndpoint("default/web", "https", Protocol.TCP,
            endpoint("10.224.0.31:8443"), "node-1", null, false, true);
    private static final ClusterState.Pod POD = new ClusterState.Pod("default/web-1", ips("10.244.0.3"), "node-1", false, true);
    private static final ClusterState.Pod ON_HOST = new ClusterState.Pod("kube-system/kube-proxy", ips("10.240.0.4"), "node-1", true, true);

    private final ClusterIndex index = new ClusterIndex(new ClusterState(List.of(NODE_1, NODE_2), List.of(WEB), List.of(ENDPOINT),
            List.of(POD, ON_HOST), List.of(), List.of(), List.of()));

    private static List<IpAddress> ips(String... texts) {
        return List.of(texts).stream().map(IpAddress::parse).toList();
    }

    private static List<Cidr> cidrs(String... texts) {
        return List.of(texts).stream().map(Cidr::parse).toList();
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }

    private static Endpoint endpoint(String text) {
        return Endpoint.parse(text);
    }

    @Test
    void aDestinationIsANodePortAClusterIpOrAnExternalAddress() {
        assertThat(index.frontOf(Protocol.TCP, endpoint("10.240.0.5:32000"))).isEqualTo(new ClusterIndex.Front(WEB, HTTPS, NODE_PORT));
        assertThat(index.frontOf(Protocol.TCP, endpoint("172.31.0.5:443"))).isEqualTo(new ClusterIndex.Front(WEB, HTTPS, CLUSTER_IP));
        assertThat(index.frontOf(Protocol.TCP, endpoint("20.50.1.9:443"))).isEqualTo(new ClusterIndex.Front(WEB, HTTPS, EXTERNAL));
    }

    @Test
    void anotherPortProtocolOrAddressIsNone() {
        assertThat(index.frontOf(Protocol.TCP, endpoint("172.31.0.5:80"))).isNull();
        assertThat(index.frontOf(Protocol.UDP, endpoint("10.240.0.5:32000"))).isNull();
        assertThat(index.frontOf(Protocol.TCP, endpoint("10.241.0.4:32000"))).isNull();
    }

    @Test
    void whereNoNodesAddressIsToldThePortAloneTellsANodePort() {
        ClusterIndex blind = new ClusterIndex(new ClusterState(List.of(), List.of(WEB), List.of(), List.of(), List.of(), List.of(),
                List.of()));

        assertThat(blind.frontOf(Protocol.TCP, endpoint("10.99.0.1:32000")).kind()).isEqualTo(NODE_PORT);
    }

    @Test
    void theLongestPrefixOfPodsCounts() {
        assertThat(index.nodeOfPodCidr(ip("10.244.0.9"))).isEqualTo(NODE_1);
        assertThat(index.nodeOfPodCidr(ip("10.244.7.9"))).isEqualTo(NODE_2);
        assertThat(index.nodeOfPodCidr(ip("10.245.0.9"))).isNull();
    }

    @Test
    void podsEndpointsAndPrefixesAreOfPodsButNodesAndTheirBridgesAreNot() {
        assertThat(index.isPodAddress(ip("10.244.0.3"))).isTrue();
        assertThat(index.isPodAddress(ip("10.224.0.31"))).isTrue();
        assertThat(index.isPodAddress(ip("10.244.200.1"))).isTrue();
        assertThat(index.isPodAddress(ip("10.244.0.1"))).isFalse();
        assertThat(index.isPodAddress(ip("10.240.0.4"))).isFalse();
        assertThat(index.isPodAddress(ip("10.241.0.4"))).isFalse();
    }

    /** The bridge has the first address of its node's prefix, an overlay's device the one before; other plugins give pods any. */
    @Test
    void theFirstAddressesOfAPrefixAreOfTheNodesDevices() {
        ClusterIndex kubenet = ofEndpoints(on("node-2", "10.244.1.2:8443"));
        ClusterIndex calico = ofEndpoints(on("node-2", "10.244.0.9:8443"));

        assertThat(kubenet.isPodAddress(ip("10.244.1.0"))).isFalse();
        assertThat(kubenet.isPodAddress(ip("10.244.1.1"))).isFalse();
        assertThat(kubenet.isPodAddress(ip("10.244.1.2"))).isTrue();
        assertThat(ofEndpoints(on("node-2", "10.244.1.1:8443")).isPodAddress(ip("10.244.1.1"))).isTrue();
        assertThat(calico.isPodAddress(ip("10.244.1.1"))).isTrue();
    }

    /** Some plugins take the lower half of a pod's address at random. */
    @Test
    void anAddressInTheUpperHalfOfAnIpv6PrefixIsNotAmongItsFirst() {
        ClusterState.Node node = new ClusterState.Node("node-1", ips("fd00:10::4"), cidrs("fd00:10:244:1::/64"));
        ClusterIndex dual = new ClusterIndex(new ClusterState(List.of(node), List.of(WEB), List.of(), List.of(), List.of(), List.of(),
                List.of()));

        assertThat(dual.isPodAddress(ip("fd00:10:244:1::1"))).isFalse();
        assertThat(dual.isPodAddress(ip("fd00:10:244:1::2"))).isTrue();
        assertThat(dual.isPodAddress(ip("fd00:10:244:1:c5a3::2"))).isTrue();
    }

    /** A service without a selector leads to machines outside the cluster; one of them can be the client of another service. */
    @Test
    void anEndpointThatTheApiKnowsNoPodAndNoNodeOfIsNoPod() {
        ClusterState.ServiceEndpoint outside = new ClusterState.ServiceEndpoint("default/legacy", "", Protocol.TCP,
                endpoint("10.241.0.4:5432"), null, null, true, false);
        ClusterState told = new ClusterState(List.of(NODE_1), List.of(WEB), List.of(outside), List.of(), List.of(), List.of(), List.of(),
                List.of("default/legacy"));
        ClusterState ofRules = new ClusterState(List.of(NODE_1), List.of(WEB), List.of(outside), List.of(), List.of(), List.of(),
                List.of(), List.of());

        assertThat(new ClusterIndex(told).isPodAddress(ip("10.241.0.4"))).isFalse();
        assertThat(new ClusterIndex(ofRules).isPodAddress(ip("10.241.0.4"))).isTrue();
    }

    private static ClusterState.ServiceEndpoint on(String node, String address) {
        return new ClusterState.ServiceEndpoint("default/web", "https", Protocol.TCP, endpoint(address), node, null, true, false);
    }

    private static ClusterIndex ofEndpoints(ClusterState.ServiceEndpoint... endpoints) {
        ClusterState.Node other = new ClusterState.Node("node-2", ips("10.240.0.5"), cidrs("10.244.1.0/24"));
        return new ClusterIndex(new ClusterState(List.of(NODE_1, other), List.of(WEB), List.of(endpoints), List.of(), List.of(), List.of(),
                List.of()));
    }

    @Test
    void anEndpointsNodeIsTheOneThatItsSliceTells() {
        assertThat(ofEndpoints(on("node-2", "10.244.7.9:8443")).nodeOfPod(ip("10.244.7.9"))).isEqualTo("node-2");
        assertThat(ofEndpoints(on("node-2", "10.244.0.9:8443")).nodeOfPod(ip("10.244.0.9"))).isEqualTo("node-2");
    }

    /** kubeadm gives each node a prefix in the API also where Calico gives the addresses, which takes blocks as they come. */
    @Test
    void prefixesThatPodsOfOtherNodesAreInTellNoNode() {
        ClusterIndex calico = ofEndpoints(on("node-2", "10.244.0.9:8443"));
        ClusterIndex elsewhere = ofEndpoints(on("node-2", "10.250.7.9:8443"));
        ClusterIndex kubenet = ofEndpoints(on("node-1", "10.244.0.9:8443"), on("node-2", "10.240.0.5:8443"));

        assertThat(calico.nodeOfPodCidr(ip("10.244.1.4"))).isNull();
        assertThat(calico.nodeOfPod(ip("10.244.1.4"))).isNull();
        assertThat(calico.isPodAddress(ip("10.244.1.4"))).isTrue();
        assertThat(calico.prefixesHold("node-1")).isFalse();
        assertThat(elsewhere.nodeOfPod(ip("10.244.1.4"))).isEqualTo("node-2");
        assertThat(elsewhere.prefixesHold("node-1")).isTrue();
        assertThat(elsewhere.prefixesHold("node-2")).isFalse();
        assertThat(kubenet.nodeOfPod(ip("10.244.1.4"))).isEqualTo("node-2");
        assertThat(kubenet.prefixesHold("node-2")).isTrue();
    }

    @Test
    void aPodOnItsNodesNetworkHasNoAddressOfItsOwn() {
        assertThat(index.podOfAddress(ip("10.244.0.3"))).isEqualTo(POD);
        assertThat(index.podOfAddress(ip("10.240.0.4"))).isNull();
        assertThat(index.nodeOfAddress(ip("10.240.0.4"))).isEqualTo(NODE_1);
    }

    /** A table lists what was translated to one tuple again and again, when ports are used again. */
    @Test
    void aTupleThatSeveralConnectionsWereTranslatedToTellsNone() {
        FiveTuple reply = tuple("10.244.0.3:8443", "10.240.0.4:5000");
        List<ClusterState.Connection> all = new ArrayList<>();
        for (int port = 1; port <= 4; port++) {
            all.add(new ClusterState.Connection("node-1", tuple("10.241.0.4:" + port, "10.240.0.4:32000"), reply, null, null, null));
            ClusterState state = new ClusterState(List.of(NODE_1), List.of(), List.of(), List.of(), all, List.of(), List.of());

            assertThat(new ClusterIndex(state).translatedTo(reply.reversed())).isEqualTo(port == 1 ? all.get(0) : null);
        }
    }

    private static FiveTuple tuple(String source, String destination) {
        return new FiveTuple(Protocol.TCP, endpoint(source), endpoint(destination));
    }

    @Test
    void anAddressThatTwoNodesClaimIsNobodys() {
        ClusterState.Node other = new ClusterState.Node("node-9", ips("10.240.0.4"), List.of());
        ClusterIndex torn = new ClusterIndex(
                new ClusterState(List.of(NODE_1, other), List.of(), List.of(), List.of(), List.of(), List.of(), List.of()));

        assertThat(torn.nodeOfAddress(ip("10.240.0.4"))).isNull();
        assertThat(torn.isPodAddress(ip("10.240.0.4"))).isFalse();
    }

    @Test
    void endpointsThatAreNotReadyBelongToTheServiceToo() {
        assertThat(index.endpointsOf(WEB, HTTPS)).containsExactly(ENDPOINT);
        assertThat(index.knowsEndpoints(WEB, HTTPS)).isTrue();
    }

    private static ClusterState.ServiceRule rule(String node, String... endpoints) {
        return new ClusterState.ServiceRule(node, Protocol.TCP, "default/web:https", null, 32000, ClusterState.Fate.FORWARD,
                List.of(endpoints).stream().map(Endpoint::parse).toList(), false);
    }

    private static ClusterIndex of(ClusterState.ServiceRule... rules) {
        return new ClusterIndex(new ClusterState(List.of(NODE_1, NODE_2), List.of(), List.of(), List.of(), List.of(), List.of(rules),
                List.of()));
    }

    @Test
    void aNodesRuleIsItsOwnAndThatOfAnUnknownNodeStandsInForNodesWithoutAny() {
        Endpoint called = endpoint("10.240.0.4:32000");
        ClusterIndex mixed = of(rule("node-1", "10.244.0.3:8443"), rule(null, "10.244.1.2:8443"));

        assertThat(mixed.ruleOf("node-1", Protocol.TCP, called, true).endpoints()).containsExactly(endpoint("10.244.0.3:8443"));
        assertThat(mixed.ruleOf("node-2", Protocol.TCP, called, true).endpoints()).containsExactly(endpoint("10.244.1.2:8443"));
        assertThat(mixed.ruleOf("node-1", Protocol.TCP, endpoint("10.240.0.4:32001"), true)).isNull();
        assertThat(mixed.ruleOf("node-1", Protocol.TCP, called, false)).isNull();
    }

    @Test
    void rulesOfSeveralUnknownNodesThatDifferAnswerNothing() {
        assertThat(of(rule(null, "10.244.0.3:8443"), rule(null, "10.244.1.2:8443"))
                .ruleOf("node-1", Protocol.TCP, endpoint("10.240.0.4:32000"), true)).isNull();
        assertThat(of(rule(null, "10.244.0.3:8443"), rule(null, "10.244.0.3:8443"))
                .ruleOf(null, Protocol.TCP, endpoint("10.240.0.4:32000"), true)).isNotNull();
    }

    @Test
    void connectionsAreFoundByTheTupleOfTheirOpener() {
        FiveTuple original = new FiveTuple(Protocol.TCP, endpoint("10.241.0.4:5"), endpoint("10.240.0.4:32000"));
        FiveTuple reply = new FiveTuple(Protocol.TCP, endpoint("10.244.1.2:8443"), endpoint("10.240.0.4:6"));
        ClusterState.Connection connection = new ClusterState.Connection("node-1", original, reply, null, null, "ESTABLISHED");
        ClusterIndex tracked = new ClusterIndex(
                new ClusterState(List.of(), List.of(), List.of(), List.of(), List.of(connection), List.of(), List.of()));

        assertThat(tracked.connectionsOf(original)).containsExactly(connection);
        assertThat(tracked.connectionsOf(original.reversed())).isEmpty();
    }
}
