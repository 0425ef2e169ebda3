package io.nattrail.cluster;

import java.io.IOException;
import java.io.Reader;

/** One kind of dump. Stateless. A source survives every input: what it does not understand it counts in a note and passes over. */
interface ClusterSource {
    /** How many lines a kind looks at that must parse each to recognise it: enough to get past what a shell or tool prints before. */
    int LINES_ASKED = 100;

    /** The command whose output it reads: {@code iptables-save}. */
    String name();

    /**
     * Whether the text is of this kind.
     *
     * @param head its first characters, {@link DumpFile#HEAD} at most
     */
    boolean recognises(String head);

    /**
     * Reads the whole text.
     *
     * @throws IOException if the file breaks off or is damaged; what was read until then stays in {@code facts}
     */
    void read(Reader text, DumpFacts facts) throws IOException;
}
