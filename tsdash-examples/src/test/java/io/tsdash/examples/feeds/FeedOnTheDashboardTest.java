package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.Eventually;
import io.tsdash.examples.server.ReferenceServer;
import io.tsdash.examples.server.ServerSettings;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.TsdashClient;
import io.tsdash.transport.TsdashClientListener;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An exchange's feed in the reference server, seen by its client: live, and stale when the exchange falls silent. */
@Timeout(120)
class FeedOnTheDashboardTest {
    private static final Capture CAPTURE = Capture.of("raw_ws_binance_spot_btcusdt_20240808.gz");
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void pricesAreLiveAndStaleWhenTheExchangeFallsSilent() {
        List<String> frames = CAPTURE.with("@trade\"|@bookTicker\"").subList(0, 500);
        ExchangeServer.Script script = (client, connection, text) -> {
            if (connection == 1) {
                client.send("{\"result\":null,\"id\":1}");
                client.send(frames);
            } else {
                client.freeze();
            }
        };
        try (ExchangeServer exchange = new ExchangeServer(script, FeedRun::nothing);
                ReferenceServer server = new ReferenceServer(
                        ServerSettings.of(Map.of(
                                "port", "0",
                                "data", folder.toString(),
                                "orders", "none",
                                "feed", "binance:btcusdt",
                                "feed.url", "ws://" + exchange.address(),
                                "feed.rest", "http://" + exchange.address(),
                                "feed.connectTimeout", "2",
                                "feed.idleTimeout", "4")),
                        TimeSource.system());
                TsdashClient client = TsdashClient.connect(
                        URI.create("ws://127.0.0.1:" + server.port() + "/prices"), 0, 1, TsdashClientListener.none())) {
            client.subscribe(List.of("prices:*", "status"));
            server.start();
            String lastTrade = frames.stream()
                    .filter(frame -> frame.contains("@trade\""))
                    .reduce((one, other) -> other)
                    .orElseThrow();
            Eventually.holds(
                    "the last price is shown",
                    LONG,
                    () -> Double.valueOf(Capture.text(lastTrade, "p"))
                            .equals(row(client, "prices:BTCUSDT", "symbol", "BTCUSDT")
                                    .get("price")));
            assertThat(row(client, "prices:BTCUSDT", "symbol", "BTCUSDT").get("bid"))
                    .isNotNull();
            Eventually.holds(
                    "the feed is live, and the clocks' difference is told",
                    LONG,
                    () -> "LIVE".equals(status(client).get("state"))
                            && String.valueOf(status(client).get("reason")).contains("ahead of the venue's"));

            exchange.clients.get(0).freeze();
            Eventually.holds(
                    "the feed is shown as stale",
                    LONG,
                    () -> Boolean.TRUE.equals(status(client).get("stale"))
                            && Boolean.TRUE.equals(row(client, "prices:BTCUSDT", "symbol", "BTCUSDT")
                                    .get("stale")));
            assertThat(server.events()).containsKeys("feed-down", "clock-skew");
        }
    }

    private static Map<String, @Nullable Object> status(TsdashClient client) {
        return row(client, "status", "name", "binance:BTCUSDT");
    }

    private static Map<String, @Nullable Object> row(TsdashClient client, String channel, String key, String value) {
        return client.read(replica -> replica.rows(channel).stream()
                .filter(row -> value.equals(row.get(key)))
                .findFirst()
                .orElse(Map.of()));
    }
}
