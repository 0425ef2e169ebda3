package io.nattrail.analysis;

import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Verdict;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Hop;
import io.nattrail.nat.TracedPacket;
import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import io.nattrail.path.Step;
import java.util.List;
import java.util.Map;

/**
 * Everything that is known of one flow: the client's connection with all its legs. One {@code flows[]} entry of report.json.
 *
 * @param id from 1, in order of first time on the reference clock, client, service, protocol
 * @param path name of the path template, e.g. {@code nodeport}
 * @param clusterIp the service's address, null if nothing tells
 * @param serviceName namespace/name:port, null if nothing tells
 * @param translated tuple after NAT as seen on a wire, null if never seen
 * @param told translation as the cluster's conntrack dump says where no wire shows it, or null
 * @param endpoint the pod that was chosen, null if unknown
 * @param confidence 0 to 1: how surely the legs belong together
 * @param matchedBy kinds of evidence, e.g. {@code tcp-isn}
 * @param startNanos first packet, nanoseconds since 1970 on the reference clock
 * @param endNanos last packet, the same clock
 * @param packets packets of the flow by point, in order of the path; a datagram is one, however many fragments it came in
 * @param requestBytes payload bytes from the client, each byte of the stream once
 * @param replyBytes payload bytes to the client, each byte of the stream once
 * @param undetermined why the captures do not tell, or null
 * @param trail the packets one by one, or null where they were not kept
 */
public record FlowResult(int id, String path, Protocol protocol, Endpoint client, Endpoint service, Endpoint clusterIp, String serviceName,
        String entryNode, Translated translated, Translated told, FlowEndpoint endpoint, double confidence, List<String> matchedBy,
        Verdict verdict, String failedStep, String undetermined, long startNanos, long endNanos, List<Step> steps,
        List<Deviation> deviations, Map<String, PacketCount> packets, long requestBytes, long replyBytes, List<LegResult> legs,
        List<Hop> hops, List<TracedPacket> trail) {

    /** Source and destination after NAT. */
    public record Translated(Endpoint source, Endpoint destination) {
    }

    /**
     * The chosen endpoint.
     *
     * @param address null if only its node is known (an endpoint on the entry node that no capture shows)
     * @param pod namespace/name, null if nothing tells
     * @param node null if nothing tells
     * @param local whether it is on the entry node; null if unknown
     */
    public record FlowEndpoint(Endpoint address, String pod, String node, Boolean local) {
    }

    /** Packets at one point, both legs together, copies included. */
    public record PacketCount(long request, long reply) {
    }

    /**
     * One leg: the connection at one point under one tuple.
     *
     * @param tuple opener -> other side, as text
     * @param relation {@code original} (as the client sent it), {@code translated}, {@code reply-untranslated}, {@code remapped}
     * @param history letters as in Zeek: s S h H a A d D f F r R; capitals for the opener
     * @param first first frame
     * @param last last frame
     */
    public record LegResult(String point, String tuple, String relation, String history, long requestPackets, long replyPackets,
            FrameRef first, FrameRef last) {
    }
}
