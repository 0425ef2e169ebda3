package io.nattrail.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.PrettyPrinter;
import java.io.IOException;
import java.util.BitSet;

/**
 * JSON that is read by people too and stays small: what is announced by {@link #spread} has its entries on lines of their own, everything
 * else is on one line, so a step or a deviation of a flow is one line.
 */
final class JsonLayout implements PrettyPrinter {
    private static final String INDENT = " ";

    private final BitSet spreadLevels = new BitSet();
    private int level;
    private boolean next;

    /** The object or array that begins next has each entry on its own line. */
    void spread() {
        next = true;
    }

    @Override
    public void writeRootValueSeparator(JsonGenerator out) throws IOException {
        out.writeRaw('\n');
    }

    @Override
    public void writeStartObject(JsonGenerator out) throws IOException {
        out.writeRaw('{');
        begin();
    }

    @Override
    public void writeEndObject(JsonGenerator out, int entries) throws IOException {
        end(out, entries);
        out.writeRaw('}');
    }

    @Override
    public void writeObjectEntrySeparator(JsonGenerator out) throws IOException {
        separate(out);
    }

    @Override
    public void writeObjectFieldValueSeparator(JsonGenerator out) throws IOException {
        out.writeRaw(": ");
    }

    @Override
    public void writeStartArray(JsonGenerator out) throws IOException {
        out.writeRaw('[');
        begin();
    }

    @Override
    public void writeEndArray(JsonGenerator out, int values) throws IOException {
        end(out, values);
        out.writeRaw(']');
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator out) throws IOException {
        separate(out);
    }

    @Override
    public void beforeArrayValues(JsonGenerator out) throws IOException {
        first(out);
    }

    @Override
    public void beforeObjectEntries(JsonGenerator out) throws IOException {
        first(out);
    }

    private void begin() {
        level++;
        spreadLevels.set(level, next);
        next = false;
    }

    private void end(JsonGenerator out, int entries) throws IOException {
        boolean spread = spreadLevels.get(level);
        level--;
        if (spread && entries > 0) {
            newLine(out);
        }
    }

    private void first(JsonGenerator out) throws IOException {
        if (spreadLevels.get(level)) {
            newLine(out);
        }
    }

    private void separate(JsonGenerator out) throws IOException {
        out.writeRaw(',');
        if (spreadLevels.get(level)) {
            newLine(out);
        } else {
            out.writeRaw(' ');
        }
    }

    private void newLine(JsonGenerator out) throws IOException {
        out.writeRaw('\n');
        for (int i = 0; i < level; i++) {
            out.writeRaw(INDENT);
        }
    }
}
