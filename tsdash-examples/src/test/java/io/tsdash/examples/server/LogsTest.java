package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.OpenSearchServer;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.logs.LogFormat;
import io.tsdash.examples.logs.ServerLog;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The log of a real server in a real OpenSearch. */
@Timeout(180)
class LogsTest {
    /** Half of a pair: DuckDB holds UTF-8. */
    private static final String NO_SYMBOL = "HALF\ud83d";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long SECOND = 1_000_000_000L;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Pattern TRACE =
            Pattern.compile("\"event.action\":\"price-update\".*?\"trace.id\":\"(\\w{32})\"");

    @TempDir
    private Path folder;

    @AfterEach
    void writeAsBefore() {
        ServerLog.write(LogFormat.TEXT, "", System.err, TimeSource.system());
    }

    @Test
    void aLineIsFoundByItsTraceInOpenSearch() throws IOException, InterruptedException {
        Path log = folder.resolve("server.log");
        try (OpenSearchServer search = OpenSearchServer.start(folder.resolve("opensearch"));
                OutputStream out = Files.newOutputStream(log)) {
            ServerLog.write(LogFormat.ECS, "test:1", out, TimeSource.system());
            String trace = oneTradeShown(log);
            put(search, "/_index_template/tsdash-logs", template());
            put(search, "/tsdash-logs-test/_bulk?refresh=true", bulk(Files.readAllLines(log)));

            String found =
                    put(search, "/tsdash-logs-*/_search", "{\"query\":{\"term\":{\"trace.id\":\"" + trace + "\"}}}");
            assertThat(found)
                    .contains("\"total\":{\"value\":1,")
                    .contains(
                            "\"event.action\":\"price-update\"",
                            "\"labels.symbol\":\"AAPL\"",
                            "\"labels.price\":150.25",
                            "\"labels.component\":\"price\"",
                            "\"service.name\":\"tsdash\"",
                            "\"service.version\":\"0.1.0\"",
                            "\"span.id\":\"");
            String slow = put(
                    search,
                    "/tsdash-logs-*/_search",
                    "{\"query\":{\"range\":{\"labels.latency_ms\":{\"gte\":0}}},\"size\":0}");
            assertThat(slow).contains("\"total\":{\"value\":1,");
        }
    }

    @Test
    void aLineNamesThePriceAndTheUserThatItIsAbout() throws IOException, InterruptedException {
        Path log = folder.resolve("server.log");
        Path secret = Files.writeString(folder.resolve("secret"), SignedToken.SECRET);
        SentFeed feed = new SentFeed();
        Map<String, String> settings = Map.of(
                "port", "0",
                "data", folder.resolve("data").toString(),
                "orders", "none",
                "auth", "secret:" + secret,
                "auth-issuer", "test",
                "auth-audience", "tsdash",
                "rate-limit", "1/m");
        try (OutputStream out = Files.newOutputStream(log)) {
            ServerLog.write(LogFormat.ECS, "test:1", out, TimeSource.system());
            try (ReferenceServer server = new ReferenceServer(ServerSettings.of(settings), feed, TimeSource.system())) {
                server.start();
                String token = SignedToken.of("ann");
                assertThat(status(server, "/operator/overview", token)).isEqualTo(403);
                int status = 0;
                for (int i = 0; i < 3; i++) {
                    status = status(server, "/latest?symbol=NONE", token);
                }
                assertThat(status).isEqualTo(429);
                Trade twice = Trade.of("AAPL", TimeSource.system().epochNanos(), 7, 150.25, 100);
                feed.send(twice);
                feed.send(twice);
                long closed = TimeSource.system().epochNanos() - 10 * SECOND;
                for (String symbol : List.of(NO_SYMBOL, "MSFT")) {
                    feed.send(Trade.of(symbol, closed, 8, 151.75, 100));
                    feed.send(Trade.of(symbol, closed + 10 * SECOND, 9, 151.75, 100));
                }

                Eventually.holds(
                        "who was refused",
                        PATIENCE,
                        () -> line(log, "access-refused").contains("\"user.id\":\"ann\""));
                Eventually.holds(
                        "who was limited",
                        PATIENCE,
                        () -> line(log, "request-limited").contains("\"user.id\":\"ann\""));
                Eventually.holds(
                        "the price of the duplicate",
                        PATIENCE,
                        () -> line(log, "trade-duplicate").contains("\"labels.price\":150.25"));
                Eventually.holds(
                        "the price of what the store refuses",
                        PATIENCE,
                        () -> line(log, "store-set-aside").contains("\"labels.price\":151.75"));
                Eventually.holds(
                        "the symbol of the bar that the store refuses",
                        PATIENCE,
                        () -> line(log, "bars-set-aside").contains("\"labels.symbol\":\"HALF"));
                Eventually.holds(
                        "the bars of others are stored",
                        PATIENCE,
                        () -> !server.store()
                                .bars(BarRange.of("MSFT", Interval.parse("1s"), 0, Long.MAX_VALUE, 10))
                                .isEmpty());
                assertThat(line(log, "request-limited")).doesNotContain("labels.price", token);
                assertThat(line(log, "trade-duplicate"))
                        .contains("\"labels.symbol\":\"AAPL\"")
                        .doesNotContain("user.id");
            }
        }
    }

    @Test
    void aPageOfAForeignOriginIsToldInLogAndMetrics() throws IOException {
        Path log = folder.resolve("server.log");
        Map<String, String> settings =
                Map.of("port", "0", "data", folder.resolve("data").toString(), "orders", "none");
        try (OutputStream out = Files.newOutputStream(log)) {
            ServerLog.write(LogFormat.ECS, "test:1", out, TimeSource.system());
            try (ReferenceServer server =
                    new ReferenceServer(ServerSettings.of(settings), new SentFeed(), TimeSource.system())) {
                assertThat(HTTP.newWebSocketBuilder()
                                .header("Origin", "https://evil.example")
                                .buildAsync(
                                        URI.create("ws://127.0.0.1:" + server.port() + "/prices"),
                                        new WebSocket.Listener() {}))
                        .failsWithin(PATIENCE)
                        .withThrowableThat()
                        .havingCause()
                        .isInstanceOfSatisfying(
                                WebSocketHandshakeException.class,
                                refusal -> assertThat(refusal.getResponse().statusCode())
                                        .isEqualTo(403));
                Eventually.holds(
                        "which page was refused",
                        PATIENCE,
                        () -> line(log, "access-refused").contains("FORBIDDEN origin was 'https://evil.example'"));
                assertThat(Requests.get(server, "/metrics").body())
                        .contains("tsdash_access_refused_total{code=\"4403\"} 1.0");
            }
        }
    }

    private static int status(ReferenceServer server, String path, String token)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .header("Authorization", "Bearer " + token)
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    private static String line(Path log, String action) {
        return text(log)
                .lines()
                .filter(line -> line.contains("\"event.action\":\"" + action + '"'))
                .findFirst()
                .orElse("");
    }

    /** Runs a server until a client was shown one traced trade; returns the trace that the log names. */
    private String oneTradeShown(Path log) throws IOException {
        SentFeed feed = new SentFeed();
        Map<String, String> settings = Map.of(
                "port", "0",
                "data", folder.resolve("data").toString(),
                "orders", "none",
                "traces", "otlp://127.0.0.1:1",
                "trace-sample", "1");
        try (ReferenceServer server = new ReferenceServer(ServerSettings.of(settings), feed, TimeSource.system());
                PlainSocket socket = PlainSocket.open(server, Map.of())) {
            server.start();
            socket.send("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:*\"],\"intervalMillis\":0}");
            Eventually.holds("subscribed", PATIENCE, () -> socket.heard("\"subscribed\""));
            feed.send(Trade.of("AAPL", TimeSource.system().epochNanos(), 7, 150.25, 100));
            Eventually.holds(
                    "the log says it", PATIENCE, () -> TRACE.matcher(text(log)).find());
        }
        Matcher line = TRACE.matcher(text(log));
        assertThat(line.find()).isTrue();
        return line.group(1);
    }

    private static String text(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What a shipper does: each line is a document. */
    private static String bulk(List<String> lines) {
        StringBuilder body = new StringBuilder();
        lines.forEach(line -> body.append("{\"create\":{}}\n").append(line).append('\n'));
        return body.toString();
    }

    private static String template() throws IOException {
        return Files.readString(Path.of("deploy/logs/index-template.json"));
    }

    private static String put(OpenSearchServer search, String path, String body)
            throws IOException, InterruptedException {
        boolean asks = path.endsWith("_search") || path.contains("_bulk");
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(URI.create(search.address() + path))
                        .header("Content-Type", path.contains("_bulk") ? "application/x-ndjson" : "application/json")
                        .method(asks ? "POST" : "PUT", HttpRequest.BodyPublishers.ofString(body))
                        .timeout(PATIENCE)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).doesNotContain("\"errors\":true");
        return answer.body();
    }
}
