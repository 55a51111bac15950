package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.RedisServer;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.feeds.LiveVenue;
import io.tsdash.examples.monitoring.MonitoringFiles.PanelQueries;
import io.tsdash.examples.server.ServerProcess;
import io.tsdash.testkit.FaultProxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The reference server under load, watched by a real Prometheus and a real Alertmanager: panels have data, quiet raises
 * nothing, and each fault is told to the right receiver, in its form, and is over once it is healed.
 */
@Timeout(300)
class AlertsArriveTest {
    private static final int SYMBOLS = 20;
    private static final int TRADES_PER_SECOND = 500;
    private static final int QUIET_SECONDS = 8;
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
                    "Prometheus has scraped for a while",
                    PATIENCE,
                    () -> !watch.query("tsdash_keys > 0 and tsdash_keys offset " + QUIET_SECONDS + "s > 0")
                            .isEmpty());
            quietRaisesNothing(watch);
            panelsHaveData(watch);
        }
    }

    private void quietRaisesNothing(Watch watch) throws IOException {
        assertThat(watch.firing()).isEmpty();
        QuietHour hour = new QuietHour(watch, QUIET_SECONDS, Path.of("target", "quiet-hour"));
        System.out.println(hour.size() + " series, none of " + hour.missing());
        assertThat(hour.live("", "")).returns(0, MonitoringFiles.Tool::exit);
        assertThat(hour.live("tsdash_feed_up", "0x240")).returns(1, MonitoringFiles.Tool::exit);
    }

    private static void panelsHaveData(Watch watch) {
        List<String> empty = new ArrayList<>();
        for (Path file : MonitoringFiles.dashboards()) {
            for (PanelQueries panel : MonitoringFiles.panels(file)) {
                for (String expression : panel.expressions()) {
                    if (watch.query(MonitoringFiles.filledIn(expression, "5s", "10s"))
                            .isEmpty()) {
                        empty.add(panel.title() + ": " + expression);
                    }
                }
            }
        }
        empty.forEach(System.out::println);
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
