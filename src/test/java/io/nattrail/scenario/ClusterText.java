package io.nattrail.scenario;

import java.util.ArrayList;
import java.util.List;

/** What {@code kubectl get nodes,services,endpointslices -A -o json} says of a {@link Scenario}: two nodes and one service. */
public final class ClusterText {
    private final List<String> endpoints = new ArrayList<>();
    private String nodes = "";
    private boolean podCidrs = true;
    private String serviceExtras = "";
    private String type = "NodePort";
    private String externalIp = "";
    private String name = "web";
    private int nodePort = 32_000;
    private String protocol = "TCP";
    private int targetPort = 8443;

    /** Service default/web at 172.31.0.5:443 and node port 32000. */
    public static ClusterText web() {
        return new ClusterText();
    }

    /** Another name of the service. */
    public ClusterText named(String other) {
        name = other;
        return this;
    }

    public ClusterText node(String name, String address, String podCidr) {
        nodes += """
                {"apiVersion":"v1","kind":"Node","metadata":{"name":"%s"},"spec":{"podCIDR":"%s","podCIDRs":["%s"]},
                 "status":{"addresses":[{"type":"InternalIP","address":"%s"}]}},""".formatted(name, podCidr, podCidr, address);
        return this;
    }

    public ClusterText endpoint(String address, String node, boolean ready) {
        endpoints.add("""
                {"addresses":["%s"],"conditions":{"ready":%s,"serving":%s,"terminating":false},"nodeName":"%s"}""".formatted(address, ready,
                ready, node));
        return this;
    }

    /** Nodes as some CNIs leave them. */
    public ClusterText withoutPodCidrs() {
        podCidrs = false;
        return this;
    }

    public ClusterText localPolicy() {
        serviceExtras += ",\"externalTrafficPolicy\":\"Local\"";
        return this;
    }

    public ClusterText internalLocalPolicy() {
        serviceExtras += ",\"internalTrafficPolicy\":\"Local\"";
        return this;
    }

    public ClusterText healthCheckPort(int port) {
        serviceExtras += ",\"healthCheckNodePort\":" + port;
        return this;
    }

    public ClusterText affinity(int seconds) {
        serviceExtras += ",\"sessionAffinity\":\"ClientIP\",\"sessionAffinityConfig\":{\"clientIP\":{\"timeoutSeconds\":%d}}".formatted(
                seconds);
        return this;
    }

    public ClusterText loadBalancer(String address) {
        type = "LoadBalancer";
        externalIp = "{\"ingress\":[{\"ip\":\"%s\"}]}".formatted(address);
        return this;
    }

    public ClusterText udp() {
        protocol = "UDP";
        nodePort = 30_053;
        targetPort = 5353;
        return this;
    }

    public String json() {
        String json = """
                {"apiVersion":"v1","kind":"List","items":[%s
                 {"apiVersion":"v1","kind":"Node","metadata":{"name":"node-1"},
                  "spec":{"podCIDR":"10.244.0.0/24","podCIDRs":["10.244.0.0/24"]},
                  "status":{"addresses":[{"type":"InternalIP","address":"10.240.0.4"}]}},
                 {"apiVersion":"v1","kind":"Node","metadata":{"name":"node-2"},
                  "spec":{"podCIDR":"10.244.1.0/24","podCIDRs":["10.244.1.0/24"]},
                  "status":{"addresses":[{"type":"InternalIP","address":"10.240.0.5"}]}},
                 {"apiVersion":"v1","kind":"Service","metadata":{"name":"%s","namespace":"default"},
                  "spec":{"clusterIP":"172.31.0.5","clusterIPs":["172.31.0.5"],"type":"%s",
                   "ports":[{"name":"main","port":443,"protocol":"%s","targetPort":%d,"nodePort":%d}]%s},
                  "status":{"loadBalancer":%s}},
                 {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
                  "metadata":{"name":"web-1","namespace":"default","labels":{"kubernetes.io/service-name":"%s"}},
                  "ports":[{"name":"main","port":%d,"protocol":"%s"}],"endpoints":[%s]}
                ]}""".formatted(nodes, name, type, protocol, targetPort, nodePort, serviceExtras,
                externalIp.isEmpty() ? "{}" : externalIp, name, targetPort, protocol, String.join(",", endpoints));
        return podCidrs ? json : json.replaceAll("\"spec\":\\{\"podCIDR\"[^}]*}", "\"spec\":{}");
    }
}
