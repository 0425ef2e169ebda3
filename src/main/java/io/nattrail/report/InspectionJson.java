package io.nattrail.report;

import io.nattrail.analysis.CaptureInspection;
import io.nattrail.capture.CaptureFacts;
import io.nattrail.capture.CaptureInterface;
import io.nattrail.capture.Damage;
import io.nattrail.wire.DecodeStatus;
import io.nattrail.wire.LinkType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The facts of one capture as a JSON object, in ASCII so that it survives any terminal. */
public final class InspectionJson {
    private InspectionJson() {
    }

    /** The object, ended by a line feed. */
    public static String of(CaptureInspection inspection) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(new JsonOut(bytes), inspection);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ascii(bytes.toString(StandardCharsets.UTF_8));
    }

    private static void write(JsonOut json, CaptureInspection inspection) throws IOException {
        CaptureFacts facts = inspection.facts();
        json.spreadObject();
        json.name("file").string(facts.file());
        json.name("format").string(facts.format());
        json.name("compression").string(facts.compression());
        json.name("byteOrder").string(facts.byteOrder());
        texts(json, "timeResolutions", facts.timeResolutions());
        texts(json, "linkTypes", facts.linkTypes());
        json.name("snapLength").number(facts.snapLength() == null ? null : facts.snapLength().longValue());
        json.name("packets").number(facts.packets());
        json.name("frames").number(inspection.frames());
        json.name("capturedBytes").number(facts.capturedBytes());
        json.name("wireBytes").number(facts.wireBytes());
        json.name("firstTimeNanos").number(facts.firstTimeNanos());
        json.name("lastTimeNanos").number(facts.lastTimeNanos());
        json.name("firstTime").time(facts.firstTimeNanos());
        json.name("lastTime").time(facts.lastTimeNanos());
        json.name("dropped").number(facts.dropped());
        counts(json, inspection);
        interfaces(json, facts.interfaces());
        damage(json, facts.damage());
        json.endObject();
        json.finish();
    }

    private static void counts(JsonOut json, CaptureInspection inspection) throws IOException {
        CaptureInspection.Protocols protocols = inspection.protocols();
        json.name("protocols").object();
        json.name("tcp").number(protocols.tcp());
        json.name("udp").number(protocols.udp());
        json.name("icmp").number(protocols.icmp());
        json.name("icmpv6").number(protocols.icmpv6());
        json.name("sctp").number(protocols.sctp());
        json.name("arp").number(protocols.arp());
        json.endObject();
        json.name("network").object();
        json.name("ipv4").number(inspection.network().ipv4());
        json.name("ipv6").number(inspection.network().ipv6());
        json.endObject();
        CaptureInspection.TcpFlags flags = inspection.tcpFlags();
        json.name("tcpFlags").object();
        json.name("syn").number(flags.syn());
        json.name("synAck").number(flags.synAck());
        json.name("fin").number(flags.fin());
        json.name("rst").number(flags.rst());
        json.endObject();
        json.name("conversations").object();
        json.name("tcp").number(inspection.conversations().tcp());
        json.name("udp").number(inspection.conversations().udp());
        json.endObject();
        json.name("backwards").number(inspection.backwards());
        json.name("cut").number(inspection.cut());
        json.name("fragments").number(inspection.fragments());
        json.name("tunnelled").number(inspection.tunnelled());
        json.name("notUnderstood").object();
        for (Map.Entry<DecodeStatus, Long> entry : inspection.notUnderstood().entrySet()) {
            json.name(entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', '-')).number(entry.getValue());
        }
        json.endObject();
    }

    private static void interfaces(JsonOut json, List<CaptureInterface> interfaces) throws IOException {
        json.name("interfaces").spreadArray();
        for (CaptureInterface one : interfaces) {
            json.object();
            json.name("name").string(one.name());
            json.name("description").string(one.description());
            json.name("filter").string(one.filter());
            json.name("linkType").string(LinkType.name(one.linkType()));
            json.name("snapLength").number(one.snapLength());
            json.name("dropped").number(one.dropped());
            json.endObject();
        }
        json.endArray();
    }

    private static void damage(JsonOut json, List<Damage> damage) throws IOException {
        if (damage.isEmpty()) {
            json.name("damage").nothing();
            return;
        }
        json.name("damage").spreadArray();
        for (Damage one : damage) {
            json.object();
            json.name("file").string(one.file());
            json.name("fileOffset").number(one.fileOffset());
            json.name("frame").number(one.frameNumber());
            json.name("kind").string(one.kind());
            json.name("lost").string(one.lost());
            json.endObject();
        }
        json.endArray();
    }

    private static void texts(JsonOut json, String name, List<String> texts) throws IOException {
        json.name(name).array();
        for (String text : texts) {
            json.string(text);
        }
        json.endArray();
    }

    private static String ascii(String text) {
        StringBuilder result = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x7f) {
                result.append(c);
            } else {
                result.append("\\u%04x".formatted((int) c));
            }
        }
        return result.toString();
    }
}
