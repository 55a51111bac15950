package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.RedisServer;
import io.tsdash.examples.Eventually;
import io.tsdash.source.ConnectionState;
import io.tsdash.time.TimeSource;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server says of its health while its feed comes and goes. */
@Timeout(120)
class FeedHealthTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String UP = "{\"status\":\"UP\",";

    @TempDir
    private Path folder;

    @Test
    void isDegradedAndReadyUntilTheFeedIsLive() throws Exception {
        HandFeed feed = new HandFeed();
        try (ReferenceServer server = server("a", feed, Map.of())) {
            assertThat(Requests.get(server, "/health").body()).contains(degraded("CONNECTING: not started"));
            server.start();
            feed.listener().onState(ConnectionState.LIVE, "");
            assertThat(Requests.get(server, "/health").body()).startsWith(UP);

            feed.listener().onState(ConnectionState.DOWN, "cut off");
            HttpResponse<String> health = Requests.get(server, "/health");
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.body()).startsWith("{\"status\":\"DEGRADED\",").contains(degraded("DOWN: cut off"));
            assertThat(Requests.get(server, "/health/ready").statusCode()).isEqualTo(200);

            feed.listener().onState(ConnectionState.CONNECTING, "tries again");
            assertThat(Requests.get(server, "/health").body()).contains(degraded("CONNECTING: tries again"));
            feed.listener().onState(ConnectionState.LIVE, "");
            assertThat(Requests.get(server, "/health").body()).startsWith(UP);
            feed.listener().onState(ConnectionState.ENDED, "all is delivered");
            assertThat(Requests.get(server, "/health").body()).startsWith(UP);
        }
    }

    @Test
    void overARelayTheFeedIsTheLeaders() throws Exception {
        HandFeed leading = new HandFeed();
        HandFeed standby = new HandFeed();
        Path reachable = Files.createTempDirectory(Path.of("target"), "postgres-health");
        try (PostgresServer postgres = PostgresServer.start(reachable.toAbsolutePath());
                RedisServer redis = RedisServer.start(folder.resolve("redis"));
                ReferenceServer leader = server("a", leading, relay(redis, postgres, "a"))) {
            leader.start();
            leading.listener().onState(ConnectionState.LIVE, "");
            Eventually.holds("it leads", PATIENCE, () -> leader.events().containsKey("relay-leads"));
            Eventually.holds(
                    "all is well",
                    PATIENCE,
                    () -> Requests.get(leader, "/health").body().startsWith(UP));
            try (ReferenceServer follower = server("b", standby, relay(redis, postgres, "b"))) {
                follower.start();
                Eventually.holds(
                        "the other waits for its feed",
                        PATIENCE,
                        () -> Requests.get(follower, "/health/ready").body().contains("the feed is not connected yet"));
                standby.listener().onState(ConnectionState.LIVE, "");
                Eventually.holds(
                        "the other is ready",
                        PATIENCE,
                        () -> Requests.get(follower, "/health/ready").statusCode() == 200);
                standby.listener().onState(ConnectionState.DOWN, "cut off");
                leading.listener().onState(ConnectionState.DOWN, "cut off");
                assertThat(Requests.get(leader, "/health").body()).contains(degraded("DOWN: cut off"));
                assertThat(Requests.get(leader, "/health/ready").statusCode()).isEqualTo(200);
                assertThat(Requests.get(follower, "/health").body()).startsWith(UP);
            }
            leading.listener().onState(ConnectionState.LIVE, "");
            assertThat(Requests.get(leader, "/health").body()).startsWith(UP);
        }
    }

    private static Map<String, String> relay(RedisServer redis, PostgresServer postgres, String node) {
        return Map.of(
                "relay",
                redis.address(),
                "relay-node",
                node,
                "store",
                "timescale",
                "store-url",
                "127.0.0.1:" + postgres.port() + "/postgres",
                "store-user",
                "postgres");
    }

    private static String degraded(String why) {
        return "\"feed\":{\"status\":\"DEGRADED\",\"reason\":\"feed by hand is " + why + "\"}";
    }

    private ReferenceServer server(String name, HandFeed feed, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "port", "0", "data", folder.resolve(name).toString(), "feed", "none", "orders", "none", "drain", "0s"));
        settings.putAll(more);
        return new ReferenceServer(ServerSettings.of(settings), feed, TimeSource.system());
    }
}
