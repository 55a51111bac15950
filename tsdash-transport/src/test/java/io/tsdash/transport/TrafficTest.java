package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.PartState;
import io.tsdash.distribution.PartStatus;
import io.tsdash.distribution.SessionOutput;
import io.tsdash.store.MarketStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is told of connections and of what goes over them, on real ones. */
class TrafficTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong oldestNanos = new AtomicLong(SessionOutput.NO_EVENT);
    private final TestServer server = TestServer.start(
            MarketStore.inMemory(),
            options -> options.compression(false)
                    .connectionListener(new Connections())
                    .trafficListener(new Traffic()));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void countsWhatASocketSendsAndGetsAndKnowsItsOldestEvent() throws IOException, InterruptedException {
        server.trade("AAPL", 7, 10.5);
        TestServer.await(
                "the price",
                () -> server.hub
                        .ask(channels -> !channels.withPrefix("prices:").isEmpty())
                        .join());
        try (RawSocket socket = new RawSocket(server.server.port())) {
            socket.upgrade("/prices", "");
            String subscribe = "{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:*\"]}";
            socket.text(subscribe);
            assertThat(socket.frameWith("snapshot")).contains("10.5");
            assertThat(server.server.connections(TransportKind.WEBSOCKET)).isEqualTo(1);
            assertThat(server.server.connections(TransportKind.SSE)).isZero();
            assertThat(received).hasValue(subscribe.length());
            assertThat(oldestNanos)
                    .as("a snapshot is as old as it is, and says nothing of lag")
                    .hasValue(SessionOutput.NO_EVENT);

            server.trade("AAPL", 9, 11.5);
            assertThat(socket.frameWith("delta")).contains("11.5");
            TestServer.await("told", () -> oldestNanos.get() == 9 * SECOND);
            oldestNanos.set(SessionOutput.NO_EVENT);
            server.market.status(new PartStatus("feed", PartState.DOWN, 0, "gone", 0, 0, 0, 0, 0, true));
            assertThat(socket.frameWith("delta")).contains("\"stale\":true");
            assertThat(oldestNanos)
                    .as("a row that is marked as stale is no event")
                    .hasValue(SessionOutput.NO_EVENT);
            TestServer.await("all are told", () -> messages.get() >= 4 && bytes.get() > 200);
        }
        TestServer.await("the end", () -> heard.contains("closed WEBSOCKET CLIENT"));
        assertThat(heard).containsSubsequence("GET /prices 101", "opened WEBSOCKET", "closed WEBSOCKET CLIENT");
        TestServer.await("nothing is left", () -> server.server.connections(TransportKind.WEBSOCKET) == 0);
        assertThat(server.server.queuedBytes()).isEqualTo(new QueuedBytes(0, 0));
    }

    @Test
    void saysWhyTheServerEndedAConnection() throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port());
                RawSocket other = new RawSocket(server.server.port())) {
            socket.upgrade("/prices", "");
            socket.frame(0x83, new byte[0]); // an opcode that there is not
            TestServer.await("the fault", () -> heard.contains("closed WEBSOCKET PROTOCOL"));
            other.upgrade("/prices", "");
            TestServer.await("a socket", () -> server.server.sessions() == 1);
            server.server.close();
            TestServer.await("the end", () -> heard.contains("closed WEBSOCKET SHUTDOWN"));
        }
    }

    @Test
    void requestsAreToldByPatternsNeverByTheirPath() throws IOException, InterruptedException {
        server.get("/latest?symbol=AAPL");
        server.get("/user/secret-of-ann");
        server.get("/assets/../%2e%2e/passwords");
        server.get("/health/ready?x=1");
        server.get("/historical/bars?symbol=AAPL&interval=nonsense");

        TestServer.await("all answers", () -> heard.size() == 5);
        assertThat(heard)
                .containsExactly(
                        "GET /latest 404",
                        "GET /user/{name} 404",
                        "GET /* 404",
                        "GET /health/ready 200",
                        "GET /historical/bars 400");
    }

    private final class Connections implements ConnectionListener {
        @Override
        public void ended(String client, int code, String why) {}

        @Override
        public void opened(TransportKind transport) {
            heard.add("opened " + transport);
        }

        @Override
        public void closed(TransportKind transport, CloseReason reason) {
            heard.add("closed " + transport + " " + reason);
        }
    }

    private final class Traffic implements TrafficListener {
        @Override
        public void sent(int sent, long sentBytes, long oldest) {
            messages.addAndGet(sent);
            bytes.addAndGet(sentBytes);
            oldestNanos.accumulateAndGet(oldest, Math::min);
        }

        @Override
        public void received(int receivedBytes) {
            received.addAndGet(receivedBytes);
        }

        @Override
        public void answered(String method, String route, int status, long nanos) {
            assertThat(nanos).isPositive();
            heard.add(method + " " + route + " " + status);
        }
    }
}
