package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.PostgresServer;
import io.tsdash.examples.Eventually;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.source.ConnectionState;
import io.tsdash.time.TimeSource;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Questions to a real store that fails in passing, and to one that does not answer. */
@Timeout(120)
class GuardedStoreTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HISTORY = "/historical/trades?symbol=AAPL&limit=10";
    private static final int PLACES = 4;

    @TempDir
    private Path folder;

    private final HandFeed feed = new HandFeed();
    private final long now = TimeSource.system().epochNanos();
    private PostgresServer postgres;
    private ReferenceServer server;

    @BeforeEach
    void start() throws Exception {
        postgres = PostgresServer.start(
                Files.createTempDirectory(Path.of("target"), "postgres-guarded").toAbsolutePath());
        server = new ReferenceServer(
                ServerSettings.of(Map.of(
                        "port", "0",
                        "data", folder.toString(),
                        "store", "timescale",
                        "store-url", "127.0.0.1:" + postgres.port() + "/postgres",
                        "store-user", "postgres",
                        "feed", "none",
                        "orders", "none",
                        "drain", "0s")),
                feed,
                TimeSource.system());
        server.start();
        feed.listener().onState(ConnectionState.LIVE, "");
        feed.listener().onTrade(trade(1, 150.25));
        Eventually.holds("the trade is stored", PATIENCE, () -> server.counts().stored() == 1);
    }

    @AfterEach
    void stop() {
        server.close();
        postgres.close();
    }

    @Test
    void aQuestionThatTheStoreFailsOnceIsAskedAgainAndAnswered() throws SQLException {
        try (Connection other = connect();
                Statement statement = other.createStatement()) {
            Eventually.holds("a question is asked again", PATIENCE, () -> {
                assertThat(Requests.get(server, HISTORY).statusCode()).isEqualTo(200);
                endConnections(statement); // the next finds out, unless it took too long to be asked
                HttpResponse<String> answer = Requests.get(server, HISTORY);
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).contains("150.25");
                return server.events().containsKey("call-retried");
            });
        }
        assertThat(server.events()).containsEntry("call-retried", 1L).doesNotContainKey("call-gave-up");
        assertThat(Requests.get(server, "/metrics").body())
                .contains("\ntsdash_calls_retried_total{guard=\"store\"} 1.0\n");
    }

    @Test
    void whileAllPlacesAreTakenTheNextIsRefusedSoonAndLivePricesGoOn() throws Exception {
        ExecutorService readers = Executors.newCachedThreadPool();
        try (Connection other = connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE tsdash.trades IN ACCESS EXCLUSIVE MODE");
            List<CompletableFuture<HttpResponse<String>>> asked = IntStream.range(0, PLACES + 2)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> Requests.get(server, HISTORY), readers))
                    .toList();
            Eventually.holds(
                    "those without a place are refused, and the others wait",
                    Duration.ofSeconds(5),
                    () -> asked.stream().filter(CompletableFuture::isDone).count() == 2);
            for (CompletableFuture<HttpResponse<String>> each : asked) {
                if (each.isDone()) {
                    assertThat(each.join().statusCode()).isEqualTo(503);
                    assertThat(each.join().headers().firstValue("retry-after")).contains("1");
                    assertThat(each.join().body()).contains("bulkhead 'store' is full: 4 of 4 calls are under way");
                }
            }
            assertThat(server.events()).containsEntry("call-refused", 2L);
            assertThat(Requests.get(server, "/metrics").body())
                    .contains("\ntsdash_calls_refused_total{guard=\"store\"} 2.0\n");

            feed.listener().onTrade(trade(2, 151));
            Eventually.holds(
                    "the next price is live",
                    Duration.ofSeconds(2),
                    () -> Requests.get(server, "/latest?symbol=AAPL").body().contains("\"price\":151"));
            assertThat(Requests.get(server, "/latest?symbol=AAPL").body()).contains("\"source\":\"live\"");
            assertThat(asked.stream().filter(CompletableFuture::isDone)).hasSize(2);

            other.rollback();
            for (CompletableFuture<HttpResponse<String>> each : asked) {
                assertThat(each.get(10, TimeUnit.SECONDS).statusCode()).isIn(200, 503);
            }
            assertThat(asked.stream().filter(each -> each.join().statusCode() == 200))
                    .hasSize(PLACES);
            assertThat(Requests.get(server, HISTORY).statusCode()).isEqualTo(200);
        } finally {
            readers.shutdownNow();
        }
    }

    @Test
    void aQuestionForThePriceOfASymbolThatIsNotLiveIsGivenUpSoon() throws SQLException {
        try (Connection other = connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE tsdash.trades IN ACCESS EXCLUSIVE MODE");
            assertThat(Requests.get(server, "/latest?symbol=NONE").statusCode()).isEqualTo(503);
            assertThat(Requests.get(server, "/metrics").body())
                    .contains("\ntsdash_calls_timed_out_total{guard=\"a source of the latest price\"} 1.0\n")
                    .contains("\ntsdash_fallbacks_total{chain=\"latest\",source=\"store\"} 1.0\n");
            other.rollback();
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/postgres", "postgres", "");
    }

    private static void endConnections(Statement statement) {
        try {
            statement.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity" + " WHERE application_name = 'tsdash'");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private Trade trade(long id, double price) {
        return new Trade("AAPL", now + id, now, id, price, 1, Side.UNKNOWN, true, true, 0);
    }
}
