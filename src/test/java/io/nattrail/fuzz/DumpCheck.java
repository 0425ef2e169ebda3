package io.nattrail.fuzz;

import static io.nattrail.fuzz.Bounds.require;
import static io.nattrail.fuzz.Bounds.same;

import io.nattrail.cluster.ClusterState;
import io.nattrail.cluster.DumpTexts;

/** What holds for every text that is read as a dump of one kind. */
final class DumpCheck {
    private static final int MOST_NOTES = 20;
    private static final int LONGEST_NOTE = 2_000;

    private final DumpTexts source;

    DumpCheck(String name) {
        source = DumpTexts.of(name);
    }

    void check(byte[] text) {
        DumpTexts.recognised(text);
        ClusterState state = source.read(text);
        // How much a parser of YAML tells before damage depends on how far it had read ahead.
        if (state.notes().stream().noneMatch(note -> note.endsWith(DumpTexts.BREAKS_OFF))) {
            same(state, source.readInPieces(text), "read at once and in pieces, one text gives");
        }
        long told = state.nodes().size() + state.services().size() + state.pods().size() + state.connections().size();
        require(told <= text.length, "more is told than there are characters");
        require(state.notes().size() <= MOST_NOTES, state.notes().size() + " notes");
        for (String note : state.notes()) {
            require(note.length() <= LONGEST_NOTE, "a note of " + note.length() + " characters");
        }
    }
}
