package io.nattrail.leg;

/**
 * An ICMP error whose quote a snap length cut before the ports, or whose addresses are others in the quote. What it has of the quoted
 * packet tells which that was, if this point saw it.
 *
 * @param quoted the quoted packet
 * @param error whose quoted sequence number is not known, nor who opened
 */
public record CutQuote(int point, DatagramId quoted, QuotedError error) {
    CutQuote at(int number) {
        return new CutQuote(number, quoted, error);
    }

    CutQuote earlier(long nanos) {
        return new CutQuote(point, quoted, error.earlier(nanos));
    }

    /** The error, once it is known which packet it quotes. */
    public QuotedError quoting(boolean fromOpener, int seq) {
        return new QuotedError(error.file(), error.number(), error.timeNanos(), error.type(), error.code(), error.mtu(), error.sender(),
                error.receiver(), error.ttl(), fromOpener, seq, error.quotedIdentification());
    }
}
