package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Verdict;
import io.nattrail.dissect.PacketDissector;
import io.nattrail.net.Amount;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code report.html}: the case for people, in one file that needs no network. Its data is embedded compressed. Flows are spooled to a
 * temporary file, so memory does not grow with them; what does not fit below {@link #SIZE_LIMIT} is left out, healthy flows first, and the
 * page says so. Frames that matter are read again from the captures and shown in full.
 */
final class HtmlReport implements ReportWriter {
    static final String FILE = "report.html";
    /** Bytes that the file may have: mail and ticket systems commonly stop at 25 MB. */
    static final long SIZE_LIMIT = 24_500_000;

    private final Path target;
    private final long sizeLimit;
    private ReportFile file;
    private CaseHeader header;
    private PointClocks clocks;
    private HtmlSpool spool;
    private HtmlTotals totals;
    private FrameChoice frames;
    private final Unexplained unexplained = new Unexplained();
    private HtmlDissections dissections;
    private final Map<HtmlSpool.Kind, HtmlRows> rows = new EnumMap<>(HtmlSpool.Kind.class);
    private final Map<HtmlSpool.Kind, HtmlFlowCoder> coders = new EnumMap<>(HtmlSpool.Kind.class);

    HtmlReport(Path target) {
        this(target, SIZE_LIMIT);
    }

    HtmlReport(Path target, long sizeLimit) {
        this.target = target;
        this.sizeLimit = sizeLimit;
        PacketDissector.prepare();
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        this.header = header;
        clocks = new PointClocks(header.points());
        file = new ReportFile(target);
        spool = new HtmlSpool();
        totals = new HtmlTotals();
        frames = new FrameChoice();
        dissections = new HtmlDissections(header.points(), clocks, spool);
        for (HtmlSpool.Kind kind : HtmlSpool.Kind.values()) {
            switch (kind) {
                case NOTABLE_ROWS, ROWS -> rows.put(kind, new HtmlRows(spool, kind, clocks.start()));
                case NOTABLE_DETAILS, DETAILS -> coders.put(kind, new HtmlDetails(spool, kind, clocks));
                case NOTABLE_TRAILS, TRAILS -> coders.put(kind, new HtmlTrails(spool, kind, clocks));
                case FRAMES -> {
                }
            }
        }
    }

    @Override
    public void flow(FlowResult flow) throws IOException {
        boolean notable = flow.verdict() != Verdict.OK || !flow.deviations().isEmpty();
        totals.add(flow);
        unexplained.add(flow);
        frames.add(flow);
        rows.get(notable ? HtmlSpool.Kind.NOTABLE_ROWS : HtmlSpool.Kind.ROWS).add(flow);
        coders.get(notable ? HtmlSpool.Kind.NOTABLE_DETAILS : HtmlSpool.Kind.DETAILS).add(flow);
        if (flow.trail() != null) {
            coders.get(notable ? HtmlSpool.Kind.NOTABLE_TRAILS : HtmlSpool.Kind.TRAILS).add(flow);
        }
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        for (HtmlRows block : rows.values()) {
            block.finish();
        }
        for (HtmlFlowCoder coder : coders.values()) {
            coder.finish();
        }
        for (Deviation deviation : findings.deviations()) {
            totals.add(deviation);
        }
        dissections.write(frames);
        List<byte[]> page = HtmlPage.parts();
        long used = 0;
        for (byte[] part : page) {
            used += part.length;
        }
        Set<HtmlSpool.Block> chosen = choose(used);
        byte[] head = new HtmlHead(header, clocks, totals, dissections, spool.blocks(), chosen).write(findings, unexplained);
        write(file.stream(), findings, page, head, chosen);
        file.commit();
        close();
    }

    /** Blocks by rank of their kind while there is room, in the order of flows. */
    private Set<HtmlSpool.Block> choose(long used) {
        Set<HtmlSpool.Block> chosen = new LinkedHashSet<>();
        List<HtmlSpool.Block> blocks = spool.blocks();
        for (HtmlSpool.Kind kind : HtmlSpool.Kind.values()) {
            for (HtmlSpool.Block block : blocks) {
                // Each block also costs its element and its entry in the directory.
                long size = block.encodedLength() + 120;
                if (block.kind() == kind && used + size <= kind.limit * sizeLimit) {
                    chosen.add(block);
                    used += size;
                }
            }
        }
        return chosen;
    }

    private void write(OutputStream out, CaseFindings findings, List<byte[]> page, byte[] head, Set<HtmlSpool.Block> chosen)
            throws IOException {
        out.write(page.get(0));
        text(out, HtmlPage.escape(header.name()));
        out.write(page.get(1));
        text(out, summary(findings));
        out.write(page.get(2));
        text(out, "<script type=\"text/plain\" id=\"head\">");
        HtmlSpool.base64(HtmlSpool.deflate(head), out);
        text(out, "</script>\n");
        int number = 0;
        for (HtmlSpool.Block block : chosen) {
            text(out, "<script type=\"text/plain\" id=\"block-" + number++ + "\">");
            spool.write(block, out);
            text(out, "</script>\n");
        }
        out.write(page.get(3));
    }

    /** The result in a few lines for a browser that cannot show more. */
    private String summary(CaseFindings findings) {
        CaseFindings.Summary summary = findings.summary();
        StringBuilder html = new StringBuilder("<p>" + Amount.of(summary.flows(), "flow") + ": " + summary.ok() + " ok, "
                + summary.degraded() + " degraded, " + summary.failed() + " failed, " + summary.undetermined() + " undetermined.</p>");
        List<String> causes = new ArrayList<>();
        for (CaseFindings.RootCause cause : summary.rootCauses()) {
            causes.add("<strong>" + HtmlPage.escape(cause.code()) + "</strong>: " + HtmlPage.escape(cause.message()) + ".<br>Do: "
                    + commands(cause.remedy()));
        }
        causes.addAll(unexplained.rank(summary.rootCauses()), unexplained.groups().stream()
                .map(group -> HtmlPage.escape(group.flows() + " failed" + group.atStep() + ": " + group.why())).toList());
        causes.forEach(cause -> html.append("<p>").append(cause).append("</p>"));
        return html.toString();
    }

    /** A text of the catalogue, in which commands stand between backticks. */
    private static String commands(String text) {
        StringBuilder html = new StringBuilder();
        boolean command = false;
        for (String piece : text.split("`", -1)) {
            html.append(command ? "<code>" : "").append(HtmlPage.escape(piece)).append(command ? "</code>" : "");
            command = !command;
        }
        return html.toString();
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(HtmlFlowCoder.utf8(text));
    }

    @Override
    public void close() throws IOException {
        if (spool != null) {
            try (ReportFile unfinished = file) {
                spool.close();
            }
        }
    }
}
