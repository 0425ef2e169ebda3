package io.nattrail.leg;

import io.nattrail.net.IpAddress;
import io.nattrail.wire.Bytes;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.List;

/**
 * Questions for neighbours' addresses (ARP; neighbour discovery of IPv6, RFC 4861), of which a capture of one direction shows either those
 * or their answers. Who asked and was answered unseen: of that host it does not show what comes in. Who is not answered asks again, a
 * second later, three times in all (Linux, mcast_solicit and retrans_time_ms). Who answers what nobody is seen to ask was asked unseen:
 * what is sent to that host it does not show.
 */
final class NeighbourQuestions {
    private static final int REQUEST = 1;
    private static final int ANSWER = 2;
    private static final int SOLICITATION = 135;
    private static final int ADVERTISEMENT = 136;
    /** Set in an advertisement that answers a solicitation. */
    private static final int SOLICITED = 0x40;
    /** Where type, code and checksum, and the flags or what is reserved, lie before the address that is asked for. */
    private static final int TARGET = 8;
    private static final int V6_BYTES = 16;
    /** Those of a few hosts tell enough. */
    private static final int MOST = 16;
    /** Longer than between copies of one question. */
    private static final long LEAST_REPETITION_NANOS = 500_000_000L;
    private static final long MOST_REPETITION_NANOS = 1_250_000_000L;

    private final List<Question> questions = new ArrayList<>(0);
    private final List<IpAddress> askedUnseen = new ArrayList<>(0);

    private static final class Question {
        private final IpAddress asker;
        private final IpAddress asked;
        private long last;
        /** Asked again, or the other one is seen, from whom the asker may know. */
        private boolean tellsNothing;

        private Question(IpAddress asker, IpAddress asked) {
            this.asker = asker;
            this.asked = asked;
        }
    }

    /** Takes a frame of ARP into account. */
    void addArp(PacketView p, long time) {
        int operation = Bytes.u16(p.buffer(), p.networkStart() + 6);
        IpAddress sender = IpAddress.v4((int) p.sourceLow());
        IpAddress target = IpAddress.v4((int) p.destinationLow());
        // Who asks for its own address, or has none yet, expects no answer (RFC 5227).
        boolean unasked = p.sourceLow() == 0 || sender.equals(target);
        seen(sender, time);
        if (operation == REQUEST && !unasked) {
            asks(sender, target, time);
        } else if (operation == ANSWER && !unasked && p.destinationLow() != 0) {
            answers(sender, target);
        }
    }

    /** Takes an ICMPv6 message into account, if it is of neighbour discovery. */
    void addIcmpV6(PacketView p, long time) {
        int type = p.icmpType();
        int at = p.transportStart() + TARGET;
        if (type != SOLICITATION && type != ADVERTISEMENT || p.payloadCaptured() < V6_BYTES) {
            return;
        }
        IpAddress target = IpAddress.v6(Bytes.i64(p.buffer(), at), Bytes.i64(p.buffer(), at + Long.BYTES));
        IpAddress source = IpAddress.v6(p.sourceHigh(), p.sourceLow());
        boolean nobody = p.sourceHigh() == 0 && p.sourceLow() == 0;
        if (type == SOLICITATION && !nobody) {
            seen(source, time);
            asks(source, target, time);
        } else if (type == ADVERTISEMENT) {
            seen(target, time);
            if ((Bytes.u8(p.buffer(), at - Integer.BYTES) & SOLICITED) != 0) {
                answers(target, IpAddress.v6(p.destinationHigh(), p.destinationLow()));
            }
        }
    }

    private void seen(IpAddress host, long time) {
        for (Question question : questions) {
            question.tellsNothing |= question.asked.equals(host);
        }
    }

    private void asks(IpAddress asker, IpAddress asked, long time) {
        for (Question question : questions) {
            if (question.asker.equals(asker) && question.asked.equals(asked)) {
                long since = time - question.last;
                question.tellsNothing |= since >= LEAST_REPETITION_NANOS && since <= MOST_REPETITION_NANOS || since < 0;
                question.last = time;
                return;
            }
        }
        if (questions.size() < MOST) {
            Question question = new Question(asker, asked);
            question.last = time;
            questions.add(question);
        }
    }

    private void answers(IpAddress host, IpAddress asker) {
        boolean asked = questions.size() == MOST || askedUnseen.size() == MOST || askedUnseen.contains(host);
        for (Question question : questions) {
            asked |= question.asker.equals(asker) && question.asked.equals(host);
        }
        if (!asked) {
            askedUnseen.add(host);
        }
    }

    /** Hosts that got answers which do not show, as far as the capture ran on long enough to show that they did not ask again. */
    List<IpAddress> answeredUnseen(long latestTime) {
        List<IpAddress> hosts = new ArrayList<>(0);
        for (Question question : questions) {
            if (!question.tellsNothing && latestTime - question.last > MOST_REPETITION_NANOS) {
                hosts.add(question.asker);
            }
        }
        return hosts;
    }

    /** Hosts that answered questions which do not show. */
    List<IpAddress> askedUnseen() {
        return askedUnseen;
    }
}
