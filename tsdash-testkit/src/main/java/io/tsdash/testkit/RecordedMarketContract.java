package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.source.TapeReader;
import io.tsdash.source.TapeRow;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Recorded markets through a store: its bars, on demand and pre-computed, must be those made in process and those that
 * others have published.
 *
 * <p>Reads the folder that the system property {@code tsdash.data} names; fails where it is missing.
 */
@Timeout(300)
public abstract class RecordedMarketContract {
    private static final Interval MINUTE = Interval.parse("1m");
    private static final Interval FIVE_MINUTES = Interval.parse("5m");
    private static final double RELATIVE_ERROR_MAX = 1e-12;

    /** For subclasses. */
    protected RecordedMarketContract() {}

    /** Returns a new, empty store; it is closed after the test. */
    protected abstract MarketStore newStore();

    @Test
    @DisplayName("a tape of trades gives the bars that the aggregation in process makes")
    void givesTheBarsOfTheProcess() {
        List<Trade> trades = new ArrayList<>();
        readEvents("binance_tape_20240808.csv.gz", event -> {
            if (event instanceof TapeRow.OfEvent of && of.event() instanceof Trade trade) {
                trades.add(trade);
            }
        });
        assertThat(trades).hasSizeGreaterThan(50_000);
        TreeMap<String, Bar> inProcess = new TreeMap<>();
        BarAggregator aggregator = BarAggregator.builder(bar -> inProcess.put(key(bar), bar))
                .intervals(MINUTE, FIVE_MINUTES)
                .lateness(Duration.ofHours(1))
                .build();
        trades.forEach(aggregator::add);
        aggregator.close();

        try (MarketStore store = newStore()) {
            append(store, trades);
            for (Interval interval : List.of(MINUTE, FIVE_MINUTES)) {
                List<Bar> expected = inProcess.values().stream()
                        .filter(bar -> bar.interval().equals(interval))
                        .toList();
                assertThat(expected).hasSizeGreaterThan(5);
                for (Function<BarRange, List<Bar>> way : ways(store, interval)) {
                    assertEach(bars(store, interval, way).values(), expected, RecordedMarketContract::assertSame);
                }
            }
        }
    }

    @Test
    @DisplayName("bars of a second, written as trades, give the published bars of a minute")
    void givesThePublishedBarsOfAMinute() {
        List<Trade> trades = new ArrayList<>();
        long[] sequence = {0};
        readEvents("coinbase_btcusd_bars_1s_20161007_08.csv.gz", row -> {
            if (row instanceof TapeRow.OfBar of) {
                Bar bar = of.bar();
                double[] prices = {bar.open(), bar.high(), bar.low(), bar.close()};
                for (int i = 0; i < prices.length; i++) {
                    trades.add(Trade.of(
                            bar.symbol(),
                            bar.openTimeNanos() + i,
                            sequence[0]++,
                            prices[i],
                            i == 0 ? bar.volume() : 0));
                }
            }
        });
        Map<String, Bar> published = publishedBars("coinbase_btcusd_bars_1m_20161007_08.csv.gz");
        assertThat(published).hasSizeGreaterThan(2_000);

        try (MarketStore store = newStore()) {
            append(store, trades);
            for (Function<BarRange, List<Bar>> way : ways(store, MINUTE)) {
                assertEach(bars(store, MINUTE, way).values(), published.values(), (actual, bar) -> {
                    assertSamePrices(actual, bar);
                    assertClose(actual.volume(), bar.volume());
                });
            }
        }
    }

    @Test
    @DisplayName("bids and asks, written as trades without volume, give the published bars of a minute")
    void givesThePublishedBarsOfQuotes() {
        List<Trade> trades = new ArrayList<>();
        long[] sequence = {0};
        readEvents("fx_quotes_20140508.csv.gz", row -> {
            if (row instanceof TapeRow.OfEvent of && of.event() instanceof Quote quote) {
                sequence[0]++;
                for (String side : List.of("bid", "ask")) {
                    double price = side.equals("bid") ? quote.bid() : quote.ask();
                    if (!Double.isNaN(price)) {
                        trades.add(
                                Trade.of(quote.symbol() + " " + side, quote.eventTimeNanos(), sequence[0], price, 0));
                    }
                }
            }
        });
        assertThat(trades).hasSizeGreaterThan(900_000);
        QuoteOracle oracle = QuoteOracle.read(folder().resolve("fx_quote_bars_1m_20140508.csv.gz"));

        try (MarketStore store = newStore()) {
            append(store, trades);
            for (Function<BarRange, List<Bar>> way : ways(store, MINUTE)) {
                assertThat(oracle.compare(bars(store, MINUTE, way))).isGreaterThan(8_000);
            }
        }
    }

    private static List<Function<BarRange, List<Bar>>> ways(MarketStore store, Interval interval) {
        store.refreshBars();
        return store.capabilities().precomputed().contains(interval)
                ? List.of(store::barsOnDemand, store::precomputedBars)
                : List.of(store::barsOnDemand);
    }

    private static Map<String, Bar> bars(MarketStore store, Interval interval, Function<BarRange, List<Bar>> way) {
        TreeMap<String, Bar> bars = new TreeMap<>();
        for (String symbol : store.symbols()) {
            way.apply(BarRange.of(symbol, interval, 0, Long.MAX_VALUE, 1_000_000))
                    .forEach(bar -> bars.put(key(bar), bar));
        }
        return bars;
    }

    private static void append(MarketStore store, List<Trade> trades) {
        int batch = store.capabilities().batch();
        for (int from = 0; from < trades.size(); from += batch) {
            store.appendTrades(trades.subList(from, Math.min(trades.size(), from + batch)));
        }
    }

    private static Map<String, Bar> publishedBars(String file) {
        TreeMap<String, Bar> bars = new TreeMap<>();
        readEvents(file, row -> {
            if (row instanceof TapeRow.OfBar of) {
                bars.put(key(of.bar()), of.bar());
            }
        });
        return bars;
    }

    private static void readEvents(String file, Consumer<TapeRow> consumer) {
        try (TapeReader reader = TapeReader.open(folder().resolve(file))) {
            for (TapeRow row = reader.next(); row != null; row = reader.next()) {
                consumer.accept(row);
            }
        }
    }

    private static Path folder() {
        return Path.of(System.getProperty("tsdash.data", "no folder: set the system property tsdash.data"));
    }

    private static String key(Bar bar) {
        return bar.symbol() + " " + bar.interval().text() + " " + bar.openTimeNanos();
    }

    private static void assertEach(Collection<Bar> actual, Collection<Bar> expected, BiConsumer<Bar, Bar> comparison) {
        assertThat(actual.stream().map(RecordedMarketContract::key))
                .containsExactlyElementsOf(
                        expected.stream().map(RecordedMarketContract::key).toList());
        Iterator<Bar> bars = actual.iterator();
        expected.forEach(bar -> comparison.accept(bars.next(), bar));
    }

    private static void assertSame(Bar actual, Bar expected) {
        assertSamePrices(actual, expected);
        assertThat(actual.tradeCount()).isEqualTo(expected.tradeCount());
        assertThat(actual.firstEventNanos()).isEqualTo(expected.firstEventNanos());
        assertThat(actual.lastEventNanos()).isEqualTo(expected.lastEventNanos());
        assertClose(actual.volume(), expected.volume());
        assertClose(actual.notional(), expected.notional());
    }

    private static void assertSamePrices(Bar actual, Bar expected) {
        assertThat(List.of(actual.open(), actual.high(), actual.low(), actual.close()))
                .as(key(expected))
                .isEqualTo(List.of(expected.open(), expected.high(), expected.low(), expected.close()));
    }

    private static void assertClose(double actual, double expected) {
        assertThat(Math.abs(actual - expected)).isLessThanOrEqualTo(RELATIVE_ERROR_MAX * Math.abs(expected));
    }
}
