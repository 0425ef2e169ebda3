package io.nattrail.report;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Hop;
import io.nattrail.report.TerminalStyle.Ink;
import java.util.ArrayList;
import java.util.List;

/**
 * One direction of a flow as a line: its capture points from the client on, and how many packets went from each to the next.
 *
 * <pre>
 * client ──6──▶ node1-eth0 [NAT] ──0 of 6──✗ node2-cbr0
 * client ◀──5── node1-eth0 [NAT] ◀──5── node2-cbr0
 * </pre>
 */
final class HopPicture {
    private final TerminalStyle style;
    private final StringBuilder painted = new StringBuilder();
    private int length;

    private HopPicture(TerminalStyle style) {
        this.style = style;
    }

    /** The line, painted; null if the hops of this direction do not follow one another, or if it would not fit. */
    static String of(List<Hop> hops, Direction direction, TerminalStyle style, int room) {
        List<Hop> chain = new ArrayList<>();
        for (Hop hop : hops) {
            if (hop.direction() == direction) {
                chain.add(hop);
            }
        }
        for (int i = 1; i < chain.size(); i++) {
            if (!chain.get(i - 1).to().equals(chain.get(i).from())) {
                return null;
            }
        }
        if (chain.isEmpty()) {
            return null;
        }
        oneMarkForEachTranslation(chain);
        HopPicture picture = new HopPicture(style);
        if (direction == Direction.REQUEST) {
            picture.text(chain.get(0).from(), Ink.BOLD);
            for (Hop hop : chain) {
                picture.hop(hop, hop.to(), true);
            }
        } else {
            // Drawn from the client, too, so that each point stands below itself.
            picture.text(chain.get(chain.size() - 1).to(), Ink.BOLD);
            for (int i = chain.size() - 1; i >= 0; i--) {
                picture.hop(chain.get(i), chain.get(i).from(), false);
            }
        }
        return picture.length <= room ? picture.painted.toString() : null;
    }

    /** An answer that was turned back wrongly has a leg of its own between both sides: it is one translation all the same. */
    private static void oneMarkForEachTranslation(List<Hop> chain) {
        for (int i = chain.size() - 1; i > 0; i--) {
            if (chain.get(i).insideOnePoint() && chain.get(i - 1).insideOnePoint()) {
                chain.remove(chain.get(i).lost() > chain.get(i - 1).lost() ? i - 1 : i);
            }
        }
    }

    private void hop(Hop hop, String next, boolean forward) {
        boolean lost = hop.lost() > 0;
        Ink ink = lost ? Ink.BOLD_RED : hop.delivered() == 0 ? Ink.DIM : Ink.GREEN;
        String count = lost ? hop.delivered() + " of " + hop.sent() : Long.toString(hop.delivered());
        String cross = style.choose("\u2717", "x");
        if (hop.insideOnePoint()) {
            text(" ", null);
            text(lost ? "[NAT " + count + " " + cross + "]" : "[NAT]", lost ? Ink.BOLD_RED : Ink.CYAN);
            return;
        }
        String line = style.choose("\u2500\u2500", "--");
        boolean ends = lost && hop.delivered() == 0;
        String arrow = forward ? line + count + line + (ends ? cross : style.choose("\u25b6", ">"))
                : (ends ? cross : style.choose("\u25c0", "<")) + line + count + line;
        text(" ", null);
        text(arrow, ink);
        text(" ", null);
        text(next, Ink.BOLD);
    }

    private void text(String text, Ink ink) {
        String shown = style.safe(text);
        painted.append(style.paint(ink, shown));
        length += shown.length();
    }
}
