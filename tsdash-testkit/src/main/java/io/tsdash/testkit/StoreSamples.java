package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** Trades, bars and comparisons that the rules of stores share. */
final class StoreSamples {
    /** A moment in the middle of nowhere special: 2026-03-02T15:00:00Z. */
    static final long T0 = Instant.parse("2026-03-02T15:00:00Z").getEpochSecond() * 1_000_000_000L;

    static final long SECOND = 1_000_000_000L;
    static final long MINUTE = 60 * SECOND;
    static final long HOUR = 60 * MINUTE;
    private static final double RELATIVE_ERROR_MAX = 1e-12;

    private StoreSamples() {}

    /** Trades of three symbols with duplicates, ties, near times, corrections, cancels and every eligibility. */
    static List<Trade> messages(Random random, int count, long spanNanos) {
        List<Trade> messages = new ArrayList<>();
        // Two first reports of one identity that differ would leave open which of them holds.
        Map<List<Object>, Trade> firsts = new HashMap<>();
        while (messages.size() < count) {
            Trade trade = new Trade(
                    List.of("A", "B", "C").get(random.nextInt(3)),
                    eventTime(random, messages, spanNanos),
                    T0,
                    random.nextInt(50),
                    (random.nextInt(20_000) - 1_000) / 100.0,
                    random.nextInt(1_000_000) / 1e5,
                    List.of(Side.BUY, Side.SELL, Side.UNKNOWN).get(random.nextInt(3)),
                    random.nextInt(10) > 0,
                    random.nextInt(10) > 0,
                    0);
            Stream.concat(Stream.of(trade), again(random, trade))
                    .filter(report -> report.equals(firsts.merge(
                            List.of(report.symbol(), report.eventTimeNanos(), report.sequence(), report.version()),
                            report,
                            (first, other) -> first)))
                    .forEach(messages::add);
        }
        return messages;
    }

    /** What else comes of a trade: most often nothing. */
    private static Stream<Trade> again(Random random, Trade trade) {
        return switch (random.nextInt(12)) {
            case 0 -> Stream.of(trade);
            case 1 -> Stream.of(trade.correctedTo(trade.price() + 0.01, trade.volume()));
            case 2 -> Stream.of(trade.correctedTo(trade.price() - 1, 0).correctedTo(7, 7));
            case 3 -> Stream.of(Trade.cancel(trade.symbol(), trade.eventTimeNanos(), trade.sequence(), T0));
            default -> Stream.empty();
        };
    }

    /** Anywhere within the span, or, for one in four, that of another message, or near it. */
    private static long eventTime(Random random, List<Trade> messages, long spanNanos) {
        if (messages.isEmpty() || random.nextInt(4) > 0) {
            return T0 + (long) (random.nextDouble() * spanNanos) / 1_000 * 1_000;
        }
        long step = List.of(0L, 0L, 1L, 1_000L).get(random.nextInt(4));
        return messages.get(random.nextInt(messages.size())).eventTimeNanos() + step;
    }

    /** Holds all pre-computed bars against those of a batch, after a refresh where the store needs one. */
    static void assertPrecomputed(MarketStore store, List<Trade> messages) {
        if (!store.capabilities().precomputedAtOnce()) {
            store.refreshBars();
        }
        for (Interval interval : store.capabilities().precomputed()) {
            for (String symbol : List.of("A", "B", "C")) {
                assertBars(
                        store.precomputedBars(BarRange.of(symbol, interval, 0, Long.MAX_VALUE, 100_000)),
                        NaiveBars.of(messages, symbol, interval));
            }
        }
    }

    static List<Trade> all(MarketStore store, String symbol) {
        return range(store, TradeRange.of(symbol, 0, Long.MAX_VALUE, Long.MAX_VALUE));
    }

    static List<Trade> range(MarketStore store, TradeRange range) {
        List<Trade> trades = new ArrayList<>();
        long count = store.trades(range, trades::add);
        assertThat(count).isEqualTo(trades.size());
        return trades;
    }

    static List<Bar> bars(MarketStore store, String symbol, Interval interval) {
        return store.bars(BarRange.of(symbol, interval, 0, Long.MAX_VALUE, Integer.MAX_VALUE));
    }

    static Bar bar(String symbol, Interval interval, long openTimeNanos, int revision, double price) {
        return new Bar(
                symbol,
                interval,
                openTimeNanos,
                interval.closeTimeNanos(openTimeNanos),
                price,
                price + 1,
                price - 1,
                price,
                10,
                10 * price,
                4,
                openTimeNanos,
                openTimeNanos + 9,
                revision,
                revision == 0 ? BarState.CLOSED : BarState.REVISED);
    }

    static Bar retracted(String symbol, Interval interval, long openTimeNanos, int revision) {
        return new Bar(
                symbol,
                interval,
                openTimeNanos,
                interval.closeTimeNanos(openTimeNanos),
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                0,
                0,
                0,
                0,
                0,
                revision,
                BarState.REVISED);
    }

    static void assertBars(List<Bar> actual, List<Bar> expected) {
        assertThat(actual.stream().map(Bar::openTimeNanos))
                .containsExactlyElementsOf(
                        expected.stream().map(Bar::openTimeNanos).toList());
        for (int i = 0; i < actual.size(); i++) {
            Bar bar = actual.get(i);
            Bar naive = expected.get(i);
            assertThat(withSumsOf(bar, naive)).isEqualTo(naive);
            assertClose(bar.volume(), naive.volume(), naive.volume());
            assertClose(bar.notional(), naive.notional(), naive.volume() * 200);
        }
    }

    /** Relative to the size of the terms: where they cancel out, their sum may be anything near zero. */
    private static void assertClose(double actual, double expected, double scale) {
        assertThat(Math.abs(actual - expected))
                .isLessThanOrEqualTo(RELATIVE_ERROR_MAX * Math.max(Math.abs(expected), scale));
    }

    private static Bar withSumsOf(Bar bar, Bar other) {
        return new Bar(
                bar.symbol(),
                bar.interval(),
                bar.openTimeNanos(),
                bar.closeTimeNanos(),
                bar.open(),
                bar.high(),
                bar.low(),
                bar.close(),
                other.volume(),
                other.notional(),
                bar.tradeCount(),
                bar.firstEventNanos(),
                bar.lastEventNanos(),
                bar.revision(),
                bar.state());
    }
}
