package io.nattrail.nat;

import io.nattrail.leg.CutQuote;
import io.nattrail.leg.DatagramId;
import io.nattrail.leg.QuotedError;
import io.nattrail.leg.Rows;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** ICMP errors whose quotes do not tell the leg, by the packets that they quote. */
final class QuotesFound {
    /** Linux gives up after three requests for a neighbour's address, a second each, and then complains of what waited (arp(7)). */
    private static final long COMPLAINS_WITHIN_NANOS = 5_000_000_000L;

    private QuotesFound() {
    }

    /**
     * A leg's errors, with those that quote its requests by identification and addresses, as far as known, each once, whichever numbers
     * come again; what was answered nobody complained of.
     */
    static List<QuotedError> errors(FoldContext context, LoadedLeg leg) {
        List<QuotedError> known = leg.leg().errors();
        if (!known.isEmpty() || leg.replies().count() > 0) {
            return known;
        }
        List<QuotedError> errors = new ArrayList<>(0);
        Map<Integer, Integer> next = new HashMap<>(0);
        Rows rows = leg.requests();
        FiveTuple tuple = leg.leg().tuple();
        for (int row = 0; row < rows.count(); row++) {
            int identification = rows.identification(row);
            List<CutQuote> quotes = quoting(context, tuple, tuple.destination().address(), identification);
            if (quotes.isEmpty()) {
                quotes = quoting(context, tuple, null, identification);
            }
            int at = next.getOrDefault(identification, 0);
            while (at < quotes.size() && !(quotes.get(at).point() == leg.leg().point() && late(quotes.get(at), rows, row) >= 0)) {
                at++;
            }
            if (at < quotes.size() && late(quotes.get(at), rows, row) <= COMPLAINS_WITHIN_NANOS) {
                errors.add(quotes.get(at++).quoting(true, rows.seq(row)));
            }
            if (at > 0) {
                next.put(identification, at);
            }
        }
        return errors;
    }

    private static List<CutQuote> quoting(FoldContext context, FiveTuple tuple, IpAddress destination, int identification) {
        return context.cutQuotes().getOrDefault(new DatagramId(tuple.source().address(), destination, tuple.protocol().number(),
                identification), List.of());
    }

    private static long late(CutQuote quote, Rows rows, int row) {
        return quote.error().timeNanos() - rows.time(row);
    }
}
