package io.tsdash.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.ClickHouseServer;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.spi.Stores;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.PoolUse;
import io.tsdash.store.writer.StoreWriter;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.SpillingWriter;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ClickHouseFailureTest {
    private static final long T0 = 1_772_463_600_000_000_000L;
    private static final Interval MINUTE = Interval.parse("1m");

    private final String database = TestServer.newDatabase();
    private final FaultProxy proxy =
            FaultProxy.to("127.0.0.1", TestServer.shared().port());

    @AfterEach
    void drop() {
        proxy.close();
        TestServer.shared().execute("DROP DATABASE IF EXISTS " + database);
    }

    @Test
    void reportsAllProblemsOfItsOptionsAtOnce() {
        assertThatThrownBy(() -> ClickHouseOptions.at("ftp://me:secret@nowhere")
                        .database("a b")
                        .writer("")
                        .queuedInserts(true)
                        .requestTimeout(Duration.ZERO)
                        .build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("url was 'ftp://***@nowhere' but it must be like http://localhost:8123")
                .hasMessageContaining("database was 'a b'")
                .hasMessageContaining("writer was ''")
                .hasMessageContaining("queuedInserts was 'true' but it must be left out without a cluster")
                .hasMessageContaining("requestTimeout was 'PT0S'")
                .hasMessageNotContaining("secret");
    }

    @Test
    void saysThatThePasswordIsWrong() {
        ClickHouseOptions options = ClickHouseOptions.at(TestServer.shared().url())
                .user(ClickHouseServer.USER, "not-this-one")
                .build();
        assertInTime(() -> open(options))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining(TestServer.shared().url())
                .hasMessageContaining("check user and password")
                .hasMessageNotContaining("not-this-one");
    }

    @Test
    void saysThatTheHostIsUnknown() {
        assertInTime(() -> open(ClickHouseOptions.at("http://no-such-host.invalid:8123")
                        .connectTimeout(Duration.ofSeconds(2))
                        .build()))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("no-such-host.invalid")
                .hasMessageContaining("check the name of the host");
    }

    @Test
    void saysThatNobodyListens() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertInTime(() -> open(TestServer.options(port, database).build()))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("check that it runs, and the port");
    }

    @Test
    void saysThatItSpeaksTlsToAPlainPort() {
        assertInTime(() -> open(ClickHouseOptions.at(
                                "https://127.0.0.1:" + TestServer.shared().port())
                        .user(ClickHouseServer.USER, ClickHouseServer.PASSWORD)
                        .build()))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("do not agree on TLS");
    }

    @Test
    void saysThatTheUserMayOnlyRead() {
        MarketStore writer = open(options().build());
        writer.appendTrades(List.of(Trade.of("A", T0, 1, 1, 1)));
        writer.close();
        ClickHouseOptions reader = options()
                .user(ClickHouseServer.READER, ClickHouseServer.PASSWORD)
                .build();
        // Settings of a request are refused to it as well, so that it cannot even ask.
        assertInTime(() -> open(reader).appendTrades(List.of(Trade.of("A", T0, 2, 1, 1))))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("does not let this user do so");
    }

    @Test
    void readsForAUserWhoMayOnlyReadAndSaysSoWhenItWrites(@TempDir Path folder) throws Exception {
        Trade trade = Trade.of("A", T0, 1, 1, 1);
        try (MarketStore writer =
                open(options().keepTrades(Duration.ofDays(10_000)).build())) {
            writer.appendTrades(List.of(trade));
        }
        // With readonly=2, as the documents advise: settings of a request are allowed, writes are not.
        try (MarketStore reader = open(options()
                .user(ClickHouseServer.OBSERVER, ClickHouseServer.PASSWORD)
                .build())) {
            assertThat(reader.lastTrade("A")).contains(trade);
            BarRange range = BarRange.of("A", MINUTE, 0, Long.MAX_VALUE, 9);
            assertThat(reader.precomputedBars(range)).hasSize(1).isEqualTo(reader.barsOnDemand(range));
            assertInTime(() -> reader.appendTrades(List.of(Trade.of("A", T0, 2, 1, 1))))
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("does not let this user do so");
            assertThat(reader.tradeCount()).isEqualTo(1);
            try (StoreWriter writer = SpillingWriter.start(reader, folder)) {
                SpillingWriter.assertWaits(writer, trades(10, 1_000));
            }
        }
        // Started again as a user who may write, it brings what waited.
        try (MarketStore store = open(options().build());
                StoreWriter writer = SpillingWriter.start(store, folder)) {
            SpillingWriter.assertArrives(writer);
            assertThat(store.tradeCount()).isEqualTo(991);
        }
    }

    @Test
    void refusesATableOfAnotherShapeAndSaysHow() {
        TestServer.shared().execute("CREATE DATABASE " + database);
        TestServer.shared()
                .execute("CREATE TABLE " + database
                        + ".trades (symbol String, ts DateTime) ENGINE = MergeTree ORDER BY ts");
        assertInTime(() -> open(options().build()))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("has a table trades of another shape")
                .hasMessageContaining("its engine is MergeTree and should be ReplacingMergeTree")
                .hasMessageContaining("column symbol is of type String and should be of type LowCardinality(String)")
                .hasMessageContaining("column price is missing and should be of type Float64");
        assertThat(TestServer.shared().execute("SELECT count() FROM system.tables WHERE database = '" + database + "'"))
                .isEqualTo("1");
    }

    @Test
    void refusesTablesThatWouldMergeOrDropOtherRows() {
        open(options().build()).close();
        String trades = database + ".trades";
        String made = TestServer.shared().execute("SHOW CREATE TABLE " + trades + " FORMAT TSVRaw");
        TestServer.shared().execute("DROP TABLE " + trades);
        TestServer.shared()
                .execute(made.replace("(symbol, ts, seq)", "(symbol, ts)").replace("toYYYYMM(ts)", "toYear(ts)"));
        assertInTime(() -> open(options().build()))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("has a table trades of another shape")
                .hasMessageContaining("its sorting key is 'symbol, ts' and should be 'symbol, ts, seq'")
                .hasMessageContaining("its partition key is 'toYear(ts)' and should be 'toYYYYMM(ts)'");
    }

    @Test
    void refusesANewerSchema() {
        open(options().build()).close();
        TestServer.shared().execute("INSERT INTO " + database + ".tsdash_schema (version) VALUES (99)");
        assertInTime(() -> open(options().build()))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("has schema version 99 but this tsdash knows versions up to 1");
    }

    @Test
    void plansWhatIsMissingAndChangesNothing() {
        Map<String, String> options = Map.of("user", ClickHouseServer.USER, "password", ClickHouseServer.PASSWORD);
        String address = TestServer.shared().url() + "/" + database;

        List<String> plan = Stores.plan("clickhouse", address, options);
        assertThat(plan.get(0)).isEqualTo("CREATE DATABASE IF NOT EXISTS " + database);
        assertThat(plan)
                .anyMatch(statement ->
                        statement.contains("MATERIALIZED VIEW IF NOT EXISTS " + database + ".bars_1d_feed"));
        assertThat(TestServer.shared().execute("SELECT count() FROM system.databases WHERE name = '" + database + "'"))
                .isEqualTo("0");

        // Run by hand, it is all that is needed.
        plan.forEach(TestServer.shared()::execute);
        assertThat(Stores.plan("clickhouse", address, options)).isEmpty();
        try (MarketStore store = Stores.open("clickhouse", address, options, TimeSource.system())) {
            store.appendTrades(List.of(Trade.of("A", T0, 1, 1, 1)));
        }
        TestServer.shared().execute("DROP TABLE " + database + ".bars_1d_feed");
        assertThat(Stores.plan("clickhouse", address, options))
                .singleElement()
                .asString()
                .startsWith("CREATE MATERIALIZED VIEW");
    }

    @Test
    void opensAnEmptyServerFromSeveralNodesAtOnce() throws Exception {
        OpenedAtOnce.check(node -> options().writer("node" + node).build());
    }

    @Test
    void goesOnAfterAServerThatAcceptsAndNeverAnswers() {
        try (MarketStore store = open(behindProxy())) {
            List<Trade> batch = trades(0, 500);
            store.appendTrades(batch.subList(0, 100));
            proxy.beSilent();
            assertInTime(() -> store.appendTrades(batch))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("did not answer in time");
            assertInTime(() -> store.tradeCount()).isInstanceOf(TransientException.class);
            assertThat(store.poolUse()).contains(new PoolUse(0, 64));
            proxy.heal();
            assertOnce(store, batch, 5);
        }
    }

    @Test
    void aCallThatWaitsForAConnectionUsesNone() throws Exception {
        int calls = 66;
        ExecutorService executor = Executors.newFixedThreadPool(calls);
        try (MarketStore store = open(behindProxy())) {
            proxy.beSilent();
            List<Future<Long>> waiting = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                waiting.add(executor.submit(store::tradeCount));
            }
            long begun = System.nanoTime();
            while (!store.poolUse().equals(Optional.of(new PoolUse(64, 64)))) {
                assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(20));
                LockSupport.parkNanos(1_000_000);
            }
            for (Future<Long> call : waiting) {
                assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(TransientException.class);
            }
            assertThat(store.poolUse()).contains(new PoolUse(0, 64));
            proxy.heal();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void goesOnAfterAnAnswerThatWasCut() {
        try (MarketStore store = open(behindProxy())) {
            List<Trade> batch = trades(0, 2_000);
            store.appendTrades(batch.subList(0, 100));
            // The trades arrive, and the word that they did is lost.
            proxy.cutAfterReceiving(0);
            assertInTime(() -> store.appendTrades(batch))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("was cut off");
            proxy.heal();
            assertOnce(store, batch, 5);
        }
    }

    @Test
    void goesOnWhenAFullDiskHasRoomAgain(@TempDir Path folder) throws Exception {
        Path disk = Files.createDirectories(TestServer.folder("small-disk"));
        run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk.toString());
        try (ClickHouseServer server = ClickHouseServer.start(TestServer.folder("clickhouse-full"), disk.toString())) {
            ClickHouseOptions options = TestServer.options(server.port(), database)
                    .storagePolicy("small")
                    .build();
            try (MarketStore store = open(options);
                    StoreWriter writer = SpillingWriter.start(store, folder)) {
                List<Trade> first = trades(0, 1_000);
                store.appendTrades(first);
                Path ballast = disk.resolve("ballast");
                fill(ballast);
                List<Trade> batch = trades(1_000, 21_000);
                assertInTime(() -> store.appendTrades(batch))
                        .isInstanceOf(TransientException.class)
                        .hasMessageContaining("free space on its disk");
                SpillingWriter.assertWaits(writer, batch);
                Files.delete(ballast);
                SpillingWriter.assertArrives(writer);
                assertThat(store.tradeCount()).isEqualTo(21_000);
                assertThat(store.precomputedBars(BarRange.of("A", MINUTE, 0, Long.MAX_VALUE, 10_000)))
                        .isEqualTo(store.barsOnDemand(BarRange.of("A", MINUTE, 0, Long.MAX_VALUE, 10_000)));
            }
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    private static void assertOnce(MarketStore store, List<Trade> batch, int attempts) {
        AppendResult result = null;
        for (int i = 0; result == null; i++) {
            try {
                result = store.appendTrades(batch);
            } catch (TransientException e) {
                // Connections of before may turn up broken once more.
                assertThat(i).isLessThan(attempts);
            }
        }
        assertThat(store.tradeCount()).isEqualTo(batch.size());
        assertThat(store.appendTrades(batch)).isEqualTo(new AppendResult(0, 0, batch.size()));
        BarRange range = BarRange.of("A", MINUTE, 0, Long.MAX_VALUE, 10_000);
        assertThat(store.precomputedBars(range)).isEqualTo(store.barsOnDemand(range));
        assertThat(store.precomputedBars(range).stream()
                        .mapToLong(bar -> bar.tradeCount())
                        .sum())
                .isEqualTo(batch.size());
    }

    private static List<Trade> trades(int from, int to) {
        List<Trade> trades = new ArrayList<>();
        for (int i = from; i < to; i++) {
            trades.add(Trade.of("A", T0 + i * 1_000_000_000L, i, 100 + i * 37 % 101, i % 13));
        }
        return trades;
    }

    private static void fill(Path file) throws IOException {
        byte[] block = new byte[16 * 1024];
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            // it is full
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertInTime(
            ThrowingCallable call) {
        long begun = System.nanoTime();
        var failure = assertThatThrownBy(call);
        assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(20));
        return failure;
    }

    private ClickHouseOptions.Builder options() {
        return TestServer.options(TestServer.shared().port(), database);
    }

    private ClickHouseOptions behindProxy() {
        return TestServer.options(proxy.port(), database)
                .requestTimeout(Duration.ofSeconds(2))
                .build();
    }

    private static MarketStore open(ClickHouseOptions options) {
        return ClickHouseMarketStore.open(options, TimeSource.system());
    }
}
