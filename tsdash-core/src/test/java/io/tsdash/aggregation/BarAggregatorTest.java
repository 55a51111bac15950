package io.tsdash.aggregation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BarAggregatorTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = 1_723_161_600L * SECOND;

    private final List<Bar> sent = new ArrayList<>();
    private final List<String> setAside = new ArrayList<>();
    private final BarAggregator bars = BarAggregator.builder(sent::add)
            .intervals(Interval.parse("1m"))
            .lateness(Duration.ofSeconds(30))
            .setAside((trade, outcome) -> setAside.add(trade.symbol() + " " + outcome))
            .build();

    @Test
    void closesTheBarWhenTheSymbolsClockPassesItsEnd() {
        bars.add(trade("A", 10, 1, 100));
        bars.add(trade("A", 59, 2, 101));
        assertThat(sent).isEmpty();
        bars.add(trade("A", 60, 3, 102));
        assertThat(sent).singleElement().satisfies(bar -> {
            assertThat(bar.state()).isEqualTo(BarState.CLOSED);
            assertThat(bar.open()).isEqualTo(100);
            assertThat(bar.close()).isEqualTo(101);
            assertThat(bar.tradeCount()).isEqualTo(2);
        });
    }

    @Test
    void closesTheBarOfAQuietSymbolByThePartitionsWatermark() {
        bars.add(trade("QUIET", 10, 1, 100));
        bars.add(trade("BUSY", 61, 2, 50));
        assertThat(sent).extracting(Bar::symbol).containsExactly("QUIET");
    }

    @Test
    void aBusyPartitionDoesNotCloseTheBarsOfAnother() {
        bars.add(0, trade("A", 10, 1, 100));
        bars.add(1, trade("B", 500, 2, 50));
        assertThat(sent).isEmpty();
    }

    @Test
    void closesTheBarsOfAnIdlePartitionByWallTime() {
        bars.add(trade("A", 10, 1, 100));
        bars.advanceIdle(0);
        bars.advanceIdle(50 * SECOND);
        assertThat(sent).isEmpty();
        bars.advanceIdle(51 * SECOND + 1);
        assertThat(sent).singleElement().extracting(Bar::state).isEqualTo(BarState.CLOSED);
    }

    @Test
    void aSymbolWithAWrongClockDoesNotMakeTheTradesOfAnotherLate() {
        bars.add(trade("WRONG", 3600, 1, 1));
        assertThat(bars.add(trade("A", 10, 2, 100))).isEqualTo(Outcome.ADDED);
        bars.add(trade("A", 11, 3, 101));
        bars.close();
        assertThat(sent.stream().filter(bar -> bar.symbol().equals("A")).reduce((a, b) -> b))
                .get()
                .satisfies(bar -> assertThat(bar.tradeCount()).isEqualTo(2));
    }

    @Test
    void aTradeWithinTheLatenessRevisesTheClosedBar() {
        bars.add(trade("A", 10, 1, 100));
        bars.add(trade("A", 65, 2, 102));
        assertThat(bars.add(trade("A", 59, 3, 90))).isEqualTo(Outcome.ADDED_LATE);
        bars.flush();
        assertThat(sent).extracting(Bar::state).containsExactly(BarState.CLOSED, BarState.REVISED, BarState.OPEN);
        assertThat(sent.get(1).revision()).isEqualTo(1);
        assertThat(sent.get(1).low()).isEqualTo(90);
        assertThat(sent.get(1).close()).isEqualTo(90);
    }

    @Test
    void aTradeBeyondTheLatenessIsHandedToTheListenerAndCounted() {
        bars.add(trade("A", 100, 1, 100));
        assertThat(bars.add(trade("A", 69, 2, 90))).isEqualTo(Outcome.TOO_LATE);
        assertThat(bars.add(trade("A", 70, 3, 90))).isEqualTo(Outcome.ADDED_LATE);
        assertThat(setAside).containsExactly("A TOO_LATE");
        assertThat(bars.count(Outcome.TOO_LATE)).isEqualTo(1);
    }

    @Test
    void anEventTimeTooFarAheadIsSetAsideAndMovesNoClock() {
        Trade ahead = new Trade("A", START + 3600 * SECOND, START, 1, 1, 1, Side.BUY, true, true, 0);
        assertThat(bars.add(ahead)).isEqualTo(Outcome.TOO_FAR_AHEAD);
        assertThat(bars.add(trade("A", 10, 2, 100))).isEqualTo(Outcome.ADDED);
        assertThat(setAside).containsExactly("A TOO_FAR_AHEAD");
    }

    @Test
    void aClosedBarWhoseOnlyTradeIsCancelledIsSentAsRetracted() {
        bars.add(trade("A", 50, 1, 100));
        bars.add(trade("A", 61, 2, 101));
        bars.add(Trade.cancel("A", START + 50 * SECOND, 1, START + 61 * SECOND));
        bars.flush();
        assertThat(sent.get(1).isRetracted()).isTrue();
        assertThat(sent.get(1).state()).isEqualTo(BarState.REVISED);
    }

    @Test
    void aTradeThatOnlyCountsInVolumeMakesNoPrices() {
        bars.add(new Trade("A", START, START, 1, 999, 5, Side.BUY, false, true, 0));
        bars.add(trade("A", 1, 2, 100));
        bars.close();
        assertThat(sent).singleElement().satisfies(bar -> {
            assertThat(bar.high()).isEqualTo(100);
            assertThat(bar.volume()).isEqualTo(6);
        });
    }

    @Test
    void goesOnFromABarThatWasKeptElsewhere() {
        Bar before = new PartialBarOf().add(trade("A", 10, 1, 100)).bar();
        bars.restore(0, before, List.of(before));
        bars.add(trade("A", 20, 2, 101));
        bars.close();
        assertThat(sent).singleElement().satisfies(bar -> {
            assertThat(bar.tradeCount()).isEqualTo(2);
            assertThat(bar.open()).isEqualTo(100);
            assertThat(bar.state()).isEqualTo(BarState.CLOSED);
        });
    }

    @Test
    void revisesABarThatWasSentAsClosedBeforeARestart() {
        Bar closed = new PartialBarOf().add(trade("A", 10, 1, 100)).bar(3, BarState.REVISED);
        bars.restore(0, closed, List.of());
        bars.add(trade("A", 10, 1, 100));
        bars.add(trade("A", 11, 2, 101));
        bars.add(trade("A", 61, 3, 101));
        bars.flush();
        assertThat(sent.get(0)).satisfies(bar -> {
            assertThat(bar.state()).isEqualTo(BarState.REVISED);
            assertThat(bar.revision()).isEqualTo(4);
            assertThat(bar.tradeCount()).isEqualTo(2);
        });
    }

    @Test
    void reportsEverythingThatIsWrongWithTheSettingsAtOnce() {
        assertThatThrownBy(() -> BarAggregator.builder(bar -> {})
                        .lateness(Duration.ofSeconds(-1))
                        .closeDelay(Duration.ofSeconds(2))
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .hasSize(3)
                                .anyMatch(problem ->
                                        problem.contains("lateness was 'PT-1S' but it must not be negative")));
    }

    @Test
    void allocatesNothingPerTradeInTheSteadyState() {
        BarAggregator steady = BarAggregator.of(bar -> {}, Interval.parse("1s"), Interval.parse("1m"));
        Trade[] trades = new Trade[200_000];
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < trades.length; i++) {
                int n = round * trades.length + i;
                trades[i] = Trade.of("S" + n % 10, START + n * (SECOND / 10_000), n, 100 + n % 7, 1);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (Trade trade : trades) {
                steady.add(trade);
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        // 20 s of 10 symbols: 200 bars of a second, of 120 bytes or so each, are all that may be made.
        assertThat(allocated).isLessThan(100_000);
    }

    private static Trade trade(String symbol, long second, long sequence, double price) {
        return Trade.of(symbol, START + second * SECOND, sequence, price, 1);
    }

    private static final class PartialBarOf {
        private final PartialBar partial = new PartialBar();

        PartialBarOf add(Trade trade) {
            partial.add(trade);
            return this;
        }

        Bar bar() {
            return bar(0, BarState.OPEN);
        }

        Bar bar(int revision, BarState state) {
            Interval minute = Interval.parse("1m");
            return partial.toBar("A", minute, START, minute.closeTimeNanos(START), revision, state);
        }
    }
}
