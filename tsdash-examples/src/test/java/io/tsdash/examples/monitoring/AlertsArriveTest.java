package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.RedisServer;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.feeds.LiveVenue;
import io.tsdash.examples.server.ServerProcess;
import io.tsdash.testkit.FaultProxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The reference server under load, watched by a real Prometheus and a real Alertmanager: panels have data, and each
 * fault is told to the right receiver, in its form, and is over once it is healed. {@link QuietHourTest} has the time without a fault.
 */
@Timeout(600)
class AlertsArriveTest {
    private static final int SYMBOLS = 20;
    private static final int TRADES_PER_SECOND = 500;
    /** A relay, traces and Kafka, which have tests of their own, and an alert that fires. */
    private static final Predicate<String> NOT_HERE =
            Pattern.compile("tsdash_relay|dead_letters|spans_lost|^ALERTS").asPredicate();

    private static final List<String> MOVED = List.of(
            "tsdash_bars_total{state=\"closed\"}",
            "tsdash_bars_waiting",
            "tsdash_store_batches_total",
            "tsdash_store_retries_total",
            "tsdash_store_queued",
            "tsdash_store_size_bytes",
            "tsdash_cache_failures_total",
            "tsdash_breaker_state{state=\"open\"}",
            "tsdash_breaker_refused_total",
            "tsdash_message_size_bytes_count{direction=\"out\"}",
            "tsdash_updates_conflated_total",
            "tsdash_log_suppressed_total");
    private static final int MISBEHAVING = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void eachFaultIsToldAndOverOnceItIsHealed() throws IOException {
        try (PostgresServer postgres = PostgresServer.start(reachable("postgres"));
                RedisServer shared = RedisServer.start(folder.resolve("redis"));
                LiveVenue venue = new LiveVenue(SYMBOLS, TRADES_PER_SECOND);
                FaultProxy store = FaultProxy.to("127.0.0.1", postgres.port());
                FaultProxy redis = FaultProxy.to("127.0.0.1", shared.port());
                FaultProxy feed = FaultProxy.to("127.0.0.1", venue.port());
                FaultProxy backfill = FaultProxy.to("127.0.0.1", venue.port());
                ServerProcess server = server(venue, feed, backfill, store, redis);
                Watch watch = new Watch(folder, URI.create(server.address()).getAuthority());
                Visitors visitors = new Visitors(server.address(), venue.symbols())) {
            visitors.comeAndGo();
            Eventually.holds(
                    "Prometheus has scraped prices",
                    PATIENCE,
                    () -> !watch.query("tsdash_keys > 0").isEmpty());
            watch.awaitQuiet(); // what a slow start has raised is over
            wrongClockClientsAndAnEmptyCache(watch, venue, visitors, shared);
            lateTradesAndASlowStore(watch, venue, store);
            feedAndRedisCut(watch, feed, backfill, redis);
            storeCut(watch, store);
            serverHangs(watch, server);
            watch.awaitQuiet();
            watch.everyoneWasTold();
            watch.panelsHaveData(NOT_HERE.negate());
            countsHaveMoved(watch);
        }
    }

    private static void wrongClockClientsAndAnEmptyCache(
            Watch watch, LiveVenue venue, Visitors visitors, RedisServer redis) {
        venue.setClockAhead(Duration.ofSeconds(12));
        venue.sayNonsense();
        visitors.breakTheProtocol();
        for (int i = 0; i < MISBEHAVING; i++) {
            new Thread(visitors::askTooMuch, "misbehaving-" + i).start();
        }
        Eventually.holds("the cache misses", PATIENCE, () -> {
            redis.command("FLUSHALL");
            return watch.firing().contains("TsdashCacheHitsLow");
        });
        watch.awaitTold(
                "TsdashClockSkew",
                "TsdashTradesSetAside",
                "TsdashFeedRefused",
                "TsdashConnectionErrors",
                "TsdashPolicyDisconnects",
                "TsdashCacheHitsLow");
    }

    private static void lateTradesAndASlowStore(Watch watch, LiveVenue venue, FaultProxy store) {
        venue.setClockAhead(Duration.ofSeconds(-6));
        store.delay(Duration.ofSeconds(11));
        watch.awaitFiring("TsdashStreamLagging");
        watch.awaitTold("TsdashStreamLagHigh", "TsdashQuerySlow", "TsdashStorePoolBusy");
        venue.setClockAhead(Duration.ZERO);
        store.heal();
    }

    /** What the market trades meanwhile cannot be had again at first. */
    private static void feedAndRedisCut(Watch watch, FaultProxy feed, FaultProxy backfill, FaultProxy redis) {
        feed.refuse();
        backfill.refuse();
        redis.refuse();
        watch.awaitFiring("TsdashPricesStale");
        watch.awaitTold("TsdashFeedDown", "TsdashRedisDown");
        feed.heal();
        redis.heal();
        watch.awaitTold("TsdashFeedGap");
        backfill.heal();
    }

    private static void storeCut(Watch watch, FaultProxy store) {
        store.refuse();
        watch.awaitFiring("TsdashQueriesFailing", "TsdashRequestErrors");
        watch.awaitTold("TsdashStoreDown");
        store.heal();
    }

    private static void serverHangs(Watch watch, ServerProcess server) {
        server.freeze();
        watch.awaitTold("TsdashDown");
        server.thaw();
    }

    /** Of what no alert asks: a count that stays 0 all the while would be on its panel too. */
    private static void countsHaveMoved(Watch watch) {
        for (String metric : MOVED) {
            assertThat(watch.query("max_over_time(" + metric + "[10m]) > 0"))
                    .as(metric)
                    .isNotEmpty();
        }
    }

    private ServerProcess server(
            LiveVenue venue, FaultProxy feed, FaultProxy backfill, FaultProxy store, FaultProxy redis)
            throws IOException {
        return new ServerProcess(
                folder,
                "--port=0",
                "--data=" + folder.resolve("data"),
                "--store=timescale",
                "--store-url=127.0.0.1:" + store.port() + "/postgres",
                "--store-user=postgres",
                // Longer than the store is slow: else it is down for whoever needs a new connection.
                "--store-option=connectTimeout=60",
                // Two writers of trades and a question: all of them while the store is slow.
                "--store-option=connectionsMax=3",
                "--cache=redis://127.0.0.1:" + redis.port(),
                "--rate-limit=100000/s",
                "--feed=" + venue.feed(),
                "--feed-option=url=ws://127.0.0.1:" + feed.port(),
                "--feed-option=rest=http://127.0.0.1:" + backfill.port(),
                "--feed-option=idleTimeout=2.5",
                "--feed-option=retryMax=1",
                "--feed-option=restPause=0.05",
                "--lateness=60s",
                "--orders=none");
    }

    /** The server runs as another user, who may not look into a temporary folder of this one. */
    private static Path reachable(String name) throws IOException {
        return Files.createTempDirectory(Path.of("target"), name).toAbsolutePath();
    }
}
