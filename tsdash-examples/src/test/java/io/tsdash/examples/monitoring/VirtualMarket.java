package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.RedisServer;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.server.HandFeed;
import io.tsdash.examples.server.ReferenceServer;
import io.tsdash.examples.server.ServerSettings;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.FeedListener;
import io.tsdash.testkit.ManualTimeSource;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * The reference server on a clock by hand, with a steady feed, someone who follows all prices, some who ask, and one who comes and
 * goes; {@code /metrics} is scraped as Prometheus would. It leads a relay over a real Redis, where its charts are too, and stores into a
 * real PostgreSQL.
 *
 * <p>The clock is moved on only when all that came is in bars, store, relay and socket, and measured there. So by this clock no step takes
 * any time, however busy the machine is; what goes by Redis's own clock, the lease, stays so. One thread.
 */
final class VirtualMarket implements AutoCloseable {
    private static final long OPENING_NANOS = 1_767_623_400_000_000_000L; // 2026-01-05T14:30Z
    /** From the venue to here. */
    private static final Duration WAY = Duration.ofMillis(20);

    private static final int STEPS_BETWEEN_VISITS = 20;
    private static final int STEPS_BETWEEN_CHARTS = 4; // a minute
    private static final long HOUR_NANOS = Duration.ofHours(1).toNanos();
    /** Of the server, by default: so long after an hour's end its bars close. */
    private static final long LATENESS_NANOS = Duration.ofSeconds(5).toNanos();

    private static final int SYMBOLS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String SENT = "tsdash_messages_total{direction=\"out\"}";
    private static final String CHARTS_FOUND =
            "tsdash_cache_load_duration_seconds_count{cache=\"bars-5m\",outcome=\"ok\"}";

    private final ManualTimeSource time = new ManualTimeSource(OPENING_NANOS);
    private final HttpClient client = HttpClient.newHttpClient();
    private final HandFeed feed = new HandFeed();
    private final Scrapes scrapes = new Scrapes();
    private final RedisServer redis;
    private final PostgresServer postgres;
    private final ReferenceServer server;
    private final FeedListener to;
    private final Onlooker onlooker;
    private int visitorsHeard;
    private int steps;
    private boolean live;

    VirtualMarket(Path folder) throws Exception {
        redis = RedisServer.start(folder.resolve("redis"));
        // Its own user must reach it, so it is not in a folder of tests.
        postgres = PostgresServer.start(
                Files.createTempDirectory(Path.of("target"), "postgres-quiet").toAbsolutePath());
        Map<String, String> settings = Map.of(
                "port",
                "0",
                "data",
                folder.toString(),
                "store",
                "timescale",
                "store-url",
                "127.0.0.1:" + postgres.port() + "/postgres",
                "store-user",
                "postgres",
                "relay",
                redis.address(),
                "cache",
                redis.address());
        server = new ReferenceServer(ServerSettings.of(settings), feed, time);
        server.start();
        to = feed.listener();
        await("it leads", "tsdash_relay_leading", 1);
        onlooker = Onlooker.at(client, server.port());
        onlooker.send("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:*\",\"status\"],\"intervalMillis\":0}");
        onlooker.await("\"subscribed\"", 1);
    }

    /** Returns all that was scraped. */
    Scrapes scrapes() {
        return scrapes;
    }

    /** The feed comes, or goes; returns when clients have been told. */
    void feed(ConnectionState state) {
        live = state == ConnectionState.LIVE;
        to.onState(state, "by hand");
        onlooker.await("\"name\":\"by hand\"[^}]*\"state\":\"" + state + "\"", 1);
    }

    /** Lets time go by, from one scrape to the next. */
    void live(Duration span) {
        for (long i = span.dividedBy(Scrapes.INTERVAL); i > 0; i--) {
            time.advance(Scrapes.INTERVAL);
            steps++;
            if (live) {
                trade();
            }
            ask();
            if (steps % STEPS_BETWEEN_CHARTS == 0) {
                get("/historical/bars?interval=1h&limit=20&symbol=S0");
            }
            if (steps % STEPS_BETWEEN_VISITS == 0) {
                visit();
            }
            await("the relay has shown a sign of life since", "tsdash_relay_up", 1);
            Eventually.holds("bars that closed are stored", PATIENCE, this::barsAreStored);
            scrapes.add(get("/metrics"));
        }
    }

    @Override
    public void close() {
        onlooker.leave();
        server.close();
        postgres.close();
        redis.close();
    }

    /** Each symbol trades once; returns when that is everywhere. */
    private void trade() {
        long now = time.epochNanos();
        long happened = now - WAY.toNanos();
        int found = (int) value(CHARTS_FOUND);
        for (int i = 0; i < SYMBOLS; i++) {
            to.onTrade(new Trade("S" + i, happened, now, steps, 100 + (steps + i) % 10, 1, Side.BUY, true, true, 0));
        }
        assertThat(server.drain(PATIENCE)).isTrue();
        onlooker.await("\"" + happened + "\"", SYMBOLS);
        int heard = onlooker.frames() + visitorsHeard;
        await("what was sent is measured", SENT, heard);
        if (hour(happened) > hour(happened - Scrapes.INTERVAL.toNanos()) && steps > STEPS_BETWEEN_CHARTS) {
            await("as an hour closed, its chart was found anew", CHARTS_FOUND, found + 1);
        }
    }

    private static long hour(long happened) {
        return (happened - LATENESS_NANOS) / HOUR_NANOS;
    }

    private void visit() {
        Onlooker visitor = Onlooker.at(client, server.port());
        visitor.leave();
        visitorsHeard += visitor.frames();
    }

    /**
     * Each question is answered before the clock moves. So no bars of some minutes: a cache finds those anew beside it, when they have
     * closed; of hours, one does while this lives.
     */
    private void ask() {
        String symbol = "symbol=S" + steps % SYMBOLS;
        get("/latest?" + symbol);
        get("/historical/bars?interval=1s&limit=20&" + symbol);
        get("/aggregates/vwap?" + symbol);
    }

    private String get(String path) {
        try {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                            .timeout(PATIENCE)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            return answer.body();
        } catch (IOException e) {
            throw new AssertionError(path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(path, e);
        }
    }

    private boolean barsAreStored() {
        return get("/metrics")
                .lines()
                .filter(line -> line.startsWith("tsdash_bars_behind_seconds{"))
                .allMatch(line -> line.endsWith(" 0.0"));
    }

    private void await(String what, String series, int least) {
        Eventually.holds(what, PATIENCE, () -> value(series) >= least);
    }

    /** Returns the value of a series now; 0 while there is none. */
    private double value(String series) {
        return get("/metrics")
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElse(0);
    }
}
