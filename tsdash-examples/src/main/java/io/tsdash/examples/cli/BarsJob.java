package io.tsdash.examples.cli;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.aggregation.BarRollUp;
import io.tsdash.aggregation.Outcome;
import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.source.Refused;
import io.tsdash.source.TapeReader;
import io.tsdash.source.TapeRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads tapes to the end and makes their bars. Single-threaded. */
final class BarsJob {
    /** Which rows the bars are made of. */
    enum Of {
        /** Trades if the tape has any, else quotes. */
        AUTO,
        /** Trades only. */
        TRADES,
        /** Quotes only. */
        QUOTES
    }

    private static final int REFUSED_SHOWN_MAX = 5;

    private final Interval interval;
    private final Of of;
    private final TreeMap<BarKey, Bar> tradeBars = new TreeMap<>();
    private final BarAggregator trades;
    private final QuoteBars quotes;
    private @Nullable BarRollUp rollUp;
    private final List<Refused> refusedShown = new ArrayList<>();
    private long rows;
    private long tradeRows;
    private long quoteRows;
    private long barRows;
    private long refused;

    BarsJob(Interval interval, Duration lateness, Of of) {
        this.interval = interval;
        this.of = of;
        trades = BarAggregator.builder(bar -> BarKey.keepFinal(tradeBars, bar))
                .intervals(interval)
                .lateness(lateness)
                .build();
        quotes = new QuoteBars(interval, lateness);
    }

    /**
     * Reads all tapes; tells the number of rows after each.
     *
     * @return what ended a tape too early; empty if all were read whole
     */
    List<String> read(List<TapeReader> readers, Consumer<Long> progress) {
        TapeMerge merge = new TapeMerge(readers);
        for (TapeRow row = merge.next(); row != null; row = merge.next()) {
            rows++;
            if (row instanceof TapeRow.OfEvent event && event.event() instanceof Trade trade) {
                tradeRows++;
                trades.add(trade);
            } else if (row instanceof TapeRow.OfEvent event && event.event() instanceof Quote quote) {
                quoteRows++;
                if (wantsQuotes()) {
                    quotes.add(quote);
                }
            } else if (row instanceof TapeRow.OfBar bar) {
                barRows++;
                rollUp().add(bar.bar());
            } else if (row instanceof Refused bad) {
                refuse(bad);
            }
            progress.accept(rows);
        }
        trades.close();
        quotes.close();
        if (rollUp != null) {
            rollUp.close();
        }
        if (barRows > 0 && tradeRows + quoteRows > 0) {
            throw new InvalidInputException("the tapes hold bars and events, but they must be all of one kind: a trade"
                    + " that is in a bar would count twice");
        }
        return merge.damages();
    }

    void write(boolean withTradeCount, Consumer<String> lines) {
        if (ofQuotes()) {
            BarsCsv.quotes(quotes.bids(), quotes.asks(), lines);
        } else {
            BarsCsv.trades(tradeBars.values(), withTradeCount, lines);
        }
    }

    /** Returns what happened, a line each. */
    List<String> summary() {
        List<String> lines = new ArrayList<>();
        boolean ofQuotes = ofQuotes();
        int bars = ofQuotes ? quotes.bids().size() : tradeBars.size();
        lines.add(String.format(
                Locale.ROOT,
                "rows %,d: trades %,d, quotes %,d, bars %,d, refused %,d",
                rows,
                tradeRows,
                quoteRows,
                barRows,
                refused));
        lines.add(String.format(
                Locale.ROOT,
                "%s: taken in late %,d, too late %,d, duplicate %,d, corrected %,d, cancelled %,d, too far ahead %,d",
                ofQuotes ? "quotes" : "trades",
                count(Outcome.ADDED_LATE),
                count(Outcome.TOO_LATE),
                count(Outcome.DUPLICATE),
                count(Outcome.CORRECTED),
                count(Outcome.CANCELLED),
                count(Outcome.TOO_FAR_AHEAD)));
        lines.add(
                String.format(Locale.ROOT, "%s bars of %s: %,d", ofQuotes ? "quote" : "trade", interval.text(), bars));
        if (count(Outcome.TOO_LATE) > 0) {
            lines.add("what was too late is in no bar; a longer --lateness takes it in");
        }
        if (!ofQuotes && quoteRows > 0) {
            lines.add(
                    String.format(Locale.ROOT, "%,d quotes are in no bar; --of quotes makes bars of them", quoteRows));
        }
        if (ofQuotes && tradeRows > 0) {
            lines.add(
                    String.format(Locale.ROOT, "%,d trades are in no bar; --of trades makes bars of them", tradeRows));
        }
        for (Refused bad : refusedShown) {
            lines.add("refused line " + bad.position() + ": " + bad.reason() + ": " + bad.text());
        }
        if (refused > refusedShown.size()) {
            lines.add(String.format(Locale.ROOT, "and %,d refused lines more", refused - refusedShown.size()));
        }
        return lines;
    }

    private boolean wantsQuotes() {
        return of == Of.QUOTES || (of == Of.AUTO && tradeRows == 0);
    }

    private boolean ofQuotes() {
        return of == Of.QUOTES || (of == Of.AUTO && tradeRows == 0 && quoteRows > 0);
    }

    private long count(Outcome outcome) {
        return ofQuotes() ? quotes.count(outcome) : trades.count(outcome);
    }

    private BarRollUp rollUp() {
        if (rollUp == null) {
            rollUp = new BarRollUp(interval, bar -> BarKey.keepFinal(tradeBars, bar));
        }
        return rollUp;
    }

    private void refuse(Refused bad) {
        refused++;
        if (refusedShown.size() < REFUSED_SHOWN_MAX) {
            refusedShown.add(bad);
        }
    }
}
