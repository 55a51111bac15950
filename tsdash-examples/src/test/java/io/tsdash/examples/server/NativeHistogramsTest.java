package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Scope;
import io.tsdash.distribution.Hub;
import io.tsdash.engines.PrometheusServer;
import io.tsdash.examples.Eventually;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.transport.TsdashServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Percentiles over two servers, as a real Prometheus makes them of their pages. */
@Timeout(120)
class NativeHistogramsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    /** From one bucket's bound to the next, in percent. */
    private static final double GROWTH = 100 * (Math.pow(2, 1 / 8.0) - 1);

    private static final int FAST = 9_000;
    private static final int SLOW = 1_000;

    /** Of all lags together: that of the 900th of the slow thousand. */
    private static final double P99_SECONDS = 1.36;

    private static final String QUANTILE = "histogram_quantile(0.99, sum%s(rate(tsdash_stream_lag_seconds%s[1m])))";

    @TempDir
    private Path folder;

    @Test
    void percentileOverTwoServersIsWithinABucketOfTheTrueOne() throws IOException {
        try (Node fast = new Node(true);
                Node slow = new Node(true);
                PrometheusServer prometheus = scraping(List.of("native-histograms", "exemplar-storage"), fast, slow)) {
            load(prometheus, fast, slow);
            awaitCount(prometheus, "histogram_count(sum(tsdash_stream_lag_seconds{step=\"store\"}))");

            assertThat(value(prometheus, QUANTILE.formatted("", "{step=\"store\"}")))
                    .isCloseTo(P99_SECONDS, withinPercentage(GROWTH));
            assertThat(query(prometheus, "tsdash_stream_lag_seconds_bucket"))
                    .as("this Prometheus leaves out the others, on which the alerts ask")
                    .isEmpty();
            assertThat(exemplars(prometheus, "tsdash_stream_lag_seconds")).contains(TRACE);
        }
    }

    @Test
    void whoDoesNotAskForThemGetsTheUsualBuckets() throws IOException {
        try (Node fast = new Node(true);
                Node slow = new Node(false);
                PrometheusServer prometheus = scraping(List.of("exemplar-storage"), fast, slow)) {
            load(prometheus, fast, slow);
            awaitCount(prometheus, "sum(tsdash_stream_lag_seconds_bucket{step=\"store\",le=\"+Inf\"})");

            assertThat(value(prometheus, QUANTILE.formatted(" by (le)", "_bucket{step=\"store\"}")))
                    .as("between 1 and 2 s, all that these buckets know")
                    .isBetween(1.8, 2.0);
            assertThat(query(prometheus, "tsdash_stream_lag_seconds")).isEmpty();
            assertThat(exemplars(prometheus, "tsdash_stream_lag_seconds_bucket"))
                    .contains(TRACE);
        }
    }

    /** Lags of 1 to 50 ms at one server, of 1 to 1.4 s at the other, once Prometheus has seen both without. */
    @SuppressWarnings("try") // the scope is not used, it is there
    private static void load(PrometheusServer prometheus, Node fast, Node slow) {
        Eventually.holds(
                "both are scraped", PATIENCE, () -> query(prometheus, "up == 1").size() == 2);
        for (int i = 0; i < FAST; i++) {
            fast.stored(1_000_000 + i * 49_000_000L / FAST);
        }
        Span sampled = Span.wrap(
                SpanContext.create(TRACE, "00f067aa0ba902b7", TraceFlags.getSampled(), TraceState.getDefault()));
        try (Scope within = sampled.makeCurrent()) {
            for (int i = 0; i < SLOW; i++) {
                slow.stored(1_000_000_000 + i * 400_000_000L / SLOW);
            }
        }
    }

    private static void awaitCount(PrometheusServer prometheus, String count) {
        Eventually.holds(
                () -> "all are counted; targets: " + get(prometheus, "/api/v1/targets"),
                PATIENCE,
                () -> value(prometheus, count) == FAST + SLOW);
    }

    private PrometheusServer scraping(List<String> features, Node... nodes) throws IOException {
        Path configuration = Files.writeString(
                folder.resolve("prometheus.yml"), """
                global: { scrape_interval: 1s, scrape_timeout: 1s }
                scrape_configs:
                  - job_name: tsdash
                    static_configs: [{ targets: ["127.0.0.1:%d", "127.0.0.1:%d"] }]
                """.formatted(nodes[0].server.port(), nodes[1].server.port()));
        return PrometheusServer.start(configuration, folder, features.toArray(String[]::new));
    }

    private static double value(PrometheusServer prometheus, String expression) {
        JsonNode result = query(prometheus, expression);
        return result.isEmpty() ? Double.NaN : result.at("/0/value/1").asDouble();
    }

    private static JsonNode query(PrometheusServer prometheus, String expression) {
        return get(prometheus, "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .at("/data/result");
    }

    private static String exemplars(PrometheusServer prometheus, String series) {
        return get(prometheus, "/api/v1/query_exemplars?start=0&end=9999999999&query=" + series)
                .toString();
    }

    private static JsonNode get(PrometheusServer prometheus, String path) {
        try {
            JsonNode answer = JSON.readTree(HTTP.send(
                            HttpRequest.newBuilder(URI.create(prometheus.address() + path))
                                    .timeout(PATIENCE)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body());
            assertThat(answer.path("status").asText())
                    .as("%s: %s", path, answer)
                    .isEqualTo("success");
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(prometheus.output(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The metrics of a reference server and their page, with lags made by hand. */
    private static final class Node implements AutoCloseable {
        private final ManualTimeSource time = new ManualTimeSource(TimeUnit.DAYS.toNanos(20_000));
        private final Instruments instruments;
        private final MarketStore store = MarketStore.inMemory();
        private final Hub hub = Hub.builder().build();
        final TsdashServer server;

        Node(boolean nativeHistograms) {
            instruments = new Instruments(List.of("duckdb"), List.of(), nativeHistograms, time);
            server = TsdashServer.builder(hub, store)
                    .port(0)
                    .page("/metrics", "metrics", instruments.page())
                    .start();
        }

        void stored(long lagNanos) {
            long at = time.epochNanos() - lagNanos;
            Trade trade = new Trade("AAPL", at, at, 1, 10, 1, Side.UNKNOWN, true, true, 0);
            instruments.pipeline.onStored("duckdb", List.of(trade), 1, 0, TimeUnit.MILLISECONDS.toNanos(1));
        }

        @Override
        public void close() {
            server.close();
            hub.close();
            store.close();
            instruments.close();
        }
    }
}
