package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The reference server on a clock by hand, with a steady feed, someone who follows all prices, some who ask, and one who comes and
 * goes; {@code /metrics} is scraped as Prometheus would.
 *
 * <p>The clock is moved on only when all that came is in bars, store and socket, and measured there. So by this clock no step takes any
 * time, however busy the machine is. One thread.
 */
final class VirtualMarket implements AutoCloseable {
    private static final long OPENING_NANOS = 1_767_623_400_000_000_000L; // 2026-01-05T14:30Z
    /** From the venue to here. */
    private static final Duration WAY = Duration.ofMillis(20);

    private static final int STEPS_BETWEEN_VISITS = 20;
    private static final int SYMBOLS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern SENT = Pattern.compile("(?m)^tsdash_messages_total\\{direction=\"out\"} (\\S+)$");

    private final ManualTimeSource time = new ManualTimeSource(OPENING_NANOS);
    private final HttpClient client = HttpClient.newHttpClient();
    private final HandFeed feed = new HandFeed();
    private final Scrapes scrapes = new Scrapes();
    private final ReferenceServer server;
    private final FeedListener to;
    private final Onlooker onlooker;
    private int visitorsHeard;
    private int steps;
    private boolean live;

    VirtualMarket(Path folder) throws Exception {
        server = new ReferenceServer(
                ServerSettings.of(Map.of("port", "0", "data", folder.toString(), "orders", "none")), feed, time);
        server.start();
        to = feed.listener();
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
            if (steps % STEPS_BETWEEN_VISITS == 0) {
                visit();
            }
            scrapes.add(get("/metrics"));
        }
    }

    @Override
    public void close() {
        onlooker.leave();
        server.close();
    }

    /** Each symbol trades once; returns when that is everywhere. */
    private void trade() {
        long now = time.epochNanos();
        long happened = now - WAY.toNanos();
        for (int i = 0; i < SYMBOLS; i++) {
            to.onTrade(new Trade("S" + i, happened, now, steps, 100 + (steps + i) % 10, 1, Side.BUY, true, true, 0));
        }
        assertThat(server.drain(PATIENCE)).isTrue();
        onlooker.await("\"" + happened + "\"", SYMBOLS);
        int heard = onlooker.frames() + visitorsHeard;
        Eventually.holds("what was sent is measured", PATIENCE, () -> sent() >= heard);
    }

    private void visit() {
        Onlooker visitor = Onlooker.at(client, server.port());
        visitor.leave();
        visitorsHeard += visitor.frames();
    }

    /**
     * Each question is answered before the clock moves. So no bars of a minute or more: a cache finds those anew beside it, when they
     * have closed.
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

    private int sent() {
        Matcher sent = SENT.matcher(get("/metrics"));
        assertThat(sent.find()).isTrue();
        return (int) Double.parseDouble(sent.group(1));
    }
}
