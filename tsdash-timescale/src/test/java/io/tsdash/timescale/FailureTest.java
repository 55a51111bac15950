package io.tsdash.timescale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.PostgresServer;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.PoolUse;
import io.tsdash.store.TradeRange;
import io.tsdash.store.writer.StoreWriter;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.SpillingWriter;
import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What ends in which exception and when, and that the same batch is there once after it. */
@Timeout(120)
class FailureTest {

    @Test
    void givesUpAServerThatNeverAnswersAndWritesOnceWhenItDoes() {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", Servers.postgres().port())) {
            TimescaleOptions options = Servers.newSchema(proxy.port())
                    .connectTimeout(Duration.ofSeconds(2))
                    .queryTimeout(Duration.ofSeconds(2))
                    .build();
            proxy.beSilent();
            assertGivesUp(Duration.ofSeconds(6), () -> TimescaleMarketStore.open(options, TimeSource.system()));
            proxy.heal();
            try (MarketStore store = TimescaleMarketStore.open(options, TimeSource.system())) {
                assertThat(store.appendTrades(trades(0, 10))).isEqualTo(new AppendResult(10, 0, 0));
                proxy.beSilent();
                assertGivesUp(Duration.ofSeconds(10), () -> store.appendTrades(trades(5, 20)));
                assertThat(store.poolUse()).contains(new PoolUse(0, 8));
                proxy.heal();
                assertThat(store.appendTrades(trades(5, 20))).isEqualTo(new AppendResult(10, 0, 5));
                assertThat(store.tradeCount()).isEqualTo(20);
            }
        }
    }

    @Test
    void anOpeningThatWasCutCanBeTriedAgain() {
        for (int port : List.of(Servers.timescale().port(), Servers.postgres().port())) {
            try (FaultProxy proxy = FaultProxy.to("127.0.0.1", port)) {
                TimescaleOptions options = Servers.newSchema(proxy.port()).build();
                for (long bytes : List.of(0L, 1L, 200L, 1_000L, 2_000L, 4_000L)) {
                    proxy.cutAfterSending(bytes);
                    assertThatThrownBy(() -> TimescaleMarketStore.open(options, TimeSource.system()))
                            .isInstanceOf(TransientException.class)
                            .hasMessageContaining("cannot be reached");
                    proxy.heal();
                }
                try (MarketStore store = TimescaleMarketStore.open(options, TimeSource.system())) {
                    assertThat(store.appendTrades(trades(0, 10))).isEqualTo(new AppendResult(10, 0, 0));
                }
            }
        }
    }

    @Test
    void goesOnWhenAFullDiskHasRoomAgain(@TempDir Path spill) throws Exception {
        Path folder = Servers.newFolder("full");
        Path small = Files.createDirectory(folder.resolve("small"));
        // A disk of its own in memory; that takes root.
        run("mount", "-t", "tmpfs", "-o", "size=24m,mode=0777", "tsdash-test", small.toString());
        PostgresServer server = PostgresServer.start(folder);
        try {
            Path place = Files.createDirectory(small.resolve("tables"));
            PostgresServer.own(place);
            Sql.run(
                    server.port(),
                    "CREATE TABLESPACE small LOCATION '" + place + "'",
                    "CREATE DATABASE small TABLESPACE small");
            TimescaleOptions options =
                    Servers.newSchema(server.port()).database("small").build();
            try (MarketStore store = TimescaleMarketStore.open(options, TimeSource.system());
                    StoreWriter writer = SpillingWriter.start(store, spill)) {
                int[] written = {0};
                assertThatThrownBy(() -> {
                            for (int i = 0; i < 100; i++) {
                                store.appendTrades(trades(written[0], written[0] + 10_000));
                                written[0] += 10_000;
                            }
                        })
                        .isInstanceOf(TransientException.class)
                        .hasMessageContaining("has a full disk: free space on it");
                assertThat(written[0]).isPositive();
                assertThat(store.tradeCount()).isEqualTo(written[0]);
                long start = System.nanoTime();
                SpillingWriter.assertWaits(writer, trades(written[0], written[0] + 10_000));
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(options.queryTimeout());
                run("mount", "-o", "remount,size=64m", small.toString());
                SpillingWriter.assertArrives(writer);
                assertThat(store.tradeCount()).isEqualTo(written[0] + 10_000);
            }
        } finally {
            server.close();
            run("umount", small.toString());
        }
    }

    @Test
    void stopsAQueryThatRunsTooLong() {
        TimescaleOptions options =
                postgres().queryTimeout(Duration.ofSeconds(1)).build();
        try (MarketStore store = TimescaleMarketStore.open(options, TimeSource.system())) {
            store.appendTrades(trades(0, 100));
            Interval absurd = Interval.hopping(Duration.ofDays(366), Duration.ofNanos(1));
            assertThatThrownBy(() -> store.barsOnDemand(BarRange.of("A", absurd, 0, Long.MAX_VALUE, 10)))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("stopped a statement that ran too long");
            assertThat(store.tradeCount()).isEqualTo(100);
        }
    }

    @Test
    void saysThatAllConnectionsAreInUse() throws Exception {
        TimescaleOptions options =
                postgres().queryTimeout(Duration.ofSeconds(1)).connectionsMax(2).build();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        CountDownLatch working = new CountDownLatch(2);
        CountDownLatch done = new CountDownLatch(1);
        try (Connections connections = new Connections(options, TimeSource.system())) {
            List<Future<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                calls.add(threads.submit(() -> connections.run(connection -> {
                    working.countDown();
                    return await(done);
                })));
            }
            assertThat(await(working)).isTrue();
            assertThat(connections.use()).isEqualTo(new PoolUse(2, 2));
            assertThatThrownBy(() -> connections.run(Connection::getAutoCommit))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("all 2 connections were in use for PT1S");
            done.countDown();
            for (Future<Boolean> call : calls) {
                assertThat(call.get(30, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(connections.run(Connection::getAutoCommit)).isTrue();
            assertThat(connections.use()).isEqualTo(new PoolUse(0, 2));
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void askingFromWithinAStreamDoesNotWait() {
        for (int port : List.of(Servers.timescale().port(), Servers.postgres().port())) {
            TimescaleOptions options = Servers.newSchema(port).connectionsMax(2).build();
            try (MarketStore store = TimescaleMarketStore.open(options, TimeSource.system())) {
                store.appendTrades(trades(0, 25_000));
                long[] asked = {0};
                long count = store.trades(TradeRange.of("A", 0, Long.MAX_VALUE, Long.MAX_VALUE), trade -> {
                    if (trade.sequence() % 5_000 == 0) {
                        assertThat(store.lastTrade("A")).isPresent();
                        store.appendTrades(List.of(trade));
                        asked[0]++;
                    }
                });
                assertThat(count).isEqualTo(25_000);
                assertThat(asked[0]).isEqualTo(5);
            }
        }
    }

    @Test
    void closesWhileACallRuns() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        TimescaleOptions options =
                postgres().queryTimeout(Duration.ofSeconds(3)).build();
        MarketStore store = TimescaleMarketStore.open(options, TimeSource.system());
        try (Connection other = Sql.connect(Servers.postgres().port());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE " + options.schema() + ".trades");
            Future<Long> waiting = threads.submit(store::tradeCount);
            assertThatThrownBy(() -> waiting.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            threads.submit(store::close).get(2, TimeUnit.SECONDS);
            assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS)).hasMessageContaining("closed");
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void refusesATradeThatNoSumCouldHold() {
        try (MarketStore store = TimescaleMarketStore.open(postgres().build(), TimeSource.system())) {
            for (Trade trade : List.of(
                    Trade.of("A", 1, 1, 1e200, 1e200),
                    Trade.of("A", 1, 1, 1e-200, 1e-200),
                    Trade.of("A", 1, 1, 0, 1e300))) {
                assertThatThrownBy(() -> store.appendTrades(List.of(trade)))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining("must have volume and price x volume that can be summed up");
            }
            assertThatThrownBy(() -> store.appendTrades(List.of(Trade.of("A\ud83d", 1, 1, 1, 1))))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("UTF-8");
            assertThatThrownBy(() -> store.bars(BarRange.of("A\ud83d", Interval.parse("1m"), 0, Long.MAX_VALUE, 10)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("UTF-8");
            Trade uncounted = new Trade("A", 1, 1, 1, 1e200, 1e200, Side.BUY, true, false, 0);
            assertThat(store.appendTrades(List.of(uncounted))).isEqualTo(new AppendResult(1, 0, 0));
        }
    }

    @Test
    void readsBarsOfASymbolWithABackslashWhereTextsHaveEscapes() throws Exception {
        int port = Servers.postgres().port();
        Sql.run(port, "ALTER DATABASE postgres SET standard_conforming_strings = off");
        try (MarketStore store = TimescaleMarketStore.open(postgres().build(), TimeSource.system())) {
            Trade trade = Trade.of("A\\' OR true --\\n", 1, 1, 1, 1);
            store.appendTrades(List.of(trade, Trade.of("B", 1, 1, 1, 1)));
            BarRange range = BarRange.of(trade.symbol(), Interval.parse("1m"), 0, Long.MAX_VALUE, 10);
            List<Bar> bars = store.barsOnDemand(range);
            assertThat(bars).hasSize(1);
            store.upsertBars(bars);
            assertThat(store.bars(range)).isEqualTo(bars);
        } finally {
            Sql.run(port, "ALTER DATABASE postgres RESET standard_conforming_strings");
        }
    }

    @Test
    void reportsAllProblemsOfItsOptionsAtOnce() {
        assertThatThrownBy(() -> TimescaleOptions.builder()
                        .server(" ", 0)
                        .schema("pg_x")
                        .connectionsMax(1)
                        .queryTimeout(Duration.ZERO)
                        .chunkInterval(Duration.ZERO)
                        .tradeRetention(Duration.ofMinutes(2))
                        .build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("host was ' '")
                .hasMessageContaining("port was '0'")
                .hasMessageContaining("schema was 'pg_x'")
                .hasMessageContaining("connectionsMax was '1'")
                .hasMessageContaining("queryTimeout was 'PT0S'")
                .hasMessageContaining("chunkInterval was 'PT0S'")
                .hasMessageContaining("tradeRetention was 'PT2M'");
    }

    private static TimescaleOptionsBuilder postgres() {
        return Servers.newSchema(Servers.postgres().port());
    }

    private static void assertGivesUp(Duration within, Runnable call) {
        long start = System.nanoTime();
        assertThatThrownBy(call::run)
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("did not answer in time");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(within);
    }

    private static List<Trade> trades(int from, int to) {
        List<Trade> trades = new ArrayList<>();
        for (int i = from; i < to; i++) {
            trades.add(Trade.of("A", 1_000_000L * i, i, 1, 1));
        }
        return trades;
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void run(String... command) throws Exception {
        List<String> asRoot = new ArrayList<>(List.of(command));
        if (!System.getProperty("user.name").equals("root")) {
            asRoot.addAll(0, List.of("sudo", "-n"));
        }
        Process process = new ProcessBuilder(asRoot).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
    }
}
