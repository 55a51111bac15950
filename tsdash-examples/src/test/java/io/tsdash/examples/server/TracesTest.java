package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.KafkaCluster;
import io.tsdash.engines.SkyWalkingServer;
import io.tsdash.error.ConfigurationException;
import io.tsdash.examples.Eventually;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Traces of real servers, read back from a real back end: SkyWalking takes them by OTLP and shows them by Zipkin's API. */
@Timeout(180)
class TracesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String PARENT_SPAN = "b7ad6b7169203331";

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    private static SkyWalkingServer backEnd;
    private static KafkaCluster kafka;

    @BeforeAll
    static void startEngines() {
        CompletableFuture<KafkaCluster> broker =
                CompletableFuture.supplyAsync(() -> KafkaCluster.start(shared.resolve("kafka"), 1));
        backEnd = SkyWalkingServer.start(shared.resolve("skywalking"));
        kafka = broker.join();
    }

    @AfterAll
    static void stopEngines() {
        backEnd.close();
        kafka.close();
    }

    @Test
    void oneTradesTraceHasAllItsStepsOnBothSidesOfKafka() throws IOException {
        SentFeed feed = new SentFeed();
        try (ReferenceServer first = server("a", feed, Map.of());
                ReferenceServer second = server("b", new SentFeed(), Map.of());
                PlainSocket there = PlainSocket.open(second, Map.of())) {
            first.start();
            second.start();
            there.send("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:*\"],\"intervalMillis\":0}");
            Eventually.holds("subscribed", PATIENCE, () -> there.heard("\"subscribed\""));
            long now = TimeSource.system().epochNanos();
            feed.send(Trade.of("AAPL", now, 7, 150.25, 100));

            // feed to bus on one server; on both, the bus to bars and channels; on the one that has the partition, the
            // store.
            List<String> expected = List.of(
                    "- > feed:receive",
                    "feed:receive > kafka:send",
                    "hub:distribute > socket:first-write",
                    "kafka:carry > bars:aggregate",
                    "kafka:carry > bars:aggregate",
                    "kafka:carry > db:write-trade",
                    "kafka:carry > hub:distribute",
                    "kafka:carry > hub:distribute",
                    "kafka:send > kafka:carry",
                    "kafka:send > kafka:carry",
                    "kafka:send > kafka:carry");
            Eventually.holds(
                    "all spans of the trade are there, not only "
                            + read("feed:receive").tree(),
                    PATIENCE,
                    () -> read("feed:receive").tree().equals(expected));
            String trace = read("feed:receive").spans().get(0).traceId();
            assertThat(read("feed:receive").spans())
                    .extracting(ZipkinTrace.Span::traceId)
                    .containsOnly(trace);
            assertThat(buckets("tsdash_stream_lag_seconds", second))
                    .as("the trade at the socket")
                    .anyMatch(line -> line.contains("step=\"socket\"") && line.contains(trace));
            // One of the two has the trade's partition.
            assertThat(buckets("tsdash_stream_lag_seconds", first, second))
                    .as("the trade in the store")
                    .anyMatch(line -> line.contains("step=\"store\"") && line.contains(trace));
            for (String step : List.of("receipt", "bars")) {
                assertThat(buckets("tsdash_stream_lag_seconds", first, second))
                        .as("the trade in the bars")
                        .anyMatch(line -> line.contains("step=\"" + step + '"') && line.contains(trace));
            }
            String batch = read("db:write-batch").spans().get(0).traceId();
            assertThat(buckets("tsdash_store_write_duration_seconds", first, second))
                    .as("its batch")
                    .anyMatch(line -> line.contains(batch));
        }
    }

    @Test
    void aSubscriptionsTreeIsThatOfTheDocument() throws IOException, InterruptedException {
        Path secret = Files.writeString(folder.resolve("secret"), SignedToken.SECRET);
        String traceId = "0af7651916cd43dd8448eb211c80319c";
        String traceparent = "00-" + traceId + '-' + PARENT_SPAN + "-01";
        try (ReferenceServer server = server(
                "c",
                new SentFeed(),
                Map.of("auth", "secret:" + secret, "auth-issuer", "test", "auth-audience", "tsdash"))) {
            server.start();
            String bearer = "Bearer " + SignedToken.of("ann");
            HttpResponse<String> kept = HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/user/watchlist"))
                            .header("Authorization", bearer)
                            .header("Content-Type", "application/json")
                            .PUT(HttpRequest.BodyPublishers.ofString("{\"symbols\":[\"OLD\"]}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(kept.statusCode()).isEqualTo(204);
            // A symbol that no feed brings, and the store knows.
            server.store().appendTrades(List.of(Trade.of("OLD", 1_700_000_000_000_000_000L, 1, 12.5, 3)));

            try (PlainSocket socket =
                    PlainSocket.open(server, Map.of("Authorization", bearer, "traceparent", traceparent))) {
                socket.send("{\"op\":\"subscribe\",\"id\":1,\"channels\":[],\"watchlist\":true,\"intervalMillis\":0}");
                Eventually.holds("the price of the store is shown", PATIENCE, () -> socket.heard("12.5"));
                assertThat(socket.heard("\"channels\":[\"prices:OLD\"]")).isTrue();
                assertThat(socket.heard("\"stale\":true")).isTrue();
            }
            Eventually.holds(
                    "the tree of the document is there, not " + backEnd.trace(traceId),
                    PATIENCE,
                    () -> ZipkinTrace.parse(backEnd.trace(traceId))
                            .tree()
                            .equals(List.of(
                                    "- > websocket:price-subscription",
                                    "websocket:price-subscription > auth:verify-token",
                                    "websocket:price-subscription > db:load-user-watchlist",
                                    "websocket:price-subscription > kafka:subscribe-symbols",
                                    "websocket:price-subscription > websocket:wait-first-message",
                                    "websocket:wait-first-message > db:query-price")));
            ZipkinTrace trace = ZipkinTrace.parse(backEnd.trace(traceId));
            Map<String, ZipkinTrace.Span> spans =
                    trace.spans().stream().collect(Collectors.toMap(ZipkinTrace.Span::name, span -> span));
            ZipkinTrace.Span whole = Objects.requireNonNull(spans.get("websocket:price-subscription"));
            assertThat(whole.parent()).isEqualTo(PARENT_SPAN);
            assertThat(trace.spans())
                    .allSatisfy(span -> assertThat(span.startMicros() + span.durationMicros())
                            .as("%s ends before the whole does", span.name())
                            .isLessThanOrEqualTo(whole.startMicros() + whole.durationMicros() + 1));
        }
    }

    @Test
    void aRequestThatIsTracedHasItsQuestionsToTheStoreAndIsNamedByTheHistograms()
            throws IOException, InterruptedException {
        String traceId = "1bf7651916cd43dd8448eb211c80319d";
        try (ReferenceServer server = server("d", new SentFeed(), Map.of())) {
            server.start();
            HTTP.send(
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + server.port() + "/historical/trades?symbol=AAPL"))
                            .header("traceparent", "00-" + traceId + '-' + PARENT_SPAN + "-01")
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            Eventually.holds(
                    "request and question are there, not " + backEnd.trace(traceId),
                    PATIENCE,
                    () -> ZipkinTrace.parse(backEnd.trace(traceId))
                            .kinds()
                            .equals(List.of("- > get /historical/trades", "get /historical/trades > db:query")));
            assertThat(buckets("tsdash_store_query_duration_seconds", server))
                    .as("the question's duration")
                    .anyMatch(line -> line.contains(traceId));
            assertThat(buckets("http_server_request_duration_seconds", server))
                    .as("the request's duration")
                    .anyMatch(line -> line.contains("/historical/trades") && line.contains(traceId));
        }
    }

    @Test
    void aBackEndThatIsAwayHoldsNothingUpAndIsTold() {
        SentFeed feed = new SentFeed();
        Map<String, String> options =
                new HashMap<>(settings("e", Map.of("traces", "otlp://127.0.0.1:1", "trace-rate", "1000000")));
        options.keySet().removeIf(key -> key.startsWith("bus"));
        ReferenceServer server = new ReferenceServer(ServerSettings.of(options), feed, TimeSource.system());
        long closingNanos;
        try {
            server.start();
            long now = TimeSource.system().epochNanos();
            for (int i = 0; i < 20_000; i++) {
                feed.send(Trade.of("AAPL", now + i, i, 150, 1));
            }
            assertThat(server.drain(PATIENCE)).isTrue();
            Eventually.holds(
                    "it is told, not " + server.events(),
                    PATIENCE,
                    () -> server.events().keySet().containsAll(Set.of("traces-unsent", "traces-dropped")));
            String page = Requests.get(server, "/metrics").body();
            for (String reason : List.of("unsent", "dropped")) {
                assertThat(page).containsPattern("tsdash_spans_lost_total\\{reason=\"" + reason + "\"} [1-9]");
            }
        } finally {
            closingNanos = System.nanoTime();
            server.close();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - closingNanos)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void whatIsWrongWithTheOptionsIsSaidAtOnce() {
        assertThatThrownBy(() -> ServerSettings.of(Map.of(
                        "traces", "jaeger:4317", "trace-sample", "10%", "trace-rate", "0", "log-format", "json")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("traces was 'jaeger:4317' but it must be otlp://HOST:PORT")
                .hasMessageContaining("trace-sample was '10%' but it must be 0 to 1")
                .hasMessageContaining("trace-rate was '0' but it must be 1 to 1000000")
                .hasMessageContaining("log-format was 'json' but it must be text or ecs");
    }

    /** Returns the buckets of a histogram, with what each has as an exemplar. */
    private static List<String> buckets(String metric, ReferenceServer... servers) {
        List<String> lines = new ArrayList<>();
        for (ReferenceServer server : servers) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics"))
                    .header("Accept", "application/openmetrics-text")
                    .build();
            HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofLines())
                    .join()
                    .body()
                    .filter(line -> line.startsWith(metric + "_bucket"))
                    .forEach(lines::add);
        }
        return lines;
    }

    private static ZipkinTrace read(String span) {
        return ZipkinTrace.parse(backEnd.traces("tsdash", span));
    }

    private ReferenceServer server(String name, SentFeed feed, Map<String, String> more) {
        return new ReferenceServer(ServerSettings.of(settings(name, more)), feed, TimeSource.system());
    }

    private Map<String, String> settings(String name, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "port", "0",
                "data", folder.resolve(name).toString(),
                "bus", "kafka",
                "bus-url", kafka.servers(),
                "bus.replication", "1",
                "bus.node", name,
                "orders", "none",
                "traces", "otlp://127.0.0.1:" + backEnd.otlpPort(),
                "trace-sample", "1"));
        settings.putAll(more);
        return settings;
    }
}
