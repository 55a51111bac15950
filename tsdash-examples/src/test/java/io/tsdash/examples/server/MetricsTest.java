package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.examples.Eventually;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.observability.Metric;
import io.tsdash.source.Backfill;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.TsdashClient;
import io.tsdash.transport.TsdashClientListener;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a live reference server: all that the catalogue promises, no other, and the same as people are told. */
@Timeout(120)
class MetricsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String PROTOBUF =
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
    private static final String LIMITED =
            "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"429\",http_route=\"/latest\"}";

    /** With Redis only: see SharedCachesTest and HighAvailabilityTest; with traces: TracesTest; once a record of Kafka could not be used; with a store over a network: AlertsArriveTest. */
    private static final Set<Metric> ELSEWHERE = EnumSet.of(
            Metric.REDIS_UP,
            Metric.RELAY_LEADING,
            Metric.RELAY_UP,
            Metric.RELAY_EPOCHS,
            Metric.RELAY_MISSED,
            Metric.RELAY_FAILED,
            Metric.SPANS_LOST,
            Metric.BUS_DEAD_LETTERS,
            Metric.STORE_POOL_USED,
            Metric.STORE_POOL_MAX);

    @TempDir
    private Path folder;

    private final HandFeed feed = new HandFeed();
    private final long now = TimeSource.system().epochNanos();

    @Test
    void everyMetricOfTheCatalogueIsThereAndNoOtherAndPrometheusAccepts() throws Exception {
        try (ReferenceServer server = server(Map.of())) {
            server.start();
            feed.listener().onTrade(trade(1, now));
            Requests.get(server, "/symbols");
            String scrape = Requests.get(server, "/metrics").body();

            Set<String> promised = new HashSet<>();
            for (Metric metric : EnumSet.complementOf(EnumSet.copyOf(ELSEWHERE))) {
                promised.add(metric.prometheus());
            }
            assertThat(names(scrape)).containsExactlyInAnyOrderElementsOf(new TreeSet<>(promised));
            assertThat(scrape)
                    .contains("jvm_memory_used_bytes", "jvm_gc_", "process_cpu_usage", "process_uptime_seconds");
            Eventually.holds(
                    "the store was asked for its size",
                    PATIENCE,
                    () -> values(Requests.get(server, "/metrics").body())
                                    .getOrDefault("tsdash_store_size_bytes{store=\"duckdb\"}", 0.0)
                            > 0);
            assertThat(promtool(scrape))
                    .as("what promtool check metrics has to say")
                    .isEmpty();
        }
    }

    @Test
    void saysTheSameAsPeopleAreTold() throws Exception {
        try (ReferenceServer server = server(Map.of("rate-limit", "3/m"))) {
            server.start();
            FeedListener to = feed.listener();
            to.onState(ConnectionState.LIVE, "begins");
            for (int i = 1; i <= 10; i++) {
                to.onTrade(trade(i, now + i));
            }
            to.onTrade(trade(3, now + 3));
            to.onTrade(trade(11, now - TimeUnit.HOURS.toNanos(1)));
            to.onTrade(trade(12, now + TimeUnit.HOURS.toNanos(1)));
            to.onTrade(trade(13, now + 5)); // late, and in time
            to.onQuote(new Quote("AAPL", now + 20, now + 20, 14, 9, 11, 1, 1));
            Gap gap = new Gap("AAPL", 20, 30, now, "lost");
            to.onGap(gap);
            to.onBackfill(new Backfill(gap, 5, 4, "too old"));
            to.onRefused(new Refused(1, "?", "no trade"));
            to.onClockSkew(-TimeUnit.SECONDS.toNanos(2));
            Eventually.holds("all is stored", PATIENCE, () -> server.counts().stored() == 13);
            for (int i = 0; i < 5; i++) {
                Requests.get(server, "/latest?symbol=NONE");
            }

            Map<String, Double> last = Map.of(
                    "tsdash_trades_late_total",
                    1.0,
                    "tsdash_trades_set_aside_total{reason=\"too_late\"}",
                    1.0,
                    "tsdash_trades_set_aside_total{reason=\"duplicate\"}",
                    1.0,
                    "tsdash_keys",
                    1.0,
                    "tsdash_store_rows_total{outcome=\"stored\",store=\"duckdb\"}",
                    12.0,
                    "tsdash_limiter_refused_total{limiter=\"requests\"}",
                    2.0,
                    LIMITED,
                    2.0);
            Eventually.holds(
                    "what each step measured last is there",
                    PATIENCE,
                    () -> values(Requests.get(server, "/metrics").body())
                            .entrySet()
                            .containsAll(last.entrySet()));
            Map<String, Double> values = values(Requests.get(server, "/metrics").body());
            Map<String, Long> told = server.events();
            assertThat(values)
                    .containsEntry("tsdash_feed_events_total{type=\"trade\"}", 14.0)
                    .containsEntry("tsdash_feed_events_total{type=\"quote\"}", 1.0)
                    .containsEntry("tsdash_feed_up", 1.0)
                    .containsEntry("tsdash_feed_clock_skew_seconds", -2.0)
                    .containsEntry("tsdash_feed_gap_missing_total", 4.0)
                    .containsEntry("tsdash_trades_late_total", 1.0)
                    .containsEntry("tsdash_store_rows_total{outcome=\"stored\",store=\"duckdb\"}", 12.0)
                    .containsEntry("tsdash_store_rows_total{outcome=\"duplicate\",store=\"duckdb\"}", 1.0)
                    .containsEntry("tsdash_keys", 1.0)
                    .containsEntry(LIMITED, 2.0);
            assertThat(values.entrySet())
                    .as("the one partition that has events was behind by a little")
                    .anyMatch(each ->
                            each.getKey().startsWith("tsdash_stream_partition_lag_seconds{") && each.getValue() > 0);
            Map.of(
                            "gap", "tsdash_feed_gaps_total",
                            "gap-stays", "tsdash_feed_backfills_total{outcome=\"partial\"}",
                            "input-refused", "tsdash_feed_refused_total",
                            "trade-duplicate", "tsdash_trades_set_aside_total{reason=\"duplicate\"}",
                            "trade-too-late", "tsdash_trades_set_aside_total{reason=\"too_late\"}",
                            "trade-too-far-ahead", "tsdash_trades_set_aside_total{reason=\"too_far_ahead\"}",
                            "request-limited", "tsdash_limiter_refused_total{limiter=\"requests\"}")
                    .forEach((event, metric) -> assertThat(values)
                            .as("%s, told as %s", metric, event)
                            .containsEntry(metric, (double) told.getOrDefault(event, -1L)));
        }
    }

    @Test
    void correctionsAndCancelsAreCounted() throws Exception {
        try (ReferenceServer server = server(Map.of())) {
            server.start();
            feed.listener().onTrade(trade(1, now));
            feed.listener().onTrade(trade(2, now + TimeUnit.SECONDS.toNanos(2)));
            Eventually.holds("the bar of the first second is over", PATIENCE, () -> bars(server, "closed") >= 1);
            feed.listener().onTrade(new Trade("AAPL", now, now, 1, 11, 1, Side.UNKNOWN, true, true, 1));
            Eventually.holds("it is revised", PATIENCE, () -> bars(server, "revised") >= 1);
            feed.listener().onTrade(Trade.cancel("AAPL", now, 1, now));
            Map<String, Double> counted =
                    Map.of("tsdash_trades_corrected_total", 1.0, "tsdash_trades_cancelled_total", 1.0);
            Eventually.holds(
                    "one of each",
                    PATIENCE,
                    () -> values(Requests.get(server, "/metrics").body())
                            .entrySet()
                            .containsAll(counted.entrySet()));
        }
    }

    @Test
    void lagOfEachStepIsThereOnceAClientHasAPrice() throws Exception {
        try (ReferenceServer server = server(Map.of());
                TsdashClient client = TsdashClient.connect(
                        URI.create("ws://127.0.0.1:" + server.port() + "/prices"), 0, 1, TsdashClientListener.none())) {
            server.start();
            client.subscribe(List.of("prices:*"));
            feed.listener().onTrade(trade(1, now));
            Eventually.holds(
                    "a snapshot",
                    PATIENCE,
                    () -> !client.read(replica -> replica.rows("prices:AAPL")).isEmpty());
            feed.listener().onTrade(trade(2, now + 1));
            Eventually.holds(
                    "lag to the socket and to the store",
                    PATIENCE,
                    () -> steps(server).containsAll(List.of("receipt", "bars", "store", "socket")));
            Map<String, Double> values = values(Requests.get(server, "/metrics").body());
            assertThat(values)
                    .containsEntry("tsdash_connections{transport=\"websocket\"}", 1.0)
                    .containsEntry("tsdash_connections_opened_total{transport=\"websocket\"}", 1.0);
            assertThat(values.get("tsdash_messages_total{direction=\"in\"}")).isPositive();
            assertThat(values.get("tsdash_bytes_total{direction=\"out\"}")).isGreaterThan(100);
        }
    }

    @Test
    void onlyWhereNativeHistogramsAreOnIsThePageInTheFormThatHoldsThem() {
        try (ReferenceServer server = server(Map.of("native-histograms", "true"))) {
            assertThat(typeFor(server, PROTOBUF)).isEqualTo(PROTOBUF);
            assertThat(typeFor(server, "text/plain")).startsWith("text/plain");
        }
        try (ReferenceServer server = server(Map.of())) {
            assertThat(typeFor(server, PROTOBUF)).startsWith("text/plain");
        }
        assertThatThrownBy(() -> server(Map.of("native-histograms", "yes")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("native-histograms was 'yes' but it must be true or false");
    }

    @Test
    void metricsAreReadByThoseWhoMay() throws Exception {
        Path secret = Files.write(folder.resolve("secret"), new byte[64]);
        Map<String, String> asks = Map.of("auth", "secret:" + secret, "auth-issuer", "desk", "auth-audience", "tsdash");
        try (ReferenceServer server = server(asks)) {
            assertThat(Requests.get(server, "/metrics").statusCode()).isEqualTo(401);
        }
        Map<String, String> open = new HashMap<>(asks);
        open.put("metrics", "open");
        try (ReferenceServer server = server(open)) {
            assertThat(Requests.get(server, "/metrics").statusCode()).isEqualTo(200);
            assertThat(Requests.get(server, "/symbols").statusCode()).isEqualTo(401);
            assertThat(values(Requests.get(server, "/metrics").body()))
                    .containsEntry("tsdash_access_refused_total{code=\"4401\"}", 1.0);
        }
        try (ReferenceServer server = server(Map.of("metrics", "off"))) {
            assertThat(Requests.get(server, "/metrics").statusCode()).isEqualTo(404);
        }
    }

    private ReferenceServer server(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(
                Map.of("port", "0", "data", folder.toString(), "feed", "none", "orders", "none", "drain", "0s"));
        settings.putAll(more);
        return new ReferenceServer(ServerSettings.of(settings), feed, TimeSource.system());
    }

    private Trade trade(long id, long nanos) {
        return new Trade("AAPL", nanos, now, id, 10, 1, Side.UNKNOWN, true, true, 0);
    }

    private static String typeFor(ReferenceServer server, String accept) {
        return Requests.get(server, "/metrics", "Accept", accept)
                .headers()
                .firstValue("Content-Type")
                .orElseThrow();
    }

    private static double bars(ReferenceServer server, String state) {
        return values(Requests.get(server, "/metrics").body())
                .getOrDefault("tsdash_bars_total{state=\"" + state + "\"}", 0.0);
    }

    private static Set<String> steps(ReferenceServer server) {
        Set<String> steps = new HashSet<>();
        values(Requests.get(server, "/metrics").body()).forEach((name, value) -> {
            if (name.startsWith("tsdash_stream_lag_seconds_count{") && value > 0) {
                steps.add(name.substring(name.indexOf('"') + 1, name.lastIndexOf('"')));
            }
        });
        return steps;
    }

    /** Returns the families of ours; a histogram's highest value is one that Micrometer adds. */
    private static Set<String> names(String scrape) {
        Set<String> names = new HashSet<>();
        for (String line : scrape.split("\n", -1)) {
            String[] words = line.split(" ", -1);
            if (line.startsWith("# TYPE ") && (words[2].startsWith("tsdash_") || words[2].startsWith("http_"))) {
                names.add(
                        words[2].endsWith("_max") && !words[2].equals("tsdash_session_queue_max_bytes")
                                ? words[2].substring(0, words[2].length() - "_max".length())
                                : words[2]);
            }
        }
        return names;
    }

    private static Map<String, Double> values(String scrape) {
        Map<String, Double> values = new HashMap<>();
        Arrays.stream(scrape.split("\n", -1))
                .filter(line -> !line.startsWith("#") && !line.isEmpty())
                .forEach(line -> values.put(
                        line.substring(0, line.lastIndexOf(' ')),
                        Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
        return values;
    }

    private String promtool(String scrape) throws IOException, InterruptedException {
        Path input = Files.writeString(folder.resolve("scrape.txt"), scrape);
        Process check = new ProcessBuilder("promtool", "check", "metrics")
                .redirectInput(input.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return check.waitFor() == 0 ? said : said + " (exit code " + check.exitValue() + ")";
    }
}
