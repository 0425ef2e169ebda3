package io.nattrail.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubernetesObjectsTest {
    private static final String NODE = "aks-nodepool1-31298237-vmss00000";

    @TempDir
    Path folder;

    @Test
    void theYamlOfAnAksClusterTellsItAll() {
        ClusterState state = Dumps.in(folder).withResource("all.yaml", "aks.yaml").read();

        assertThat(state.notes()).isEmpty();
        assertThat(state.nodes()).containsExactly(
                new ClusterState.Node(NODE + 0, List.of(IpAddress.parse("10.240.0.4")), List.of(Cidr.parse("10.244.0.0/24"))),
                new ClusterState.Node(NODE + 1, List.of(IpAddress.parse("10.240.0.5")), List.of(Cidr.parse("10.244.1.0/24"))));
        assertThat(state.services()).containsExactly(
                new ClusterState.Service("ingress-nginx", "ingress", List.of(IpAddress.parse("172.31.0.20")),
                        List.of(IpAddress.parse("20.50.1.9")), true, false, 600, 31934,
                        List.of(new ClusterState.ServicePort("http", Protocol.TCP, 80, "http", 31080),
                                new ClusterState.ServicePort("https", Protocol.TCP, 443, "https", 31443))),
                new ClusterState.Service("shop", "db", List.of(), List.of(), false, false, 0, 0,
                        List.of(new ClusterState.ServicePort("", Protocol.TCP, 5432, "5432", 0))));
        assertThat(state.endpoints()).hasSize(4).contains(
                new ClusterState.ServiceEndpoint("ingress-nginx/ingress", "https", Protocol.TCP, Endpoint.parse("10.244.0.12:8443"), NODE
                        + 0,
                        "ingress-nginx/ingress-7c9d8-abcde", true, false),
                new ClusterState.ServiceEndpoint("ingress-nginx/ingress", "https", Protocol.TCP, Endpoint.parse("10.244.1.17:8443"), NODE
                        + 1,
                        "ingress-nginx/ingress-7c9d8-fghij", false, true, true, false));
        assertThat(state.endpointsTold()).containsExactly("ingress-nginx/ingress");
    }

    @Test
    void aFinishedPodsAddressIsAnothersByNowAndThatOfTheNodeIsNoPods() {
        ClusterIndex index = new ClusterIndex(Dumps.in(folder).withResource("all.yaml", "aks.yaml").read());

        assertThat(index.podOfAddress(IpAddress.parse("10.244.0.12")).name()).isEqualTo("ingress-nginx/ingress-7c9d8-abcde");
        assertThat(index.podOfAddress(IpAddress.parse("10.240.0.4"))).isNull();
        assertThat(index.isPodAddress(IpAddress.parse("10.240.0.4"))).isFalse();
    }

    @Test
    void aPodThatFinishedBetweenTwoDumpsHasItsAddressNoMore() {
        String pod = """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s", "namespace": "default", "resourceVersion": "%d"},
                 "spec": {"nodeName": "node-1"}, "status": {"phase": "%s", "podIP": "10.244.0.3"}}
                """;
        ClusterIndex index = new ClusterIndex(Dumps.in(folder).with("before.json", pod.formatted("job-1", 100, "Running"))
                .with("later.json", pod.formatted("job-1", 200, "Succeeded") + pod.formatted("web-1", 300, "Running")).read());

        assertThat(index.podOfAddress(IpAddress.parse("10.244.0.3")).name()).isEqualTo("default/web-1");
    }

    private static final String SERVICE = """
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "default"},
             "spec": {"clusterIP": "172.31.0.5", "ports": [{"name": "https", "port": 443}]}}
            """;

    @Test
    void itemsOfAListSingleObjectsJsonLinesArraysAndYamlDocumentsAreAlike() {
        List<ClusterState.Service> expected = Dumps.read(folder, SERVICE).services();

        assertThat(expected).hasSize(1);
        assertThat(Dumps.read(folder, "{\"items\": [" + SERVICE + "], \"kind\": \"List\", \"apiVersion\": \"v1\"}").services())
                .isEqualTo(expected);
        assertThat(Dumps.read(folder, "[" + SERVICE + "]").services()).isEqualTo(expected);
        assertThat(Dumps.read(folder, SERVICE.replace("\n", "") + "\n" + SERVICE.replace("\n", "")).services()).isEqualTo(expected);
        assertThat(Dumps.read(folder, """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: other}
                ---
                apiVersion: v1
                kind: Service
                metadata:
                  name: web
                  namespace: default
                spec:
                  clusterIP: 172.31.0.5
                  ports:
                  - name: https
                    port: 443
                """).services()).isEqualTo(expected);
    }

    private ClusterState typedList(String kind, String item) {
        return Dumps.read(folder, "{\"kind\": \"" + kind + "\", \"apiVersion\": \"v1\", \"metadata\": {}, \"items\": [" + item + "]}");
    }

    @Test
    void theItemsOfATypedListTellTheirKindByTheirShape() {
        String meta = "{\"metadata\": {\"name\": \"web\", \"namespace\": \"default\"}, ";
        assertThat(typedList("ServiceList", SERVICE.replace("\"apiVersion\": \"v1\", \"kind\": \"Service\", ", "")).services()).hasSize(1);
        assertThat(typedList("NodeList", meta + "\"spec\": {}, \"status\": {\"nodeInfo\": {}}}").nodes()).hasSize(1);
        assertThat(typedList("PodList", meta + "\"spec\": {\"nodeName\": \"node-1\"}}").pods()).hasSize(1);
        assertThat(typedList("EndpointsList", meta + "\"subsets\": [{\"addresses\": [{\"ip\": \"10.244.0.3\"}], "
                + "\"ports\": [{\"port\": 80}]}]}").endpoints()).hasSize(1);
        assertThat(typedList("EndpointSliceList", ownedSlice("web-x", "{}")
                .replace("\"apiVersion\": \"discovery.k8s.io/v1\", \"kind\": \"EndpointSlice\", ", "")).endpoints()).hasSize(1);
    }

    /** A slice of default/web with one endpoint; it has no label, and says by its owner whose it is. */
    private static String ownedSlice(String name, String conditions) {
        return """
                {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "metadata": {"name": "%s",
                 "namespace": "default", "ownerReferences": [{"kind": "Service", "name": "web"}]},
                 "ports": [{"name": "https", "port": 8443}], "endpoints": [{"addresses": ["10.244.0.3"], "conditions": %s}]}
                """.formatted(name, conditions);
    }

    @Test
    void aSliceWithoutALabelIsOfTheServiceThatOwnsIt() {
        assertThat(Dumps.read(folder, ownedSlice("web-x", "{}")).endpoints()).extracting(ClusterState.ServiceEndpoint::service)
                .containsExactly("default/web");
    }

    /** While it moves from one to the other. */
    @Test
    void anEndpointInTwoSlicesOfItsServiceIsReadyIfOneSaysSo() {
        String ready = "{\"ready\": true, \"serving\": true}";
        String ending = "{\"ready\": false, \"serving\": true, \"terminating\": true}";
        ClusterState.ServiceEndpoint one = new ClusterState.ServiceEndpoint("default/web", "https", Protocol.TCP,
                Endpoint.parse("10.244.0.3:8443"), null, null, true, false);

        assertThat(Dumps.read(folder, ownedSlice("web-x", ready) + ownedSlice("web-y", ending)).endpoints()).containsExactly(one);
        assertThat(Dumps.read(folder, ownedSlice("web-x", ending) + ownedSlice("web-y", ready)).endpoints()).containsExactly(one);
        assertThat(Dumps.read(folder, ownedSlice("web-x", ending) + ownedSlice("web-y", ending)).endpoints()).singleElement()
                .satisfies(both -> assertThat(both.terminating()).isTrue());
    }

    @Test
    void aNodesExternalAddressIsItsOwnToo() {
        assertThat(Dumps.read(folder, """
                {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "status": {"addresses": [
                 {"type": "ExternalIP", "address": "192.0.2.7"}, {"type": "InternalIP", "address": "10.240.0.4"},
                 {"type": "Hostname", "address": "n"}]}}
                """).nodes().get(0).addresses()).containsExactly(IpAddress.parse("10.240.0.4"), IpAddress.parse("192.0.2.7"));
    }

    @Test
    void warningsOfKubectlBeforeTheOutputDoNotMatter() {
        ClusterState state = Dumps.read(folder,
                "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n" + SERVICE);

        assertThat(state.services()).hasSize(1);
        assertThat(state.notes()).isEmpty();
    }

    @Test
    void whatElseStandsBeforeItDoesNotMatterEither() {
        String before = """
                I1127 13:05:20.123456    4242 request.go:697] Waited for 1.1s due to client-side throttling, not priority and fairness
                E1127 13:05:21.000001    4242 memcache.go:265] couldn't get resource list for metrics.k8s.io/v1beta1
                Error from server (Forbidden): nodes is forbidden: User "u" cannot list resource "nodes" in API group ""
                [sudo] password for u:
                u@host:~$ kubectl get services -o json
                Flag --show-all has been deprecated, will be removed in an upcoming release
                """;
        String yaml = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: default\n"
                + "spec:\n  clusterIP: 172.31.0.5\n  ports:\n  - name: https\n    port: 443\n";
        for (String text : List.of(SERVICE, SERVICE.replace("\n", "\r\n"), "[\n" + SERVICE + "]", "[" + SERVICE + "]", yaml,
                "---\n" + yaml)) {
            ClusterState state = Dumps.read(folder, before + text);

            assertThat(state.services()).hasSize(1);
            assertThat(state.notes()).isEmpty();
        }
    }

    @Test
    void theOldEndpointsAreReadToo() {
        assertThat(Dumps.read(folder, """
                {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web", "namespace": "default"}, "subsets": [{
                 "addresses": [{"ip": "10.244.0.3", "nodeName": "node-1", "targetRef": {"kind": "Pod", "name": "web-1"}}],
                 "notReadyAddresses": [{"ip": "10.244.1.2"}],
                 "ports": [{"name": "https", "port": 8443, "protocol": "TCP"}]}]}
                """).endpoints()).containsExactly(
                        new ClusterState.ServiceEndpoint("default/web", "https", Protocol.TCP, Endpoint.parse("10.244.0.3:8443"), "node-1",
                                "default/web-1", true, false),
                        new ClusterState.ServiceEndpoint("default/web", "https", Protocol.TCP, Endpoint.parse("10.244.1.2:8443"), null,
                                null,
                                false, false));
    }

    @Test
    void aSliceThatHoldsNothingTellsThatThereIsNothing() {
        ClusterIndex index = new ClusterIndex(Dumps.read(folder, SERVICE + """
                {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "endpoints": null, "ports": null,
                 "metadata": {"name": "web-x7k2p", "namespace": "default", "labels": {"kubernetes.io/service-name": "web"}}}
                """));
        ClusterState.Service service = index.state().services().get(0);

        assertThat(index.endpointsOf(service, service.ports().get(0))).isEmpty();
        assertThat(index.knowsEndpoints(service, service.ports().get(0))).isTrue();
    }

    /** KEP-1669: while all endpoints of a service terminate, as in a rollout, kube-proxy takes those that still serve. */
    @Test
    void whatTerminatesAndStillServesIsTakenWhereNothingIsReady() {
        for (boolean serving : new boolean[] {true, false}) {
            ClusterIndex index = new ClusterIndex(Dumps.read(folder, SERVICE + """
                    {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                     "metadata": {"name": "web-x7k2p", "namespace": "default", "labels": {"kubernetes.io/service-name": "web"}},
                     "endpoints": [{"addresses": ["10.244.0.3"], "conditions": {"ready": false, "serving": %s, "terminating": true},
                      "hints": {"forZones": [{"name": "westeurope-1"}]}}], "ports": [{"name": "https", "port": 8443}]}
                    """.formatted(serving)));
            ClusterState.Service service = index.state().services().get(0);

            assertThat(index.hasReadyEndpoint(service, service.ports().get(0))).isEqualTo(serving);
            assertThat(index.state().endpoints()).singleElement().matches(ClusterState.ServiceEndpoint::forZones)
                    .matches(endpoint -> !endpoint.ready());
        }
    }

    private static String slice(String name, String service, String address) {
        return """
                {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                 "metadata": {"name": "%s", "namespace": "%s", "labels": {"kubernetes.io/service-name": "%s"}},
                 "endpoints": [{"addresses": ["%s"], "nodeName": "node-1"}], "ports": [{"name": "https", "port": 8443}]}
                """.formatted(name, service.substring(0, service.indexOf('/')), service.substring(service.indexOf('/') + 1), address);
    }

    /** Of a service with more than a hundred endpoints the file may have lost some, even where other services' slices stand between. */
    @Test
    void aListThatBreaksOffInItsSlicesTellsNotAllEndpointsOfThatNamespace() {
        String slices = String.join(",", slice("dns-1", "kube-system/dns", "10.244.0.2"), slice("api-1", "shop/api", "10.244.0.4"),
                slice("web-5xk2p", "shop/web", "10.244.0.3"), slice("web-api-9lm4d", "shop/web-api", "10.244.0.5"));
        String pod = ", {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"p\", \"namespace\": \"a\"}}";
        String list = "{\"apiVersion\": \"v1\", \"items\": [";

        assertThat(Dumps.read(folder, list + slices + ", {\"apiVersion\"").endpointsTold()).containsExactly("kube-system/dns");
        assertThat(Dumps.read(folder, list + slices + pod + ", {\"apiVersion\"").endpointsTold())
                .containsExactly("kube-system/dns", "shop/api", "shop/web", "shop/web-api");
        assertThat(Dumps.in(folder).with("a.json", list + slices + ", {\"apiVersion\"").with("b.json", list + slices + "]}").read()
                .endpointsTold()).hasSize(4);
    }

    @Test
    void endpointsOverTheCapacityOfTheirKindAreNotAll() {
        String endpoints = """
                {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web", "namespace": "default", "annotations": {
                 "a": {"b": []}, "endpoints.kubernetes.io/over-capacity": "truncated", "c": "d"}},
                 "subsets": [{"addresses": [{"ip": "10.244.0.3"}], "ports": [{"name": "https", "port": 8443}]}]}
                """;

        assertThat(Dumps.read(folder, endpoints).endpoints()).hasSize(1);
        assertThat(Dumps.read(folder, endpoints).endpointsTold()).isEmpty();
        assertThat(Dumps.read(folder, endpoints.replace("truncated", "warning")).endpointsTold()).containsExactly("default/web");
    }

    /** They hold the addresses of the service's first family: one of the other family is no unexpected endpoint. */
    @Test
    void theOldEndpointsDoNotTellAllOfAServiceOfTwoFamilies() {
        String endpoints = """
                {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web", "namespace": "default"},
                 "subsets": [{"addresses": [{"ip": "10.244.0.3"}], "ports": [{"name": "https", "port": 8443}]}]}
                """;
        String service = """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "default"}, "spec": {
                 "clusterIP": "172.31.0.5", "clusterIPs": ["172.31.0.5", "fd00:172:31::5"], "ports": [{"name": "https", "port": 443}]}}
                """;

        ClusterState both = Dumps.read(folder, service + endpoints);
        assertThat(both.endpoints()).hasSize(1);
        assertThat(both.endpointsTold()).isEmpty();
        assertThat(both.notes()).containsExactly("Endpoints tell addresses of one family alone, though these services have both; "
                + "add EndpointSlices: default/web");
        assertThat(Dumps.read(folder, service.replace(", \"fd00:172:31::5\"", "") + endpoints).endpointsTold())
                .containsExactly("default/web");
        assertThat(Dumps.read(folder, service + endpoints.replaceAll("\\{\"addresses.*}]}]", "]")).endpointsTold())
                .as("none at all").containsExactly("default/web");
        assertThat(Dumps.read(folder, service + endpoints + slice("web-1", "default/web", "10.244.0.3")).endpointsTold())
                .containsExactly("default/web");
    }

    @Test
    void withoutSlicesNothingIsKnownOfEndpoints() {
        ClusterIndex index = new ClusterIndex(Dumps.read(folder, SERVICE));
        ClusterState.Service service = index.state().services().get(0);

        assertThat(index.knowsEndpoints(service, service.ports().get(0))).isFalse();
    }

    @Test
    void podsAloneTellTheAddressesOfTheirNodes() {
        ClusterIndex index = new ClusterIndex(Dumps.read(folder, """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1", "namespace": "default"}, "spec": {"nodeName": "node-1"},
                 "status": {"phase": "Running", "podIP": "10.244.0.3", "hostIP": "10.240.0.4"}}
                """));

        assertThat(index.nodeOfAddress(IpAddress.parse("10.240.0.4")).name()).isEqualTo("node-1");
    }

    @Test
    void fieldsOfUnexpectedTypesAndBadValuesCostOnlyThemselves() {
        ClusterState state = Dumps.read(folder, """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "default"}, "spec": {
                 "clusterIP": "172.31.0.5", "clusterIPs": "172.31.0.5", "externalIPs": ["1.2.3.400", {"a": 1}, "192.0.2.7"], \
                 "sessionAffinity": [],
                 "ports": [{"name": "https", "port": "443"}, {"port": 99999}, 7, {"port": 53, "protocol": "QUIC"}]}}
                {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "spec": "none", "status": {"addresses": {"type": \
                "InternalIP"}}}
                """);

        assertThat(state.services().get(0).ports()).extracting(ClusterState.ServicePort::port).containsExactly(443);
        assertThat(state.services().get(0).externalAddresses()).containsExactly(IpAddress.parse("192.0.2.7"));
        assertThat(state.nodes()).extracting(ClusterState.Node::name).containsExactly("n");
        assertThat(state.notes()).containsExactly("dump.txt: 5 values are no address, prefix or port and were passed over");
    }

    @Test
    void aFileThatBreaksOffIsUsedUpToThere() {
        String list = "{\"apiVersion\": \"v1\", \"items\": [" + SERVICE + "," + SERVICE.replace("web", "other");
        ClusterState state = Dumps.read(folder, list.substring(0, list.length() - 30));

        assertThat(state.services()).extracting(ClusterState.Service::name).containsExactly("web");
        assertThat(state.notes()).singleElement().asString().startsWith("dump.txt: is damaged at line ")
                .endsWith("what comes before is used");
        assertThat(Dumps.read(folder, "apiVersion: v1\nkind: List\nitems:\n- a: [\n").notes()).contains(
                "dump.txt: is damaged at line 4, column 7: while parsing a flow node, expected the node content, but found "
                        + "'<stream end>'; what comes before is used");
    }

    /** As {@code kubectl get service web -o yaml >> file}, and so on. */
    @Test
    void yamlOfSeveralCommandsHasNothingBetweenTheObjects() {
        String service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: %s\n  namespace: default\nspec:\n  clusterIP: 172.31.0.5\n";
        String slice = """
                addressType: IPv4
                apiVersion: discovery.k8s.io/v1
                endpoints:
                - addresses:
                  - 10.244.0.3
                kind: EndpointSlice
                metadata:
                  labels:
                    kubernetes.io/service-name: web
                  name: %s
                  namespace: default
                ports:
                - port: 8443
                """;
        String list = "apiVersion: v1\nitems:\n" + pod("web-1", "10.244.0.3") + "kind: List\n";

        ClusterState state = Dumps.read(folder, service.formatted("web") + list + service.formatted("other")
                + slice.formatted("a").replace(".3", ".4") + slice.formatted("b") + list.replace("web-1", "web-2"));

        assertThat(state.services()).extracting(ClusterState.Service::name).containsExactly("other", "web");
        assertThat(state.endpoints()).hasSize(2);
        assertThat(state.pods()).hasSize(2);
        assertThat(state.notes()).isEmpty();
    }

    /** {@code kubectl apply} leaves it there. */
    @Test
    void jsonInAnAnnotationOfAnObjectInYamlIsNotTheObject() {
        ClusterState state = Dumps.read(folder, """
                apiVersion: v1
                items:
                - apiVersion: v1
                  kind: Service
                  metadata:
                    annotations:
                      kubectl.kubernetes.io/last-applied-configuration: |
                        {"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"port":443}]}}
                    name: web
                    namespace: default
                  spec:
                    clusterIP: 172.31.0.5
                    ports:
                    - name: https
                      port: 443
                kind: List
                """);

        assertThat(state.services()).isEqualTo(Dumps.read(folder, SERVICE).services());
        assertThat(state.notes()).isEmpty();
    }

    /** kubectl's YAML is well-formed wherever a line ends, and often within one: an address that lost its end is another's. */
    @Test
    void aYamlListThatWasCutSaysSoAndItsLastObjectIsNotTaken() {
        String list = "apiVersion: v1\nitems:\n" + pod("web-1", "10.244.0.3") + pod("web-2", "10.244.1.23")
                + "kind: List\nmetadata:\n  resourceVersion: \"\"\n";
        int end = list.indexOf("kind: List");

        assertThat(Dumps.read(folder, list).notes()).isEmpty();
        assertThat(Dumps.read(folder, list).pods()).hasSize(2);
        for (String cut : List.of(list.substring(0, end), list.substring(0, end - 2), list.substring(0, list.indexOf("  status", 200)))) {
            ClusterState state = Dumps.read(folder, cut);
            assertThat(state.pods()).extracting(ClusterState.Pod::name).as(cut).containsExactly("default/web-1");
            assertThat(state.notes()).containsExactly("dump.txt: ends inside a list, before its kind; the rest is missing");
        }
    }

    private static String pod(String name, String address) {
        return """
                - apiVersion: v1
                  kind: Pod
                  metadata:
                    name: %s
                    namespace: default
                  spec:
                    nodeName: node-1
                  status:
                    podIP: %s
                """.formatted(name, address);
    }

    @Test
    void objectsOfOtherKindsAloneAreAMistakeThatTheNoteExplains() {
        assertThat(Dumps.read(folder, "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n").notes()).containsExactly(
                "dump.txt: holds no Node, Service, EndpointSlice, Endpoints or Pod; make it with: "
                        + "kubectl get nodes,services,endpointslices,pods -A -o json");
    }

    @Test
    void yamlMayBeLargerThanTheParsersOwnLimit() {
        StringBuilder yaml = new StringBuilder("apiVersion: v1\nkind: List\nitems:\n");
        String filler = "x".repeat(1000);
        for (int i = 0; i < 5000; i++) {
            yaml.append("- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: p").append(i).append("\n    annotations:\n      a: ")
                    .append(filler)
                    .append("\n  status:\n    podIP: 10.244.").append(i / 250).append('.').append(i % 250).append('\n');
        }
        ClusterState state = Dumps.in(folder).with("pods.yaml", yaml.toString().getBytes(StandardCharsets.UTF_8)).read();

        assertThat(yaml.length()).isGreaterThan(5_000_000);
        assertThat(state.notes()).isEmpty();
        assertThat(state.pods()).hasSize(5000);
    }
}
