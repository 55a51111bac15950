package io.tsdash.examples.cli;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.aggregation.Outcome;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;

/** Bars of bids and of asks: quotes set prices and have no volume. Single-threaded. */
final class QuoteBars {
    private final BarAggregator bids;
    private final BarAggregator asks;
    private final TreeMap<BarKey, Bar> bidBars = new TreeMap<>();
    private final TreeMap<BarKey, Bar> askBars = new TreeMap<>();

    QuoteBars(Interval interval, Duration lateness) {
        bids = side(interval, lateness, bidBars);
        asks = side(interval, lateness, askBars);
    }

    void add(Quote quote) {
        if (!Double.isNaN(quote.bid())) {
            bids.add(priced(quote, quote.bid()));
        }
        if (!Double.isNaN(quote.ask())) {
            asks.add(priced(quote, quote.ask()));
        }
    }

    /** Ends the input. */
    void close() {
        bids.close();
        asks.close();
    }

    SortedMap<BarKey, Bar> bids() {
        return bidBars;
    }

    SortedMap<BarKey, Bar> asks() {
        return askBars;
    }

    /** How many quotes ended so; both sides of a quote end alike. */
    long count(Outcome outcome) {
        return Math.max(bids.count(outcome), asks.count(outcome));
    }

    private static BarAggregator side(Interval interval, Duration lateness, SortedMap<BarKey, Bar> bars) {
        return BarAggregator.builder(bar -> BarKey.keepFinal(bars, bar))
                .intervals(interval)
                .lateness(lateness)
                .build();
    }

    private static Trade priced(Quote quote, double price) {
        return new Trade(
                quote.symbol(),
                quote.eventTimeNanos(),
                quote.receiveTimeNanos(),
                quote.sequence(),
                price,
                0,
                Side.UNKNOWN,
                true,
                false,
                0);
    }
}
