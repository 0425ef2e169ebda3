package io.nattrail.report;

import io.nattrail.analysis.CaptureInspection;
import io.nattrail.capture.CaptureFacts;
import io.nattrail.capture.CaptureInterface;
import io.nattrail.capture.Damage;
import io.nattrail.net.Duration;
import io.nattrail.report.TerminalStyle.Ink;
import io.nattrail.wire.DecodeStatus;
import io.nattrail.wire.LinkType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The facts of captures for people at a terminal. */
public final class InspectionText {
    private static final int SHOWN_INTERFACES = 20;
    private static final int LABEL_WIDTH = 14;

    private final TerminalPage page;
    private final TerminalStyle style;

    public InspectionText(Appendable out, TerminalStyle style) {
        this.page = new TerminalPage(out, style);
        this.style = style;
    }

    /** Prints what is known of one capture. */
    public void print(CaptureInspection inspection) throws IOException {
        CaptureFacts facts = inspection.facts();
        page.heading(style.safe(facts.file()), count(facts.packets(), "packet") + span(facts));
        label("format", format(facts));
        label("link type", String.join(", ", facts.linkTypes())
                + (facts.snapLength() == null ? "" : "; snap length " + facts.snapLength()));
        if (facts.firstTimeNanos() != null) {
            label("first packet", IsoTime.of(facts.firstTimeNanos()));
            label("last packet", IsoTime.of(facts.lastTimeNanos()));
        }
        label("packets", packets(inspection));
        label("bytes", bytes(facts, inspection.cut()));
        CaptureInspection.Network network = inspection.network();
        label("network", list("IPv4", network.ipv4(), "IPv6", network.ipv6(), "ARP", inspection.protocols().arp(), "fragments",
                inspection.fragments(), "out of tunnels", inspection.tunnelled()));
        CaptureInspection.Protocols protocols = inspection.protocols();
        label("transport", list("TCP", protocols.tcp(), "UDP", protocols.udp(), "ICMP", protocols.icmp(), "ICMPv6", protocols.icmpv6(),
                "SCTP",
                protocols.sctp()));
        CaptureInspection.TcpFlags flags = inspection.tcpFlags();
        label("TCP flags", list("SYN", flags.syn(), "SYN ACK", flags.synAck(), "FIN", flags.fin(), "RST", flags.rst()));
        label("conversations", list("TCP", inspection.conversations().tcp(), "UDP", inspection.conversations().udp()));
        notUnderstood(inspection.notUnderstood());
        interfaces(facts.interfaces());
        remarks(inspection);
        page.line("");
    }

    private void label(String label, String text) throws IOException {
        if (!text.isEmpty()) {
            page.paragraph("   " + style.paint(Ink.DIM, label + TerminalPage.pad(LABEL_WIDTH - label.length())),
                    " ".repeat(3 + LABEL_WIDTH),
                    text, null);
        }
    }

    private static String format(CaptureFacts facts) {
        return facts.format() + ("none".equals(facts.compression()) ? "" : " in " + facts.compression()) + ", "
                + ("mixed".equals(facts.byteOrder()) ? "both byte orders" : facts.byteOrder() + "-endian")
                + (facts.timeResolutions().isEmpty() ? "" : ", " + String.join(" and ", facts.timeResolutions()));
    }

    private String span(CaptureFacts facts) {
        if (facts.firstTimeNanos() == null || facts.lastTimeNanos() <= facts.firstTimeNanos()) {
            return "";
        }
        long nanos = facts.lastTimeNanos() - facts.firstTimeNanos();
        return nanos < 0 ? "" : " in " + style.safe(Duration.of(nanos));
    }

    private static String packets(CaptureInspection inspection) {
        CaptureFacts facts = inspection.facts();
        StringBuilder text = new StringBuilder(grouped(facts.packets()));
        if (inspection.frames() != facts.packets()) {
            text.append("; Wireshark shows ").append(grouped(inspection.frames())).append(" frames, some are no packets");
        }
        if (facts.dropped() != null) {
            text.append("; ").append(grouped(facts.dropped())).append(" dropped by the capture");
        }
        return text.toString();
    }

    private static String bytes(CaptureFacts facts, long cut) {
        return grouped(facts.capturedBytes()) + " captured, " + grouped(facts.wireBytes()) + " on the wire"
                + (cut == 0 ? "" : "; " + count(cut, "packet") + " cut by the snap length");
    }

    private static String list(Object... namesAndCounts) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < namesAndCounts.length; i += 2) {
            if ((Long) namesAndCounts[i + 1] > 0) {
                parts.add(namesAndCounts[i] + " " + grouped((Long) namesAndCounts[i + 1]));
            }
        }
        return String.join(", ", parts);
    }

    private void notUnderstood(Map<DecodeStatus, Long> statuses) throws IOException {
        List<String> parts = new ArrayList<>();
        for (Map.Entry<DecodeStatus, Long> entry : statuses.entrySet()) {
            parts.add(words(entry.getKey()) + " " + grouped(entry.getValue()));
        }
        label("not decoded", String.join(", ", parts));
    }

    private static String words(DecodeStatus status) {
        return switch (status) {
            case OK -> "nothing";
            case HEADER_CUT -> "header cut";
            case OPTIONS_CUT -> "options cut";
            case BAD_HEADER_LENGTH -> "impossible header length";
            case LATER_FRAGMENT -> "later fragment";
            case UNKNOWN_LINK -> "neither IP nor ARP";
            case UNKNOWN_TRANSPORT -> "other IP protocol";
            case TOO_DEEP -> "nested too deep";
        };
    }

    private void interfaces(List<CaptureInterface> interfaces) throws IOException {
        int shown = 0;
        for (CaptureInterface one : interfaces) {
            if (one.name() == null && one.description() == null && one.filter() == null && interfaces.size() == 1) {
                continue;
            }
            if (shown == SHOWN_INTERFACES) {
                label("", "and " + grouped(interfaces.size() - shown) + " more");
                return;
            }
            label(shown++ == 0 ? "interfaces" : "", describe(one));
        }
    }

    private String describe(CaptureInterface one) {
        StringBuilder text = new StringBuilder(one.name() == null ? "(no name)" : style.safe(one.name()));
        if (one.description() != null) {
            text.append(" (").append(style.safe(one.description())).append(')');
        }
        text.append(": ").append(LinkType.name(one.linkType()));
        if (one.snapLength() > 0) {
            text.append(", snap length ").append(one.snapLength());
        }
        if (one.filter() != null) {
            text.append(", filter ").append(style.safe(one.filter()));
        }
        if (one.dropped() != null) {
            text.append(", ").append(grouped(one.dropped())).append(" dropped");
        }
        return text.toString();
    }

    private void remarks(CaptureInspection inspection) throws IOException {
        if (inspection.backwards() > 0) {
            remark(Ink.YELLOW, "! ", "time runs backwards " + count(inspection.backwards(), "time")
                    + ": packets of several processors or interfaces were written out of order, or the clock was set");
        }
        for (Damage damage : inspection.facts().damage()) {
            remark(Ink.RED, style.choose("\u2717", "x") + " ", "damage at byte " + grouped(damage.fileOffset()) + " (frame "
                    + grouped(damage.frameNumber()) + "): " + style.safe(damage.lost()));
        }
    }

    private void remark(Ink ink, String sign, String text) throws IOException {
        page.paragraph("   " + style.paint(ink, sign), "     ", text, null);
    }

    private static String count(long count, String what) {
        return grouped(count) + " " + what + (count == 1 ? "" : "s");
    }

    private static String grouped(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
