package io.nattrail.cluster;

import java.io.ByteArrayInputStream;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** Hands any text to a source of cluster state, whether it recognises it or not: for tests outside of this package. */
public final class DumpTexts {
    /** How the last note ends of a text that cannot be read to its end. */
    public static final String BREAKS_OFF = "breaks off";

    private final ClusterSource source;

    private DumpTexts(ClusterSource source) {
        this.source = source;
    }

    /** @param name as messages name the source: {@code iptables-save} */
    public static DumpTexts of(String name) {
        return new DumpTexts(ClusterSources.ALL.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow());
    }

    /** What a text tells; one that cannot be read to its end has a note {@link #BREAKS_OFF}. */
    public ClusterState read(byte[] text) {
        return read(reader(text));
    }

    /** The same, from a reader that hands on a few characters at a time. */
    public ClusterState readInPieces(byte[] text) {
        return read(new FilterReader(reader(text)) {
            private int turn;

            @Override
            public int read(char[] to, int offset, int length) throws IOException {
                turn = (turn + 1) % 7;
                return super.read(to, offset, Math.min(length, 1 + turn * turn * 5));
            }
        });
    }

    private static Reader reader(byte[] text) {
        return new InputStreamReader(new ByteArrayInputStream(text), StandardCharsets.UTF_8);
    }

    private ClusterState read(Reader text) {
        DumpFacts facts = new DumpFacts("node-1.dump");
        try {
            source.read(text, facts);
        } catch (IOException e) {
            facts.note(BREAKS_OFF);
        }
        ClusterState state = new ClusterJoin(List.of(facts), Set.of()).join();
        if (new ClusterIndex(state).state() != state) {
            throw new AssertionError("the index is of another state");
        }
        return state;
    }

    /** The name of the source that recognises a text; null if none does. */
    public static String recognised(byte[] text) {
        String head = new String(text, StandardCharsets.UTF_8);
        ClusterSource source = ClusterSources.of(head.substring(0, Math.min(head.length(), DumpFile.HEAD)));
        return source == null ? null : source.name();
    }
}
