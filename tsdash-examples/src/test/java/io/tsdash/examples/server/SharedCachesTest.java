package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.RedisServer;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TransientException;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.feeds.LiveVenue;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two reference servers with one Redis between them. */
@Timeout(120)
class SharedCachesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    private static RedisServer redis;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start(shared);
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @Test
    void whatOneServerKnowsTheOtherAnswersMarkedAsOld() {
        try (LiveVenue venue = new LiveVenue(2, 100);
                ReferenceServer first = server(
                        "a",
                        Map.of(
                                "feed", venue.feed(),
                                "feed.url", "ws://" + venue.address(),
                                "feed.rest", "http://" + venue.address()));
                ReferenceServer second = server("b", Map.of("feed", "none"))) {
            Eventually.holds(
                    "the first has a live price",
                    PATIENCE,
                    () -> get(first, "/latest?symbol=S0-USD").body().contains("\"source\":\"live\""));
            Eventually.holds(
                    "the second has it from the cache, not: "
                            + get(second, "/latest?symbol=S0-USD").body(),
                    PATIENCE,
                    () -> get(second, "/latest?symbol=S0-USD").body().contains("\"source\":\"cache\""));
            assertThat(get(second, "/latest?symbol=S0-USD").body())
                    .contains("\"stale\":true")
                    .containsPattern("\"ageMillis\":\\d+");
            assertThat(get(second, "/metrics").body())
                    .containsPattern(
                            "\ntsdash_cache_requests_total\\{cache=\"last-price\",result=\"(hit|stale)\"} [1-9]");
        }
    }

    /** It comes once and no other after it: what was given up must be shared when Redis is back. */
    @Test
    void aPriceOfTheTimeThatRedisWasAwayIsSharedAfterwards() throws Exception {
        HandFeed feed = new HandFeed();
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", redis.port());
                ReferenceServer first = server(
                        "a",
                        Map.of("feed", "none", "bus-quiet", "1m", "cache", "redis://127.0.0.1:" + proxy.port()),
                        feed);
                ReferenceServer second = server("b", Map.of("feed", "none"))) {
            feed.listener().onState(ConnectionState.LIVE, "");
            feed.listener().onTrade(trade(1, 150));
            Eventually.holds(
                    "the price is shared", PATIENCE, () -> latest(second).contains("\"price\":150"));
            proxy.refuse();
            feed.listener().onTrade(trade(2, 151));
            Eventually.holds(
                    "it is given up, and told", PATIENCE, () -> first.events().containsKey("cache-behind-lost"));
            assertThat(latest(first)).contains("\"price\":151", "\"source\":\"live\"");
            assertThat(get(first, "/metrics").body())
                    .containsPattern("\ntsdash_cache_behind_waiting\\{cache=\"last-price\",place=\"memory\"} [01].0\n");
            proxy.heal();
            Eventually.holds(
                    "the price is shared, not " + latest(second),
                    Duration.ofSeconds(5),
                    () -> latest(second).contains("\"price\":151"));
        }
    }

    @Test
    void aUsersWatchListIsOnEachServer() {
        try (ReferenceServer first = server("a", Map.of("feed", "none"));
                ReferenceServer second = server("b", Map.of("feed", "none"))) {
            assertThat(put(first, "/user/watchlist", "{\"symbols\":[\"AAPL\"]}").statusCode())
                    .isEqualTo(204);
            assertThat(get(second, "/user/watchlist").body()).isEqualTo("{\"symbols\":[\"AAPL\"]}");
            assertThat(get(second, "/metrics").body())
                    .contains("\ntsdash_redis_up 1.0\n")
                    .contains("\ntsdash_cache_requests_total{cache=\"user-data\",result=\"hit\"} 1.0\n")
                    .contains("\ntsdash_cache_requests_total{cache=\"user-data\",result=\"miss\"} 0.0\n");
            put(second, "/user/watchlist", "{\"symbols\":[\"MSFT\"]}");
            Eventually.holds(
                    "the first hears of the change",
                    PATIENCE,
                    () -> get(first, "/user/watchlist").body().equals("{\"symbols\":[\"MSFT\"]}"));
        }
    }

    @Test
    void whileRedisIsAwayAWatchListIsReadFromACopyAndCannotBeChanged() {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", redis.port());
                ReferenceServer server =
                        server("a", Map.of("feed", "none", "cache", "redis://127.0.0.1:" + proxy.port()))) {
            Eventually.holds( // the first command may take longer than it may where all is new
                    "it is saved",
                    PATIENCE,
                    () -> put(server, "/user/watchlist", "[\"AAPL\"]").statusCode() == 204);
            proxy.refuse();
            assertThat(get(server, "/user/watchlist").body()).isEqualTo("[\"AAPL\"]");
            assertThat(put(server, "/user/watchlist", "[\"MSFT\"]").statusCode())
                    .isEqualTo(503);
            assertThat(get(server, "/user/watchlist").statusCode()).isEqualTo(503);
            proxy.heal();
            Eventually.holds(
                    "it can be changed again",
                    PATIENCE,
                    () -> put(server, "/user/watchlist", "[\"MSFT\"]").statusCode() == 204);
            assertThat(get(server, "/user/watchlist").body()).isEqualTo("[\"MSFT\"]");
        }
    }

    @Test
    void withAFolderAWatchListIsReadAndChangedWhileRedisIsAwayAndNoOldOneComesBackWithIt() {
        Path kept = folder.resolve("kept");
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", redis.port());
                ReferenceServer first = server(
                        "a",
                        Map.of(
                                "feed",
                                "none",
                                "cache",
                                "redis://127.0.0.1:" + proxy.port(),
                                "user-data",
                                kept.toString()));
                ReferenceServer second = server("b", Map.of("feed", "none", "user-data", kept.toString()))) {
            assertThat(put(first, "/user/watchlist", "[\"AAPL\"]").statusCode()).isEqualTo(204);
            assertThat(get(second, "/user/watchlist").body()).isEqualTo("[\"AAPL\"]");
            proxy.refuse();
            assertThat(put(first, "/user/watchlist", "[\"MSFT\"]").statusCode()).isEqualTo(204);
            assertThat(get(first, "/user/watchlist").body()).isEqualTo("[\"MSFT\"]");
            assertThat(get(second, "/user/watchlist").body())
                    .as("Redis still has the old one")
                    .isEqualTo("[\"AAPL\"]");
            proxy.heal();
            Eventually.holds(
                    "the second hears of the change",
                    Duration.ofSeconds(5),
                    () -> get(second, "/user/watchlist").body().equals("[\"MSFT\"]"));
            assertThat(get(first, "/user/watchlist").body()).isEqualTo("[\"MSFT\"]");
        }
        try (ReferenceServer later =
                server("c", Map.of("feed", "none", "cache", "local", "user-data", kept.toString()))) {
            assertThat(get(later, "/user/watchlist").body())
                    .as("without Redis, and after a restart")
                    .isEqualTo("[\"MSFT\"]");
        }
    }

    @Test
    void aLimitHoldsOverBothServers() {
        Map<String, String> limited = Map.of("feed", "none", "rate-limit", "20/m");
        try (ReferenceServer first = server("a", limited);
                ReferenceServer second = server("b", limited)) {
            List<HttpResponse<String>> answers = new ArrayList<>();
            long beforeNanos = System.nanoTime();
            for (int i = 0; i < 15; i++) {
                answers.add(get(first, "/symbols"));
                answers.add(get(second, "/symbols"));
            }
            int back = (int) (TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beforeNanos) / 3); // one in 3 s
            assertThat(answers.stream().filter(answer -> answer.statusCode() == 200))
                    .hasSizeBetween(20, 20 + back);
            assertThat(answers.stream().filter(answer -> answer.statusCode() != 200))
                    .isNotEmpty()
                    .allSatisfy(refused -> {
                        assertThat(refused.statusCode()).isEqualTo(429);
                        assertThat(refused.headers().firstValue("retry-after")).isPresent();
                    });
        }
    }

    @Test
    void thatRedisIsAwayAndBackIsSeenAlsoWhenNobodyAsks() {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", redis.port());
                ReferenceServer server = server(
                        "a",
                        Map.of("feed", "none", "rate-limit", "1000/s", "cache", "redis://127.0.0.1:" + proxy.port()))) {
            proxy.refuse();
            Eventually.holds(
                    "both connections tell, not only " + server.events(),
                    PATIENCE,
                    () -> server.events().getOrDefault("redis-away", 0L) == 2
                            && server.events().containsKey("limit-away"));
            assertThat(get(server, "/health").body())
                    .contains("\"cache\":{\"status\":\"DEGRADED\"")
                    .contains("\"limits\":{\"status\":\"DEGRADED\"", "limits go by this server alone");
            proxy.heal();
            Eventually.holds(
                    "both are back, not only " + server.events(),
                    PATIENCE,
                    () -> server.events().getOrDefault("redis-back", 0L) == 2
                            && server.events().containsKey("limit-back"));
            assertThat(get(server, "/health").body()).startsWith("{\"status\":\"UP\"");
        }
    }

    @Test
    void aRedisThatAnswersAndTakesNothingIsNotUp() {
        try (ReferenceServer server = server("a", Map.of("feed", "none"))) {
            redis.command("CONFIG", "SET", "maxmemory", "1");
            try {
                Eventually.holds("it is told", PATIENCE, () -> server.events().containsKey("redis-away"));
                assertThat(get(server, "/health").body())
                        .contains("\"cache\":{\"status\":\"DEGRADED\"", "OOM command not allowed");
                assertThat(get(server, "/metrics").body()).contains("\ntsdash_redis_up 0.0\n");
            } finally {
                redis.command("CONFIG", "SET", "maxmemory", "0");
            }
            Eventually.holds("it is over", PATIENCE, () -> server.events().containsKey("redis-back"));
            assertThat(get(server, "/health").body()).startsWith("{\"status\":\"UP\"");
        }
    }

    @Test
    void saysWhatIsWrongWithTheSettingsOrWithRedis() {
        assertThatThrownBy(() -> ServerSettings.of(Map.of("rate-limit", "5/s,0/m,many")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("rate-limit was '0/m' but it must be like 50/s or 1000/m")
                .hasMessageContaining("rate-limit was 'many'");
        assertThatThrownBy(() -> server("a", Map.of("feed", "none", "cache", "memcached://x")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("memcached://x");
        assertThatThrownBy(() -> server("c", Map.of("feed", "none", "cache", "redis://127.0.0.1:1")))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("127.0.0.1:1");
    }

    private static String latest(ReferenceServer server) {
        return get(server, "/latest?symbol=AAPL").body();
    }

    private static Trade trade(long id, double price) {
        long now = TimeSource.system().epochNanos();
        return new Trade("AAPL", now, now, id, price, 1, Side.UNKNOWN, true, true, 0);
    }

    private ReferenceServer server(String name, Map<String, String> more, Feed feed) {
        ReferenceServer server = new ReferenceServer(settings(name, more), feed, TimeSource.system());
        server.start();
        return server;
    }

    private ReferenceServer server(String name, Map<String, String> more) {
        ReferenceServer server = new ReferenceServer(settings(name, more), TimeSource.system());
        server.start();
        return server;
    }

    private ServerSettings settings(String name, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "port", "0", "data", folder.resolve(name).toString(), "cache", redis.address(), "orders", "none"));
        settings.putAll(more);
        return ServerSettings.of(settings);
    }

    private static HttpResponse<String> get(ReferenceServer server, String path) {
        return send(HttpRequest.newBuilder(at(server, path)).build());
    }

    private static HttpResponse<String> put(ReferenceServer server, String path, String body) {
        return send(HttpRequest.newBuilder(at(server, path))
                .header("content-type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private static URI at(ReferenceServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
