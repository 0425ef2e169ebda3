package io.nattrail.leg;

import io.nattrail.net.IpAddress;
import io.nattrail.wire.Bytes;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.List;

/**
 * Questions for neighbours' addresses (ARP) that were answered and whose answers the capture does not show: of that host it does not show
 * what comes in. Who is not answered asks again, a second later, three times in all (Linux, mcast_solicit and retrans_time_ms).
 */
final class NeighbourQuestions {
    private static final int REQUEST = 1;
    /** Those of a few hosts tell enough. */
    private static final int MOST = 16;
    /** Longer than between copies of one question. */
    private static final long LEAST_REPETITION_NANOS = 500_000_000L;
    private static final long MOST_REPETITION_NANOS = 1_250_000_000L;

    private final List<Question> questions = new ArrayList<>(0);

    private static final class Question {
        private final int asker;
        private final int asked;
        private long last;
        /** Asked again, or the other one is seen, from whom the asker may know. */
        private boolean tellsNothing;

        private Question(int asker, int asked) {
            this.asker = asker;
            this.asked = asked;
        }
    }

    /** Takes a frame of ARP into account. */
    void add(PacketView p, long time) {
        int sender = (int) p.sourceLow();
        int target = (int) p.destinationLow();
        boolean request = Bytes.u16(p.buffer(), p.networkStart() + 6) == REQUEST;
        boolean known = false;
        for (Question question : questions) {
            if (question.asked == sender) {
                question.tellsNothing = true;
            } else if (request && question.asker == sender && question.asked == target) {
                long since = time - question.last;
                question.tellsNothing |= since >= LEAST_REPETITION_NANOS && since <= MOST_REPETITION_NANOS || since < 0;
                question.last = time;
                known = true;
            }
        }
        // Who asks for its own address, or has none yet, expects no answer (RFC 5227).
        if (request && !known && sender != 0 && sender != target && questions.size() < MOST) {
            Question question = new Question(sender, target);
            question.last = time;
            questions.add(question);
        }
    }

    /** Hosts that got answers which do not show, as far as the capture ran on long enough to show that they did not ask again. */
    List<IpAddress> answeredUnseen(long latestTime) {
        List<IpAddress> hosts = new ArrayList<>(0);
        for (Question question : questions) {
            if (!question.tellsNothing && latestTime - question.last > MOST_REPETITION_NANOS) {
                hosts.add(IpAddress.v4(question.asker));
            }
        }
        return hosts;
    }
}
