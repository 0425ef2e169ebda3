package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.PointResult;
import io.nattrail.capture.PcapngWriter;
import io.nattrail.net.Duration;
import io.nattrail.net.IpAddress;
import io.nattrail.wire.LinkType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * {@code annotated.pcapng}: the packets of all points in one file for Wireshark, in order of the aligned clock, an interface for each
 * point, and on every packet of a flow a comment: flow, step, deviations, and the frame's place in its own file.
 *
 * <p>The frames are read again from their files, all points at once: memory holds a buffer for each point and eight bytes for each frame
 * of a flow.
 */
final class AnnotatedPcapng implements ReportWriter {
    static final String FILE = "annotated.pcapng";

    private final Path target;
    private final FrameNotes notes = new FrameNotes();
    private final Map<IpAddress, Set<String>> names = new TreeMap<>();
    private ReportFile file;
    private CaseHeader header;

    /** @param target where to write */
    AnnotatedPcapng(Path target) {
        this.target = target;
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        this.header = header;
        file = new ReportFile(target);
        for (CaseHeader.ClusterFact fact : header.cluster()) {
            if (fact.kind().equals("node") && fact.value() != null) {
                name(address(fact.value()), fact.name());
            }
        }
    }

    @Override
    public void flow(FlowResult flow) {
        notes.add(flow);
        if (flow.endpoint() != null && flow.endpoint().address() != null && flow.endpoint().pod() != null) {
            name(flow.endpoint().address().address(), reversed(flow.endpoint().pod()));
        }
        if (flow.clusterIp() != null && flow.serviceName() != null) {
            String service = flow.serviceName();
            int port = service.indexOf(':');
            name(flow.clusterIp().address(), reversed(port < 0 ? service : service.substring(0, port)) + ".svc");
        }
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        List<PointFrames> points = new ArrayList<>();
        try {
            for (PointResult point : header.points()) {
                points.add(new PointFrames(point));
            }
            PcapngWriter writer = new PcapngWriter(file.stream(), "NatTrail " + header.toolVersion(), caseComment());
            Map<String, Integer> interfaces = new HashMap<>();
            for (PointFrames point : points) {
                point.advance();
                interfaceOf(point, writer, interfaces);
            }
            writer.names(names);
            merge(points, writer, interfaces);
            writer.flush();
        } finally {
            for (PointFrames point : points) {
                point.close();
            }
        }
        file.commit();
    }

    /** Always the earliest of the points' next frames; of two at the same time that of the point that is listed first. */
    private void merge(List<PointFrames> points, PcapngWriter writer, Map<String, Integer> interfaces) throws IOException {
        PriorityQueue<PointFrames> queue = new PriorityQueue<>(Math.max(1, points.size()),
                Comparator.comparingLong(PointFrames::alignedNanos).thenComparingInt(points::indexOf));
        for (PointFrames point : points) {
            if (point.present()) {
                queue.add(point);
            }
        }
        while (!queue.isEmpty()) {
            PointFrames next = queue.poll();
            PointFrames second = queue.peek();
            do {
                String note = notes.of(next.file(), next.frame().number());
                String comment = note == null ? null : note + "; " + next.file() + " frame " + next.frame().number();
                writer.packet(interfaceOf(next, writer, interfaces), next.alignedNanos(), next.frame(), comment);
                next.advance();
            } while (next.present() && (second == null || next.alignedNanos() < second.alignedNanos()));
            if (next.present()) {
                queue.add(next);
            }
        }
    }

    /** A point has one interface, unless its files differ in link type. */
    private static int interfaceOf(PointFrames point, PcapngWriter writer, Map<String, Integer> interfaces) throws IOException {
        int linkType = point.present() ? point.frame().linkType() : LinkType.ETHERNET;
        if (linkType == point.lastLinkType()) {
            return point.lastInterface();
        }
        String key = point.result().point().name() + "\0" + linkType;
        Integer known = interfaces.get(key);
        if (known == null) {
            known = writer.addInterface(point.result().point().name(), description(point.result()), linkType);
            interfaces.put(key, known);
        }
        point.remember(linkType, known);
        return known;
    }

    private String caseComment() {
        return "case " + header.name() + ": the captures of " + header.points().size()
                + " points, merged on the clock of the reference point";
    }

    private static String description(PointResult result) {
        List<String> parts = new ArrayList<>();
        if (result.point().node() != null) {
            parts.add("on " + result.point().node());
        }
        parts.add("from " + String.join(", ", result.files().stream().map(PointResult.FileResult::file).toList()));
        PointResult.ClockResult clock = result.clock();
        if (clock == null || clock.offsetNanos() == null) {
            parts.add("clock unknown, times as captured");
        } else if (clock.reference()) {
            parts.add("reference clock");
        } else {
            String uncertainty = clock.uncertaintyNanos() == null ? "" : " \u00b1 " + Duration.of(clock.uncertaintyNanos());
            parts.add("clock moved by " + Duration.of(-clock.offsetNanos()) + uncertainty);
        }
        return String.join("; ", parts);
    }

    private void name(IpAddress address, String name) {
        if (address != null && name != null) {
            names.computeIfAbsent(address, added -> new TreeSet<>()).add(name);
        }
    }

    /** As cluster DNS has it: {@code default/web} becomes {@code web.default}. */
    private static String reversed(String key) {
        int slash = key.indexOf('/');
        return slash < 0 ? key : key.substring(slash + 1) + "." + key.substring(0, slash);
    }

    /** The first address in a text that may hold several, prefixes, or none. */
    private static IpAddress address(String text) {
        for (String part : text.split("[ ,]+")) {
            if (part.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
                try {
                    return IpAddress.parse(part);
                } catch (IllegalArgumentException e) {
                    // It only looked like an address.
                    continue;
                }
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
