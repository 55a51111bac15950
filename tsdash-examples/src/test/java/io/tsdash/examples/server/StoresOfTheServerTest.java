package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.ClickHouseServer;
import io.tsdash.engines.PostgresServer;
import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.RecordedData;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.spi.Stores;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class StoresOfTheServerTest {
    private static final int TRADES = 52_984;
    private static final Interval MINUTE = Interval.parse("1m");

    @TempDir
    private Path folder;

    @Test
    void keepsTradesInOneStoreAndBarsInAnother() {
        String bars = folder.resolve("bars.duckdb").toString();
        play(Map.of("store", "duckdb", "bars-store", "duckdb", "bars-store-url", bars));
        try (MarketStore trades = open(folder.resolve("tsdash.duckdb").toString());
                MarketStore kept = open(bars)) {
            assertApart(trades, kept);
        }
    }

    @Test
    void keepsTradesInClickHouseAndBarsInPostgres() throws IOException {
        // PostgreSQL runs as a user of its own, who must get there.
        Path reachable = Files.createTempDirectory(Path.of("target"), "postgres-bars");
        try (ClickHouseServer clickHouse = ClickHouseServer.start(folder.resolve("clickhouse"));
                PostgresServer postgres = PostgresServer.start(reachable.toAbsolutePath())) {
            String url = clickHouse.url() + "/market";
            String barsUrl = "127.0.0.1:" + postgres.port() + "/postgres";
            Map<String, String> login = Map.of("user", ClickHouseServer.USER, "password", ClickHouseServer.PASSWORD);
            Map<String, String> settings = new HashMap<>(Map.of("store", "clickhouse", "store-url", url));
            login.forEach((name, value) -> settings.put("store-" + name, value));
            settings.putAll(
                    Map.of("bars-store", "timescale", "bars-store-url", barsUrl, "bars-store-user", "postgres"));
            play(settings);
            try (MarketStore trades = Stores.open("clickhouse", url, login, TimeSource.system());
                    MarketStore kept =
                            Stores.open("timescale", barsUrl, Map.of("user", "postgres"), TimeSource.system())) {
                assertApart(trades, kept);
            }
        }
    }

    @Test
    void twoStoresOfOneEngineAreToldApart() throws IOException {
        Path reachable = Files.createTempDirectory(Path.of("target"), "postgres-twice");
        try (PostgresServer postgres = PostgresServer.start(reachable.toAbsolutePath())) {
            String url = "127.0.0.1:" + postgres.port() + "/postgres";
            Map<String, String> settings = Map.of(
                    "store", "timescale",
                    "store-url", url,
                    "store-user", "postgres",
                    "bars-store", "timescale",
                    "bars-store-url", url,
                    "bars-store-user", "postgres",
                    "bars-store.schema", "bars",
                    "bars-store.connectionsMax", "3");
            try (ReferenceServer server = replaying(settings)) {
                server.start();
                assertThat(server.store().capabilities().name()).isEqualTo("postgresql+postgresql-bars");
                Eventually.holds(
                        "the sizes of both",
                        Duration.ofSeconds(20),
                        () -> size(server, "postgresql") > 0 && size(server, "postgresql-bars") > 0);
                assertThat(Requests.get(server, "/metrics").body())
                        .contains(
                                "tsdash_store_pool_max{store=\"postgresql\"} 8.0",
                                "tsdash_store_pool_max{store=\"postgresql-bars\"} 3.0",
                                "tsdash_store_pool_used{store=\"postgresql-bars\"}",
                                "tsdash_store_up{store=\"postgresql\"} 1.0",
                                "tsdash_store_up{store=\"postgresql-bars\"} 1.0",
                                "tsdash_bars_waiting{store=\"postgresql-bars\"}")
                        .doesNotContain(
                                "tsdash_bars_waiting{store=\"postgresql\"}",
                                "tsdash_store_rows_total{outcome=\"stored\",store=\"postgresql-bars\"}");
            }
        }
    }

    private static double size(ReferenceServer server, String store) {
        String metric = "tsdash_store_size_bytes{store=\"" + store + "\"} ";
        return Requests.get(server, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(metric))
                .mapToDouble(line -> Double.parseDouble(line.substring(metric.length())))
                .filter(value -> value > 0)
                .sum();
    }

    private void play(Map<String, String> settings) {
        try (ReferenceServer server = replaying(settings)) {
            server.start();
            Eventually.holds("the tape has ended", Duration.ofSeconds(60), server::feedEnded);
            assertThat(server.drain(Duration.ofSeconds(20))).isTrue();
            String symbol = server.store().symbols().get(0);
            Eventually.holds(
                    "questions are routed",
                    Duration.ofSeconds(20),
                    () -> !server.store()
                            .bars(BarRange.of(symbol, MINUTE, 0, Long.MAX_VALUE, 100))
                            .isEmpty());
            assertThat(server.store().barsOnDemand(BarRange.of(symbol, MINUTE, 0, Long.MAX_VALUE, 100)))
                    .isNotEmpty();
        }
    }

    private static void assertApart(MarketStore trades, MarketStore kept) {
        assertThat(trades.tradeCount()).isEqualTo(TRADES);
        assertThat(kept.tradeCount()).isZero();
        String symbol = trades.symbols().get(0);
        BarRange range = BarRange.of(symbol, MINUTE, 0, Long.MAX_VALUE, 100);
        assertThat(trades.bars(range)).isEmpty();
        List<Bar> written = kept.bars(range);
        assertThat(written).hasSizeGreaterThan(4);
        assertThat(trades.barsOnDemand(range)).extracting(Bar::close).startsWith(closes(written));
    }

    @Test
    void anUnknownStoreIsToldWithThoseThatThereAre() {
        Assertions.assertThatThrownBy(() -> replaying(Map.of("store", "oracle")).close())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("store was 'oracle'")
                .hasMessageContaining("clickhouse, duckdb, influx, timescale");
    }

    private ReferenceServer replaying(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("port", "0");
        settings.put("data", folder.toString());
        settings.put("feed", "replay:" + RecordedData.file("binance_tape_20240808.csv.gz"));
        settings.put("speed", "max");
        settings.put("lateness", "60s");
        settings.put("keep-trades", "forever");
        settings.put("orders", "none");
        return new ReferenceServer(ServerSettings.of(settings), TimeSource.system());
    }

    private static MarketStore open(String file) {
        return Stores.open("duckdb", file, Map.of(), TimeSource.system());
    }

    private static Double[] closes(List<Bar> bars) {
        return bars.stream().map(Bar::close).toArray(Double[]::new);
    }
}
