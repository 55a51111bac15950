package io.tsdash.benchmarks.stores;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.data.ClickHouseFormat;
import com.sun.management.OperatingSystemMXBean;
import io.tsdash.clickhouse.ClickHouseMarketStore;
import io.tsdash.clickhouse.ClickHouseOptions;
import io.tsdash.engines.ClickHouseServer;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * ClickHouse: inserts through the adapter against a hand-written loop with the engine's own client, and queries for bars
 * while trades are being written.
 *
 * <p>Both ways write the same trades, in the same batches, into tables of the same shape with the same views, in turns on one
 * server. The loop knows nothing of repeats and looks nothing up. {@code --help} tells the arguments.
 */
public final class ClickHouseLoad {
    private static final long SPAN_NANOS = Duration.ofDays(90).toNanos();
    private static final long FIRST_NANOS =
            Instant.parse("2026-01-05T00:00:00Z").getEpochSecond() * 1_000_000_000L;
    private static final int TURNS = 4;
    private static final int ROW_BYTES_MAX = 128;
    private static final int BARS = 500;
    private static final List<String> COLUMNS = List.of(
            "symbol",
            "ts",
            "seq",
            "received",
            "price",
            "volume",
            "side",
            "sets_price",
            "counts_volume",
            "version",
            "generation");

    private final int trades;
    private final int batch;
    private final List<String> symbols = new ArrayList<>();
    private final ClickHouseServer server;

    private ClickHouseLoad(ClickHouseServer server, int trades, int symbolCount, int batch) {
        this.server = server;
        this.trades = trades;
        this.batch = batch;
        for (int i = 0; i < symbolCount; i++) {
            symbols.add(String.format(Locale.ROOT, "S%04d", i));
        }
    }

    /** Runs it and prints what it measured. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("--help")) {
            System.out.println("ClickHouseLoad [TRADES (2000000) [SYMBOLS (500) [BATCH (50000)"
                    + " [TRADES_A_SECOND (100000) [SECONDS (20) [FOLDER (a temporary one)]]]]]]");
            return;
        }
        Path folder = arguments.length > 5 ? Path.of(arguments[5]) : Files.createTempDirectory("clickhouse-load");
        try (ClickHouseServer server = ClickHouseServer.start(folder)) {
            ClickHouseLoad load = new ClickHouseLoad(
                    server, number(arguments, 0, 2_000_000), number(arguments, 1, 500), number(arguments, 2, 50_000));
            load.insert();
            load.query(number(arguments, 3, 100_000), number(arguments, 4, 20));
        }
    }

    private static int number(String[] arguments, int index, int otherwise) {
        return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
    }

    private void insert() throws Exception {
        try (MarketStore adapter = open("adapter");
                MarketStore tables = open("byhand");
                Client client = client("byhand")) {
            System.out.printf(Locale.ROOT, "%,d trades of %d symbols, batches of %,d%n", trades, symbols.size(), batch);
            Cost byAdapter = new Cost("adapter");
            Cost byHand = new Cost("by hand");
            int turn = Math.max(batch, trades / TURNS / batch * batch);
            for (int from = 0; from < trades; from += turn) {
                int to = Math.min(trades, from + turn);
                // Who begins changes, so that neither always finds the server busy with what the other left to merge.
                boolean adapterFirst = from / turn % 2 == 0;
                if (adapterFirst) {
                    byAdapter.measure(from, to, part -> adapter.appendTrades(part));
                    byHand.measure(from, to, part -> insertByHand(client, part));
                } else {
                    byHand.measure(from, to, part -> insertByHand(client, part));
                    byAdapter.measure(from, to, part -> adapter.appendTrades(part));
                }
                System.out.printf(Locale.ROOT, "  %,d of %,d%n", to, trades);
            }
            byAdapter.print();
            byHand.print();
            System.out.printf(
                    Locale.ROOT,
                    "adapter / by hand: %.2f by the clock, %.2f by CPU time%n",
                    byHand.seconds / byAdapter.seconds,
                    byHand.cpuSeconds / byAdapter.cpuSeconds);
            check(adapter.tradeCount() == trades && tables.tradeCount() == trades, "trades are missing");
        }
    }

    private void query(int rate, int seconds) throws InterruptedException {
        try (MarketStore store = open("adapter")) {
            Histogram times = new Histogram(3);
            AtomicBoolean done = new AtomicBoolean();
            long[] written = {0};
            Thread writer = new Thread(() -> written[0] = write(store, rate, done), "writer");
            writer.start();
            Random random = new Random(1);
            Interval minute = Interval.parse("1m");
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            while (System.nanoTime() < end) {
                String symbol = symbols.get(random.nextInt(symbols.size()));
                long begun = System.nanoTime();
                int bars = store.precomputedBars(new BarRange(symbol, minute, 0, Long.MAX_VALUE, BARS, true))
                        .size();
                times.recordValue(System.nanoTime() - begun);
                check(bars > 0, "no bars of " + symbol);
            }
            done.set(true);
            writer.join();
            System.out.printf(
                    Locale.ROOT,
                    "last %d bars of 1m, pre-computed, while %,.0f trades/s are written: p50 %.1f p99 %.1f max %.1f ms of %,d"
                            + " queries%n",
                    BARS,
                    written[0] / (double) seconds,
                    times.getValueAtPercentile(50) / 1e6,
                    times.getValueAtPercentile(99) / 1e6,
                    times.getMaxValue() / 1e6,
                    times.getTotalCount());
            for (int i = 0; i < 3; i++) {
                String symbol = symbols.get(i * symbols.size() / 3);
                long begun = System.nanoTime();
                int bars = store.barsOnDemand(BarRange.of(
                                symbol, Interval.parse("15m"), FIRST_NANOS, FIRST_NANOS + SPAN_NANOS, 10_000))
                        .size();
                System.out.printf(
                        Locale.ROOT,
                        "bars of 15m over 90 days on demand: %,d bars in %.0f ms%n",
                        bars,
                        (System.nanoTime() - begun) / 1e6);
            }
        }
    }

    /** Writes new trades at a rate, ten batches a second, until it is done; returns how many. */
    private long write(MarketStore store, int rate, AtomicBoolean done) {
        long count = 0;
        long due = System.nanoTime();
        while (!done.get()) {
            List<Trade> part = new ArrayList<>(rate / 10);
            for (int i = 0; i < rate / 10; i++, count++) {
                part.add(trade(trades + count, FIRST_NANOS + SPAN_NANOS + count * (1_000_000_000L / rate)));
            }
            store.appendTrades(part);
            due += TimeUnit.MILLISECONDS.toNanos(100);
            LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
        }
        return count;
    }

    private Trade trade(long number, long eventTimeNanos) {
        String symbol = symbols.get((int) (number * 7919 % symbols.size()));
        return Trade.of(symbol, eventTimeNanos, number, 100 + number * 37 % 1_000 / 100.0, 1 + number % 500);
    }

    private void insertByHand(Client client, List<Trade> part) {
        try {
            client.insert("trades", COLUMNS, out -> encode(out, part), ClickHouseFormat.RowBinary, new InsertSettings())
                    .get()
                    .close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void encode(OutputStream out, List<Trade> part) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024).order(ByteOrder.LITTLE_ENDIAN);
        for (Trade trade : part) {
            if (buffer.remaining() < ROW_BYTES_MAX) {
                out.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
            byte[] symbol = trade.symbol().getBytes(StandardCharsets.UTF_8);
            buffer.put((byte) symbol.length)
                    .put(symbol)
                    .putLong(trade.eventTimeNanos())
                    .putLong(trade.sequence())
                    .putLong(trade.receiveTimeNanos())
                    .putDouble(trade.price())
                    .putDouble(trade.volume())
                    .put((byte) 0)
                    .put((byte) 1)
                    .put((byte) 1)
                    .putInt(0)
                    .putLong(1);
        }
        out.write(buffer.array(), 0, buffer.position());
    }

    private MarketStore open(String database) {
        return ClickHouseMarketStore.open(
                ClickHouseOptions.at("http://127.0.0.1:" + server.directPort())
                        .database(database)
                        .user(ClickHouseServer.USER, ClickHouseServer.PASSWORD)
                        .requestTimeout(Duration.ofMinutes(5))
                        .build(),
                TimeSource.system());
    }

    private Client client(String database) {
        return new Client.Builder()
                .addEndpoint("http://127.0.0.1:" + server.directPort())
                .setUsername(ClickHouseServer.USER)
                .setPassword(ClickHouseServer.PASSWORD)
                .setDefaultDatabase(database)
                .compressClientRequest(false)
                .compressServerResponse(false)
                .serverSetting("async_insert", "0")
                .build();
    }

    private double cpuSeconds() {
        long own = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
        Duration its = server.handle().info().totalCpuDuration().orElseThrow();
        return own / 1e9 + its.toNanos() / 1e9;
    }

    private static void check(boolean good, String otherwise) {
        if (!good) {
            throw new IllegalStateException(otherwise);
        }
    }

    /** Writes one batch. */
    private interface Way {
        void write(List<Trade> part);
    }

    /** What one way took so far. */
    private final class Cost {
        private final String name;
        private double seconds;
        private double cpuSeconds;
        private long count;

        Cost(String name) {
            this.name = name;
        }

        void measure(int from, int to, Way way) {
            for (int at = from; at < to; at += batch) {
                List<Trade> part = new ArrayList<>(batch);
                for (int i = at; i < Math.min(to, at + batch); i++) {
                    part.add(trade(i, FIRST_NANOS + (long) i * (SPAN_NANOS / trades)));
                }
                double cpu = cpuSeconds();
                long begun = System.nanoTime();
                way.write(part);
                seconds += (System.nanoTime() - begun) / 1e9;
                cpuSeconds += cpuSeconds() - cpu;
                count += part.size();
            }
        }

        void print() {
            System.out.printf(
                    Locale.ROOT,
                    "%-8s %,10.0f trades/s by the clock, %,10.0f trades per second of CPU (server and client)%n",
                    name,
                    count / seconds,
                    count / cpuSeconds);
        }
    }
}
