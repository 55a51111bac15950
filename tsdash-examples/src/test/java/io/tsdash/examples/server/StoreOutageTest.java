package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.ClickHouseServer;
import io.tsdash.engines.InfluxServer;
import io.tsdash.engines.TimescaleServer;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.RecordedData;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The reference server on each of the real engines, which is killed while a tape plays and comes back later. */
@Timeout(300)
class StoreOutageTest {
    private static final int TRADES = 52_984;
    private static final Interval MINUTE = Interval.parse("1m");

    @TempDir
    private Path folder;

    @Test
    void loadsEverythingIntoClickHouseAlthoughItIsKilledOnTheWay() {
        try (ClickHouseServer engine = ClickHouseServer.start(folder.resolve("engine"))) {
            plays(
                    Map.of(
                            "store",
                            "clickhouse",
                            "store-url",
                            engine.url() + "/market",
                            "store-user",
                            ClickHouseServer.USER,
                            "store-password",
                            ClickHouseServer.PASSWORD),
                    engine::kill,
                    engine::restart);
        }
    }

    @Test
    void loadsEverythingIntoTimescaleAlthoughItIsKilledOnTheWay() {
        try (TimescaleServer engine = TimescaleServer.start(folder.resolve("engine"))) {
            plays(
                    Map.of(
                            "store", "timescale",
                            "store-url", "127.0.0.1:" + engine.port() + "/postgres",
                            "store-user", "postgres"),
                    engine::kill,
                    engine::restart);
        }
    }

    @Test
    void loadsEverythingIntoInfluxAlthoughItIsKilledOnTheWay() {
        try (InfluxServer engine = InfluxServer.start(folder.resolve("engine"))) {
            plays(Map.of("store", "influx", "store-url", engine.address() + "/market"), engine::kill, engine::restart);
        }
    }

    private void plays(Map<String, String> store, Runnable kill, Runnable restart) {
        Map<String, String> settings = new HashMap<>(store);
        settings.put("port", "0");
        settings.put("data", folder.resolve("data").toString());
        settings.put("feed", "replay:" + RecordedData.file("binance_tape_20240808.csv.gz"));
        settings.put("speed", "60");
        settings.put("lateness", "60s");
        settings.put("keep-trades", "forever");
        settings.put("orders", "none");
        try (ReferenceServer server = new ReferenceServer(ServerSettings.of(settings), TimeSource.system())) {
            server.start();
            Eventually.holds(
                    "some trades are stored",
                    Duration.ofSeconds(60),
                    () -> server.counts().stored() > 5_000);
            kill.run();
            Eventually.holds(
                    "trades wait on disk",
                    Duration.ofSeconds(60),
                    () -> server.counts().onDisk() > 1_000);
            assertThat(server.events()).containsKey("store-spilled");
            restart.run();
            Eventually.holds(
                    "all is in the store",
                    Duration.ofMinutes(2),
                    () -> server.feedEnded()
                            && server.counts().onDisk() == 0
                            && server.counts().stored() >= TRADES);
            assertThat(server.drain(Duration.ofSeconds(30))).isTrue();
            assertThat(server.counts().notStored()).isZero();
            assertThat(server.counts().setAside()).isZero();

            MarketStore kept = server.store();
            assertThat(kept.tradeCount()).isEqualTo(TRADES);
            kept.refreshBars();
            long trades = 0;
            for (String symbol : kept.symbols()) {
                BarRange range = BarRange.of(symbol, MINUTE, 0, Long.MAX_VALUE, 1_000);
                assertThat(kept.precomputedBars(range).stream().map(StoreOutageTest::withoutSums))
                        .containsExactlyElementsOf(kept.barsOnDemand(range).stream()
                                .map(StoreOutageTest::withoutSums)
                                .toList());
                trades += kept.precomputedBars(range).stream()
                        .mapToLong(bar -> bar.tradeCount())
                        .sum();
            }
            assertThat(trades).isEqualTo(TRADES);
        }
    }

    /** What is the same to the bit whatever the order of the sums. */
    private static List<Object> withoutSums(Bar bar) {
        return List.of(
                bar.openTimeNanos(),
                bar.open(),
                bar.high(),
                bar.low(),
                bar.close(),
                bar.tradeCount(),
                bar.firstEventNanos(),
                bar.lastEventNanos());
    }
}
