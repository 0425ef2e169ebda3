package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.nat.Flow.TrailSighting;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.ArrayList;
import java.util.List;

/** The packets of one flow, one by one, each with every place that saw it: the arrows of the ladder. */
final class TrailBuilder {
    private final boolean tcp;
    private final List<Flow.TrailPacket> packets = new ArrayList<>();
    private final List<List<TrailSighting>> sightings = new ArrayList<>();
    private int[] ids = new int[0];
    private int requestBase;
    private int replyBase;
    private boolean requestBaseKnown;
    private boolean replyBaseKnown;

    TrailBuilder(boolean tcp) {
        this.tcp = tcp;
    }

    /** Those of a direction at the place that is nearest to the sender. */
    void begin(Rows rows, int leg, Direction direction, int point) {
        ids = new int[rows.count()];
        for (int row = 0; row < rows.count(); row++) {
            ids[row] = open(rows, row, direction, "");
            sightings.get(ids[row]).add(new TrailSighting(leg, SeenFrame.of(rows, row, point)));
        }
        repeated(rows);
    }

    /** Marks what was sent again: the same bytes as before. */
    private void repeated(Rows rows) {
        int top = 0;
        boolean known = false;
        for (int row = 0; row < rows.count(); row++) {
            boolean syn = (rows.flags(row) & PacketView.SYN) != 0;
            boolean fin = (rows.flags(row) & PacketView.FIN) != 0;
            int length = rows.length(row) + (syn || fin ? 1 : 0);
            if (length == 0 || !tcp) {
                continue;
            }
            int end = rows.seq(row) + length;
            if (known && SequenceNumber.isBeforeOrEqual(end, top)) {
                note(ids[row], rows.length(row) == 1 && end == top ? "keep-alive" : "retransmission");
            }
            top = known ? SequenceNumber.latest(top, end) : end;
            known = true;
        }
    }

    /** What became of them on the way to the next place. */
    void hop(Rows up, Rows down, PacketMatcher matcher, int leg, int point, Direction direction) {
        int[] next = new int[down.count()];
        for (int i = 0; i < up.count(); i++) {
            if (matcher.downOf(i) == PacketMatcher.LOST) {
                note(ids[i], "lost");
            } else if (matcher.altered(i)) {
                note(ids[i], "altered");
            }
        }
        for (int j = 0; j < down.count(); j++) {
            int i = matcher.upOf(j);
            if (i >= 0) {
                next[j] = ids[i];
                if (matcher.late(j)) {
                    note(ids[i], "out-of-order");
                }
            } else {
                String note = i == PacketMatcher.RESEGMENTED ? "" : matcher.duplicateOf(j) >= 0 ? "duplicate" : "";
                next[j] = open(down, j, direction, note);
            }
            sightings.get(next[j]).add(new TrailSighting(leg, SeenFrame.of(down, j, point)));
        }
        ids = next;
    }

    private void note(int id, String note) {
        Flow.TrailPacket p = packets.get(id);
        if (p.note().isEmpty() || note.equals("lost")) {
            packets.set(id, new Flow.TrailPacket(p.direction(), p.flags(), p.sequence(), p.acknowledgment(), p.length(), note,
                    p.sightings()));
        }
    }

    private int open(Rows rows, int row, Direction direction, String note) {
        boolean request = direction == Direction.REQUEST;
        if (tcp) {
            if (request && !requestBaseKnown) {
                requestBase = rows.seq(row);
                requestBaseKnown = true;
                if (!replyBaseKnown && (rows.flags(row) & PacketView.SYN) == 0) {
                    replyBase = rows.ack(row);
                    replyBaseKnown = true;
                }
            } else if (!request && (!replyBaseKnown || (rows.flags(row) & PacketView.SYN) != 0)) {
                replyBase = rows.seq(row);
                replyBaseKnown = true;
            }
        }
        int own = request ? requestBase : replyBase;
        int other = request ? replyBase : requestBase;
        boolean acks = (rows.flags(row) & PacketView.ACK) != 0 && tcp;
        List<TrailSighting> seen = new ArrayList<>(4);
        sightings.add(seen);
        packets.add(new Flow.TrailPacket(direction, tcp ? rows.flags(row) : 0, tcp ? rows.seq(row) - own & 0xffffffffL : 0,
                acks ? acknowledged(rows.ack(row), other, request) : 0, rows.length(row), note, seen));
        return packets.size() - 1;
    }

    /** The other side's first number may not be known yet when requests are folded first; the handshake's ACK tells it. */
    private long acknowledged(int ack, int other, boolean request) {
        if (request && !replyBaseKnown) {
            replyBase = ack - 1;
            replyBaseKnown = true;
            return 1;
        }
        return ack - other & 0xffffffffL;
    }

    List<Flow.TrailPacket> packets() {
        return packets;
    }
}
