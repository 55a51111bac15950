package io.tsdash.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.client.Replica;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.HubListener;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.Permissions;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.WireCode;
import io.tsdash.error.PermanentException;
import io.tsdash.examples.Eventually;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.orders.OrderGateway;
import io.tsdash.orders.OrderState;
import io.tsdash.spi.OrderGateways;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.TsdashClient;
import io.tsdash.transport.TsdashClientListener;
import io.tsdash.transport.TsdashServer;
import io.tsdash.transport.TsdashServerBuilder;
import io.tsdash.transport.access.Authentication;
import io.tsdash.transport.access.Grant;
import io.tsdash.transport.access.Quotas;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real servers, real connections, and the journal on a real disk. */
@Timeout(60)
class OrdersOverTheWireTest {
    private static final Pattern SEQUENCE = Pattern.compile("\"seq\":(\\d+)");
    private static final Pattern EPOCH = Pattern.compile("\"channel\":\"orders\",\"epoch\":\"([^\"]+)\"");

    @TempDir
    private Path folder;

    private final List<String> closed = new CopyOnWriteArrayList<>();
    private Life life;

    @BeforeEach
    void startServer() {
        life = new Life(0, options -> options);
    }

    @AfterEach
    void stopServer() {
        life.close();
    }

    @Test
    void orderLivesFromAcceptedToFilled() throws Exception {
        try (TsdashClient client = client("")) {
            ServerMessage.OrderAck ack = done(client.order("c-1", "AAPL", Side.BUY, 10, 3));
            assertThat(ack.status().name()).isEqualTo("ACCEPTED");
            life.trade(10, 1);
            row(client, "c-1", row -> "PARTLY_FILLED".equals(row.get("status")));
            life.trade(9.5, 5);
            Map<String, @Nullable Object> filled = row(client, "c-1", row -> "FILLED".equals(row.get("status")));
            assertThat(filled)
                    .containsEntry("orderId", ack.orderId())
                    .containsEntry("filled", 3.0)
                    .containsEntry("lastPrice", 9.5)
                    .containsEntry("lastVolume", 2.0)
                    .containsEntry("revision", 2L);
            done(client.order("c-2", "AAPL", Side.SELL, 100, 1));
            assertThat(done(client.cancel("c-2")).status().name()).isEqualTo("CANCELLED");
            row(client, "c-2", row -> "CANCELLED".equals(row.get("status")));
        }
    }

    @Test
    void whatCannotBeDoneIsRefusedWithItsReason() throws Exception {
        try (TsdashClient client = client("")) {
            done(client.order("c-1", "AAPL", Side.BUY, 10, 3));
            assertRefused(client.order("c-1", "AAPL", Side.BUY, 10, 4), "4410", "another order of yours");
            assertRefused(client.order("c-2", "NONE", Side.BUY, 10, 4), "4404", "symbol was 'NONE'");
            assertRefused(client.cancel("c-9"), "4404", "no order of that name");
            assertRefused(client.order("c-3", "AAPL", Side.BUY, 10, 0), "4400", "volume was '0.0'");
        } catch (io.tsdash.error.InvalidInputException e) {
            assertThat(e).hasMessageContaining("volume was '0.0'");
        }
    }

    @Test
    void sameCommandAgainGetsTheSameAnswer() throws Exception {
        try (TsdashClient client = client("")) {
            ServerMessage.OrderAck first = done(client.order("c-1", "AAPL", Side.BUY, 10, 3));
            ServerMessage.OrderAck again = done(client.order("c-1", "AAPL", Side.BUY, 10, 3));
            assertThat(again.orderId()).isEqualTo(first.orderId());
            assertThat(again.status()).isEqualTo(first.status());
            assertThat(life.known("anonymous")).hasSize(1);
        }
    }

    @Test
    void commandsAndChangesSurviveConnectionsThatAreCut() throws Exception {
        try (TsdashClient client = client("")) {
            List<CompletableFuture<ServerMessage.OrderAck>> answers = new ArrayList<>();
            Eventually.holds("the first connection", Duration.ofSeconds(20), () -> client.connectionsMade() == 1);
            for (int i = 0; i < 40; i++) {
                answers.add(client.order("c-" + i, "AAPL", Side.BUY, 10, 2));
                life.trade(10, 1);
                if (i % 8 == 7) {
                    long before = client.connectionsMade();
                    client.disconnect();
                    life.trade(10, 1);
                    Eventually.holds(
                            "it is there again", Duration.ofSeconds(20), () -> client.connectionsMade() > before);
                }
            }
            Set<String> ids = new HashSet<>();
            for (CompletableFuture<ServerMessage.OrderAck> answer : answers) {
                ids.add(done(answer).orderId());
            }
            assertThat(ids).as("each order once").hasSize(40);
            life.trade(10, 1_000);
            for (int i = 0; i < 40; i++) {
                row(client, "c-" + i, row -> "FILLED".equals(row.get("status")));
            }
            assertThat(client.connectionsMade()).isGreaterThan(3);
            assertThat(client.<Long>read(replica -> replica.resets("orders"))).isZero();
            assertThat(client.<Boolean>read(OrdersOverTheWireTest::hasEachRevision))
                    .isTrue();
        }
    }

    @Test
    void serverThatStartsAgainShowsWhatIsOpenAndTakesWhatWasNotAnswered() throws Exception {
        int port = life.server.port();
        try (TsdashClient client = client("")) {
            for (int i = 0; i < 120; i++) {
                done(client.order("open-" + i, "AAPL", Side.BUY, 10, 2));
            }
            done(client.order("half", "AAPL", Side.BUY, 11, 2));
            life.trade(11, 1);
            row(client, "half", row -> "PARTLY_FILLED".equals(row.get("status")));
            life.close();
            CompletableFuture<ServerMessage.OrderAck> meanwhile = client.order("meanwhile", "AAPL", Side.BUY, 9, 1);
            life = new Life(port, options -> options);
            assertThat(done(meanwhile).status().name()).isEqualTo("ACCEPTED");
            Eventually.holds(
                    "the reset",
                    Duration.ofSeconds(20),
                    () -> client.<Long>read(replica -> replica.resets("orders")) == 1L);
            for (int i = 0; i < 120; i++) {
                row(client, "open-" + i, row -> "ACCEPTED".equals(row.get("status")));
            }
            row(client, "half", row -> Long.valueOf(1).equals(row.get("revision")));
            life.trade(11, 1);
            row(client, "half", row -> "FILLED".equals(row.get("status")));
        }
    }

    /** More changes than the channel keeps: the order that has been open all the time must not have fallen out. */
    @Test
    void openOrderIsInTheSnapshotHoweverManyChangesCameAfterIt() throws Exception {
        try (TsdashClient client = client("")) {
            done(client.order("old", "AAPL", Side.BUY, 1, 1));
            done(client.order("busy", "AAPL", Side.BUY, 10, 5_000));
            life.trades(3_000);
            row(client, "busy", row -> Double.valueOf(3_000).equals(row.get("filled")));
        }
        try (TsdashClient newcomer = client("")) {
            row(newcomer, "old", row -> Long.valueOf(0).equals(row.get("revision")));
            row(newcomer, "busy", row -> Double.valueOf(3_000).equals(row.get("filled")));
        }
    }

    @Test
    void usersSeeTheirOwnOrdersOnly() throws Exception {
        life.close();
        life = new Life(0, options -> options.authenticator(OrdersOverTheWireTest::authenticate));
        try (TsdashClient ann = client("ann");
                TsdashClient bob = client("bob");
                TsdashClient eve = client("eve")) {
            done(ann.order("c-1", "AAPL", Side.BUY, 10, 1));
            done(bob.order("c-1", "AAPL", Side.BUY, 10, 2));
            assertRefused(bob.cancel("c-2"), "4404", "no order");
            assertRefused(eve.order("c-1", "AAPL", Side.BUY, 10, 1), "4403", "permission 'orders'");
            ann.subscribe(List.of("orders:bob"));
            life.trade(10, 3);
            assertThat(row(ann, "c-1", row -> "FILLED".equals(row.get("status"))))
                    .containsEntry("volume", 1.0);
            assertThat(row(bob, "c-1", row -> "FILLED".equals(row.get("status"))))
                    .containsEntry("volume", 2.0);
            assertThat(ann.<Set<String>>read(Replica::channels)).containsExactly("orders");
            assertThat(ann.<List<?>>read(replica -> replica.rows("orders"))).hasSize(2);
            assertThat(eve.<Set<String>>read(Replica::channels)).isEmpty();
        }
    }

    @Test
    void readerThatIsTooSlowIsClosedAndResumesWithoutALoss() throws Exception {
        try (TsdashClient trader = client("")) {
            done(trader.order("busy", "AAPL", Side.BUY, 10, 1_000_000));
            Slow slow = new Slow("");
            slow.open.request(1);
            Eventually.holds("too slow", Duration.ofSeconds(50), () -> {
                life.trades(100);
                life.known("anonymous"); // when it answers, all before is out
                return closed.contains("TOO_SLOW");
            });
            slow.open.request(Long.MAX_VALUE);
            assertThat(slow.closed.get(20, TimeUnit.SECONDS)).isEqualTo(WireCode.TOO_SLOW.code());
            long last = slow.lastSequence();
            assertThat(last).isPositive();
            Slow again = new Slow(",\"resume\":{\"orders\":{\"epoch\":\"" + slow.epoch() + "\",\"seq\":" + last + "}}");
            again.open.request(Long.MAX_VALUE);
            Eventually.holds(
                    "the rest", Duration.ofSeconds(20), () -> again.text().contains("\"rows\""));
            assertThat(again.text())
                    .contains("{\"type\":\"resumed\",\"channel\":\"orders\"")
                    .contains("\"prev\":" + last)
                    .doesNotContain("snapshot");
            again.open.abort();
        }
    }

    private static Authentication authenticate(String token) {
        return new Authentication.Granted(new Grant(
                token,
                Permissions.of(token.equals("eve") ? List.of("prices:*") : List.of("orders")),
                Long.MAX_VALUE,
                Quotas.usual()));
    }

    private TsdashClient client(String token) {
        TsdashClient client = TsdashClient.connect(life.address(), 0, 100_000, TsdashClientListener.none());
        if (!token.isEmpty()) {
            client.token(() -> token);
        }
        client.subscribe(List.of("orders"));
        return client;
    }

    private static ServerMessage.OrderAck done(CompletableFuture<ServerMessage.OrderAck> answer) throws Exception {
        return answer.get(20, TimeUnit.SECONDS);
    }

    private static void assertRefused(CompletableFuture<ServerMessage.OrderAck> answer, String code, String text) {
        assertThatThrownBy(() -> done(answer))
                .hasCauseInstanceOf(PermanentException.class)
                .hasMessageContaining(code)
                .hasMessageContaining(text);
    }

    /** Waits until the newest row of an order is as it should be. */
    private static Map<String, @Nullable Object> row(
            TsdashClient client, String clientOrderId, Predicate<Map<String, @Nullable Object>> wanted) {
        Map<String, @Nullable Object> newest = new LinkedHashMap<>();
        Eventually.holds("the row of " + clientOrderId, Duration.ofSeconds(20), () -> {
            newest.clear();
            client.read(replica -> {
                replica.rows("orders").stream()
                        .filter(row -> clientOrderId.equals(row.get("clientOrderId")))
                        .forEach(newest::putAll);
                return true;
            });
            return wanted.test(newest);
        });
        return newest;
    }

    private static boolean hasEachRevision(Replica replica) {
        Map<String, Long> revisions = new LinkedHashMap<>();
        for (Map<String, @Nullable Object> row : replica.rows("orders")) {
            long revision = (Long) java.util.Objects.requireNonNull(row.get("revision"));
            Long before = revisions.put(String.valueOf(row.get("clientOrderId")), revision);
            if (revision != (before == null ? 0 : before + 1)) {
                return false;
            }
        }
        return revisions.size() == 40;
    }

    /** A reader that takes what it asked for, and no more. */
    private final class Slow implements WebSocket.Listener {
        final CompletableFuture<Integer> closed = new CompletableFuture<>();
        final WebSocket open;
        private final Queue<String> heard = new ConcurrentLinkedQueue<>();

        Slow(String resume) throws Exception {
            open = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(life.address(), this)
                    .get(10, TimeUnit.SECONDS);
            open.sendText(
                            "{\"op\":\"subscribe\",\"id\":1,\"intervalMillis\":0,\"channels\":[\"orders\"]" + resume
                                    + "}",
                            true)
                    .get(10, TimeUnit.SECONDS);
        }

        @Override
        public void onOpen(WebSocket socket) {
            // Nothing is asked for yet.
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            heard.add(text.toString());
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.completeExceptionally(error);
        }

        String text() {
            return String.join("", heard);
        }

        long lastSequence() {
            long last = 0;
            Matcher matcher = SEQUENCE.matcher(text());
            while (matcher.find()) {
                last = Long.parseLong(matcher.group(1));
            }
            return last;
        }

        String epoch() {
            Matcher matcher = EPOCH.matcher(text());
            assertThat(matcher.find()).isTrue();
            return matcher.group(1);
        }
    }

    /** A server from start to end, on the journal that is there. */
    private final class Life implements AutoCloseable {
        final Hub hub = Hub.builder()
                .queueBytesMax(1 << 15)
                .listener(new HubListener() {
                    @Override
                    public void conflated(String session, long updates) {}

                    @Override
                    public void skipped(String session, long queuedBytes) {}

                    @Override
                    public void closed(String session, WireCode code, String text) {
                        closed.add(code.name());
                    }

                    @Override
                    public void refused(String channel, String why) {}
                })
                .build();
        final OrderGateway gateway = OrderGateways.open("paper:" + folder.resolve("orders.jsonl"), TimeSource.system());
        final MarketStore store = MarketStore.inMemory();
        final TsdashServer server;

        Life(int port, UnaryOperator<TsdashServerBuilder> more) {
            MarketChannels.builder(hub).intervals(List.of(Interval.parse("1m"))).build();
            hub.start();
            gateway.onMarket(List.of(Trade.cancel("AAPL", 1, 1, 1)));
            server = more.apply(TsdashServer.builder(hub, store).port(port).orders(gateway))
                    .start();
        }

        URI address() {
            return URI.create("ws://127.0.0.1:" + server.port() + "/orders");
        }

        void trade(double price, double volume) {
            gateway.onMarket(List.of(Trade.of("AAPL", 1, 1, price, volume)));
        }

        void trades(int count) {
            for (int i = 0; i < count; i++) {
                trade(10, 1);
            }
        }

        List<OrderState> known(String user) {
            return gateway.orders(user)
                    .toCompletableFuture()
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join();
        }

        @Override
        public void close() {
            server.close();
            gateway.close();
            hub.close();
            store.close();
        }
    }
}
