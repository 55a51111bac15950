package io.tsdash.testkit;

import static io.tsdash.testkit.StoreSamples.HOUR;
import static io.tsdash.testkit.StoreSamples.MINUTE;
import static io.tsdash.testkit.StoreSamples.SECOND;
import static io.tsdash.testkit.StoreSamples.T0;
import static io.tsdash.testkit.StoreSamples.bar;
import static io.tsdash.testkit.StoreSamples.bars;
import static io.tsdash.testkit.StoreSamples.retracted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** S5 and S6: bars that were written. */
interface WrittenBarRules extends StoreUnderTest {

    @Test
    @DisplayName("S5 of two bars of one identity the higher revision holds, and the same revision replaces")
    default void upsertsBarsByRevision() {
        MarketStore store = store();
        Interval minute = Interval.parse("1m");
        Bar first = bar("A", minute, T0, 0, 1);
        Bar again = bar("A", minute, T0, 0, 2);
        Bar revised = bar("A", minute, T0, 3, 5);
        Bar next = bar("A", minute, T0 + MINUTE, 0, 1);

        store.upsertBars(List.of(next, first));
        store.upsertBars(List.of(again));
        assertThat(bars(store, "A", minute)).containsExactly(again, next);
        store.upsertBars(List.of(revised, first, next));
        store.upsertBars(List.of(bar("A", minute, T0, 2, 4)));
        assertThat(bars(store, "A", minute)).containsExactly(revised, next);
        store.upsertBars(List.of(bar("A", minute, T0, 4, 6), bar("A", minute, T0, 5, 7), bar("A", minute, T0, 4, 8)));
        assertThat(bars(store, "A", minute)).containsExactly(bar("A", minute, T0, 5, 7), next);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1s", "500ms", "5m/1m", "1d", "1w", "1d@America/New_York~1700", "1w@Asia/Tokyo~SUN0900"})
    @DisplayName("S5 bars of every kind of interval come back field for field, and apart from each other")
    default void keepsBarsOfEveryInterval(String text) {
        MarketStore store = store();
        Interval interval = Interval.parse(text);
        Bar open = new Bar(
                "A",
                interval,
                interval.openTimeNanos(T0),
                interval.closeTimeNanos(interval.openTimeNanos(T0)),
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                0.1 + 0.2,
                -1e-300,
                Long.MAX_VALUE,
                T0,
                T0 + 5,
                Integer.MAX_VALUE,
                BarState.REVISED);
        Bar elsewhere = bar("A", Interval.parse("7m"), Interval.parse("7m").openTimeNanos(T0), 0, 1);

        store.upsertBars(List.of(open, elsewhere));

        assertThat(bars(store, "A", interval)).containsExactly(open);
        assertThat(bars(store, "A", Interval.parse("7m"))).containsExactly(elsewhere);
    }

    @Test
    @DisplayName("S4 S5 ranges of bars keep the oldest or the newest, always in order of open time")
    default void limitsBars() {
        MarketStore store = store();
        Interval second = Interval.parse("1s");
        List<Bar> bars = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            bars.add(bar("A", second, T0 + i * SECOND, 0, i + 1));
        }
        Collections.shuffle(bars, new Random(3));
        store.upsertBars(bars);
        bars.sort(Comparator.comparingLong(Bar::openTimeNanos));

        assertThat(store.bars(BarRange.of("A", second, T0 + 10 * SECOND, T0 + 20 * SECOND, 100)))
                .containsExactlyElementsOf(bars.subList(10, 20));
        assertThat(store.bars(BarRange.of("A", second, T0, T0 + HOUR, 3)))
                .containsExactlyElementsOf(bars.subList(0, 3));
        assertThat(store.bars(new BarRange("A", second, T0, T0 + HOUR, 3, true)))
                .containsExactlyElementsOf(bars.subList(97, 100));
    }

    @Test
    @DisplayName("S6 a retracted bar is in no answer, and an older revision does not bring it back")
    default void hidesRetractedBars() {
        MarketStore store = store();
        Interval minute = Interval.parse("1m");
        store.upsertBars(List.of(bar("A", minute, T0, 0, 1), retracted("A", minute, T0, 1)));
        store.upsertBars(List.of(bar("A", minute, T0, 0, 1)));
        assertThat(bars(store, "A", minute)).isEmpty();

        Bar revived = bar("A", minute, T0, 2, 9);
        store.upsertBars(List.of(revived));
        assertThat(bars(store, "A", minute)).containsExactly(revived);
        store.upsertBars(List.of(retracted("A", minute, T0, 3)));
        assertThat(bars(store, "A", minute)).isEmpty();
    }
}
