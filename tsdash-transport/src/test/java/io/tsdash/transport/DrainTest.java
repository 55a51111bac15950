package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.store.MarketStore;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class DrainTest {
    private static final Pattern AFTER = Pattern.compile("\"type\":\"goaway\",\"afterMillis\":(\\d+)");

    @Test
    void eachClientIsToldItsTimeAndClosedThen() throws Exception {
        try (TestServer server = TestServer.start()) {
            List<RawSocket> sockets = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                RawSocket socket = new RawSocket(server.server.port());
                socket.upgrade(i % 2 == 0 ? "/prices" : "/trades", "");
                socket.frameWith("hello");
                sockets.add(socket);
            }
            RawSocket stream = new RawSocket(server.server.port());
            stream.send("GET /news HTTP/1.1\r\nHost: localhost\r\n\r\n");
            stream.head();
            TestServer.await("the stream", () -> server.server.sessions() == 6);
            Thread drain = new Thread(() -> server.server.drain(Duration.ofMillis(600)));
            long begun = System.nanoTime();
            drain.start();
            TreeSet<Integer> times = new TreeSet<>();
            for (RawSocket socket : sockets) {
                Matcher after = AFTER.matcher(socket.frameWith("goaway"));
                assertThat(after.find()).isTrue();
                times.add(Integer.parseInt(after.group(1)));
            }
            assertThat(times).as("different times").hasSize(5);
            assertThat(times.last()).isLessThanOrEqualTo(600);
            for (RawSocket socket : sockets) {
                assertThat(socket.frameWith("close")).startsWith("close 4001");
                socket.close();
            }
            assertThat(stream.rest())
                    .contains("event: goaway")
                    .contains("event: close")
                    .contains("4001");
            stream.close();
            drain.join(10_000);
            assertThat(drain.isAlive()).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isBetween(Duration.ofMillis(550), Duration.ofSeconds(4));
            Assertions.assertThatThrownBy(() -> new RawSocket(server.server.port()).close())
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void clientThatDoesNotReadDoesNotHoldTheDrain() throws IOException {
        try (TestServer server = TestServer.start();
                RawSocket socket = new RawSocket(server.server.port())) {
            socket.upgrade("/prices", "");
            long begun = System.nanoTime();
            server.server.drain(Duration.ofMillis(200));
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
            TestServer.await("the connection to go", () -> server.server.connections() == 0);
        }
    }

    @Test
    void clientGoesOverToTheServerThatFollows() throws Exception {
        TestServer first = TestServer.start();
        int port = first.server.port();
        try (TsdashClient client = TsdashClient.connect(first.socket("/prices"), 0, 10, TsdashClientListener.none())) {
            client.subscribe(List.of("prices:*"));
            first.trade("AAPL", 1, 10.5);
            TestServer.await(
                    "the price",
                    () -> client.<Integer>read(each -> each.rows("prices:AAPL").size()) == 1);
            first.server.drain(Duration.ofMillis(100));
            first.close();
            try (TestServer second = TestServer.start(MarketStore.inMemory(), options -> options.port(port))) {
                second.trade("AAPL", 2, 11.5);
                TestServer.await(
                        "the price of the second server",
                        () -> client.<Boolean>read(each -> each.rows("prices:AAPL").stream()
                                .anyMatch(row -> Double.valueOf(11.5).equals(row.get("price")))));
                assertThat(client.connectionsMade()).isEqualTo(2);
            }
        }
    }
}
