package io.tsdash.influx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.InfluxServer;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import io.tsdash.store.writer.StoreWriter;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.SpillingWriter;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong with a real InfluxDB 1.x ends in the stated exception, in time, and loses nothing. */
@Timeout(120)
final class InfluxFailureTest {
    private static final long T0 = 1_772_463_600_000_000_000L;
    private static final Duration SHORT = Duration.ofSeconds(2);

    @Test
    void saysThatThePasswordIsWrong() {
        try (InfluxServer server = withUsers()) {
            assertRefused(() -> open(server.address(), "tsdash", "admin", "wrong"), "does not take these credentials")
                    .hasMessageNotContaining("wrong");
            assertRefused(() -> open(server.address(), "tsdash", "", ""), "does not take these credentials");
            try (MarketStore store = open(server.address(), "tsdash", "admin", "secret")) {
                assertThat(store.appendTrades(trades(0, 3))).isEqualTo(new AppendResult(3, 0, 0));
            }
        }
    }

    @Test
    void saysThatAUserMayOnlyRead(@TempDir Path folder) throws Exception {
        try (InfluxServer server = withUsers()) {
            try (MarketStore store = open(server.address(), "tsdash", "admin", "secret")) {
                store.appendTrades(trades(0, 3));
            }
            admin(server, "CREATE USER reader WITH PASSWORD 'reads'");
            admin(server, "GRANT READ ON tsdash TO reader");
            try (MarketStore store = open(server.address(), "tsdash", "reader", "reads");
                    StoreWriter writer = SpillingWriter.start(store, folder)) {
                assertThat(store.tradeCount()).isEqualTo(3);
                assertThat(store.storedBytes().orElseThrow()).isPositive();
                assertRefused(() -> store.appendTrades(trades(3, 5)), "does not allow this user");
                assertThat(store.tradeCount()).isEqualTo(3);
                SpillingWriter.assertWaits(writer, trades(3, 1_000));
                admin(server, "GRANT ALL ON tsdash TO reader");
                SpillingWriter.assertArrives(writer);
                assertThat(store.tradeCount()).isEqualTo(1_000);
                admin(server, "GRANT READ ON tsdash TO reader");
            }
            assertRefused(() -> open(server.address(), "other", "reader", "reads"), "does not allow this user");
        }
    }

    @Test
    void tellsNoSizeWhereStatisticsAreForAdministrators() {
        try (DocumentedServer server = new DocumentedServer()
                .on("GET /ping", "", 204, "v1.8.10")
                .on("GET /debug/vars", "", 401, "{\"error\":\"unable to parse authentication credentials\"}")
                .on("POST /query", "", 200, "{\"results\":[{\"statement_id\":0}]}")
                .on("POST /write", "", 204, "")) {
            try (MarketStore store = open(server.address(), "tsdash", "", "")) {
                assertThat(store.storedBytes()).isEmpty();
            }
        }
    }

    @Test
    void tellsTheSizeOfItsOwnDatabase() {
        try (MarketStore small = open(TestServers.shared().address(), TestServers.newDatabase(), "", "");
                MarketStore large = open(TestServers.shared().address(), TestServers.newDatabase(), "", "")) {
            small.appendTrades(trades(0, 3));
            long before = small.storedBytes().orElseThrow();
            large.appendTrades(trades(0, 5_000));
            assertThat(small.storedBytes().orElseThrow()).isEqualTo(before);
            assertThat(large.storedBytes().orElseThrow()).isGreaterThan(before + 5_000 * 10);
        }
    }

    @Test
    void saysThatTheServerCannotBeFound() {
        assertPasses(() -> open(URI.create("http://no-such-host.invalid:8086"), "a", "", ""), "host name");
        assertPasses(() -> open(URI.create("http://127.0.0.1:1"), "a", "", ""), "could not be connected to");
    }

    @Test
    void saysThatOneSideSpeaksTlsOnly() throws Exception {
        URI plain = TestServers.shared().address();
        assertRefused(
                () -> open(URI.create("https://127.0.0.1:" + plain.getPort()), "a", "", ""),
                "could not be spoken to over TLS");
        Path folder = Files.createDirectories(TestServers.folder());
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=127.0.0.1",
                        "-keyout",
                        folder.resolve("key.pem").toString(),
                        "-out",
                        folder.resolve("cert.pem").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        assertThat(openssl.waitFor()).isZero();
        Map<String, String> tls = Map.of(
                "https-enabled", "true",
                "https-certificate", "\"" + folder.resolve("cert.pem") + "\"",
                "https-private-key", "\"" + folder.resolve("key.pem") + "\"");
        try (InfluxServer server = InfluxServer.start(folder, tls)) {
            assertRefused(() -> open(server.address(), "a", "", ""), "trust its certificate");
            assertRefused(
                    () -> open(URI.create("http://127.0.0.1:" + server.port()), "a", "", ""), "begins with https");
        }
    }

    @Test
    void refusesMeasurementsOfAnotherShape() {
        String database = TestServers.newDatabase();
        query("CREATE DATABASE " + database);
        query("CREATE RETENTION POLICY tsdash_trades ON " + database + " DURATION INF REPLICATION 1");
        query("CREATE RETENTION POLICY tsdash_bars ON " + database + " DURATION INF REPLICATION 1");
        write(database, "tsdash_trades", "trade,symbol=A price=\"much\" 1");
        assertRefused(() -> open(database), "field price is string but it must be float");

        String unversioned = TestServers.newDatabase();
        open(unversioned).close();
        write(unversioned, "tsdash_trades", "trade,symbol=A price=1 1");
        query("DROP MEASUREMENT tsdash_schema", unversioned);
        assertRefused(() -> open(unversioned), "not its version");
    }

    @Test
    void refusesANewerSchema() {
        String database = TestServers.newDatabase();
        open(database).close();
        write(database, "tsdash_bars", "tsdash_schema version=2i 0");
        assertRefused(() -> open(database), "schema in version 2 but this tsdash knows versions up to 1");
    }

    @Test
    void plansWhatOpeningThenMakes() {
        String database = TestServers.newDatabase();
        InfluxOptions options = InfluxOptions.at(TestServers.shared().address())
                .database(database)
                .build();
        List<String> plan = InfluxMarketStore.plan(options);
        assertThat(plan)
                .contains(
                        "CREATE DATABASE \"" + database + "\"",
                        "CREATE RETENTION POLICY \"tsdash_trades\" ON \"" + database + "\" DURATION INF REPLICATION 1")
                .last()
                .isEqualTo("INSERT tsdash_schema version=1i 0");
        assertThat(InfluxMarketStore.plan(options)).isEqualTo(plan);
        open(database).close();
        assertThat(InfluxMarketStore.plan(options)).isEmpty();
        List<String> longer =
                InfluxMarketStore.plan(InfluxOptions.at(TestServers.shared().address())
                        .database(database)
                        .tradeRetention(Duration.ofDays(7))
                        .build());
        assertThat(longer)
                .containsExactly("ALTER RETENTION POLICY \"tsdash_trades\" ON \"" + database + "\" DURATION 604800s"
                        + " SHARD DURATION 0s");
    }

    @Test
    void opensOnAnEmptyServerFromSeveralThreadsAtOnce() throws Exception {
        String database = TestServers.newDatabase();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            CountDownLatch start = new CountDownLatch(4);
            List<Future<MarketStore>> opening = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                opening.add(threads.submit(() -> {
                    start.countDown();
                    start.await();
                    return open(database);
                }));
            }
            int symbol = 0;
            for (Future<MarketStore> each : opening) {
                try (MarketStore store = each.get(60, TimeUnit.SECONDS)) {
                    assertThat(store.appendTrades(List.of(Trade.of("S" + symbol++, T0, 1, 1, 1))))
                            .isEqualTo(new AppendResult(1, 0, 0));
                }
            }
            try (MarketStore store = open(database)) {
                assertThat(store.symbols()).containsExactly("S0", "S1", "S2", "S3");
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void endsInTimeWhenTheServerNeverAnswersAndWritesOnceAfterThat() {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", TestServers.shared().port())) {
            InfluxOptions options = InfluxOptions.at(URI.create("http://127.0.0.1:" + proxy.port()))
                    .database(TestServers.newDatabase())
                    .requestTimeout(SHORT)
                    .build();
            try (MarketStore store = InfluxMarketStore.open(options, TimeSource.system())) {
                store.appendTrades(trades(0, 10));
                proxy.beSilent();
                long start = System.nanoTime();
                assertPasses(() -> store.appendTrades(trades(5, 20)), "within PT2S");
                assertPasses(() -> store.lastTrade("A"), "within PT2S");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
                assertPasses(() -> InfluxMarketStore.open(options, TimeSource.system()), "within PT2S");
                proxy.refuse(); // ends the connections that are stuck
                proxy.heal();
                assertThat(store.appendTrades(trades(5, 20))).isEqualTo(new AppendResult(10, 0, 5));
                assertThat(all(store)).isEqualTo(trades(0, 20));
            }
        }
    }

    @Test
    void endsInTimeWhenAnAnswerStopsHalfWay() {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", TestServers.shared().port())) {
            InfluxOptions options = InfluxOptions.at(URI.create("http://127.0.0.1:" + proxy.port()))
                    .database(TestServers.newDatabase())
                    .requestTimeout(SHORT)
                    .build();
            try (MarketStore store = InfluxMarketStore.open(options, TimeSource.system())) {
                store.appendTrades(trades(0, 1_000));
                proxy.cutAfterReceiving(5_000);
                assertPasses(() -> all(store), "broke the connection");
                proxy.heal();
                assertThat(all(store)).isEqualTo(trades(0, 1_000));
            }
        }
    }

    @Test
    void writesOnceAfterTheDiskWasFull(@TempDir Path folder) throws Exception {
        try (InfluxServer server = InfluxServer.startOnSmallDisk(TestServers.folder(), 24)) {
            try (MarketStore store = open(server.address(), "small", "", "");
                    StoreWriter writer = SpillingWriter.start(store, folder)) {
                store.appendTrades(trades(0, 1_000));
                Path ballast = server.data().resolve("ballast");
                fill(ballast);
                int from = 1_000;
                TsdashException full = null;
                while (full == null && from < 500_000) {
                    try {
                        store.appendTrades(trades(from, from + 2_000));
                        from += 2_000;
                    } catch (TsdashException e) {
                        full = e;
                    }
                }
                assertThat(full)
                        .isInstanceOf(TransientException.class)
                        .hasMessageContaining("free some on its disk and restart it");
                SpillingWriter.assertWaits(writer, trades(from, from + 2_000));
                Files.delete(ballast);
                server.kill();
                server.restart();
                SpillingWriter.assertArrives(writer);
                assertThat(all(store)).isEqualTo(trades(0, from + 2_000));
            }
        }
    }

    @Test
    void splitsWhatIsTooLargeForTheServer() {
        try (InfluxServer server = InfluxServer.start(TestServers.folder(), Map.of("max-body-size", "20000"))) {
            try (MarketStore store = open(server.address(), "small", "", "")) {
                assertThat(store.appendTrades(trades(0, 5_000))).isEqualTo(new AppendResult(5_000, 0, 0));
                assertThat(all(store)).isEqualTo(trades(0, 5_000));
            }
        }
    }

    @Test
    void saysThatTheServerIsBusyAndWritesOnceAfterThat() throws Exception {
        Map<String, String> narrow = Map.of(
                "max-concurrent-write-limit",
                "1",
                "max-enqueued-write-limit",
                "1",
                "enqueued-write-timeout",
                "\"10ms\"");
        try (InfluxServer server = InfluxServer.start(TestServers.folder(), narrow)) {
            try (MarketStore store = open(server.address(), "busy", "", "")) {
                ExecutorService threads = Executors.newFixedThreadPool(8);
                try {
                    List<Future<Integer>> writing = new ArrayList<>();
                    for (int i = 0; i < 8; i++) {
                        String symbol = "S" + i;
                        writing.add(threads.submit(() -> {
                            int refused = 0;
                            for (int from = 0; from < 20; from++) {
                                while (!appended(store, symbol, from * 500)) {
                                    refused++;
                                }
                            }
                            return refused;
                        }));
                    }
                    int refused = 0;
                    for (Future<Integer> each : writing) {
                        refused += each.get(100, TimeUnit.SECONDS);
                    }
                    assertThat(refused).isPositive();
                    assertThat(store.tradeCount()).isEqualTo(80_000);
                } finally {
                    threads.shutdownNow();
                }
            }
        }
    }

    @Test
    void handsBackWhatTheServerRefusesAndWritesTheRest() {
        String database = TestServers.newDatabase();
        InfluxOptions options = InfluxOptions.at(TestServers.shared().address())
                .database(database)
                .tradeRetention(Duration.ofDays(1))
                .build();
        long now = TimeSource.system().epochNanos();
        Trade old = Trade.of("A", T0, 7, 1, 1);
        Trade young = Trade.of("A", now, 8, 1, 1);
        Trade other = Trade.of("B", now, 9, 1, 1);
        try (MarketStore store = InfluxMarketStore.open(options, TimeSource.system())) {
            assertRefused(
                            () -> store.appendTrades(List.of(old, young, other)),
                            "refused 1 of 3 trades: (A, " + T0 + ", 7)")
                    .hasMessageContaining("beyond retention policy");
            assertThat(store.tradeCount()).isEqualTo(2);
            assertThat(store.appendTrades(List.of(young, other))).isEqualTo(new AppendResult(0, 0, 2));
        }
    }

    @Test
    void namesTheTradeThatIsTheThousandAndFirstOfAMicrosecond() {
        try (MarketStore store = open(TestServers.newDatabase())) {
            List<Trade> crowd = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                crowd.add(Trade.of("A", T0 + i, 2L * i, 1 + i, 1));
            }
            assertThat(store.appendTrades(crowd.subList(0, 600))).isEqualTo(new AppendResult(600, 0, 0));
            assertThat(store.appendTrades(crowd)).isEqualTo(new AppendResult(400, 0, 600));
            assertThat(all(store)).isEqualTo(crowd);
            assertRefused(() -> store.appendTrades(List.of(Trade.of("A", T0 + 5, 1, 1, 1))), "(A, " + (T0 + 5) + ", 1)")
                    .hasMessageContaining("1000 trades of a symbol in one microsecond");
            assertRefused(() -> store.appendTrades(List.of(Trade.of("A", T0 + 999, 9_999, 1, 1))), "9999");
            assertThat(all(store)).isEqualTo(crowd);
            assertThat(store.appendTrades(List.of(Trade.of("A", T0 + 1_000, 1, 1, 1))))
                    .isEqualTo(new AppendResult(1, 0, 0));
        }
    }

    @Test
    void setsAsideTradesThatItCannotKeepAlsoWhenEachComesAlone(@TempDir Path folder) throws Exception {
        InfluxOptions options = InfluxOptions.at(TestServers.shared().address())
                .database(TestServers.newDatabase())
                .tradeRetention(Duration.ofDays(1))
                .build();
        long now = TimeSource.system().epochNanos() / 1_000 * 1_000;
        List<Trade> crowd = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            crowd.add(Trade.of("A", now, i, 1, 1));
        }
        List<Trade> poison = List.of(
                Trade.of("A", now, 1_000, 1, 1), // the slots of its microsecond are taken
                Trade.of("A", T0, 1, 1, 1), // beyond retention
                Trade.of("B", now, 1, 1e200, 1e200), // beyond what can be summed up
                Trade.of("B", Long.MAX_VALUE, 1, 1, 1)); // beyond the last microsecond
        try (MarketStore store = InfluxMarketStore.open(options, TimeSource.system())) {
            store.appendTrades(crowd);
            poison.forEach(trade -> assertThatThrownBy(() -> store.appendTrades(List.of(trade)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(
                            "(" + trade.symbol() + ", " + trade.eventTimeNanos() + ", " + trade.sequence() + ")"));
            try (StoreWriter writer = StoreWriter.to(store)
                    .batch(1)
                    .age(Duration.ZERO)
                    .spill(folder, 1 << 20)
                    .start()) {
                writer.write(poison);
                writer.write(List.of(Trade.of("C", now, 1, 1, 1)));
                assertThat(writer.flush(Duration.ofSeconds(30))).isTrue();
                assertThat(writer.counts().setAside()).isEqualTo(poison.size());
                assertThat(writer.counts().onDisk()).isZero();
                assertThat(writer.problem()).isEmpty();
            }
            assertThat(store.symbols()).containsExactly("A", "C");
        }
    }

    @Test
    void aFieldThatSomebodyMadeOfAnotherTypeIsNotTheTradesFault() {
        String database = TestServers.newDatabase();
        try (MarketStore store = open(database)) {
            write(database, "tsdash_trades", "trade,symbol=Z price=\"much\" " + T0);
            assertRefused(() -> store.appendTrades(trades(0, 1)), "refused 1 of 1 trades")
                    .isNotInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("field type conflict");
        }
    }

    @Test
    void readsWholeAnswersThroughAServerThatLimitsRows() {
        try (InfluxServer server = InfluxServer.start(TestServers.folder(), Map.of("max-row-limit", "100"))) {
            try (MarketStore store = open(server.address(), "rows", "", "")) {
                store.appendTrades(trades(0, 5_000));
                assertThat(store.appendTrades(trades(0, 5_000))).isEqualTo(new AppendResult(0, 0, 5_000));
                assertThat(all(store)).isEqualTo(trades(0, 5_000));
            }
        }
    }

    @Test
    void keepsWhatIsBehindADeletionWithinAMicrosecond() {
        try (MarketStore store = open(TestServers.newDatabase())) {
            store.appendTrades(List.of(
                    Trade.of("A", T0 + 1, 1, 1, 1),
                    Trade.of("A", T0 + 2, 2, 2, 1),
                    Trade.of("B", T0 + 1, 3, 3, 1),
                    Trade.of("A", T0 + 3, 4, 4, 1)));
            assertThat(store.deleteTradesBefore(T0 + 2)).isEqualTo(2);
            assertThat(all(store)).extracting(Trade::sequence).containsExactly(2L, 4L);
            assertThat(store.symbols()).containsExactly("A");
        }
    }

    private static boolean appended(MarketStore store, String symbol, int from) {
        List<Trade> trades = new ArrayList<>();
        for (int i = from; i < from + 500; i++) {
            trades.add(Trade.of(symbol, T0 + i * 1_000_000L, i, 1, 1));
        }
        try {
            store.appendTrades(trades);
            return true;
        } catch (TransientException e) {
            assertThat(e).hasMessageContaining("503");
            return false;
        }
    }

    private static void fill(Path file) throws IOException {
        byte[] block = new byte[64 * 1024];
        try (var out = Files.newOutputStream(file)) {
            for (int i = 0; i < 10_000; i++) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private static InfluxServer withUsers() {
        InfluxServer server = InfluxServer.start(TestServers.folder(), Map.of("auth-enabled", "true"));
        admin(server, "CREATE USER admin WITH PASSWORD 'secret' WITH ALL PRIVILEGES");
        return server;
    }

    private static void admin(InfluxServer server, String statement) {
        send(server.address() + "/query?q=" + encoded(statement), "", "admin:secret");
    }

    private static void query(String statement) {
        query(statement, "");
    }

    private static void query(String statement, String database) {
        send(TestServers.shared().address() + "/query?db=" + database + "&q=" + encoded(statement), "", "");
    }

    private static void write(String database, String policy, String line) {
        TestServers.write(database, policy, line);
    }

    private static void send(String address, String body, String credentials) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address))
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!credentials.isEmpty()) {
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
        }
        try {
            HttpResponse<String> response =
                    HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isBetween(200, 204);
            assertThat(response.body()).doesNotContain("\"error\"");
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static MarketStore open(String database) {
        return open(TestServers.shared().address(), database, "", "");
    }

    private static MarketStore open(URI address, String database, String user, String password) {
        return InfluxMarketStore.open(
                InfluxOptions.at(address)
                        .database(database)
                        .credentials(user, password)
                        .build(),
                TimeSource.system());
    }

    private static List<Trade> trades(int from, int to) {
        List<Trade> trades = new ArrayList<>();
        for (int i = from; i < to; i++) {
            trades.add(Trade.of("A", T0 + i * 1_000_000L, i, 100 + i % 10, 1 + i % 3));
        }
        return trades;
    }

    private static List<Trade> all(MarketStore store) {
        List<Trade> trades = new ArrayList<>();
        store.trades(TradeRange.of("A", 0, Long.MAX_VALUE, Long.MAX_VALUE), trades::add);
        return trades;
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(ThrowingCallable call, String part) {
        return assertInTime(call)
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("store")
                .hasMessageContaining(part);
    }

    private static void assertPasses(ThrowingCallable call, String part) {
        assertInTime(call)
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("store 'http://")
                .hasMessageContaining(part);
    }

    /** Sooner than the time that a connection may take, as tests leave it. */
    private static AbstractThrowableAssert<?, ? extends Throwable> assertInTime(ThrowingCallable call) {
        long start = System.nanoTime();
        var failure = assertThatThrownBy(call);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        return failure;
    }
}
