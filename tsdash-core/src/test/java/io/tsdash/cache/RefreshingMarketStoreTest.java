package io.tsdash.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RefreshingMarketStoreTest {
    private static final Interval MINUTE = Interval.parse("1m");

    private final ManualTime time = new ManualTime();
    private final MarketStore plain = MarketStore.inMemory();

    @Test
    void aBarThatClosesIsInTheNextAnswerAndAnOpenOneIsNot() {
        try (Cache<List<Bar>> cache = Cache.inMemory(10, time);
                CacheAside<List<Bar>> charts = CacheAside.of(
                                cache,
                                key -> Optional.of(plain.bars(BarRange.of(key, MINUTE, 0, Long.MAX_VALUE, 100))),
                                CachePolicy.BARS_1M)
                        .time(time)
                        .build();
                MarketStore store = new RefreshingMarketStore(plain, charts, Bar::symbol)) {
            store.upsertBars(List.of(bar("A", 0, BarState.CLOSED), bar("B", 0, BarState.CLOSED)));
            assertThat(charts.get("A").value().orElseThrow()).hasSize(1);
            store.upsertBars(List.of(bar("A", 1, BarState.OPEN)));
            assertThat(charts.get("A").value().orElseThrow()).hasSize(1);
            store.upsertBars(List.of(bar("A", 1, BarState.CLOSED), bar("B", 1, BarState.CLOSED)));
            Eventually.holds(() -> charts.get("A").value().orElseThrow().size() == 2);
            assertThat(charts.counts().loads()).as("nobody had asked for B").isEqualTo(2);
        }
    }

    private static Bar bar(String symbol, int minute, BarState state) {
        long open = minute * 60_000_000_000L;
        int revision = state == BarState.OPEN ? 0 : 1;
        return new Bar(
                symbol,
                MINUTE,
                open,
                MINUTE.closeTimeNanos(open),
                2,
                3,
                1,
                2,
                10,
                20,
                4,
                open,
                open + 1,
                revision,
                state);
    }
}
