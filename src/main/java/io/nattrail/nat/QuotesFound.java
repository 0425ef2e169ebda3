package io.nattrail.nat;

import io.nattrail.leg.CutQuote;
import io.nattrail.leg.QuotedError;
import io.nattrail.leg.Rows;
import io.nattrail.net.FiveTuple;
import java.util.ArrayList;
import java.util.List;

/** ICMP errors whose quotes were cut before the ports, by the packets that they quote. */
final class QuotesFound {
    /** Linux gives up after three requests for a neighbour's address, a second each, and then complains of what waited (arp(7)). */
    private static final long COMPLAINS_WITHIN_NANOS = 5_000_000_000L;

    private QuotesFound() {
    }

    /** A leg's errors, with those that quote its requests by addresses and identification; what was answered nobody complained of. */
    static List<QuotedError> errors(FoldContext context, LoadedLeg leg) {
        List<QuotedError> known = leg.leg().errors();
        if (!known.isEmpty() || leg.replies().count() > 0) {
            return known;
        }
        List<QuotedError> errors = new ArrayList<>(0);
        Rows rows = leg.requests();
        FiveTuple tuple = leg.leg().tuple();
        for (int row = 0; row < rows.count(); row++) {
            for (CutQuote quote : context.cutQuotes(rows.identification(row))) {
                long late = quote.error().timeNanos() - rows.time(row);
                if (quote.point() == leg.leg().point() && late >= 0 && late <= COMPLAINS_WITHIN_NANOS
                        && quote.protocol() == tuple.protocol().number() && quote.source().equals(tuple.source().address())
                        && quote.destination().equals(tuple.destination().address())) {
                    errors.add(quote.quoting(true, rows.seq(row)));
                }
            }
        }
        return errors;
    }
}
