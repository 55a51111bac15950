package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.store.MarketStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** How long the server waits for clients that are slow or silent. */
class PatienceTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final int PING = 9;

    @Test
    void requestThatDribblesInIsAnsweredWith408() throws IOException {
        try (TestServer server = patient(LONG, SHORT);
                RawSocket socket = new RawSocket(server.server.port())) {
            socket.send("GET /symbols HTTP/1.1\r\n");
            // Each line comes within the idle time, and never the last.
            assertThat(dribbled(socket))
                    .startsWith("HTTP/1.1 408")
                    .contains("\"code\":4008", "\"retry\":true", "PT0.1S");
        }
    }

    @Test
    void handshakeThatDribblesInIsAnsweredWith408() throws IOException {
        try (TestServer server = patient(LONG, SHORT);
                RawSocket socket = new RawSocket(server.server.port())) {
            socket.send("GET /prices HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n");
            assertThat(dribbled(socket)).startsWith("HTTP/1.1 408");
        }
    }

    @Test
    void deadlineIsForEachRequestAndNotForASocketOrAStream() throws IOException {
        try (TestServer server = patient(LONG, SHORT);
                RawSocket socket = new RawSocket(server.server.port());
                RawSocket stream = new RawSocket(server.server.port());
                RawSocket requests = new RawSocket(server.server.port())) {
            socket.upgrade("/prices", "");
            stream.send("GET /news HTTP/1.1\r\nHost: a\r\n\r\n");
            stream.head();
            requests.send("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(requests.head()).contains("200");
            socket.bytes(0x81); // half a frame, and now the deadline of the handshake passes
            for (int i = 0; i < 2; i++) {
                // Heartbeats come every 200 ms, twice the deadline.
                assertThat(stream.line("event: heartbeat")).isNotEmpty();
            }
            socket.bytes(0x80, 0, 0, 0, 0);
            assertThat(socket.frameWith("\"error\"")).contains("4400");
            assertThat(requests.body("{\"status\":\"UP\"}".length())).contains("UP");
            requests.send("GET /symbols HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(requests.head()).contains("200");
        }
    }

    @Test
    void silentSocketIsAskedAndThenClosed() throws IOException {
        try (TestServer server = patient(SHORT, LONG);
                RawSocket answers = new RawSocket(server.server.port());
                RawSocket silent = new RawSocket(server.server.port())) {
            answers.upgrade("/prices", "");
            silent.upgrade("/prices", "");
            for (int i = 0; i < 5; i++) {
                ping(answers);
                answers.frame(0x8a, new byte[0]);
            }
            ping(silent);
            assertThat(silent.rest()).doesNotContain("close");
            answers.text("{\"op\":\"ping\",\"id\":1}");
            assertThat(answers.frameWith("pong")).contains("\"id\":1");
        }
    }

    @Test
    void connectionThatAsksForNothingIsClosed() throws IOException {
        try (TestServer server = patient(SHORT, LONG);
                RawSocket socket = new RawSocket(server.server.port())) {
            assertThat(socket.isAtEnd()).isTrue();
        }
    }

    @Test
    void clientThatPingsAndDoesNotReadFillsNoMemory() throws IOException {
        try (TestServer server = patient(LONG, LONG);
                RawSocket socket = new RawSocket(server.server.port())) {
            socket.upgrade("/prices", "");
            byte[] payload = new byte[125];
            for (int i = 0; i < 100_000; i++) {
                payload[0] = (byte) (i == 99_999 ? 1 : 0);
                socket.frame(0x89, payload);
            }
            int answers = 0;
            RawSocket.Frame frame;
            do {
                frame = socket.next();
                answers += frame.opcode() == 10 ? 1 : 0;
            } while (frame.opcode() != 10 || frame.payload()[0] != 1);
            assertThat(answers).as("pongs that had to wait").isLessThan(100_000);
        }
    }

    @Test
    void connectionsThatTheServerEndsAreTold() throws IOException {
        List<String> ended = new CopyOnWriteArrayList<>();
        List<CloseReason> reasons = new CopyOnWriteArrayList<>();
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void ended(String client, int code, String why) {
                ended.add(code + " " + why);
            }

            @Override
            public void closed(TransportKind transport, CloseReason reason) {
                reasons.add(reason);
            }
        };
        try (TestServer server = TestServer.start(
                        MarketStore.inMemory(),
                        options -> options.idle(SHORT.multipliedBy(5))
                                .handshakeTimeout(SHORT)
                                .connectionsMax(2)
                                .connectionListener(listener));
                RawSocket silent = new RawSocket(server.server.port())) {
            silent.upgrade("/prices", "");
            try (RawSocket broken = new RawSocket(server.server.port());
                    RawSocket tooMany = new RawSocket(server.server.port())) {
                assertThat(tooMany.rest()).startsWith("HTTP/1.1 503");
                broken.upgrade("/prices", "");
                broken.frame(0x83, new byte[0]);
                assertThat(broken.frameWith("close")).startsWith("close 1002");
            }
            TestServer.await("room for another", () -> server.server.connections() < 2);
            try (RawSocket slow = new RawSocket(server.server.port())) {
                slow.send("GET /symbols HTTP/1.1\r\n");
                assertThat(dribbled(slow)).startsWith("HTTP/1.1 408");
            }
            TestServer.await("all four", () -> ended.size() == 4);
            assertThat(ended.stream().map(each -> each.substring(0, each.indexOf(' '))))
                    .containsExactlyInAnyOrder("503", "1002", "408", "1006");
            TestServer.await("why both sockets ended", () -> reasons.size() == 2);
            assertThat(reasons).containsExactlyInAnyOrder(CloseReason.PROTOCOL, CloseReason.SILENT);
        }
    }

    private static TestServer patient(Duration idle, Duration handshake) {
        return TestServer.start(
                MarketStore.inMemory(), options -> options.idle(idle).handshakeTimeout(handshake));
    }

    private static void ping(RawSocket socket) throws IOException {
        while (socket.next().opcode() != PING) {
            // heartbeats
        }
    }

    /** Sends lines until the server has enough; returns what it said. */
    private static String dribbled(RawSocket socket) throws IOException {
        try {
            while (!socket.hasAnswer()) {
                socket.send("X: y\r\n");
            }
            return socket.rest();
        } catch (IOException e) {
            throw new IOException("the server ended the connection without an answer", e);
        }
    }
}
