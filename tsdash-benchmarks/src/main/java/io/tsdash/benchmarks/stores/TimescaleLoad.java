package io.tsdash.benchmarks.stores;

import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.TimescaleServer;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import io.tsdash.timescale.RefreshBy;
import io.tsdash.timescale.TimescaleMarketStore;
import io.tsdash.timescale.TimescaleOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongUnaryOperator;
import org.HdrHistogram.Histogram;

/**
 * Inserts through the TimescaleDB adapter beside a hand-written loop of binary COPY into the same tables, by turns; then
 * queries while trades are written.
 *
 * <p>Arguments: {@code timescale} or {@code postgres}, trades (1,000,000), trades a second while queries run (10,000).
 */
public final class TimescaleLoad {
    private static final int SYMBOLS = 500;
    private static final int BATCH = 10_000;
    private static final int ROUNDS = 4;
    private static final int QUERIES = 500;
    /** A minute in which there is trading has so many trades, 20 of each symbol; most minutes have none. */
    private static final long TRADES_A_MINUTE = 20L * SYMBOLS;

    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long SPAN_NANOS = TimeUnit.DAYS.toNanos(90);
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long START = Instant.parse("2026-03-02T00:00:00Z").getEpochSecond() * 1_000_000_000L;

    private final int port;
    private final long trades;
    private final int tradesPerSecond;

    private TimescaleLoad(int port, long trades, int tradesPerSecond) {
        this.port = port;
        this.trades = trades;
        this.tradesPerSecond = tradesPerSecond;
    }

    /** Runs it and prints what was measured. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0 || arguments[0].equals("--help")) {
            System.out.println("usage: TimescaleLoad timescale|postgres [TRADES [TRADES_A_SECOND]]");
            return;
        }
        long trades = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1_000_000;
        int rate = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 10_000;
        Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target", "servers")), "load");
        if (arguments[0].equals("postgres")) {
            try (PostgresServer server = PostgresServer.start(folder)) {
                new TimescaleLoad(server.port(), trades, rate).run();
            }
        } else {
            try (TimescaleServer server = TimescaleServer.start(folder)) {
                new TimescaleLoad(server.port(), trades, rate).run();
            }
        }
    }

    private void run() throws SQLException {
        insert();
        query();
    }

    private void insert() throws SQLException {
        long each = trades / ROUNDS / BATCH * BATCH;
        System.out.printf(Locale.ROOT, "insert: %d rounds of %,d trades by turns, %,d a batch%n", ROUNDS, each, BATCH);
        // Open, so that tables and views are there; each has its own.
        try (MarketStore adapter = open("adapter");
                MarketStore hand = open("hand");
                MarketStore bare = open("bare");
                CopyByHand byHand = new CopyByHand(port, "hand", true);
                CopyByHand withoutIndex = new CopyByHand(port, "bare", false)) {
            List<Contender> contenders = List.of(
                    new Contender("adapter", adapter::appendTrades),
                    new Contender("COPY by hand", byHand::write),
                    new Contender("COPY by hand, no unique index", withoutIndex::write));
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < contenders.size(); i++) {
                    contenders.get((i + round) % contenders.size()).write(round * each, each);
                }
                System.out.print(".");
                System.out.flush();
            }
            System.out.println();
            contenders.forEach(Contender::report);
            long expected = ROUNDS * each;
            for (MarketStore store : List.of(adapter, hand, bare)) {
                if (store.tradeCount() != expected) {
                    throw new IllegalStateException("there are " + store.tradeCount() + " trades, not " + expected);
                }
            }
        }
    }

    private void query() {
        try (MarketStore store = open("queries")) {
            for (long from = 0; from < trades; from += BATCH) {
                store.appendTrades(trades(from, Math.min(trades, from + BATCH), this::timeInMinutes));
                if (from / BATCH % 100 == 99) {
                    System.out.printf(Locale.ROOT, "%,d trades written%n", from + BATCH);
                }
            }
            long start = System.nanoTime();
            store.refreshBars();
            System.out.printf(
                    Locale.ROOT,
                    "queries: %,d trades of %d symbols over 90 days; first refresh %.1f s%n",
                    trades,
                    SYMBOLS,
                    (System.nanoTime() - start) / 1e9);
            Interval minute = Interval.parse("1m");
            boolean precomputed = store.capabilities().precomputed().contains(minute);
            if (!precomputed) {
                for (int i = 0; i < SYMBOLS; i++) {
                    store.upsertBars(store.barsOnDemand(BarRange.of(symbol(i), minute, 0, Long.MAX_VALUE, 1_000_000)));
                }
            }
            Thread writer = new Thread(() -> writeSteadily(store), "writer");
            writer.start();
            Random random = new Random(1);
            measure(precomputed ? "last 500 pre-computed 1m bars" : "last 500 written 1m bars", QUERIES, () -> {
                BarRange range = new BarRange(symbol(random.nextInt(SYMBOLS)), minute, 0, Long.MAX_VALUE, 500, true);
                return (precomputed ? store.precomputedBars(range) : store.bars(range)).size();
            });
            measure("15m bars on demand over 90 days", 20, () -> {
                BarRange range = BarRange.of(
                        symbol(random.nextInt(SYMBOLS)),
                        Interval.parse("15m"),
                        START,
                        START + SPAN_NANOS,
                        Integer.MAX_VALUE);
                return store.barsOnDemand(range).size();
            });
            writer.interrupt();
            writer.join(TimeUnit.SECONDS.toMillis(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long timeInMinutes(long number) {
        long minutes = Math.max(1, trades / TRADES_A_MINUTE);
        long between = SPAN_NANOS / minutes / MINUTE_NANOS * MINUTE_NANOS;
        return START + number / TRADES_A_MINUTE * between + number % TRADES_A_MINUTE * (MINUTE_NANOS / TRADES_A_MINUTE);
    }

    private void writeSteadily(MarketStore store) {
        long next = trades;
        // Small, as a live feed's are: the server of one backend answers between them.
        int batch = Math.max(1, tradesPerSecond / 40);
        long step = TimeUnit.SECONDS.toNanos(1) / tradesPerSecond;
        long due = System.nanoTime();
        while (!Thread.currentThread().isInterrupted()) {
            List<Trade> newest = new ArrayList<>();
            for (int i = 0; i < batch; i++) {
                newest.add(trade(next, START + SPAN_NANOS + (next - trades) * step));
                next++;
            }
            store.appendTrades(newest);
            due += TimeUnit.MILLISECONDS.toNanos(25);
            LockSupport.parkNanos(due - System.nanoTime());
        }
        System.out.printf(
                Locale.ROOT,
                "written meanwhile: %,d trades, %d ms behind at the end%n",
                next - trades,
                Math.max(0, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - due)));
    }

    private static void measure(String name, int count, Query query) {
        Histogram nanos = new Histogram(3);
        long rows = 0;
        for (int i = 0; i < count / 10; i++) {
            query.run();
        }
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            rows += query.run();
            nanos.recordValue(System.nanoTime() - start);
        }
        System.out.printf(
                Locale.ROOT,
                "%-32s %,6d bars each, p50 %.1f ms, p99 %.1f ms%n",
                name,
                rows / count,
                nanos.getValueAtPercentile(50) / 1e6,
                nanos.getValueAtPercentile(99) / 1e6);
    }

    private MarketStore open(String schema) {
        TimescaleOptions options = TimescaleOptions.builder()
                .server("127.0.0.1", port)
                .database("postgres")
                .login("postgres", "")
                .schema(schema)
                .queryTimeout(Duration.ofMinutes(5))
                .maintenanceTimeout(Duration.ofHours(1))
                .refresh(Duration.ofMinutes(1), RefreshBy.NOBODY)
                .build();
        return TimescaleMarketStore.open(options, TimeSource.system());
    }

    private static List<Trade> trades(long from, long to, LongUnaryOperator time) {
        List<Trade> trades = new ArrayList<>((int) (to - from));
        for (long number = from; number < to; number++) {
            trades.add(trade(number, time.applyAsLong(number)));
        }
        return trades;
    }

    private static Trade trade(long number, long timeNanos) {
        return Trade.of(
                symbol((int) (number * 7 % SYMBOLS)), timeNanos, number, 100 + number % 97 / 4.0, 1.0 + number % 3);
    }

    private static String symbol(int number) {
        return String.format(Locale.ROOT, "SYM%03d", number);
    }

    /** CPU time of this process and of the servers that it started and that still run. */
    private static long cpuNanos() {
        ProcessHandle self = ProcessHandle.current();
        long children = self.descendants()
                .map(child -> child.info().totalCpuDuration())
                .flatMap(Optional::stream)
                .mapToLong(Duration::toNanos)
                .sum();
        return children + self.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }

    @FunctionalInterface
    private interface Query {
        int run();
    }

    @FunctionalInterface
    private interface Write {
        void batch(List<Trade> trades) throws SQLException;
    }

    private static final class Contender {
        private final String name;
        private final Write write;
        private long trades;
        private long nanos;
        private long cpuNanos;

        Contender(String name, Write write) {
            this.name = name;
            this.write = write;
        }

        void write(long from, long count) throws SQLException {
            for (long at = from; at < from + count; at += BATCH) {
                List<Trade> batch = trades(at, at + BATCH, number -> START + number * STEP_NANOS);
                long cpuStart = cpuNanos();
                long start = System.nanoTime();
                write.batch(batch);
                nanos += System.nanoTime() - start;
                cpuNanos += cpuNanos() - cpuStart;
            }
            trades += count;
        }

        void report() {
            System.out.printf(
                    Locale.ROOT,
                    "%-32s %,9.0f trades/s, %.1f s of CPU a million (client and server)%n",
                    name,
                    trades / (nanos / 1e9),
                    cpuNanos / 1e3 / trades);
        }
    }
}
