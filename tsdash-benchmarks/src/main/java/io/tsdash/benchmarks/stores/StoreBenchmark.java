package io.tsdash.benchmarks.stores;

import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * Inserts and queries of a store on its real engine.
 *
 * <p>Inserts: our adapter and a loop by hand with the engine's own client take turns over the same trades, into databases with
 * the same tables and views; what counts is the ratio, in processor time of client and server together. Queries: after a
 * history of three months, while trades are being written at a steady rate.
 */
public final class StoreBenchmark {
    private static final int SYMBOLS = 500;
    private static final int ROUNDS = 5;
    private static final int QUERY_SECONDS = 30;
    private static final int ON_DEMAND_QUERIES = 20;
    private static final Interval MINUTE = Interval.parse("1m");
    private static final Interval QUARTER = Interval.parse("15m");

    private static final Map<String, Supplier<StoreContender>> CONTENDERS = new TreeMap<>(Map.of(
            "clickhouse", ClickHouseContender::new,
            "duckdb", DuckDbContender::new,
            "influx", InfluxContender::new,
            "postgres", TimescaleContender::postgres,
            "timescale", TimescaleContender::timescale,
            "timescale-with-repeats", TimescaleContender::timescaleWithRepeats));

    private StoreBenchmark() {}

    /** Arguments: engine, {@code insert} or {@code query}, trades, and for queries trades a second meanwhile and in a batch. */
    public static void main(String[] args) throws Exception {
        Supplier<StoreContender> engine = args.length < 2 ? null : CONTENDERS.get(args[0]);
        if (engine == null) {
            System.out.println(
                    "usage: StoreBenchmark " + String.join("|", CONTENDERS.keySet())
                            + " insert [TRADES_A_ROUND]\n       StoreBenchmark ENGINE query [TRADES [TRADES_A_SECOND [TRADES_A_BATCH]]]");
            System.exit(2);
            return;
        }
        try (StoreContender contender = engine.get()) {
            if (args[1].equals("insert")) {
                insert(contender, args.length > 2 ? Long.parseLong(args[2]) : 500_000);
            } else {
                int rate = args.length > 3 ? Integer.parseInt(args[3]) : 10_000;
                query(
                        contender,
                        args.length > 2 ? Long.parseLong(args[2]) : 1_000_000,
                        rate,
                        args.length > 4
                                ? Integer.parseInt(args[4])
                                : Math.min(
                                        rate, contender.store().capabilities().batch()));
            }
        }
    }

    private static void insert(StoreContender contender, long trades) throws Exception {
        MarketStore store = contender.store();
        int batch = store.capabilities().batch();
        History history = new History(SYMBOLS, trades * (ROUNDS + 1), 1);
        double[] ratios = new double[ROUNDS];
        double[] wallRatios = new double[ROUNDS];
        System.out.printf("%-6s %-12s %12s %14s%n", "round", "way", "trades/s", "trades/CPU-s");
        try (StoreContender.HandWritten hand = contender.handWritten()) {
            for (int round = 0; round <= ROUNDS; round++) {
                long from = round * trades;
                double[] theirs;
                double[] ours;
                // Whoever begins has colder caches: they take turns.
                if (round % 2 == 0) {
                    theirs = timed(contender, history, from, trades, batch, hand::write);
                    ours = timed(contender, history, from, trades, batch, store::appendTrades);
                } else {
                    ours = timed(contender, history, from, trades, batch, store::appendTrades);
                    theirs = timed(contender, history, from, trades, batch, hand::write);
                }
                print(round, "by hand", theirs);
                print(round, "adapter", ours);
                if (round > 0) { // the first warms up
                    wallRatios[round - 1] = ours[0] / theirs[0];
                    ratios[round - 1] = ours[1] / theirs[1];
                }
            }
        }
        Arrays.sort(ratios);
        Arrays.sort(wallRatios);
        System.out.printf(
                Locale.ROOT,
                "adapter / by hand, median of %d rounds: %.2f in processor time, %.2f in wall time (batches of %,d)%n",
                ROUNDS,
                ratios[ROUNDS / 2],
                wallRatios[ROUNDS / 2],
                batch);
    }

    private interface Writing {
        void write(List<Trade> batch) throws Exception;
    }

    /** Returns trades a second and trades a second of processor time. */
    private static double[] timed(
            StoreContender contender, History history, long from, long trades, int batch, Writing writing)
            throws Exception {
        long wall = 0;
        long cpu = 0;
        long serverStart = contender.serverCpuNanos();
        for (long at = from; at < from + trades; at += batch) {
            List<Trade> made = history.trades(at, Math.min(from + trades, at + batch));
            long wallStart = System.nanoTime();
            long cpuStart = CpuClock.ownNanos();
            writing.write(made);
            cpu += CpuClock.ownNanos() - cpuStart;
            wall += System.nanoTime() - wallStart;
        }
        return new double[] {trades / (wall / 1e9), trades / ((cpu + contender.serverCpuNanos() - serverStart) / 1e9)};
    }

    private static void print(int round, String way, double[] rates) {
        System.out.printf(
                Locale.ROOT, "%-6s %-12s %,12.0f %,14.0f%n", round == 0 ? "warm" : round, way, rates[0], rates[1]);
    }

    private static void query(StoreContender contender, long trades, int ratePerSecond, int batch) throws Exception {
        MarketStore store = contender.store();
        History history = new History(SYMBOLS, trades, ratePerSecond);
        load(store, history);
        long start = System.nanoTime();
        store.refreshBars();
        contender.settle();
        System.out.printf(Locale.ROOT, "bars up to date after %.1f s%n", (System.nanoTime() - start) / 1e9);

        AtomicBoolean ended = new AtomicBoolean();
        LongAdder written = new LongAdder();
        Thread writer = new Thread(() -> write(store, history, ratePerSecond, batch, ended, written), "writer");
        writer.start();
        Random random = new Random(1);
        Histogram latest = new Histogram(3);
        long until = System.nanoTime() + QUERY_SECONDS * 1_000_000_000L;
        long writingSince = System.nanoTime();
        long writtenBefore = written.sum();
        int found = 0;
        while (System.nanoTime() < until) {
            String symbol = history.names().get(random.nextInt(SYMBOLS));
            long from = System.nanoTime();
            List<Bar> bars = store.capabilities().precomputed().contains(MINUTE)
                    ? store.precomputedBars(new BarRange(symbol, MINUTE, 0, Long.MAX_VALUE, 500, true))
                    : store.barsOnDemand(new BarRange(symbol, MINUTE, 0, Long.MAX_VALUE, 500, true));
            latest.recordValue(System.nanoTime() - from);
            found += bars.size();
            LockSupport.parkNanos(5_000_000); // some 100 questions a second, as a busy dashboard asks
        }
        double rate = (written.sum() - writtenBefore) / ((System.nanoTime() - writingSince) / 1e9);
        show("last 500 bars of 1m of a symbol", latest, found / Math.max(1, latest.getTotalCount()));

        Histogram onDemand = new Histogram(3);
        found = 0;
        for (int i = 0; i < ON_DEMAND_QUERIES; i++) {
            String symbol = history.names().get(random.nextInt(SYMBOLS));
            long from = System.nanoTime();
            found += store.barsOnDemand(BarRange.of(symbol, QUARTER, History.START_NANOS, Long.MAX_VALUE, 100_000))
                    .size();
            onDemand.recordValue(System.nanoTime() - from);
        }
        show("bars of 15m over three months, on demand", onDemand, found / ON_DEMAND_QUERIES);
        ended.set(true);
        writer.join();
        System.out.printf(
                Locale.ROOT,
                "meanwhile %,.0f trades a second were written (asked: %,d), %,d a batch%n",
                rate,
                ratePerSecond,
                batch);
    }

    private static void load(MarketStore store, History history) {
        int batch = store.capabilities().batch();
        long start = System.nanoTime();
        long told = start;
        for (long at = 0; at < history.total(); at += batch) {
            store.appendTrades(history.trades(at, Math.min(history.total(), at + batch)));
            if (System.nanoTime() - told > 5_000_000_000L) {
                told = System.nanoTime();
                System.err.printf(Locale.ROOT, "%,d of %,d trades%n", at + batch, history.total());
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%,d trades of %d symbols loaded in %.0f s (%,.0f a second)%n",
                history.total(),
                SYMBOLS,
                seconds,
                history.total() / seconds);
    }

    /** On time, or as fast as it goes. */
    private static void write(
            MarketStore store, History history, int ratePerSecond, int batch, AtomicBoolean ended, LongAdder written) {
        long periodNanos = 1_000_000_000L * batch / ratePerSecond;
        long next = System.nanoTime();
        for (long at = history.total(); !ended.get(); at += batch) {
            store.appendTrades(history.trades(at, at + batch));
            written.add(batch);
            next += periodNanos;
            while (!ended.get() && System.nanoTime() < next) {
                LockSupport.parkNanos(next - System.nanoTime());
            }
        }
    }

    private static void show(String question, Histogram nanos, long bars) {
        System.out.printf(
                Locale.ROOT,
                "%s: p50 %.1f ms, p99 %.1f ms, max %.1f ms (%,d questions, %,d bars each)%n",
                question,
                nanos.getValueAtPercentile(50) / 1e6,
                nanos.getValueAtPercentile(99) / 1e6,
                nanos.getMaxValue() / 1e6,
                nanos.getTotalCount(),
                bars);
    }
}
