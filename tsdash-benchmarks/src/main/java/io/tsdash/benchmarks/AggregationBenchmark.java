package io.tsdash.benchmarks;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Bars of 500 symbols and four intervals in one pass on one core: {@link BarAggregator}, with lateness, duplicates,
 * revisions and exact sums on, beside a {@code HashMap} of {@code TreeMap}s that has none of them.
 *
 * <p>Both run on and on, in the steady state: event time goes forward through all invocations. Nanoseconds are per trade.
 * Run it with {@code -prof gc} for the bytes allocated a trade.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 3, jvmArgs = "-Xmx3g")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 7, time = 1)
public class AggregationBenchmark {
    private static final int TRADES = 1 << 18;
    private static final int SYMBOLS = 500;
    private static final long START_NANOS = 1_723_161_600_000_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final long[] INTERVAL_NANOS = {SECOND, 60 * SECOND, 300 * SECOND, 3600 * SECOND};
    private static final int NAIVE_WINDOWS_MAX = 8; // what the aggregator holds too, with its lateness of 5 s

    /** Trades a second of event time over all symbols: how full the windows are. */
    @Param({"100000", "5000"})
    int tradesPerSecond;

    private final Random random = new Random(42);
    private final String[] symbols = new String[SYMBOLS];
    private final long[] ticks = new long[SYMBOLS];
    private final Trade[] inOrder = new Trade[TRADES];
    private final Trade[] disordered = new Trade[TRADES];
    private final List<Map<String, TreeMap<Long, NaiveBar>>> naive = new ArrayList<>();
    private BarAggregator bars = BarAggregator.of(bar -> {}, Interval.parse("1s"));
    private long made;

    /** Starts both from nothing. */
    @Setup(Level.Trial)
    public void start(Blackhole hole) {
        bars = BarAggregator.of(
                hole::consume, Interval.parse("1s"), Interval.parse("1m"), Interval.parse("5m"), Interval.parse("1h"));
        for (int k = 0; k < INTERVAL_NANOS.length; k++) {
            naive.add(new HashMap<>());
        }
        Arrays.setAll(symbols, i -> "SYM" + i);
        Arrays.fill(ticks, 10_000);
    }

    /** Makes the next trades: a random walk in ticks a symbol; disordered: one in 50 late, one in 100 twice. */
    @Setup(Level.Invocation)
    public void makeTrades() {
        for (int i = 0; i < TRADES; i++, made++) {
            int symbol = random.nextInt(SYMBOLS);
            ticks[symbol] += random.nextInt(5) - 2;
            inOrder[i] = Trade.of(
                    symbols[symbol],
                    START_NANOS + made * (SECOND / tradesPerSecond),
                    made,
                    ticks[symbol] / 100.0,
                    random.nextInt(1, 1000));
        }
        System.arraycopy(inOrder, 0, disordered, 0, TRADES);
        int back = Math.min(tradesPerSecond, TRADES / 2); // a second
        for (int i = back; i < TRADES; i++) {
            if (i % 50 == 0) {
                Trade late = disordered[i - back];
                disordered[i - back] = disordered[i];
                disordered[i] = late;
            } else if (i % 100 == 1) {
                disordered[i] = disordered[i - 50];
            }
        }
    }

    /** The aggregator, in order. */
    @Benchmark
    @OperationsPerInvocation(TRADES)
    public void tsdash() {
        for (Trade trade : inOrder) {
            bars.add(trade);
        }
    }

    /** The aggregator, with 2 % a second late and 1 % twice. */
    @Benchmark
    @OperationsPerInvocation(TRADES)
    public void tsdashDisordered() {
        for (Trade trade : disordered) {
            bars.add(trade);
        }
        bars.flush();
    }

    /** What one would write first; right in order only, sums as they come, the oldest windows dropped. */
    @Benchmark
    @OperationsPerInvocation(TRADES)
    public void naive(Blackhole hole) {
        for (Trade trade : inOrder) {
            for (int k = 0; k < INTERVAL_NANOS.length; k++) {
                TreeMap<Long, NaiveBar> windows =
                        naive.get(k).computeIfAbsent(trade.symbol(), symbol -> new TreeMap<>());
                windows.computeIfAbsent(trade.eventTimeNanos() / INTERVAL_NANOS[k], open -> new NaiveBar())
                        .add(trade.price(), trade.volume());
                if (windows.size() > NAIVE_WINDOWS_MAX) {
                    hole.consume(windows.pollFirstEntry());
                }
            }
        }
    }

    @SuppressWarnings("UnusedVariable") // the work is what counts here
    private static final class NaiveBar {
        double open;
        double high;
        double low;
        double close;
        double volume;
        double notional;
        long trades;

        void add(double price, double tradeVolume) {
            if (trades++ == 0) {
                open = high = low = price;
            }
            high = Math.max(high, price);
            low = Math.min(low, price);
            close = price;
            volume += tradeVolume;
            notional += price * tradeVolume;
        }
    }
}
