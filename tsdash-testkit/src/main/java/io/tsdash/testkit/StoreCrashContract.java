package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.spi.Stores;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import io.tsdash.store.writer.StoreWriter;
import io.tsdash.time.TimeSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million trades while the server is killed (SIGKILL) and comes back, and while the writing process is: every trade is
 * there once afterwards, and every bar is right.
 *
 * <p>The store is opened by its {@link io.tsdash.spi.StoreProvider}, here and in the process that is killed.
 */
@Timeout(600)
public abstract class StoreCrashContract {
    private static final long TRADES = 1_000_000;
    private static final int SERVER_KILLS = 3;
    /** Small enough that there are writes to be killed in. */
    private static final int BATCH_MAX = 50_000;

    private static final int WRITER_KILLS = 3;
    private static final int SPILLED_BATCH = 2_000;
    private static final long PAUSE_NANOS = 20_000_000;

    /** A server that can be killed. */
    public interface Engine {
        /** Ends it at once, as a crash would, and waits until it is gone. */
        void kill();

        /** Starts it on the same data and address, and waits until it answers. */
        void restart();

        /** Returns the server that these two calls are about. */
        static Engine of(Runnable kill, Runnable restart) {
            return new Engine() {
                @Override
                public void kill() {
                    kill.run();
                }

                @Override
                public void restart() {
                    restart.run();
                }
            };
        }
    }

    /** For subclasses. */
    protected StoreCrashContract() {}

    /** Returns the name of the store's provider. */
    protected abstract String storeName();

    /** Returns the address of a new, empty store; the same for a whole test. */
    protected abstract String address();

    /** Returns the options of the store. */
    protected abstract Map<String, String> options();

    /** Returns the server; empty for a store that lives in the writing process. */
    protected abstract Optional<Engine> engine();

    @Test
    @DisplayName("kill -9 of the server in the middle of a million trades loses none and doubles none")
    void losesNothingWhenTheServerIsKilled() throws Exception {
        Optional<Engine> engine = engine();
        try (MarketStore store = open()) {
            AtomicBoolean written = new AtomicBoolean();
            AtomicInteger kills = new AtomicInteger();
            AtomicInteger batches = new AtomicInteger();
            Random random = new Random(9);
            Thread killer = new Thread(() -> {
                while (engine.isPresent() && kills.get() < SERVER_KILLS && !written.get()) {
                    int goal = batches.get() + 5 + random.nextInt(10);
                    while (batches.get() < goal && !written.get()) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    LockSupport.parkNanos(random.nextInt(100_000_000)); // so that it is in the middle of a write
                    engine.get().kill();
                    kills.incrementAndGet();
                    engine.get().restart();
                }
            });
            killer.start();
            int size = Math.min(store.capabilities().batch(), BATCH_MAX);
            int failures = 0;
            for (long from = 0; from < TRADES; from += size) {
                List<Trade> batch = CrashWriter.trades(from, Math.min(TRADES, from + size));
                while (!appended(store, batch)) {
                    failures++;
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
                batches.incrementAndGet();
            }
            written.set(true);
            killer.join();
            assertThat(kills.get()).isEqualTo(engine.isPresent() ? SERVER_KILLS : 0);
            assertThat(failures).isGreaterThanOrEqualTo(engine.isPresent() ? 1 : 0);
            assertComplete(store, TRADES);
        }
    }

    @Test
    @DisplayName("kill -9 of the writing process in the middle of a million trades loses none and doubles none")
    void losesNothingWhenTheWriterIsKilled() throws Exception {
        Random random = new Random(4);
        long acknowledged = 0;
        for (int kill = 0; kill < WRITER_KILLS; kill++) {
            long before = acknowledged;
            // Other batches than those of the run before, so that what is repeated is not cut alike.
            acknowledged = writeAndKill(before, 4_000 + 1_777 * kill, 10 + random.nextInt(20), random);
            assertThat(acknowledged).isGreaterThan(before);
        }
        try (MarketStore store = open()) {
            assertThat(store.tradeCount()).isGreaterThanOrEqualTo(acknowledged);
            int size = store.capabilities().batch();
            for (long from = acknowledged; from < TRADES; from += size) {
                store.appendTrades(CrashWriter.trades(from, Math.min(TRADES, from + size)));
            }
            assertComplete(store, TRADES);
        }
    }

    @Test
    @DisplayName("kill -9 of a process whose trades wait on disk loses none of them and doubles none")
    void bringsWhatWaitedOnDiskWhenTheWriterIsKilled(@TempDir Path folder) throws Exception {
        Random random = new Random(5);
        List<String> command = java(
                SpillingCrashWriter.class, folder.toString(), Integer.toString(SPILLED_BATCH), Long.toString(TRADES));
        long onDisk = runAndKill(command, 0, 10 + random.nextInt(10), random);
        try (MarketStore store = open();
                StoreWriter writer =
                        StoreWriter.to(store).spill(folder, 1L << 30).start()) {
            long found = writer.counts().accepted();
            // Of what was not yet said to be on disk some may be.
            assertThat(found).isBetween(onDisk, onDisk + SPILLED_BATCH);
            while (writer.counts().onDisk() > 0) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            assertThat(writer.counts().stored()).isEqualTo(found);
            assertThat(writer.counts().setAside() + writer.counts().lost()).isZero();
            assertComplete(store, found);
        }
    }

    private MarketStore open() {
        return Stores.open(storeName(), address(), options(), TimeSource.system());
    }

    private static boolean appended(MarketStore store, List<Trade> batch) {
        try {
            store.appendTrades(batch);
            return true;
        } catch (TransientException e) {
            return false;
        }
    }

    /** Starts a writer, kills it a moment after it has acknowledged so many batches, and returns what it said last. */
    private long writeAndKill(long from, int batch, int batches, Random random) throws Exception {
        List<String> command = java(
                CrashWriter.class,
                storeName(),
                address(),
                Long.toString(from),
                Long.toString(TRADES),
                Integer.toString(batch));
        options().forEach((name, value) -> command.add(name + "=" + value));
        return runAndKill(command, from, batches, random);
    }

    private static List<String> java(Class<?> main, String... args) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(args));
        return command;
    }

    /** Starts a program that prints a number a line, kills it a moment after so many, and returns the last. */
    private static long runAndKill(List<String> command, long from, int lines, Random random) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long acknowledged = from;
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (int i = 0; i < lines; i++) {
                String line = out.readLine();
                assertThat(line).as("the writer ended by itself").isNotNull();
                acknowledged = Long.parseLong(line);
            }
            process.waitFor(random.nextInt(60_000_000), TimeUnit.NANOSECONDS);
            // By its handle: Process.destroyForcibly would close the pipe with what was acknowledged last.
            process.toHandle().destroyForcibly();
            acknowledged = lastNumber(out, acknowledged);
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return acknowledged;
    }

    /** Reads what was printed before the kill; the last line may be cut, and then says nothing. */
    private static long lastNumber(BufferedReader out, long from) throws IOException {
        StringBuilder rest = new StringBuilder();
        char[] buffer = new char[4_096];
        for (int read = out.read(buffer); read > 0; read = out.read(buffer)) {
            rest.append(buffer, 0, read);
        }
        long last = from;
        String whole = rest.substring(0, rest.lastIndexOf("\n") + 1);
        for (String line : whole.split("\n", -1)) {
            last = line.isEmpty() ? last : Long.parseLong(line);
        }
        return last;
    }

    private static void assertComplete(MarketStore store, long trades) {
        assertThat(store.tradeCount()).isEqualTo(trades);
        List<String> symbols = CrashWriter.symbols();
        assertThat(store.symbols()).isEqualTo(symbols);
        for (int i = 0; i < symbols.size(); i++) {
            long[] next = {i};
            store.trades(TradeRange.of(symbols.get(i), 0, Long.MAX_VALUE, Long.MAX_VALUE), trade -> {
                // Nothing missing, nothing twice: the nth trade of a symbol is known.
                if (!trade.equals(CrashWriter.trade(next[0]))) {
                    assertThat(trade).isEqualTo(CrashWriter.trade(next[0]));
                }
                next[0] += symbols.size();
            });
            assertThat(next[0]).isBetween(trades, trades + symbols.size() - 1);
        }
        List<Trade> written = CrashWriter.trades(0, trades);
        double volumes = written.stream().mapToDouble(Trade::volume).sum();
        double notionals = written.stream()
                .mapToDouble(trade -> trade.price() * trade.volume())
                .sum();
        store.refreshBars();
        for (Interval interval : store.capabilities().precomputed()) {
            long count = 0;
            // All are multiples of a quarter: sums are exact in any order.
            double volume = 0;
            double notional = 0;
            for (String symbol : symbols) {
                List<Bar> bars = store.precomputedBars(BarRange.of(symbol, interval, 0, Long.MAX_VALUE, 1_000_000));
                count += bars.stream().mapToLong(Bar::tradeCount).sum();
                volume += bars.stream().mapToDouble(Bar::volume).sum();
                notional += bars.stream().mapToDouble(Bar::notional).sum();
            }
            assertThat(count).as("trades in bars of " + interval.text()).isEqualTo(trades);
            assertThat(volume).isEqualTo(volumes);
            assertThat(notional).isEqualTo(notionals);
            BarRange range = BarRange.of(symbols.get(7), interval, 0, Long.MAX_VALUE, 1_000_000);
            assertThat(store.precomputedBars(range)).isEqualTo(store.barsOnDemand(range));
        }
    }
}
