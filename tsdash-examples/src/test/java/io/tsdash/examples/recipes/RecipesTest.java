package io.tsdash.examples.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.RedisServer;
import io.tsdash.error.ConfigurationException;
import io.tsdash.examples.server.ServerSettings;
import io.tsdash.source.Feed;
import io.tsdash.spi.Feeds;
import io.tsdash.time.TimeSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RecipesTest {
    private static final String[] NO_ARGUMENTS = {};

    @TempDir
    Path folder;

    @Test
    void barsInFiveLinesPrintsABarForEachMinute() throws Exception {
        List<String> lines = output(() -> BarsInFiveLines.main(NO_ARGUMENTS));
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0))
                .contains("symbol=AAPL, interval=1m", "open=150.25, high=150.5, low=150.25, close=150.5, volume=300.0");
        assertThat(lines.get(1)).contains("open=150.4", "volume=50.0", "tradeCount=1", "state=CLOSED");
    }

    @Test
    void barsInKafkaStreamsPrintsItsTopics() throws Exception {
        assertThat(output(() -> BarsInKafkaStreams.main(NO_ARGUMENTS)))
                .containsExactly("reads trades, writes [aggregates-1s, aggregates-1m, averages, trades.dead]");
    }

    @Test
    void measuredServerPrintsWhatItWasAsked() throws Exception {
        assertThat(output(() -> MeasuredServer.main(NO_ARGUMENTS)))
                .containsExactly("http_server_request_duration_seconds_count{http_request_method=\"GET\","
                        + "http_response_status_code=\"200\",http_route=\"/symbols\"} 1");
    }

    @Test
    void revisedBarsPrintsEachRevisionAndWhatIsInNoBar() throws Exception {
        assertThat(output(() -> RevisedBars.main(NO_ARGUMENTS)))
                .containsExactly(
                        "CLOSED revision 0: close 150.5, volume 300.0",
                        "REVISED revision 1: close 150.75, volume 310.0",
                        "OPEN revision 0: close 150.4, volume 50.0",
                        "REVISED revision 2: close 150.5, volume 300.0",
                        "REVISED revision 3: close 150.45, volume 300.0",
                        "trade 2 is DUPLICATE",
                        "trade 1 is TOO_LATE",
                        "CLOSED revision 0: close 150.4, volume 50.0");
    }

    @Test
    void priceThatStaysIsStaleWhileTheFeedIsAway() throws Exception {
        assertThat(output(() -> PriceThatStays.main(NO_ARGUMENTS)))
                .containsExactly("150.5 from feed", "150.25 from cache, stale", "150.5 from feed");
    }

    @Test
    void guardedCallsAreTriedAgainAndThenNotAtAll() throws Exception {
        assertThat(output(() -> GuardedCalls.main(NO_ARGUMENTS)))
                .containsExactly(
                        "150.25 / 150.5",
                        "it failed",
                        "quotes is OPEN",
                        "it failed",
                        "not even tried",
                        "not even tried");
    }

    @Test
    void limitedUsersPassAsFastAsTheyMay() throws Exception {
        assertThat(output(() -> LimitedUsers.main(NO_ARGUMENTS)))
                .containsExactly(
                        "one order goes out",
                        "two more within a second: true",
                        "nothing at once after a start: true",
                        "ann: true, 0 left",
                        "ann again: false, later");
    }

    @Test
    void tracedTradesAreAShareOfAll() throws Exception {
        assertThat(output(() -> TracedTrades.main(NO_ARGUMENTS)))
                .singleElement()
                .asString()
                .matches("followed: (7|8|9|10|11|12|13)\\d of 100000");
    }

    @Test
    void busByNameGivesEventsToWorkAndView() throws Exception {
        assertThat(output(() -> BusByName.main(NO_ARGUMENTS)))
                .containsExactly("all acknowledged: true, 1 stored, 1 seen");
    }

    @Test
    void ownRecordPrintsAFewBytesForEachChange() throws Exception {
        assertThat(output(() -> OwnRecord.main(NO_ARGUMENTS)))
                .containsExactly(
                        "14 bytes: rates 1250000.25 LONG",
                        "2 bytes: rates 1250000.5 LONG",
                        "3 bytes: rates 1249998.75 LONG",
                        "7 bytes: rates -400.5 SHORT");
    }

    @Test
    void profileAndRollingAveragePrintsLevelsAndAverages() throws Exception {
        assertThat(output(() -> ProfileAndRollingAverage.main(NO_ARGUMENTS)))
                .containsExactly(
                        "average 150.1 and vwap 150.1 of 1",
                        "average 150.2 and vwap 150.25 of 2",
                        "average 150.35 and vwap 150.325 of 2",
                        "from 150.0: volume 100.0",
                        "from 150.25: volume 400.0");
    }

    @Test
    void rollUpBarsPrintsOneBarOfFiveMinutes() throws Exception {
        List<String> lines = output(() -> RollUpBars.main(NO_ARGUMENTS));
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0))
                .contains(
                        "interval=5m",
                        "open=150.25, high=150.75, low=150.25, close=150.5, volume=150.0",
                        "tradeCount=3");
    }

    @Test
    void busWithTwoConsumersGivesBothEverything() throws Exception {
        assertThat(output(() -> BusWithTwoConsumers.main(NO_ARGUMENTS)))
                .containsExactly("all acknowledged: true", "ledger: 2 trades, lag 0", "screen: 3 events, 0 dropped");
    }

    @Test
    void storeAndQueryFindsEachTradeOnceAndMakesBarsOfThem() throws Exception {
        String file = folder.resolve("recipe.duckdb").toString();
        List<String> lines = output(() -> StoreAndQuery.main(new String[] {file}));
        assertThat(lines).hasSize(7);
        assertThat(lines.get(0)).isEqualTo("first: AppendResult[inserted=3, replaced=0, duplicates=0]");
        assertThat(lines.get(1)).isEqualTo("again: AppendResult[inserted=0, replaced=0, duplicates=3]");
        assertThat(lines.get(2)).startsWith("Trade[symbol=AAPL").contains("sequence=1, price=150.25");
        assertThat(lines.get(5)).contains("interval=90s", "close=150.75", "volume=120.0");
        assertThat(lines.get(6)).contains("interval=90s", "close=150.5", "volume=30.0");
    }

    @Test
    void writeThroughFailuresStoresWhatItIsGiven() throws Exception {
        String file = folder.resolve("recipe.duckdb").toString();
        String spill = folder.resolve("spill").toString();
        assertThat(output(() -> WriteThroughFailures.main(new String[] {"duckdb", file, spill})))
                .singleElement()
                .asString()
                .contains("accepted=3, stored=3, duplicates=0, spilled=0, setAside=0, lost=0, queued=0, onDisk=0");
    }

    @Test
    void embeddedServerIsFollowedByItsClient() throws Exception {
        assertThat(output(() -> EmbeddedServer.main(NO_ARGUMENTS)))
                .contains("connected", "snapshot: price 150.25", "delta: price 150.5")
                .last()
                .asString()
                .startsWith("in all: [{")
                .contains("symbol=AAPL", "price=150.5", "volume=150.0");
    }

    @Test
    void ownFeedTellsTradesGapsAndWhatItRefused() throws Exception {
        try (ServerSocket venue = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(venue, """
                    1 AAPL 1723127400000000000 150.25 100
                    not a trade
                    4 AAPL 1723127401000000000 150.5 50
                    """));
            String feed = "lines:127.0.0.1:" + venue.getLocalPort();
            List<String> lines = output(() -> OwnFeed.main(new String[] {feed}));
            sending.get(10, TimeUnit.SECONDS);
            assertThat(lines)
                    .containsExactly(
                            "feed is CONNECTING",
                            "feed is LIVE",
                            "AAPL 150.25 x 100.0",
                            "refused: line was 'not a trade' but it must have 5 parts",
                            "gap: 2 missing after 1",
                            "AAPL 150.5 x 50.0",
                            "feed is DOWN",
                            "feed is ENDED");
        }
    }

    @Test
    void ownFeedRefusesAnAddressWithoutPort() {
        for (String argument : List.of("", "localhost", "localhost:", "localhost:0", "localhost:70000", ":80")) {
            assertThatThrownBy(() -> Feeds.open("lines:" + argument, Map.of(), TimeSource.system()))
                    .as(argument)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage("feed was 'lines:" + argument + "' but it must be lines:HOST:PORT");
        }
    }

    @Test
    void ownFeedCanBeTheFeedOfTheReferenceServer() {
        ServerSettings settings = ServerSettings.of(Map.of("feed", "lines:127.0.0.1:9000"));
        try (Feed feed = Feeds.open(settings.feed(), settings.feedOptions(), TimeSource.system())) {
            assertThat(feed.name()).isEqualTo("lines:127.0.0.1:9000");
        }
    }

    @Test
    void cachesAndLimitsOnRedis() throws Exception {
        try (RedisServer redis = RedisServer.start(folder)) {
            assertThat(output(() -> CacheInTwoLevels.main(new String[] {redis.address()})))
                    .containsExactly("looks AAPL up", "Apple Inc.", "Apple Inc.", "1 of 2 from the cache");
            assertThat(output(() -> LimitOverNodes.main(new String[] {redis.address()})))
                    .containsExactly("5 of 7 passed");
        }
    }

    @Test
    void writeBehindACacheStoresTheNewestOfEach() throws Exception {
        assertThat(output(() -> WriteBehindACache.main(new String[] {folder.toString()})))
                .containsExactly("in the cache: 150.5", "stored: AAPL 150.5", "stored: MSFT 402.5");
    }

    private static void send(ServerSocket venue, String text) {
        try (Socket connection = venue.accept();
                OutputStream out = connection.getOutputStream()) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private interface Recipe {
        void run() throws Exception;
    }

    /** Runs a recipe and returns the lines that it printed. */
    private static List<String> output(Recipe recipe) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            recipe.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
