package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.LatestPrices;
import io.tsdash.distribution.PriceCounts;
import io.tsdash.error.TransientException;
import io.tsdash.model.PriceUpdate;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.trace.TraceContext;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SubscriptionTraceTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String TRACEPARENT = "00-" + TRACE + "-b7ad6b7169203331-01";
    private static final String WHOLE = "websocket:price-subscription";
    private static final Duration HUB_MAX = Duration.ofSeconds(10);

    private final RecordingTracer tracer = new RecordingTracer();
    private volatile Optional<String> list = Optional.empty();
    private volatile boolean away;
    private final TestServer server = TestServer.start(
            MarketStore.inMemory(), options -> options.tracer(tracer, "bus").userData(new Lists()));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theSubscriptionOfAJavaClientIsPartOfItsSpan() throws InterruptedException {
        server.trade("AAPL", 1, 10);
        try (TsdashClient client = TsdashClient.builder(server.socket("/prices"))
                .traceparent(() -> TRACEPARENT)
                .connect()) {
            client.subscribe(List.of("prices:*"));
            TestServer.await("the whole ended", () -> ended(WHOLE).isPresent());
            assertThat(ended(WHOLE).get().parent()).isEqualTo(TraceContext.parse(TRACEPARENT));
            assertThat(tracer.below(WHOLE)).containsExactly("bus:subscribe-symbols", "websocket:wait-first-message");
            assertThat(tracer.ended).allSatisfy(span -> {
                assertThat(span.context().traceId()).isEqualTo(TRACE);
                assertThat(span.problem()).isEmpty();
            });
        }
    }

    @Test
    void aWatchListIsExpandedAndWhatIsNotLiveIsLookedFor() throws InterruptedException {
        server.trade("LIVE", 1, 10);
        list = Optional.of("{\"name\":\"mine\",\"symbols\":[\"LIVE\",7,\"OLD\"]}");
        Heard heard = new Heard();
        WebSocket socket = open(heard);
        send(socket, "{\"op\":\"subscribe\",\"id\":1,\"watchlist\":true,\"intervalMillis\":0}");
        TestServer.await("the whole ended", () -> ended(WHOLE).isPresent());
        TestServer.await("the query ended", () -> ended("db:query-price").isPresent());
        TestServer.await("the price is heard", () -> heard.text().contains("\"channel\":\"prices:LIVE\""));
        assertThat(heard.text()).contains("\"channels\":[\"prices:LIVE\",\"prices:OLD\"]");
        assertThat(tracer.below(WHOLE))
                .containsExactly("bus:subscribe-symbols", "db:load-user-watchlist", "websocket:wait-first-message");
        assertThat(tracer.ended.stream().filter(span -> span.name().equals("db:query-price")))
                .as("only of the one that is not live")
                .hasSize(1);
        socket.abort();
    }

    @Test
    void aLastKnownPriceIsShownAsStaleUntilALiveOneComes() throws InterruptedException, TimeoutException {
        Heard heard = new Heard();
        WebSocket socket = open(heard);
        list = Optional.of("[\"OLD\"]");
        send(socket, "{\"op\":\"subscribe\",\"id\":1,\"watchlist\":true,\"intervalMillis\":0}");
        TestServer.await("subscribed", () -> heard.text().contains("\"subscribed\""));
        server.market.lastKnown(PriceUpdate.of(Trade.of("OLD", 1_000_000_000L, 1, 12.5, 1)));
        TestServer.await("it is shown", () -> heard.text().contains("12.5"));
        assertThat(heard.text()).contains("\"stale\":true");
        assertThat(LatestPrices.counts(server.hub, HUB_MAX))
                .as("no feed is stale")
                .isEqualTo(new PriceCounts(0, 0));
        server.trade("OLD", 2, 13.25);
        TestServer.await("the live one is shown", () -> heard.text().contains("13.25"));
        assertThat(heard.text()).contains("\"stale\":false");
        assertThat(LatestPrices.counts(server.hub, HUB_MAX)).isEqualTo(new PriceCounts(1, 0));
        server.market.lastKnown(PriceUpdate.of(Trade.of("OLD", 3_000_000_000L, 2, 99.75, 1)));
        server.trade("OLD", 4, 13.5);
        TestServer.await("the next live one is shown", () -> heard.text().contains("13.5"));
        assertThat(heard.text()).as("a live price is not replaced").doesNotContain("99.75");
        socket.abort();
    }

    @Test
    void aWatchListThatCannotBeReadIsAnErrorToTryAgainAndTheNextCommandIsDone() throws InterruptedException {
        away = true;
        Heard heard = new Heard();
        WebSocket socket = open(heard);
        send(socket, "{\"op\":\"subscribe\",\"id\":1,\"watchlist\":true}");
        send(socket, "{\"op\":\"ping\",\"id\":2}");
        TestServer.await("both are answered", () -> heard.text().contains("\"pong\",\"id\":2"));
        assertThat(heard.text()).contains("\"id\":1,\"code\":4503", "redis did not answer", "\"retry\":true");
        assertThat(heard.text().indexOf("4503")).isLessThan(heard.text().indexOf("pong"));
        assertThat(ended(WHOLE).orElseThrow().problem()).contains("redis did not answer");
        socket.abort();
    }

    @Test
    void aSubscriptionThatIsRefusedOrEndsBeforeItsFirstMessageEndsItsTrace() throws InterruptedException {
        Heard heard = new Heard();
        WebSocket socket = open(heard);
        send(socket, "{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prizes:*\"]}");
        TestServer.await("refused", () -> ended(WHOLE).isPresent());
        assertThat(ended(WHOLE).get().problem()).contains("prizes:*");
        tracer.ended.clear();
        send(socket, "{\"op\":\"subscribe\",\"id\":2,\"channels\":[\"prices:*\"]}");
        TestServer.await("subscribed", () -> heard.text().contains("\"id\":2"));
        socket.abort();
        TestServer.await("ended", () -> ended(WHOLE).isPresent());
        assertThat(ended(WHOLE).get().problem()).contains("before anything was sent");
    }

    private Optional<RecordingTracer.Ended> ended(String name) {
        return tracer.ended.stream().filter(span -> span.name().equals(name)).findFirst();
    }

    private WebSocket open(Heard heard) {
        return TestServer.HTTP
                .newWebSocketBuilder()
                .subprotocols("tsdash.v1.json")
                .buildAsync(server.socket("/prices"), heard)
                .join();
    }

    private static void send(WebSocket socket, String command) {
        socket.sendText(command, true).join();
    }

    /** Collects what comes. */
    private static final class Heard implements WebSocket.Listener {
        private final List<String> parts = new CopyOnWriteArrayList<>();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            parts.add(part.toString());
            from.request(1);
            return null;
        }

        String text() {
            return String.join("", parts);
        }
    }

    /** One list for everyone. */
    private final class Lists implements UserData {
        @Override
        public Set<String> names() {
            return Set.of("watchlist");
        }

        @Override
        public Optional<String> read(String user, String name) {
            if (away) {
                throw new TransientException("redis did not answer");
            }
            return list;
        }

        @Override
        public void write(String user, String name, String json) {}
    }
}
