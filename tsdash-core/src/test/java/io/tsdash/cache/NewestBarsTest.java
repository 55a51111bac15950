package io.tsdash.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.PriceUpdate;
import io.tsdash.model.Side;
import io.tsdash.store.BarRange;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NewestBarsTest {
    private static final Interval MINUTE = Interval.parse("1m");
    private static final Interval SECOND = Interval.parse("1s");

    private final ManualTime time = new ManualTime(1_800_000_000_000_000_000L);
    private final MarketStore plain = MarketStore.inMemory();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean away;
    private final Cache<List<Bar>> cache = Cache.inMemory(10, time);
    private final NewestBars newest = new NewestBars(
            new ForwardingMarketStore(plain) {
                @Override
                public List<Bar> bars(BarRange range) {
                    asked.incrementAndGet();
                    if (away) {
                        throw new TransientException("the store is away");
                    }
                    return super.bars(range);
                }
            },
            cache,
            CacheAsideListener.NONE,
            time);
    private final MarketStore store = newest.refreshedBy(plain);

    @AfterEach
    void close() {
        newest.close();
        cache.close();
    }

    @Test
    void aBarThatClosesIsInTheNextAnswerAndAnOpenOneIsNot() {
        plain.upsertBars(List.of(bar("A", MINUTE, 0, BarState.CLOSED), bar("B", MINUTE, 0, BarState.CLOSED)));
        assertThat(bars("A", MINUTE, 100)).hasSize(1);
        store.upsertBars(List.of(bar("A", MINUTE, 1, BarState.OPEN)));
        assertThat(bars("A", MINUTE, 100)).hasSize(1);
        store.upsertBars(List.of(bar("A", MINUTE, 1, BarState.CLOSED), bar("B", MINUTE, 1, BarState.CLOSED)));
        Eventually.holds(() -> bars("A", MINUTE, 100).size() == 2);
        assertThat(asked.get()).as("nobody had asked for B").isEqualTo(2);
        assertThat(bars("A", MINUTE, 1))
                .singleElement()
                .satisfies(bar -> assertThat(bar.openTimeNanos()).isEqualTo(60_000_000_000L));
    }

    @Test
    void shortBarsAndLongChartsComeFromTheStoreEachTime() {
        store.upsertBars(List.of(bar("A", SECOND, 0, BarState.CLOSED)));
        for (int i = 0; i < 3; i++) {
            assertThat(bars("A", SECOND, 10)).hasSize(1);
            assertThat(bars("A", MINUTE, NewestBars.BARS_MAX + 1)).isEmpty();
        }
        assertThat(asked.get()).isEqualTo(6);
    }

    @Test
    void theLastAnswerStandsMarkedStaleWhileTheStoreIsAway() {
        store.upsertBars(List.of(bar("A", MINUTE, 0, BarState.CLOSED)));
        assertThat(newest.newest("A", MINUTE, 10).stale()).isFalse();
        away = true;
        time.advance(Duration.ofMinutes(2));
        CachedValue<List<Bar>> old = newest.newest("A", MINUTE, 10);
        assertThat(old.stale()).isTrue();
        assertThat(old.value().orElseThrow()).hasSize(1);
        assertThat(old.ageNanos()).isEqualTo(Duration.ofMinutes(2).toNanos());
        assertThatThrownBy(() -> newest.newest("B", MINUTE, 10))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("the store is away");
        away = false;
        assertThat(newest.newest("A", MINUTE, 10).stale()).isFalse();
    }

    @Test
    void barsAndPricesComeBackFromTheirBytesAsTheyWere() {
        List<Bar> bars = List.of(bar("Ä B", MINUTE, 3, BarState.REVISED), bar("X", SECOND, 4, BarState.OPEN));
        assertThat(MarketCodecs.bars().decode(MarketCodecs.bars().encode(bars))).isEqualTo(bars);
        PriceUpdate price =
                new PriceUpdate("A", 5, 1.5, 2, Side.SELL, Double.NaN, 7, 1.4, Double.NaN, 3, Double.POSITIVE_INFINITY);
        assertThat(MarketCodecs.price().decode(MarketCodecs.price().encode(price)))
                .isEqualTo(price);
    }

    private List<Bar> bars(String symbol, Interval interval, int limit) {
        return newest.newest(symbol, interval, limit).value().orElseThrow();
    }

    private static Bar bar(String symbol, Interval interval, int number, BarState state) {
        long open = number * interval.size().toNanos();
        int revision = state == BarState.OPEN ? 0 : 1;
        long close = interval.closeTimeNanos(open);
        return new Bar(symbol, interval, open, close, 2, 3, 1, 2, 10, 20, 4, open, open + 1, revision, state);
    }
}
