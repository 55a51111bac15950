package io.tsdash.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.testkit.QuietPipelineListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class BarWriterTest {
    private static final Interval MINUTE = Interval.parse("1m");
    private static final long NOON = 1_723_118_400_000_000_000L;
    private static final Duration RETRY = Duration.ofSeconds(10);

    private final ManualTimeSource time = new ManualTimeSource(NOON);
    private final PickyStore store = new PickyStore();
    private final List<String> told = new CopyOnWriteArrayList<>();

    /** Five of them one after the other at the front: a store that refuses that many alone could be at fault itself. */
    @ParameterizedTest
    @MethodSource("reasons")
    void aBarThatTheStoreRefusesIsToldAndHoldsNobodyElseUp(RuntimeException reason) throws InterruptedException {
        store.refusal = bar -> bar.symbol().equals("BAD") ? reason : null;
        List<Bar> bars = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            bars.add(bar("BAD", i, 0));
        }
        bars.add(bar("A", 0, 0));
        bars.add(bar("B", 0, 0));
        try (BarWriter writer = writer()) {
            writer.add(0, bars);
            writer.start();
            await(() -> writer.waiting() == 0);
            assertThat(writer.problem()).isEmpty();
            assertThat(writer.behindNanos()).isZero();
        }
        assertThat(store.symbols("A", "B", "BAD")).containsExactlyInAnyOrder("A", "B");
        assertThat(Set.copyOf(told))
                .contains("memory: BAD 1m " + NOON + " set aside: too odd")
                .filteredOn(text -> text.contains("set aside"))
                .hasSize(5);
    }

    static Stream<RuntimeException> reasons() {
        return Stream.of(new InvalidInputException("too odd"), new PermanentException("too odd"));
    }

    @Test
    void aFaultThatOneBarBringsAboutIsThatBarsAlone() throws InterruptedException {
        store.refusal = bar -> bar.symbol().equals("BAD") ? new IllegalStateException("a defect") : null;
        try (BarWriter writer = writer()) {
            writer.add(0, List.of(bar("A", 0, 0), bar("BAD", 0, 0), bar("B", 0, 0)));
            writer.start();
            await(() -> writer.waiting() == 0);
        }
        assertThat(store.symbols("A", "B")).containsExactly("A", "B");
        assertThat(told).singleElement().asString().contains("BAD 1m", "a defect");
    }

    @Test
    void whileTheStoreIsAwayBarsWaitWithTheirNewestRevisionAndAreThereOnceItIsBack() throws InterruptedException {
        store.refusal = bar -> new TransientException("cut off");
        try (BarWriter writer = writer()) {
            writer.add(0, List.of(bar("A", 0, 0), bar("B", 0, 0)));
            writer.start();
            await(() -> told.contains("memory: 2 tried again: cut off"));
            assertThat(writer.problem()).as("it may be over in a moment").isEmpty();

            time.advance(RETRY);
            await(() -> told.contains("memory: 2 wait: cut off"));
            assertThat(writer.problem()).isEqualTo("2 bars wait: cut off");
            assertThat(writer.behindNanos()).isEqualTo(RETRY.toNanos());
            writer.add(0, List.of(bar("A", 0, 1)));
            assertThat(writer.waiting()).isEqualTo(2);

            store.refusal = bar -> null;
            await(() -> writer.waiting() == 0);
            assertThat(writer.problem()).isEmpty();
            assertThat(writer.behindNanos()).isZero();
        }
        assertThat(store.bars(BarRange.of("A", MINUTE, 0, Long.MAX_VALUE, 10)))
                .singleElement()
                .satisfies(bar -> assertThat(bar.revision()).isEqualTo(1));
        assertThat(told).endsWith("memory: takes bars again");
    }

    @Test
    void aStoreThatRefusesEverythingIsAtFaultItselfAndNothingIsSetAside() throws InterruptedException {
        store.refusal = bar -> new PermanentException("permission denied");
        BarWriter writer = writer();
        writer.add(0, List.of(bar("A", 0, 0), bar("A", 1, 0), bar("B", 0, 0)));
        writer.start();
        await(() -> writer.problem().equals("3 bars wait: permission denied"));
        writer.close();
        assertThat(told)
                .contains("memory: 3 wait: permission denied")
                .endsWith("memory: 3 left")
                .noneMatch(text -> text.contains("set aside"));
    }

    private BarWriter writer() {
        return new BarWriter(store, RETRY, time, new Told());
    }

    private static Bar bar(String symbol, int minute, int revision) {
        long open = NOON + TimeUnit.MINUTES.toNanos(minute);
        return new Bar(
                symbol,
                MINUTE,
                open,
                MINUTE.closeTimeNanos(open),
                10,
                11,
                9,
                10,
                5,
                50,
                3,
                open,
                open + 1,
                revision,
                revision == 0 ? BarState.CLOSED : BarState.REVISED);
    }

    private static void await(BooleanSupplier condition) {
        for (int i = 0; !condition.getAsBoolean(); i++) {
            if (i == 2_000) {
                fail("not within 20 s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    /** Takes a batch, unless it refuses one of it. */
    private static final class PickyStore extends ForwardingMarketStore {
        volatile Function<Bar, @Nullable RuntimeException> refusal = bar -> null;

        PickyStore() {
            super(MarketStore.inMemory());
        }

        @Override
        public void upsertBars(List<Bar> bars) {
            for (Bar bar : bars) {
                RuntimeException reason = refusal.apply(bar);
                if (reason != null) {
                    throw reason;
                }
            }
            super.upsertBars(bars);
        }

        /** Returns those of these symbols that it has bars of. */
        List<String> symbols(String... names) {
            return Stream.of(names)
                    .filter(name -> !bars(BarRange.of(name, MINUTE, 0, Long.MAX_VALUE, 10))
                            .isEmpty())
                    .toList();
        }
    }

    private final class Told extends QuietPipelineListener {
        @Override
        public void onBarsRetry(String name, int bars, RuntimeException cause) {
            told.add(name + ": " + bars + " tried again: " + cause.getMessage());
        }

        @Override
        public void onBarsWait(String name, int bars, RuntimeException cause) {
            told.add(name + ": " + bars + " wait: " + cause.getMessage());
        }

        @Override
        public void onBarsBack(String name) {
            told.add(name + ": takes bars again");
        }

        @Override
        public void onBarSetAside(String name, Bar bar, RuntimeException reason) {
            told.add(name + ": " + bar.symbol() + " " + bar.interval().text() + " " + bar.openTimeNanos()
                    + " set aside: " + reason.getMessage());
        }

        @Override
        public void onBarsLeft(String name, int bars) {
            told.add(name + ": " + bars + " left");
        }
    }
}
