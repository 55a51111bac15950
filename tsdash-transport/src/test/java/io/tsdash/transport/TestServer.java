package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** A server on a free port with a hub and a store in memory. */
final class TestServer implements AutoCloseable {
    static {
        LeakWatch.install();
    }

    static final HttpClient HTTP = HttpClient.newHttpClient();

    final Hub hub;
    final MarketChannels market;
    final MarketStore store;
    final TsdashServer server;

    private TestServer(MarketStore store, UnaryOperator<TsdashServerBuilder> options) {
        this.store = store;
        hub = Hub.builder().heartbeat(Duration.ofMillis(200)).build();
        market = MarketChannels.builder(hub)
                .intervals(List.of(Interval.parse("1m")))
                .build();
        hub.start();
        server = options.apply(TsdashServer.builder(hub, store)
                        .port(0)
                        .idle(Duration.ofSeconds(5))
                        .staticFolder("META-INF/resources/testpage"))
                .start();
    }

    static TestServer start() {
        return new TestServer(MarketStore.inMemory(), UnaryOperator.identity());
    }

    static TestServer start(MarketStore store, UnaryOperator<TsdashServerBuilder> options) {
        return new TestServer(store, options);
    }

    void trade(String symbol, long seconds, double price) throws InterruptedException {
        Trade trade = Trade.of(symbol, seconds * 1_000_000_000L, seconds, price, 2);
        store.appendTrades(List.of(trade));
        market.events("feed", List.of(trade));
    }

    URI socket(String path) {
        return URI.create("ws://127.0.0.1:" + server.port() + path);
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(10));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Waits until something holds, or fails after some seconds. */
    static void await(String what, BooleanSupplier holds) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long: " + what).isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        server.close();
        hub.close();
        store.close();
        LeakWatch.assertNone();
    }
}
