package io.tsdash.distribution;

import io.tsdash.delta.RecordBuffer;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.PriceUpdate;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.trace.TracedTrade;
import io.tsdash.trace.TradeTraces;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the market's channels in a hub: {@code prices}, {@code bars}, {@code trades}, {@code status}, {@code news} and
 * {@code alerts}, as {@code docs/protocol.md} describes them.
 *
 * <p>Public methods are thread-safe; they hand a batch to the hub and wait while its queue is full, so nothing is
 * dropped on the way. A batch must not be changed after it was handed over. What is refused (a trade older than the
 * tape, a bar older than those kept, a channel too many) is told to the hub's {@link HubListener}. They throw
 * {@link io.tsdash.error.PermanentException} when the hub is closed.
 *
 * <p>In a hub that has taken over the channels of another server they go on as they stand: trades that are in a log
 * already are duplicates.
 */
public final class MarketChannels {
    private static final int PARTS_MAX = 1_024;
    private static final int ITEMS_KEPT = 1_024;
    private static final String NO_PART = "";

    private final Hub hub;
    private final Map<String, Interval> intervals;
    private final int barsKept;
    private final int tradesKept;
    private final TradeTraces traces;

    private final Map<String, SymbolRows> symbols = new HashMap<>();
    private final Map<Interval, Map<String, StateChannel>> bars = new HashMap<>();
    private final Map<String, Part> parts = new HashMap<>();

    MarketChannels(Hub hub, Map<String, Interval> intervals, int barsKept, int tradesKept, TradeTraces traces) {
        this.hub = hub;
        this.intervals = Map.copyOf(intervals);
        this.barsKept = barsKept;
        this.tradesKept = tradesKept;
        this.traces = traces;
        intervals.values().forEach(interval -> bars.put(interval, new HashMap<>()));
        hub.catalog(new MarketCatalog(hub, intervals.keySet()));
    }

    /** Returns a builder with the defaults. */
    public static MarketChannelsBuilder builder(Hub hub) {
        return new MarketChannelsBuilder(hub);
    }

    /**
     * Makes the channels of symbols before their first event, so that clients can subscribe by name.
     *
     * @param part the feed that delivers them
     * @param names the symbols
     */
    public void declare(String part, Collection<String> names) throws InterruptedException {
        List<String> copy = List.copyOf(names);
        hub.submit(channels -> copy.forEach(symbol -> rows(channels, part(part), symbol)));
    }

    /**
     * Takes trades and quotes.
     *
     * @param part the feed that delivered them
     * @param events in any order
     */
    public void events(String part, List<? extends MarketEvent> events) throws InterruptedException {
        hub.submit(channels -> {
            Part feed = part(part);
            for (MarketEvent event : events) {
                take(channels, feed, event);
            }
        });
    }

    /**
     * Goes on from what a store holds of a symbol. Where its log was taken over from another server, which may have brought more
     * to the store than to the log, that is added in order, before the feed delivers; else the last trade is shown.
     *
     * @param part the feed that delivers the symbol
     * @param last the eligible trade with the largest (event time, sequence)
     * @param newest the newest trades, in order; {@link #tradesKept()} are enough
     */
    public void goOn(String part, Trade last, Collection<Trade> newest) throws InterruptedException {
        List<Trade> known = List.copyOf(newest);
        hub.submit(channels -> {
            SymbolRows rows = rows(channels, part(part), last.symbol());
            if (rows != null) {
                (rows.takenOver ? known : List.of(last)).forEach(trade -> append(rows, trade));
            }
        });
    }

    /** Returns how many of the newest trades of a symbol are kept. */
    public int tradesKept() {
        return tradesKept;
    }

    /**
     * Takes a price that is known from elsewhere, for a symbol whose feed is not live: it is shown as stale, unless what is shown is
     * live or newer.
     */
    public void lastKnown(PriceUpdate price) throws InterruptedException {
        hub.submit(channels -> {
            SymbolRows rows = symbols.get(price.symbol());
            if (rows == null) {
                Part nobody = part(NO_PART);
                nobody.stale = true;
                rows = rows(channels, nobody, price.symbol());
            }
            if (rows != null) {
                rows.price.lastKnown(price);
            }
        });
    }

    /** Takes bars, the open ones too. */
    public void bars(List<Bar> batch) throws InterruptedException {
        hub.submit(channels -> {
            for (Bar bar : batch) {
                take(channels, bar);
            }
        });
    }

    /** Takes the status of a feed, store or other part, and marks the prices of its symbols stale or not. */
    public void status(PartStatus status) throws InterruptedException {
        hub.submit(channels -> take(channels, status));
    }

    /** Takes a piece of news. */
    public void news(NewsItem item) throws InterruptedException {
        append(channels -> channels.log("news", MarketSchemas.NEWS, ITEMS_KEPT), row -> MarketSchemas.fill(row, item));
    }

    /** Takes an alert. */
    public void alert(Alert alert) throws InterruptedException {
        append(
                channels -> channels.log("alerts", MarketSchemas.ALERT, ITEMS_KEPT),
                row -> MarketSchemas.fill(row, alert));
    }

    private void append(Function<Channels, Optional<LogChannel>> channel, Consumer<RecordBuffer> fill)
            throws InterruptedException {
        hub.submit(channels -> channel.apply(channels).ifPresent(log -> {
            fill.accept(log.next());
            log.append();
        }));
    }

    private void take(Channels channels, Part feed, MarketEvent event) {
        SymbolRows rows = rows(channels, feed, event.symbol());
        if (rows == null) {
            return;
        }
        if (event instanceof Trade trade) {
            take(channels, rows, trade);
        } else if (event instanceof Quote quote) {
            rows.price.add(quote);
        }
    }

    private void take(Channels channels, SymbolRows rows, Trade trade) {
        // Duplicates are told by whoever takes them out upstream; here they change nothing.
        if (append(rows, trade) == TradeTape.Outcome.TOO_OLD) {
            channels.refused(
                    rows.trades.name(),
                    "trade was at " + trade.eventTimeNanos() + " but it must be among the newest " + tradesKept);
        }
    }

    private TradeTape.Outcome append(SymbolRows rows, Trade trade) {
        TradeTape.Outcome outcome = rows.price.add(trade);
        if (outcome == TradeTape.Outcome.TAKEN) {
            MarketSchemas.fill(rows.trades.next(), trade);
            rows.trades.append();
            follow(rows, trade);
        }
        return outcome;
    }

    private void follow(SymbolRows rows, Trade trade) {
        TracedTrade traced = traces.find(trade);
        if (traced != null) {
            Runnable written = traced.distributed();
            rows.price.whenWritten(written);
            rows.trades.whenWritten(written);
        }
    }

    private void take(Channels channels, Bar bar) {
        StateChannel channel = barChannel(channels, bar);
        if (channel == null) {
            return;
        }
        Long key = bar.openTimeNanos();
        Optional<RecordBuffer> present = channel.find(key);
        if (present.isPresent()) {
            if (present.get().getLong(9) > bar.revision()) {
                return;
            }
        } else if (channel.isFull()) {
            Object oldest = channel.firstKey().orElseThrow();
            if (((Long) oldest) > key) {
                channels.refused(
                        channel.name(), "bar opened at " + key + " but it must be among the newest " + barsKept);
                return;
            }
            channel.remove(oldest);
        }
        channel.row(key).ifPresent(row -> {
            MarketSchemas.fill(row, bar);
            channel.commit(key);
        });
    }

    private void take(Channels channels, PartStatus status) {
        channels.state("status", MarketSchemas.STATUS, 0, PARTS_MAX)
                .ifPresent(channel -> channel.row(status.name()).ifPresent(row -> {
                    MarketSchemas.fill(row, status);
                    channel.commit(status.name());
                }));
        Part part = part(status.name());
        if (part.stale != status.stale()) {
            part.stale = status.stale();
            part.symbols.forEach(rows -> rows.price.stale(part.stale));
        }
    }

    private Part part(String name) {
        return parts.computeIfAbsent(name, Part::new);
    }

    private @Nullable SymbolRows rows(Channels channels, Part part, String symbol) {
        SymbolRows rows = symbols.get(symbol);
        if (rows == null) {
            rows = create(channels, symbol);
            if (rows == null) {
                return null;
            }
            symbols.put(symbol, rows);
        }
        if (rows.part != part) {
            if (rows.part != null) {
                rows.part.symbols.remove(rows);
            }
            rows.part = part;
            part.symbols.add(rows);
            rows.price.stale(part.stale);
        }
        return rows;
    }

    private @Nullable SymbolRows create(Channels channels, String symbol) {
        StateChannel prices =
                channels.state("prices:" + symbol, MarketSchemas.PRICE, 0, 1).orElse(null);
        LogChannel trades = channels.log("trades:" + symbol, MarketSchemas.TRADE, tradesKept)
                .orElse(null);
        if (prices == null || trades == null) {
            return null;
        }
        PriceRow price = new PriceRow(symbol, prices, prices.row(symbol).orElseThrow(), tradesKept);
        price.goOnFrom(trades);
        return new SymbolRows(price, trades);
    }

    private @Nullable StateChannel barChannel(Channels channels, Bar bar) {
        Map<String, StateChannel> ofInterval = bars.get(bar.interval());
        if (ofInterval == null) {
            channels.refused("bars:" + bar.interval().text(), "interval is not one of " + intervals.keySet());
            return null;
        }
        StateChannel channel = ofInterval.get(bar.symbol());
        if (channel == null) {
            channel = channels.state(
                            "bars:" + bar.interval().text() + ":" + bar.symbol(), MarketSchemas.BAR, 0, barsKept)
                    .orElse(null);
            if (channel != null) {
                ofInterval.put(bar.symbol(), channel);
            }
        }
        return channel;
    }

    /** One symbol's channels. */
    private static final class SymbolRows {
        final PriceRow price;
        final LogChannel trades;
        final boolean takenOver;

        @Nullable
        Part part;

        SymbolRows(PriceRow price, LogChannel trades) {
            this.price = price;
            this.trades = trades;
            this.takenOver = trades.sequence() > 0;
        }
    }

    /** A feed and the symbols that it was the last to deliver. */
    private static final class Part {
        final String name;
        final Set<SymbolRows> symbols = new LinkedHashSet<>();
        boolean stale;

        Part(String name) {
            this.name = name;
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
