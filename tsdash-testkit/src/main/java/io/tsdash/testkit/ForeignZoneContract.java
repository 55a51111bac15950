package io.tsdash.testkit;

import static io.tsdash.testkit.StoreSamples.HOUR;
import static io.tsdash.testkit.StoreSamples.MINUTE;
import static io.tsdash.testkit.StoreSamples.SECOND;
import static io.tsdash.testkit.StoreSamples.all;
import static io.tsdash.testkit.StoreSamples.assertBars;
import static io.tsdash.testkit.StoreSamples.assertPrecomputed;
import static io.tsdash.testkit.StoreSamples.bar;
import static io.tsdash.testkit.StoreSamples.bars;
import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The rules of {@link MarketStore} that have to do with time, where neither this process nor the server is in UTC.
 *
 * <p>This process is in the zone of Lord Howe Island, whose clocks are set by half an hour; the server should be in yet
 * another zone than UTC. Trades lie around days on which clocks are set, there and in New York, where a month begins too.
 * Extend it and say how a store is made and opened again.
 */
@Timeout(120)
public abstract class ForeignZoneContract {
    private static final List<Long> CHANGES = Stream.of(
                    "2026-03-08T07:00:00Z", "2026-04-04T15:00:00Z", "2026-11-01T06:00:00Z")
            .map(text -> Instant.parse(text).getEpochSecond() * SECOND)
            .toList();

    private static final TimeZone ZONE_BEFORE = TimeZone.getDefault();

    /** For subclasses. */
    protected ForeignZoneContract() {}

    /** Returns a new, empty store on the server. */
    protected abstract MarketStore newStore();

    /** Returns a store with what the one of {@link #newStore} keeps, which is closed. */
    protected abstract MarketStore reopened();

    @BeforeAll
    static void moveToAnotherZone() {
        TimeZone.setDefault(TimeZone.getTimeZone("Australia/Lord_Howe"));
    }

    @AfterAll
    static void moveBack() {
        TimeZone.setDefault(ZONE_BEFORE);
    }

    @Test
    @DisplayName("bars of minutes, hours and days are those of a batch where clocks are set")
    void buildsBarsWhereClocksAreSet() {
        List<Trade> trades = trades();
        try (MarketStore store = newStore()) {
            store.appendTrades(trades);
            assertPrecomputed(store, trades);
            for (String text : List.of(
                    "1m",
                    "1h",
                    "1d",
                    "1d@America/New_York",
                    "1d@Australia/Lord_Howe",
                    "1d@Asia/Kolkata~0915",
                    "1w@Europe/Berlin")) {
                Interval interval = Interval.parse(text);
                List<Bar> naive = NaiveBars.of(trades, "A", interval);
                assertThat(naive).hasSizeGreaterThan(5);
                assertBars(store.barsOnDemand(BarRange.of("A", interval, 0, Long.MAX_VALUE, 100_000)), naive);
            }
        }
        try (MarketStore store = reopened()) {
            assertThat(all(store, "A")).isEqualTo(trades);
            assertPrecomputed(store, trades);
        }
    }

    @Test
    @DisplayName("retention removes to the nanosecond where clocks are set")
    void removesWhereClocksAreSet() {
        List<Trade> trades = trades();
        Interval hour = Interval.parse("1h");
        try (MarketStore store = newStore()) {
            store.appendTrades(trades);
            store.refreshBars();
            for (long change : CHANGES) {
                List<Long> opens = List.of(change - 2 * HOUR, change - HOUR, change, change + HOUR);
                store.upsertBars(
                        opens.stream().map(open -> bar("A", hour, open, 0, 1)).toList());

                store.deleteTradesBefore(change);
                assertThat(all(store, "A"))
                        .isEqualTo(trades.stream()
                                .filter(trade -> trade.eventTimeNanos() >= change)
                                .toList());
                assertThat(store.deleteBarsBefore(hour, change)).isGreaterThanOrEqualTo(2);
                assertThat(bars(store, "A", hour))
                        .extracting(Bar::openTimeNanos)
                        .containsExactly(change, change + HOUR);
                assertPrecomputed(store, trades);
            }
        }
    }

    /** Every twenty minutes for a day and a half before and after each change, and about the change itself. */
    private static List<Trade> trades() {
        List<Trade> trades = new ArrayList<>();
        for (long change : CHANGES) {
            for (long at = change - 36 * HOUR; at < change + 36 * HOUR; at += 20 * MINUTE) {
                long time = at == change ? change : at + 7;
                if (at == change) {
                    trades.add(trade(change - 1, trades.size()));
                }
                trades.add(trade(time, trades.size()));
            }
        }
        return trades;
    }

    private static Trade trade(long eventTimeNanos, int number) {
        return Trade.of("A", eventTimeNanos, number, 100 + number % 17, 1 + number % 5);
    }
}
