package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.client.Replica;
import io.tsdash.distribution.Permissions;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TransientException;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.access.Authentication;
import io.tsdash.transport.access.Grant;
import io.tsdash.transport.access.Quotas;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TsdashClientTest {
    private @Nullable TestServer started;

    @AfterEach
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    @Test
    void saysAllThatIsWrongWithItsOptionsAtOnce() {
        assertThatThrownBy(() -> TsdashClient.builder(URI.create("http://localhost/prices"))
                        .interval(Duration.ofMinutes(2))
                        .logRowsMax(0)
                        .connect())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "address was 'http://localhost/prices' but it must be such as ws://localhost:8080/prices",
                                        "interval was 'PT2M' but it must be 0 to 60000 ms",
                                        "logRowsMax was '0' but it must be at least 1"));
    }

    @Test
    void marksAChannelAsStaleUntilTheServerHasSaidSomethingOfItOnThisConnection() throws Exception {
        TestServer server = start(UnaryOperator.identity());
        server.trade("A", 1, 10);
        try (TsdashClient client = client(server, TsdashClientListener.none())) {
            assertThat(client.isStale("prices:A")).isTrue();
            client.subscribe(List.of("prices:*"));
            TestServer.await("the snapshot", () -> !client.isStale("prices:A"));
            assertThat(client.isStale("prices:B")).isTrue();
            client.disconnect();
            assertThat(client.isStale("prices:A")).isTrue();
            // Nothing changes meanwhile: that the server resumes it is enough.
            TestServer.await("the channel is resumed", () -> !client.isStale("prices:A"));
            assertThat(client.connectionsMade()).isEqualTo(2);
        }
    }

    @Test
    void tellsASlowSubscriberHowManyMessagesItDidNotGet() throws Exception {
        TestServer server = start(UnaryOperator.identity());
        server.trade("A", 0, 1_000);
        try (TsdashClient client = client(server, TsdashClientListener.none())) {
            Collecting slow = new Collecting();
            client.messages(Runnable::run, 4, WhenFull.DROP).subscribe(slow);
            client.subscribe(List.of("prices:A"));
            TestServer.await(
                    "a channel",
                    () -> client.read(replica -> replica.position("prices:A").isPresent()));
            for (int i = 1; i <= 100; i++) {
                server.trade("A", i, i);
                double price = i;
                TestServer.await(
                        "price " + i,
                        () -> client.read(replica -> replica.rows("prices:A").stream()
                                .anyMatch(row -> row.get("price") instanceof Double last && last == price)));
            }
            assertThat(slow.received).hasSizeLessThan(10);
            slow.request(1_000);
            TestServer.await(
                    "a message behind those that were dropped",
                    () -> slow.received.stream().anyMatch(each -> each.dropped() >= 90));
            assertThat(slow.ended).hasNullValue();
        }
    }

    @Test
    void endsThePublisherOfASlowSubscriberWhereItMustNotMissAnything() throws Exception {
        TestServer server = start(UnaryOperator.identity());
        try (TsdashClient client = client(server, TsdashClientListener.none())) {
            Collecting slow = new Collecting();
            client.messages(Runnable::run, 4, WhenFull.FAIL).subscribe(slow);
            // Heartbeats alone fill the buffer: two messages are taken, four wait, one more ends it.
            slow.request(2);
            Collecting eager = new Collecting();
            client.messages(Runnable::run, 64, WhenFull.FAIL).subscribe(eager);
            eager.request(Long.MAX_VALUE);
            TestServer.await("many messages", () -> eager.received.size() >= 9);
            slow.request(100);
            TestServer.await("the publisher fails", () -> slow.ended.get() instanceof TransientException);
            assertThat(slow.received).hasSize(2).allMatch(each -> each.dropped() == 0);
            assertThat(eager.ended).hasNullValue();
        }
    }

    @Test
    void completesItsPublishersWhenItIsClosed() throws Exception {
        TestServer server = start(UnaryOperator.identity());
        Collecting eager = new Collecting();
        TsdashClient client = client(server, TsdashClientListener.none());
        client.messages(Runnable::run, 64, WhenFull.FAIL).subscribe(eager);
        eager.request(Long.MAX_VALUE);
        TestServer.await("hello", () -> !eager.received.isEmpty());
        assertThat(eager.received.get(0).message()).isInstanceOf(ServerMessage.Hello.class);
        client.close();
        TestServer.await("the end", () -> eager.completed);
        Collecting late = new Collecting();
        client.messages(Runnable::run, 64, WhenFull.FAIL).subscribe(late);
        TestServer.await("the end at once", () -> late.completed);
    }

    @Test
    void forgetsASubscriptionThatARenewedTokenNoLongerPermits() throws Exception {
        TestServer server = start(options -> options.authenticator(token -> new Authentication.Granted(new Grant(
                "ann",
                Permissions.of(token.equals("all") ? List.of("*") : List.of("prices:A")),
                TimeSource.system().epochNanos() + Duration.ofSeconds(1).toNanos(),
                Quotas.usual()))));
        server.trade("A", 1, 10);
        server.trade("B", 1, 20);
        Heard heard = new Heard();
        AtomicReference<String> token = new AtomicReference<>("all");
        try (TsdashClient client = TsdashClient.builder(server.socket("/prices"))
                .interval(Duration.ZERO)
                .token(() -> String.valueOf(token.get()))
                .listener(heard)
                .connect()) {
            client.subscribe(List.of("prices:A", "prices:B*"));
            TestServer.await("both", () -> !client.isStale("prices:A") && !client.isStale("prices:B"));
            token.set("less");
            TestServer.await("the end", () -> heard.messages.stream().anyMatch(ServerMessage.Ended.class::isInstance));
            TestServer.await("it is forgotten", () -> client.isStale("prices:B"));
            assertThat(client.read(Replica::channels)).containsExactly("prices:A");
            assertThat(client.isStale("prices:A")).isFalse();
            client.disconnect();
            TestServer.await("the other is resumed", () -> !client.isStale("prices:A"));
            assertThat(heard.messages).noneMatch(ServerMessage.Failure.class::isInstance);
        }
    }

    @Test
    void isHeldUpByNoSourceOfTokensAndSaysNothingBeforeItsToken() throws Exception {
        TestServer server = start(options -> options.authenticator(token -> new Authentication.Granted(new Grant(
                "ann", Permissions.all(), TimeSource.system().epochNanos() + 60_000_000_000L, Quotas.usual()))));
        server.trade("A", 1, 10);
        Heard heard = new Heard();
        // A client that is held up must not hold up the test: the source gives up at last.
        CompletableFuture<String> token = new CompletableFuture<String>().orTimeout(20, TimeUnit.SECONDS);
        CountDownLatch asked = new CountDownLatch(1);
        try (TsdashClient client = TsdashClient.builder(server.socket("/prices"))
                .interval(Duration.ZERO)
                .token(() -> {
                    asked.countDown();
                    return token.join();
                })
                .listener(heard)
                .connect()) {
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            // Each of these takes the lock; the source is at work the whole time.
            CompletableFuture.runAsync(() -> {
                        client.subscribe(List.of("prices:A"));
                        assertThat(client.isStale("prices:A")).isTrue();
                    })
                    .get(10, TimeUnit.SECONDS);
            TestServer.await(
                    "a heartbeat meanwhile",
                    () -> heard.messages.stream().anyMatch(ServerMessage.Heartbeat.class::isInstance));
            token.complete("t");
            TestServer.await("the snapshot", () -> !client.isStale("prices:A"));
            assertThat(heard.messages).noneMatch(ServerMessage.Failure.class::isInstance);
            assertThat(client.connectionsMade()).isEqualTo(1);
        } finally {
            token.complete("t");
        }
    }

    @Test
    void comesAgainWhenItsSourceOfTokensFails() throws Exception {
        TestServer server = start(options -> options.authenticator(token -> new Authentication.Granted(new Grant(
                "ann", Permissions.all(), TimeSource.system().epochNanos() + 60_000_000_000L, Quotas.usual()))));
        server.trade("A", 1, 10);
        Heard heard = new Heard();
        AtomicInteger calls = new AtomicInteger();
        try (TsdashClient client = TsdashClient.builder(server.socket("/prices"))
                .interval(Duration.ZERO)
                .token(() -> {
                    if (calls.incrementAndGet() == 1) {
                        throw new IllegalStateException("no key");
                    }
                    return "t";
                })
                .listener(heard)
                .connect()) {
            client.subscribe(List.of("prices:A"));
            TestServer.await("the snapshot", () -> !client.isStale("prices:A"));
            assertThat(heard.reasons).singleElement().asString().contains("there is no token", "no key");
            assertThat(client.connectionsMade()).isEqualTo(2);
        }
    }

    @Test
    void leavesAServerThatGoesAwayAndComesBackByItself() throws Exception {
        TestServer server = start(UnaryOperator.identity());
        Heard heard = new Heard();
        try (TsdashClient client = client(server, heard)) {
            // One that comes while the server goes is closed without being told first.
            TestServer.await("a session", () -> client.connectionsMade() == 1 && server.server.sessions() == 1);
            server.server.drain(Duration.ofMillis(300));
            TestServer.await("it is left", () -> !heard.reasons.isEmpty());
            assertThat(heard.messages).anyMatch(ServerMessage.GoAway.class::isInstance);
            assertThat(heard.reasons.get(0)).matches("the server is being restarted|4001 .*");
            TestServer.await("it is tried again", () -> heard.reasons.size() > 1);
        }
    }

    private TestServer start(UnaryOperator<TsdashServerBuilder> options) {
        TestServer server = TestServer.start(MarketStore.inMemory(), options);
        started = server;
        return server;
    }

    private static TsdashClient client(TestServer server, TsdashClientListener listener) {
        return TsdashClient.builder(server.socket("/prices"))
                .interval(Duration.ZERO)
                .listener(listener)
                .connect();
    }

    /** All that a listener heard. */
    private static final class Heard implements TsdashClientListener {
        final List<ServerMessage> messages = new CopyOnWriteArrayList<>();
        final List<String> reasons = new CopyOnWriteArrayList<>();

        @Override
        public void message(ServerMessage message, Replica.Outcome outcome) {
            messages.add(message);
        }

        @Override
        public void connection(boolean open, String reason) {
            if (!open) {
                reasons.add(reason);
            }
        }
    }

    /** A subscriber that asks when the test does. */
    private static final class Collecting implements Flow.Subscriber<Received> {
        final List<Received> received = new CopyOnWriteArrayList<>();
        final AtomicReference<@Nullable Throwable> ended = new AtomicReference<>();
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        volatile boolean completed;

        void request(long count) {
            subscription.join().request(count);
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.complete(given);
        }

        @Override
        public void onNext(Received item) {
            received.add(item);
        }

        @Override
        public void onError(Throwable failure) {
            ended.set(failure);
        }

        @Override
        public void onComplete() {
            completed = true;
        }
    }
}
