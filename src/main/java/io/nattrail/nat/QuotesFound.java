package io.nattrail.nat;

import io.nattrail.leg.CutQuote;
import io.nattrail.leg.DatagramId;
import io.nattrail.leg.QuotedError;
import io.nattrail.leg.Rows;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
        if (!known.isEmpty() || leg.replies().count() > 0 || context.cutQuotes().isEmpty()) {
            return known;
        }
        List<QuotedError> errors = new ArrayList<>(0);
        Map<Integer, Deque<CutQuote>> left = new HashMap<>(0);
        Rows rows = leg.requests();
        for (int row = 0; row < rows.count(); row++) {
            Deque<CutQuote> quotes = left.computeIfAbsent(rows.identification(row), id -> quoting(context, leg, id));
            while (!quotes.isEmpty() && late(quotes.peek(), rows, row) < 0) {
                quotes.remove();
            }
            if (!quotes.isEmpty() && late(quotes.peek(), rows, row) <= COMPLAINS_WITHIN_NANOS) {
                errors.add(quotes.remove().quoting(true, rows.seq(row)));
            }
        }
        return errors;
    }

    /** Those at the leg's point, whose snap length may be shorter than others': then they do not say the destination. */
    private static Deque<CutQuote> quoting(FoldContext context, LoadedLeg leg, int identification) {
        Deque<CutQuote> quotes = quoting(context, leg, leg.leg().tuple().destination().address(), identification);
        return quotes.isEmpty() ? quoting(context, leg, null, identification) : quotes;
    }

    private static Deque<CutQuote> quoting(FoldContext context, LoadedLeg leg, IpAddress destination, int identification) {
        FiveTuple tuple = leg.leg().tuple();
        Deque<CutQuote> quotes = new ArrayDeque<>(0);
        for (CutQuote quote : context.cutQuotes().getOrDefault(
                new DatagramId(tuple.source().address(), destination, tuple.protocol().number(), identification), List.of())) {
            if (quote.point() == leg.leg().point()) {
                quotes.add(quote);
            }
        }
        return quotes;
    }

    private static long late(CutQuote quote, Rows rows, int row) {
        return quote.error().timeNanos() - rows.time(row);
    }
}
