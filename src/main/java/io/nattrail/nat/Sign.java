package io.nattrail.nat;

import io.nattrail.leg.Direction;
import java.util.List;

/**
 * Something notable in a flow's packets at one place: what detectors judge.
 *
 * @param place index of the place, or -1 for a leg that is on no place
 * @param leg index of the leg
 * @param direction of the packets
 * @param count how often
 * @param value what the kind says
 * @param frames the first few, oldest first
 */
public record Sign(Kind kind, int place, int leg, Direction direction, long count, long value, List<SeenFrame> frames) {
    /** How many frames are kept as proof of one thing. */
    static final int MOST_FRAMES = 8;

    public Sign {
        frames = List.copyOf(frames);
    }

    /** What can be notable. */
    public enum Kind {
        /** The same SYN sent again; value: nanoseconds from the first to the last. Frames: all of them. */
        SYN_REPEATED,
        /** The same SYN-ACK sent again; value: nanoseconds from the first to the last. */
        SYN_ACK_REPEATED,
        /** Data sent again; value: the longest wait before it, nanoseconds. */
        RETRANSMITTED,
        /** FIN sent again without new data; value: how often. */
        FIN_REPEATED,
        /** A window of 0 announced while data waited; value: how long it stayed, nanoseconds. */
        ZERO_WINDOW,
        /** A reset; value: its TTL. Only at the place where it first shows. */
        RESET,
        /** A packet that no earlier place sent, other than a reset; value: its TTL. */
        APPEARED,
        /** A wrong checksum; value: of how many packets with payload the checksum was added up. */
        CHECKSUM_WRONG,
        /** The TTL changed inside the flow; value: the other TTL. */
        TTL_CHANGED,
        /**
         * The client's last data, never acknowledged although sent again three times and more, or again and then followed by the FIN of a
         * client that nothing came back to any more; value: for how long, nanoseconds.
         */
        SENT_IN_VAIN,
        /** A silence; value: its length, nanoseconds. Frames: last before, first after. */
        SILENCE,
        /** An acknowledgement of data that the capture never showed; value: bytes. */
        ACKED_UNSEEN,
        /** Datagrams asked after the last answer; value: nanoseconds from that answer to the last of them. */
        UNANSWERED,
        /** They are one question, not asked before, sent again soon each time. Only beside {@link #UNANSWERED}. Frames: the same. */
        ASKED_AGAIN,
        /** A single datagram asked after the last answer, and an ICMP error says that nobody takes it. Frames: it. */
        LAST_REFUSED,
        /** A window of 0 that was never opened again while the peer had more to say; value: nanoseconds from closing to the last packet. */
        WINDOW_STUCK,
        /** A SYN answered by an ACK of other numbers (RFC 5961, section 4): the receiver still holds a connection of this tuple. */
        CHALLENGE_ACK,
        /** A request seen again at the same point, under the same tuple, with less TTL: it was forwarded untranslated; value: that TTL. */
        FORWARDED,
        /** An answer by HTTP with an error status; value: the status. */
        HTTP_ERROR,
        /**
         * The longest wait of the place nearest to the endpoint for its answer, if it is long; value: nanoseconds. Frames: asked, answered.
         */
        THOUGHT_LONG,
        /** The endpoint's last data, acknowledged nowhere although sent again three times and more; value: for how long, nanoseconds. */
        ANSWERED_IN_VAIN,
        /**
         * A RST at once after an answer that was the next in its numbers and ended a silence, on the same leg; value: the silence,
         * nanoseconds. Frames: the answer.
         */
        RESET_AFTER_SILENCE,
        /**
         * The endpoint's RST on a quiet connection: its answer was the last that was said, and everything was acknowledged; value: how long
         * after that answer, nanoseconds. Frames: the answer, the RST.
         */
        RESET_WHEN_QUIET,
        /**
         * A new question after the endpoint's FIN, or that crossed it, never acknowledged; value: how long after its last data the FIN
         * came, nanoseconds, 0 if it never said anything. Frames: the FIN, the question.
         */
        ASKED_AFTER_CLOSE,
        /**
         * The client closed or reset without a byte of answer to its last question, which the other end had acknowledged, as the place
         * nearest to the endpoint shows; value: how long it waited, nanoseconds; count: the question's bytes. Frames: its last data, the
         * FIN or RST.
         */
        GAVE_UP,
        /**
         * The endpoint closed by FIN, which acknowledges the client's last question, without a byte of the answer that its protocol always
         * has; value: how long after the question, nanoseconds; count: the question's bytes. Frames: its last data, the FIN.
         */
        CLOSED_UNANSWERED,
        /** The other end still acknowledged it, with a number that says that it had sent nothing. Only beside {@link #GAVE_UP}. */
        NOTHING_SAID,
        /**
         * The client's process closed while it waited, and its kernel refused what came of the endpoint after that by RST; value: how long
         * it is known to have waited, nanoseconds. Frames: its last data or the last that it got, the first that it refused.
         */
        ANSWER_REFUSED,
        /** What the client gave up is a question by its protocol, which always has an answer. Only beside {@link #GAVE_UP}. */
        ANSWER_DUE,
        /**
         * New questions on the heels of answers that the place nearest to the client does not show; value: nanoseconds from the first such
         * answer to its question. Frames: the answer, the question.
         */
        ASKED_ON,
        /**
         * Keep-alive probes of the client that nothing came back to until it reset the connection; value: nanoseconds from the first of
         * them to the reset. Frames: the probes.
         */
        PROBED_IN_VAIN,
        /**
         * The client's last data, shown again twice and more by the last place that shows requests, where nothing acknowledges it;
         * value: for how long, nanoseconds.
         */
        DELIVERED_IN_VAIN,
        /** Nothing at all came of the endpoint where that was delivered. Only beside {@link #DELIVERED_IN_VAIN}. */
        HEARD_NOTHING,
        /**
         * The endpoint's last data, sent again and again though the place nearest to it shows that the client had acknowledged all of it;
         * value: for how long, nanoseconds.
         */
        REPEATED_ACKNOWLEDGED,
        /**
         * Bytes that the first place of a direction never shows, and that the other side still asked for once it had got what lies behind
         * them; value: how many. Frames: the first segment from behind them.
         */
        HOLE_LEFT,
        /**
         * The client's FIN, shown again twice and more by the last place that shows requests, where nothing at all came back since; value:
         * for how long, nanoseconds. Frames: the FINs.
         */
        CLOSED_IN_VAIN,
        /**
         * The only data sent again is the last that there was, before any timeout: a probe for its acknowledgement (RFC 8985, section 7),
         * which proves no loss; value: the wait before it, nanoseconds. Only beside {@link #RETRANSMITTED}.
         */
        TAIL_PROBED,
        /**
         * Datagrams that nothing answered, and that went on without waiting for any answer: others and others, at no growing distances;
         * value: for how long, nanoseconds. Frames: the first few.
         */
        ONE_WAY,
        /** The same of a few datagrams, which may be questions of several kinds as well. */
        SENT_ON,
        /** A proxy in the kernel answered the client itself and asked the endpoint then. Frames: its SYN behind the NAT. */
        RELAYED,
        /**
         * Since a moment a hop lost all that was large, again and again, while smaller packets passed in between; value: the largest
         * payload of these. Frames: the last large one that passed, the last smaller one in between.
         */
        NARROWED,
        /** Packets that must have passed a place before its capture began, or after it was over. Frames: where they were seen before. */
        PASSED_UNSEEN,
        /**
         * Datagrams whose first fragment a place shows and another point does not, which shows later ones of them; value: nothing.
         * Frames: the later ones there.
         */
        FIRST_FRAGMENT_LOST,
        /** The connection went on at another node. Frames: the first there, and its answer; no place. */
        MOVED,
        /**
         * The last datagrams of one side, which the next place does not show, though it shows what the other side sent all the while;
         * value: for how long, nanoseconds. Frames: the first few.
         */
        UNHEARD,
        /**
         * A question of a TCP connection of which captures show one direction alone, and whose sender, or receiver, does not tell there
         * that it was answered. Frames: the last that shows.
         */
        ANSWER_NOT_SHOWN
    }
}
