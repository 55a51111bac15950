package io.tsdash.benchmarks;

import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Tracer;
import io.tsdash.trace.TradeSample;
import io.tsdash.trace.TradeTraceListener;
import io.tsdash.trace.TradeTraces;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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

/** What a step pays for a trade that is not followed: nothing is (0), and one in a thousand is. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TradeTracesBenchmark {
    private static final int TRADES = 1_000;
    private static final int PER_SECOND_MAX = 10;

    /** The share that is followed. */
    @Param({"0", "0.001"})
    public double share;

    private TradeTraces traces = TradeTraces.none();
    private List<Trade> batch = List.of();

    /** Makes a batch in which none is followed. */
    @Setup
    public void makeTrades() {
        traces = new TradeTraces(
                Tracer.none(), new TradeSample(share, PER_SECOND_MAX), TradeTraceListener.none(), TimeSource.system());
        List<Trade> trades = new ArrayList<>();
        for (long i = 0; trades.size() < TRADES; i++) {
            Trade trade = Trade.of("AAPL", 1_723_127_400_000_000_000L + i * 10_000, i, 150, 1);
            if (!traces.covers(trade)) {
                trades.add(trade);
            }
        }
        batch = trades;
    }

    /** Looks for those followed in a batch. */
    @Benchmark
    @OperationsPerInvocation(TRADES)
    public Object batch() {
        return traces.of(batch);
    }

    /** Looks at trades one by one, as feed and channels do. */
    @Benchmark
    @OperationsPerInvocation(TRADES)
    public void each(Blackhole to) {
        for (int i = 0; i < TRADES; i++) {
            to.consume(traces.find(batch.get(i)));
        }
    }
}
