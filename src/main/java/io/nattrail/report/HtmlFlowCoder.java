package io.nattrail.report;

import io.nattrail.analysis.FlowResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Flows in blocks of JSON, as the page's {@code decode.js} reads them. What repeats is told once: texts stand in the block's list and are
 * given by their place in it; frames and times are given as the difference to the last one before.
 */
abstract class HtmlFlowCoder {
    /** Raw bytes after which a block is closed: large enough to compress well, small enough to open at a click. */
    private static final int BLOCK_BYTES = 1 << 18;

    final Clocks clocks;
    private final HtmlSpool spool;
    private final HtmlSpool.Kind kind;

    private ByteArrayOutputStream bytes;
    private JsonOut json;
    private HtmlTexts texts;
    private int first;
    private int last;
    private int count;

    /** Where a point's times begin; differences stay exact in a browser's numbers. */
    interface Clocks {
        /** How many points there are. */
        int count();

        int index(String point);

        long base(String point);
    }

    HtmlFlowCoder(HtmlSpool spool, HtmlSpool.Kind kind, Clocks clocks) {
        this.spool = spool;
        this.kind = kind;
        this.clocks = clocks;
    }

    /** Adds a flow; a block that became full goes to the spool. */
    final void add(FlowResult flow) throws IOException {
        if (json == null) {
            bytes = new ByteArrayOutputStream(BLOCK_BYTES + BLOCK_BYTES / 8);
            json = new JsonOut(bytes);
            texts = new HtmlTexts();
            first = flow.id();
            count = 0;
            json.object();
            json.name("flows").array();
        }
        write(flow, json, texts);
        last = flow.id();
        count++;
        json.flush();
        if (bytes.size() >= BLOCK_BYTES) {
            finish();
        }
    }

    /** Writes one flow of the block that is open. */
    abstract void write(FlowResult flow, JsonOut json, HtmlTexts texts) throws IOException;

    /** Writes what the flows of a block have in common into its object, and forgets it. */
    void writeCommon(JsonOut json) throws IOException {
    }

    /** Closes the block that is open, if any. */
    final void finish() throws IOException {
        if (json == null) {
            return;
        }
        json.endArray();
        writeCommon(json);
        texts.write(json);
        json.endObject();
        json.flush();
        json = null;
        spool.add(kind, first, last, count, HtmlSpool.deflate(bytes.toByteArray()));
    }

    /** A text as JSON, for what is written by hand around blocks. */
    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
