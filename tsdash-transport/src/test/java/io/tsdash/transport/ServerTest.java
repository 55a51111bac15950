package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.client.Replica;
import io.tsdash.distribution.NewsItem;
import io.tsdash.distribution.PartState;
import io.tsdash.distribution.PartStatus;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServerTest {
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private TestServer server;

    @BeforeEach
    void startServer() throws InterruptedException {
        server = TestServer.start();
        server.trade("AAPL", 1, 10.5);
        server.trade("X:Y", 1, 20.25);
        TestServer.await(
                "both symbols",
                () -> server.hub
                        .ask(channels -> channels.withPrefix("prices:").size() == 2)
                        .join());
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void subscriberGetsSnapshotThenChanges() throws InterruptedException {
        try (Watched client = new Watched("/prices", 0, "prices:AAPL")) {
            client.await("the snapshot", replica -> price(replica, "AAPL") == 10.5);
            server.trade("AAPL", 2, 11);
            client.await("the change", replica -> price(replica, "AAPL") == 11);
            assertThat(client.messages.get(0)).isInstanceOf(ServerMessage.Hello.class);
            assertThat(client.messages.get(1)).isInstanceOf(ServerMessage.Subscribed.class);
            assertThat(client.last(ServerMessage.Delta.class).rows().get(0))
                    .as("only what changed, and the key")
                    .containsOnlyKeys("symbol", "price", "volume", "time");
        }
    }

    @Test
    void patternCoversChannelsThatComeLater() throws InterruptedException {
        try (Watched client = new Watched("/prices", 0, "prices:*")) {
            client.await("a symbol with a colon", replica -> price(replica, "X:Y") == 20.25);
            server.trade("NEW", 2, 3);
            client.await("the new symbol", replica -> price(replica, "NEW") == 3);
        }
    }

    @Test
    void logHasEveryTrade() throws InterruptedException {
        try (Watched client = new Watched("/trades", 100, "trades:AAPL")) {
            client.await("the snapshot", replica -> !replica.rows("trades:AAPL").isEmpty());
            for (int i = 2; i <= 500; i++) {
                server.trade("AAPL", i, i);
            }
            client.await("all trades", replica -> replica.rows("trades:AAPL").size() == 500);
            assertThat(client.gaps()).isZero();
        }
    }

    @Test
    void cutClientResumesWithoutALoss() throws InterruptedException {
        try (Watched client = new Watched("/trades", 0, "trades:*")) {
            client.await("the snapshot", replica -> replica.rows("trades:AAPL").size() == 1);
            client.client.disconnect();
            for (int i = 2; i <= 100; i++) {
                server.trade("AAPL", i, i);
            }
            client.await(
                    "what was missed", replica -> replica.rows("trades:AAPL").size() == 100);
            assertThat(client.client.connectionsMade()).isEqualTo(2);
            assertThat(client.<Long>read(replica -> replica.resets("trades:AAPL")))
                    .isZero();
            assertThat(client.last(ServerMessage.Resumed.class).position().sequence())
                    .isEqualTo(1);
        }
    }

    @Test
    void heartbeatTellsWhatWasConflated() throws InterruptedException {
        try (Watched client = new Watched("/prices", 1000, "prices:AAPL")) {
            client.await("the snapshot", replica -> price(replica, "AAPL") == 10.5);
            for (int i = 2; i <= 50; i++) {
                server.trade("AAPL", i, i);
            }
            client.await("the last price", replica -> price(replica, "AAPL") == 50);
            client.await("the count", replica -> replica.conflated() > 0);
        }
    }

    @Test
    void pricesOfAStaleFeedAreMarked() throws InterruptedException {
        try (Watched client = new Watched("/prices", 0, "prices:AAPL", "status")) {
            server.market.status(PartStatus.of("feed", PartState.DOWN, 5, "cable cut"));
            client.await(
                    "the mark",
                    replica -> Boolean.TRUE.equals(row(replica, "prices:AAPL").get("stale")));
            assertThat(client.<Map<String, @Nullable Object>>read(replica -> row(replica, "status")))
                    .containsEntry("state", "DOWN")
                    .containsEntry("reason", "cable cut");
            server.market.status(PartStatus.of("feed", PartState.LIVE, 6, ""));
            client.await(
                    "the mark to go",
                    replica -> Boolean.FALSE.equals(row(replica, "prices:AAPL").get("stale")));
        }
    }

    @Test
    void retractedBarIsSentWithoutTrades() throws InterruptedException {
        try (Watched client = new Watched("/prices", 0, "bars:1m:*")) {
            server.market.bars(List.of(bar(0, 5, 3, 0)));
            client.await("the bar", replica -> replica.rows("bars:1m:AAPL").size() == 1);
            server.market.bars(List.of(bar(0, Double.NaN, 0, 1)));
            client.await(
                    "the retraction",
                    replica ->
                            Long.valueOf(0).equals(row(replica, "bars:1m:AAPL").get("trades")));
        }
    }

    @Test
    void closingServerTellsClientsToComeBack() throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            socket.upgrade("/prices", "");
            socket.frameWith("hello");
            server.server.close();
            assertThat(socket.frameWith("close")).startsWith("close 4001");
        }
    }

    @Test
    void streamResumesByLastEventId() throws IOException, InterruptedException {
        server.market.news(new NewsItem(1, "one", "", List.of("AAPL")));
        String id;
        try (Events events = new Events("/news", "")) {
            assertThat(events.next("snapshot")).contains("\"title\":\"one\"").contains("\"symbols\":[\"AAPL\"]");
            id = events.id;
            assertThat(id).isNotEmpty();
        }
        server.market.news(new NewsItem(2, "two", "", List.of()));
        try (Events events = new Events("/news", id)) {
            assertThat(events.next("resumed")).contains("\"seq\":1");
            assertThat(events.next("delta"))
                    .contains("\"prev\":1")
                    .contains("\"title\":\"two\"")
                    .doesNotContain("\"one\"");
        }
        try (Events events = new Events("/news", "otherlife-1")) {
            assertThat(events.next("snapshot")).contains("\"reason\":\"RESET\"");
        }
    }

    @Test
    void streamCarriesPrices() throws IOException {
        try (Events events = new Events("/stream?channels=prices:AAPL,status&intervalMillis=0", "")) {
            assertThat(events.next("snapshot")).contains("\"price\":10.5");
            assertThat(events.next("heartbeat")).contains("\"conflated\":0");
        }
    }

    @Test
    void pagesOfTradesJoinWithoutOverlapOrHole() throws IOException, InterruptedException {
        for (int i = 2; i <= 25; i++) {
            server.trade("AAPL", i, i);
        }
        StringBuilder ids = new StringBuilder();
        String cursor = "";
        int pages = 0;
        do {
            String body = server.get("/historical/trades?symbol=AAPL&limit=10" + cursor)
                    .body();
            java.util.regex.Matcher id =
                    java.util.regex.Pattern.compile("\"id\":\"(\\d+)\"").matcher(body);
            while (id.find()) {
                ids.append(id.group(1)).append(' ');
            }
            java.util.regex.Matcher next =
                    java.util.regex.Pattern.compile("\"next\":\"([^\"]+)\"").matcher(body);
            cursor = next.find() ? "&cursor=" + next.group(1) : "";
            pages++;
        } while (!cursor.isEmpty());
        StringBuilder expected = new StringBuilder();
        for (int i = 1; i <= 25; i++) {
            expected.append(i).append(' ');
        }
        assertThat(ids).hasToString(expected.toString());
        assertThat(pages).isEqualTo(3);
    }

    @Test
    void gapsBetweenBarsAreFilledWhenAsked() throws IOException, InterruptedException {
        server.store.upsertBars(List.of(bar(0, 5, 3, 0), bar(3, 7, 2, 0)));
        String plain = server.get("/historical/bars?symbol=AAPL&interval=1m").body();
        assertThat(plain).doesNotContain("filled").contains("\"openTime\":\"" + 3 * MINUTE_NANOS + "\"");
        String filled = server.get("/historical/bars?symbol=AAPL&interval=1m&fill=previous")
                .body();
        assertThat(filled)
                .contains("{\"openTime\":\"60000000000\",\"closeTime\":\"120000000000\",\"open\":5.0,\"high\":5.0")
                .contains("\"openTime\":\"120000000000\"");
        String page = server.get("/historical/bars?symbol=AAPL&interval=1m&fill=previous&from=0&limit=2")
                .body();
        assertThat(page).contains("\"next\":\"60000000000_0\"");
        String rest = server.get(
                        "/historical/bars?symbol=AAPL&interval=1m&fill=previous&from=0&limit=2&cursor=60000000000_0")
                .body();
        assertThat(rest)
                .contains("\"openTime\":\"120000000000\"")
                .contains("\"openTime\":\"180000000000\"")
                .doesNotContain("\"openTime\":\"60000000000\"");
    }

    @Test
    void newestBarsComeWhenNoStartIsGiven() throws IOException, InterruptedException {
        server.store.upsertBars(List.of(bar(0, 5, 3, 0), bar(1, 6, 3, 0), bar(2, 7, 3, 0)));
        String body =
                server.get("/historical/bars?symbol=AAPL&interval=1m&limit=2").body();
        assertThat(body)
                .contains("\"openTime\":\"60000000000\"")
                .contains("\"openTime\":\"120000000000\"")
                .doesNotContain("\"openTime\":\"0\"");
    }

    @Test
    void aggregatesAreMadeFromTrades() throws IOException, InterruptedException {
        server.trade("AAPL", 2, 11.5);
        server.trade("AAPL", 62, 12.5);
        assertThat(server.get("/aggregates/vwap?symbol=AAPL&to=1970-01-01T00:01:00Z")
                        .body())
                .contains("\"vwap\":11.0")
                .contains("\"volume\":4.0")
                .contains("\"trades\":2");
        assertThat(server.get("/aggregates/profile?symbol=AAPL&step=0.5&from=0").body())
                .contains("{\"price\":10.5,\"volume\":2.0,\"trades\":1}");
        assertThat(server.get("/aggregates/rolling?symbol=AAPL&window=30s&from=0")
                        .body())
                .contains("{\"time\":\"2000000000\",\"average\":11.0,\"vwap\":11.0,\"trades\":2}")
                .contains("{\"time\":\"62000000000\",\"average\":12.5,\"vwap\":12.5,\"trades\":1}");
        assertThat(server.get("/aggregates/bars?symbol=AAPL&interval=2m").body())
                .contains("\"close\":12.5")
                .contains("\"trades\":3");
    }

    @Test
    void latestAndSymbolsAreAnswered() throws IOException, InterruptedException {
        assertThat(server.get("/latest?symbol=AAPL").body()).contains("\"price\":10.5");
        assertThat(server.get("/latest").body()).contains("\"AAPL\"").contains("\"X:Y\"");
        assertThat(server.get("/symbols").body()).isEqualTo("{\"symbols\":[\"AAPL\",\"X:Y\"]}");
    }

    @Test
    void pageIsServedWithTypeAndTag() throws IOException, InterruptedException {
        HttpResponse<String> page = server.get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("<title>test");
        assertThat(page.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("cache-control")).contains("no-cache");
        String tag = page.headers().firstValue("etag").orElseThrow();
        assertThat(server.get("/", "if-none-match", tag).statusCode()).isEqualTo(304);
        HttpResponse<String> script = server.get("/assets/app-1a2b.js");
        assertThat(script.headers().firstValue("content-type")).contains("text/javascript; charset=utf-8");
        assertThat(script.headers().firstValue("cache-control").orElseThrow()).contains("immutable");
    }

    @Test
    void healthSaysWhyItIsNotReady() throws IOException, InterruptedException {
        try (TestServer sick = TestServer.start(
                io.tsdash.store.MarketStore.inMemory(),
                options -> options.readyWhen("feed", () -> Optional.of("not connected")))) {
            assertThat(sick.get("/health/live").body()).isEqualTo("{\"status\":\"UP\"}");
            HttpResponse<String> ready = sick.get("/health/ready");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).contains("\"feed\":\"not connected\"");
        }
        assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void latestSaysWhereItComesFromAndIsMarkedWhileTheFeedIsNotLive() throws Exception {
        try (TestServer own = TestServer.start()) {
            own.trade("IBM", 5, 10.5);
            TestServer.await("a live price", () -> body(own).contains("\"source\":\"live\""));
            assertThat(body(own)).contains("\"price\":10.5").doesNotContain("ageMillis");
            own.market.status(PartStatus.of("feed", PartState.DOWN, 0, "cut off"));
            TestServer.await("a stale price", () -> body(own).contains("\"stale\":true"));
            assertThat(body(own))
                    .contains("\"price\":10.5", "\"source\":\"last\"")
                    .containsPattern("\"ageMillis\":\\d+");
            own.market.status(PartStatus.of("feed", PartState.LIVE, 0, ""));
            TestServer.await("a live price again", () -> body(own).contains("\"source\":\"live\""));
        }
    }

    private static String body(TestServer server) {
        try {
            return server.get("/latest?symbol=IBM").body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aPartThatIsAwayLeavesTheServerReadyAndDegraded() throws IOException, InterruptedException {
        try (TestServer lame = TestServer.start(
                io.tsdash.store.MarketStore.inMemory(),
                options -> options.degradedWhen("store", () -> Optional.of("connection refused"))
                        .degradedWhen("cache", Optional::empty))) {
            assertThat(lame.get("/health/ready").statusCode()).isEqualTo(200);
            HttpResponse<String> health = lame.get("/health");
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.body())
                    .isEqualTo("{\"status\":\"DEGRADED\",\"parts\":{\"server\":{\"status\":\"UP\"},"
                            + "\"store\":{\"status\":\"DEGRADED\",\"reason\":\"connection refused\"},"
                            + "\"cache\":{\"status\":\"UP\"}}}");
        }
        assertThat(server.get("/health").body()).startsWith("{\"status\":\"UP\"");
    }

    private static Bar bar(long minute, double price, long trades, int revision) {
        return new Bar(
                "AAPL",
                Interval.parse("1m"),
                minute * MINUTE_NANOS,
                (minute + 1) * MINUTE_NANOS,
                price,
                price,
                price,
                price,
                trades,
                trades * price,
                trades,
                minute * MINUTE_NANOS,
                minute * MINUTE_NANOS,
                revision,
                BarState.CLOSED);
    }

    private static Map<String, @Nullable Object> row(Replica replica, String channel) {
        List<Map<String, @Nullable Object>> rows = replica.rows(channel);
        return rows.isEmpty() ? Map.of() : rows.get(rows.size() - 1);
    }

    private static double price(Replica replica, String symbol) {
        return row(replica, "prices:" + symbol).get("price") instanceof Double price ? price : Double.NaN;
    }

    /** A client and all it heard. */
    private final class Watched implements AutoCloseable, TsdashClientListener {
        final List<ServerMessage> messages = new CopyOnWriteArrayList<>();
        final List<Replica.Outcome> outcomes = new CopyOnWriteArrayList<>();
        final TsdashClient client;

        Watched(String path, int intervalMillis, String... channels) {
            client = TsdashClient.connect(server.socket(path), intervalMillis, 10_000, this);
            client.subscribe(List.of(channels));
        }

        @Override
        public void message(ServerMessage message, Replica.Outcome outcome) {
            if (!(message instanceof ServerMessage.Heartbeat)) {
                messages.add(message);
            }
            outcomes.add(outcome);
        }

        @Override
        public void connection(boolean open, String reason) {}

        void await(String what, Predicate<Replica> holds) {
            TestServer.await(what, () -> client.read(holds::test));
        }

        <T> T read(java.util.function.Function<Replica, T> reader) {
            return client.read(reader);
        }

        long gaps() {
            return outcomes.stream().filter(each -> each == Replica.Outcome.GAP).count();
        }

        <T extends ServerMessage> T last(Class<T> type) {
            return messages.stream()
                    .filter(type::isInstance)
                    .map(type::cast)
                    .reduce((first, second) -> second)
                    .orElseThrow();
        }

        @Override
        public void close() {
            client.close();
        }
    }

    /** A stream of events, read line by line. */
    private final class Events implements AutoCloseable {
        private final InputStream in;
        private final BufferedReader lines;
        private String id = "";

        Events(String path, String lastEventId) throws IOException {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.server.port() + path));
            if (!lastEventId.isEmpty()) {
                request.header("Last-Event-ID", lastEventId);
            }
            try {
                HttpResponse<InputStream> response =
                        TestServer.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
                assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
                in = response.body();
                lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        /** Returns the data of the next event of this kind. */
        String next(String kind) throws IOException {
            String event = "";
            String data = "";
            while (true) {
                String line = lines.readLine();
                assertThat(line).as("the stream ended before " + kind).isNotNull();
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    event = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data = line.substring(6);
                } else if (line.isEmpty() && event.equals(kind)) {
                    return data;
                }
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    @Test
    void newcomerIsToldWhyItGetsASnapshot() {
        try (Watched client = new Watched("/prices", 0, "prices:AAPL")) {
            client.await("the snapshot", replica -> price(replica, "AAPL") == 10.5);
            assertThat(client.last(ServerMessage.Snapshot.class).reason()).isEqualTo(SnapshotReason.SUBSCRIBED);
        }
    }
}
