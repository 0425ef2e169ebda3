package io.nattrail.leg;

import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpProtocol;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.List;

/**
 * One connection at one point under one tuple. Its rows lie in the point's {@link RowStore}; what is here was needed while reading, or is
 * needed to find the legs of the same connection elsewhere.
 *
 * <p>The two ends are kept in the order of the key, not of the connection: {@link #openedBySecond} tells who opened it. Without a
 * handshake that is a guess, which {@link #reverse} corrects.
 */
public final class Leg {
    static final int CLIENT_ISN = 0x01;
    static final int SERVER_ISN = 0x02;
    static final int SYN_SEEN = 0x04;
    static final int FIN_FIRST = 0x08;
    static final int FIN_SECOND = 0x10;
    static final int RESET = 0x20;
    static final int SECOND_OPENED = 0x40;
    /** The last packet said nothing but ACK. */
    static final int LAST_ACKNOWLEDGES = 0x100;
    static final int SETTLED = 0x200;
    /** A packet that is neither SYN nor RST was seen. */
    static final int BEYOND_HANDSHAKE = 0x400;
    /** Nothing answered what the key's first end asked last, a question by its protocol, before the first FIN. */
    static final int FIRST_ASKED = 0x800;
    static final int SECOND_ASKED = 0x1000;
    /** The opener's SYN carries data (RFC 7413): the SYN-ACK acknowledges as much of it as the other side took. */
    static final int SYN_DATA = 0x2000;
    /** Another connection that has not ended shows under the same tuple: {@link LegTable} knows it. */
    static final int BESIDE_ANOTHER = 0x4000;
    /** Records of TLS were seen. */
    static final int TLS = 0x8000;
    /** The opener's INIT of SCTP was seen: {@link #clientIsn} holds its initiate tag, by which no leg is looked for. */
    static final int INIT_SEEN = 0x10000;
    /** The same of an INIT-ACK, and {@link #serverIsn} the tag of the INIT that it answers. */
    static final int INIT_ACK_SEEN = 0x20000;

    final LegTable table;
    final long endpoints;
    final int ports;
    final byte protocol;
    final boolean v6;
    int state;
    int clientIsn;
    int serverIsn;
    long firstTime;
    long lastTime;
    int firstChunk;
    int lastChunk;
    int rowCount;
    short httpError;
    private List<QuotedError> errors = List.of();
    private List<FragmentGap> gaps = List.of();
    private FiveTuple tuple;
    private Shift shift;

    /** By how much the numbers of the two ends are ahead where another point shows the connection. */
    private record Shift(int opener, int answerer) {
    }

    Leg(LegTable table, int protocol, boolean v6, long endpoints, int ports, long time) {
        this.table = table;
        this.protocol = (byte) protocol;
        this.v6 = v6;
        this.endpoints = endpoints;
        this.ports = ports;
        this.firstTime = time;
        this.lastTime = time;
    }

    /** Number of the capture point in the case. */
    public int point() {
        return table.point();
    }

    /** Whether the leg's capture shows nearly every packet twice, so that each of the leg's packets may be a copy of the one before. */
    public boolean ofDoubledCapture() {
        return table.showsAllTwice();
    }

    /** How long after a packet its copy comes at most. */
    public long copyNanos() {
        return table.copyNanos();
    }

    public boolean tcp() {
        return protocol == IpProtocol.TCP;
    }

    /** UDP or SCTP: told apart by tuple and silence, while nothing tells an echo's identifier from the same one later. */
    public boolean datagrams() {
        return protocol == IpProtocol.UDP || (protocol & 0xff) == IpProtocol.SCTP;
    }

    /** Whether the opener's last question, one that must have an answer by its protocol, HTTP or TLS, had none before the first FIN. */
    public boolean asked() {
        return (state & (openedBySecond() ? SECOND_ASKED : FIRST_ASKED)) != 0;
    }

    /** Whether records of TLS were seen, handshake or application data. */
    public boolean tls() {
        return (state & TLS) != 0;
    }

    public Protocol protocol() {
        return Protocol.ofNumber(protocol & 0xff);
    }

    /** The tuple as the opener sent it. */
    public FiveTuple tuple() {
        if (tuple == null) {
            Endpoint first = new Endpoint(table.address((int) (endpoints >>> 32), v6), ports >>> 16);
            Endpoint second = new Endpoint(table.address((int) endpoints, v6), ports & 0xffff);
            tuple = openedBySecond() ? new FiveTuple(protocol(), second, first) : new FiveTuple(protocol(), first, second);
        }
        return tuple;
    }

    /** Whether another leg of the same point calls the same address and port. */
    public boolean callsSameAs(Leg other) {
        return protocol == other.protocol && v6 == other.v6 && called() == other.called() && calledPort() == other.calledPort();
    }

    /** Whether another leg of the same point was opened from the same address and port. */
    public boolean openedFromSameAs(Leg other) {
        return protocol == other.protocol && v6 == other.v6 && opener() == other.opener() && openerPort() == other.openerPort();
    }

    /** Whether another leg, at whatever point, was opened from a port of the same number to one of the same number. */
    public boolean hasPortsOf(Leg other) {
        return portsAsOpened() == other.portsAsOpened();
    }

    /** The port that opened it, and behind it the one that was called, 16 bits each. */
    public int portsAsOpened() {
        return openerPort() << 16 | calledPort();
    }

    private int opener() {
        return (int) (openedBySecond() ? endpoints : endpoints >>> 32);
    }

    private int openerPort() {
        return openedBySecond() ? ports & 0xffff : ports >>> 16;
    }

    private int called() {
        return (int) (openedBySecond() ? endpoints >>> 32 : endpoints);
    }

    private int calledPort() {
        return openedBySecond() ? ports >>> 16 : ports & 0xffff;
    }

    /** Whether the key's second end opened the connection: rows {@code fromSecond} are then requests. */
    public boolean openedBySecond() {
        return (state & SECOND_OPENED) != 0;
    }

    /** Corrects who opened it, and so whose packets ICMP errors quote and fragments were of. */
    public void reverse() {
        state ^= SECOND_OPENED;
        tuple = null;
        for (int i = 0; i < errors.size(); i++) {
            errors.set(i, errors.get(i).ofOtherDirection());
        }
        for (int i = 0; i < gaps.size(); i++) {
            gaps.set(i, gaps.get(i).ofOtherDirection());
        }
    }

    /** Whether a SYN or SYN-ACK told the opener's initial sequence number. */
    public boolean hasClientIsn() {
        return (state & CLIENT_ISN) != 0;
    }

    public boolean hasServerIsn() {
        return (state & SERVER_ISN) != 0;
    }

    /** Whether the opener's SYN itself is among the rows. */
    public boolean synSeen() {
        return (state & SYN_SEEN) != 0;
    }

    public int clientIsn() {
        return shift == null ? clientIsn : clientIsn + shift.opener;
    }

    public int serverIsn() {
        return shift == null ? serverIsn : serverIsn + shift.answerer;
    }

    /**
     * A firewall numbers the connection anew between this point and another: from now on the leg tells the numbers of the other side. What
     * is still read is filed by those that the point shows.
     *
     * @param opener what is added to the sequence numbers of the end that opened it
     * @param answerer what is added to those of the other end
     */
    public void renumber(int opener, int answerer) {
        for (int i = 0; i < errors.size(); i++) {
            errors.set(i, errors.get(i).quotedAhead(errors.get(i).quotedFromOpener() ? opener : answerer));
        }
        shift = shift == null ? new Shift(opener, answerer) : new Shift(shift.opener + opener, shift.answerer + answerer);
    }

    /** Tells the numbers that the point shows again. */
    public void numberAsShown() {
        if (shift != null) {
            renumber(-shift.opener, -shift.answerer);
            shift = null;
        }
    }

    /** Both sides said FIN, or one said RST. */
    public boolean closed() {
        return (state & RESET) != 0 || (state & (FIN_FIRST | FIN_SECOND)) == (FIN_FIRST | FIN_SECOND);
    }

    /** Nothing but SYN, SYN-ACK or RST was seen. */
    public boolean handshakeOnly() {
        return (state & BEYOND_HANDSHAKE) == 0;
    }

    /** Both sides said FIN and the last packet acknowledges: nobody has a reason to send anything more. */
    public boolean closedInOrder() {
        return (state & (RESET | FIN_FIRST | FIN_SECOND | LAST_ACKNOWLEDGES)) == (FIN_FIRST | FIN_SECOND | LAST_ACKNOWLEDGES);
    }

    /** Time of the first packet, or of the error that quotes one, on the point's clock. */
    public long firstTime() {
        return firstTime;
    }

    public long lastTime() {
        return lastTime;
    }

    public int rowCount() {
        return rowCount;
    }

    /** Copies the rows behind what {@code into} holds. */
    public void copyRows(Rows into) {
        copy(rowCount, into);
    }

    /** Copies the first rows, at most so many, behind what {@code into} holds. */
    public void copyFirstRows(int most, Rows into) {
        copy(most, into);
    }

    private void copy(int most, Rows into) {
        int first = into.count();
        table.rows().copy(this, most, into);
        if (shift != null) {
            into.renumber(first, openedBySecond(), shift.opener, shift.answerer, 0);
        }
    }

    /** Gives the rows back: the connection was folded. What still comes for it is only counted. */
    public void settle() {
        table.rows().release(this);
        state |= SETTLED;
        tuple = null;
        errors = List.of();
        gaps = List.of();
    }

    /** Lets the rows go, where all captures were read. */
    public void discardRows() {
        table.rows().discard(this);
    }

    /**
     * Leaves the rows from some on to legs of their own, with all that was noted of the tuple since then: connections that used the same
     * ports one after the other. To be called once everything was read.
     *
     * @param all the leg's rows
     * @param starts the first row of each leg but this, in order
     */
    public void divide(Rows all, int[] starts) {
        List<QuotedError> allErrors = errors;
        List<FragmentGap> allGaps = gaps;
        errors = List.of();
        gaps = List.of();
        table.rows().release(this);
        Leg part = this;
        long from = Long.MIN_VALUE;
        for (int i = 0; i <= starts.length; i++) {
            int start = i == 0 ? 0 : starts[i - 1];
            int end = i == starts.length ? all.count() : starts[i];
            if (i > 0) {
                part = table.successor(this);
                from = all.time(start);
            }
            part.take(all, start, end, allErrors, allGaps, from, i == starts.length ? Long.MAX_VALUE : all.time(end));
        }
    }

    private void take(Rows all, int start, int end, List<QuotedError> allErrors, List<FragmentGap> allGaps, long from, long before) {
        firstTime = Long.MAX_VALUE;
        lastTime = Long.MIN_VALUE;
        for (int row = start; row < end; row++) {
            table.rows().append(this, all, row);
            cover(all.time(row));
        }
        for (QuotedError error : allErrors) {
            if (error.timeNanos() >= from && error.timeNanos() < before) {
                add(error);
                cover(error.timeNanos());
            }
        }
        for (FragmentGap gap : allGaps) {
            if (gap.timeNanos() >= from && gap.timeNanos() < before) {
                begin(gap);
            }
        }
    }

    /** Times after a clock was set become what it would have shown otherwise. */
    void undo(ClockStep step) {
        table.rows().undo(step, this);
        firstTime = Long.MAX_VALUE;
        lastTime = Long.MIN_VALUE;
        for (int i = 0; i < errors.size(); i++) {
            QuotedError error = errors.get(i);
            if (step.before(error.file(), error.number())) {
                errors.set(i, error.earlier(step.aheadNanos()));
            }
            cover(errors.get(i).timeNanos());
        }
        for (int i = 0; i < gaps.size(); i++) {
            FragmentGap gap = gaps.get(i);
            if (step.before(gap.file(), gap.number())) {
                gaps.set(i, gap.earlier(step.aheadNanos()));
            }
        }
        Rows all = new Rows();
        copyRows(all);
        for (int row = 0; row < all.count(); row++) {
            cover(all.time(row));
        }
    }

    private void cover(long time) {
        firstTime = Math.min(firstTime, time);
        lastTime = Math.max(lastTime, time);
    }

    boolean settled() {
        return (state & SETTLED) != 0;
    }

    /** The status of the first answer by HTTP that was an error (400 and above); 0 if none was. */
    public int httpError() {
        return httpError;
    }

    /** ICMP errors that quote a packet of this leg. */
    public List<QuotedError> errors() {
        return errors;
    }

    void add(QuotedError error) {
        if (errors.isEmpty()) {
            errors = new ArrayList<>(2);
        }
        errors.add(error);
    }

    /** Datagrams of which not all fragments were seen. */
    public List<FragmentGap> gaps() {
        return gaps;
    }

    void begin(FragmentGap gap) {
        if (gaps.isEmpty()) {
            gaps = new ArrayList<>(2);
        }
        gaps.add(gap);
    }

    void complete(FragmentGap gap) {
        // Mostly it is the last that began; those of which a fragment is lost stay.
        int at = gaps.lastIndexOf(gap);
        if (at >= 0) {
            gaps.remove(at);
        }
    }

    @Override
    public String toString() {
        return protocol().label() + " " + tuple() + " at " + point() + ", " + rowCount + " rows";
    }
}
