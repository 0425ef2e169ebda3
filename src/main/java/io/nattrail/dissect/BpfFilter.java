package io.nattrail.dissect;

import io.nattrail.capture.FrameFilter;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.pcap4j.core.BpfProgram;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.Pcaps;
import org.pcap4j.packet.namednumber.DataLinkType;

/**
 * A filter in tcpdump's language (pcap-filter(7)), compiled by libpcap for each link type it meets. Not for several threads. Frames of a
 * link type for which the expression has no meaning do not match.
 */
public final class BpfFilter implements FrameFilter, AutoCloseable {
    private static final int SNAP_LENGTH = 262_144;

    private final String expression;
    private final Map<Integer, BpfProgram> programs = new HashMap<>();

    private BpfFilter(String expression) {
        this.expression = expression;
    }

    /** @throws FilterException if libpcap is not installed, or the expression is wrong for Ethernet frames */
    public static BpfFilter compile(String expression) throws FilterException {
        BpfFilter filter = new BpfFilter(expression);
        try {
            filter.programs.put(LinkType.ETHERNET, program(expression, LinkType.ETHERNET));
        } catch (LinkageError e) {
            throw new FilterException("capture filters need the native library libpcap, which was not found\n"
                    + "  install libpcap (Debian and Ubuntu: libpcap0.8; Windows: Npcap), or leave the filter out", e);
        } catch (PcapNativeException e) {
            throw new FilterException("filter \"" + expression + "\": " + e.getMessage()
                    + "\n  write it as for tcpdump, for example: tcp port 443 and host 10.240.0.4", e);
        }
        return filter;
    }

    /** Whether the captured bytes of the frame match the expression. */
    public boolean matches(FrameView frame) {
        int linkType = frame.linkType();
        if (!programs.containsKey(linkType)) {
            programs.put(linkType, programOrNull(linkType));
        }
        BpfProgram program = programs.get(linkType);
        if (program == null) {
            return false;
        }
        int start = frame.start();
        byte[] bytes = Arrays.copyOfRange(frame.buffer(), start, start + frame.capturedLength());
        int wire = (int) Math.min(Integer.MAX_VALUE, Math.max(bytes.length, frame.originalLength()));
        return program.applyFilter(bytes, wire, bytes.length);
    }

    @Override
    public boolean accepts(FrameView frame) {
        return matches(frame);
    }

    @Override
    public void close() {
        for (BpfProgram program : programs.values()) {
            if (program != null) {
                program.free();
            }
        }
        programs.clear();
    }

    private BpfProgram programOrNull(int linkType) {
        try {
            return program(expression, linkType);
        } catch (PcapNativeException e) {
            return null;
        }
    }

    private static BpfProgram program(String expression, int linkType) throws PcapNativeException {
        // LINKTYPE_ numbers are libpcap's DLT_ numbers here, but for raw IP.
        int dlt = linkType == LinkType.RAW ? LinkType.DLT_RAW : linkType;
        DataLinkType type = new DataLinkType(dlt, LinkType.name(linkType));
        try (PcapHandle handle = Pcaps.openDead(type, SNAP_LENGTH)) {
            return handle.compileFilter(expression, BpfProgram.BpfCompileMode.OPTIMIZE, PcapHandle.PCAP_NETMASK_UNKNOWN);
        } catch (NotOpenException e) {
            throw new IllegalStateException("a handle just opened is not open", e);
        }
    }
}
