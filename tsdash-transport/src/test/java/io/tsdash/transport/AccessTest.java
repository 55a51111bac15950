package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.distribution.Permissions;
import io.tsdash.error.ConfigurationException;
import io.tsdash.resilience.LocalRateLimiter;
import io.tsdash.resilience.RateLimit;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.access.Authentication;
import io.tsdash.transport.access.Grant;
import io.tsdash.transport.access.Quotas;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over real connections; a token of these tests reads "user|permissions with commas|milliseconds that it lasts". */
class AccessTest {
    private static final String ALL = "ann|*|60000";

    private final List<String> refused = new CopyOnWriteArrayList<>();
    private final CountDownLatch slowly = new CountDownLatch(1);
    private Quotas quotas = new Quotas(10, 100, 1_000, 1_000);
    private TestServer server;

    @BeforeEach
    void startServer() throws InterruptedException {
        start(options -> options);
        server.trade("AAPL", 1, 10.5);
        server.trade("MSFT", 1, 20.5);
        TestServer.await(
                "both symbols",
                () -> server.hub
                        .ask(channels -> channels.withPrefix("prices:").size() == 2)
                        .join());
    }

    @AfterEach
    void stopServer() {
        slowly.countDown();
        server.close();
    }

    @Test
    void tokenInTheHeaderOpensASocket() throws IOException {
        try (RawSocket socket = socket("/prices", "ann|prices:A*|60000")) {
            socket.text("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:AAPL\"]}");
            assertThat(socket.frameWith("snapshot")).contains("\"price\":10.5");
        }
    }

    @Test
    void subscriptionNeedsOnePermissionThatCoversTheWholeOfIt() throws IOException {
        try (RawSocket socket = socket("/prices", "ann|prices:A*,prices:M*|60000")) {
            socket.text("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:*\"]}");
            assertThat(socket.frameWith("error")).contains("4403").contains("prices:A*, prices:M*");
            socket.text("{\"op\":\"subscribe\",\"id\":2,\"channels\":[\"prices:AAPL\",\"status\"]}");
            assertThat(socket.frameWith("error")).contains("4403").contains("'status'");
            assertThat(refused).hasSize(2).allMatch(each -> each.startsWith("ann FORBIDDEN"));
            socket.text("{\"op\":\"subscribe\",\"id\":3,\"channels\":[\"prices:AA*\"]}");
            assertThat(socket.frameWith("subscribed")).contains("\"id\":3");
        }
    }

    @Test
    void pageOfAForeignOriginIsToldOf() throws IOException {
        String foreign = "Origin: https://evil.example\r\n";
        try (RawSocket socket = new RawSocket(server.server.port())) {
            assertThat(socket.upgrade("/prices", foreign + "Authorization: Bearer " + ALL + "\r\n"))
                    .contains("403");
        }
        assertThat(refused)
                .containsExactly(" FORBIDDEN origin was 'https://evil.example'"
                        + " but it must be this server's own or one that is allowed");
    }

    @Test
    void firstCommandSaysWhoTheClientIs() throws IOException {
        try (RawSocket socket = socket("/prices", "")) {
            socket.text("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:AAPL\"]}");
            assertThat(socket.frameWith("error")).contains("\"id\":1").contains("4401");
            authenticate(socket, 2, ALL);
            assertThat(socket.frameWith("authenticated")).contains("\"id\":2,\"user\":\"ann\",\"expires\":\"");
            socket.text("{\"op\":\"subscribe\",\"id\":3,\"channels\":[\"prices:AAPL\"]}");
            assertThat(socket.frameWith("snapshot")).contains("\"price\":10.5");
        }
    }

    @Test
    void commandsBehindATokenWaitUntilItIsRead() throws IOException {
        try (RawSocket socket = socket("/prices", "")) {
            authenticate(socket, 1, "slow|*|60000");
            socket.text("{\"op\":\"subscribe\",\"id\":2,\"channels\":[\"prices:AAPL\"]}");
            socket.text("{\"op\":\"ping\",\"id\":3}");
            slowly.countDown();
            StringBuilder all = new StringBuilder();
            while (!all.toString().contains("\"pong\"")) {
                all.append(socket.frameWith(""));
            }
            assertThat(all.toString())
                    .contains("authenticated")
                    .contains("snapshot")
                    .doesNotContain("error");
        }
    }

    @Test
    void clientThatDoesNotSayWhoItIsIsClosed() throws IOException {
        restart(options -> options.authenticateWithin(Duration.ofMillis(300)));
        try (RawSocket socket = socket("/prices", "")) {
            assertThat(socket.frameWith("close")).startsWith("close 4401");
        }
    }

    @Test
    void tokenThatDoesNotHoldEndsTheConnection() throws IOException {
        try (RawSocket socket = socket("/prices", "")) {
            authenticate(socket, 1, "rubbish");
            assertThat(socket.frameWith("error")).contains("\"id\":1").contains("4401");
            assertThat(socket.frameWith("close")).startsWith("close 4401");
        }
        assertThat(refused).anyMatch(each -> each.contains("UNAUTHENTICATED"));
        try (RawSocket socket = new RawSocket(server.server.port())) {
            assertThat(socket.upgrade("/prices", "Authorization: Bearer rubbish\r\n"))
                    .contains("401");
        }
        try (RawSocket socket = new RawSocket(server.server.port())) {
            assertThat(socket.upgrade("/prices", "Authorization: Basic YTpi\r\n"))
                    .contains("401");
        }
    }

    @Test
    void authenticatorThatCannotSayIsNoRefusal() throws IOException {
        try (RawSocket socket = socket("/prices", "")) {
            authenticate(socket, 1, "down");
            assertThat(socket.frameWith("error")).contains("4503").contains("\"retry\":true");
            authenticate(socket, 2, "broken");
            assertThat(socket.frameWith("error")).contains("4503");
            authenticate(socket, 3, ALL);
            assertThat(socket.frameWith("authenticated")).contains("\"id\":3");
        }
    }

    @Test
    void connectionEndsWithItsToken() throws IOException {
        try (RawSocket socket = socket("/prices", "ann|*|400")) {
            assertThat(socket.frameWith("close")).startsWith("close 4401");
        }
    }

    @Test
    void renewedTokenKeepsTheConnection() throws IOException {
        try (RawSocket socket = socket("/prices", "ann|*|1000")) {
            authenticate(socket, 1, ALL);
            socket.frameWith("authenticated");
            long end = System.nanoTime() + Duration.ofMillis(1_500).toNanos();
            while (System.nanoTime() < end) {
                socket.frameWith("heartbeat");
            }
        }
    }

    @Test
    void tokenOfAnotherUserIsRefusedAndTheConnectionGoesOn() throws IOException {
        try (RawSocket socket = socket("/prices", ALL)) {
            authenticate(socket, 1, "bob|*|60000");
            assertThat(socket.frameWith("error")).contains("4403");
            socket.text("{\"op\":\"ping\",\"id\":2}");
            socket.frameWith("pong");
        }
    }

    @Test
    void renewedTokenWithFewerPermissionsEndsThoseSubscriptionsAndNothingMoreIsSentOfThem() throws Exception {
        try (RawSocket socket = socket("/prices", "ann|prices:*|60000")) {
            socket.text("{\"op\":\"subscribe\",\"id\":1,\"intervalMillis\":0,"
                    + "\"channels\":[\"prices:*\",\"prices:AAPL\"]}");
            socket.frameWith("prices:MSFT");
            authenticate(socket, 2, "ann|prices:A*|60000");
            assertThat(socket.frameWith("ended"))
                    .contains("\"type\":\"authenticated\",\"id\":2")
                    .contains("{\"type\":\"ended\",\"channel\":\"prices:*\",\"code\":4403");
            server.trade("MSFT", 2, 21);
            server.trade("NEW", 2, 5);
            server.trade("AAPL", 2, 11);
            StringBuilder all = new StringBuilder();
            while (!all.toString().contains("\"price\":11")) {
                all.append(socket.frameWith(""));
            }
            assertThat(all.toString()).doesNotContain("MSFT").doesNotContain("NEW");
        }
    }

    @Test
    void connectionsOfAUserAreBounded() throws IOException {
        quotas = new Quotas(2, 100, 1_000, 1_000);
        try (RawSocket one = socket("/prices", ALL);
                RawSocket two = socket("/trades", "")) {
            one.frameWith("hello");
            authenticate(two, 1, ALL);
            two.frameWith("authenticated");
            try (RawSocket three = new RawSocket(server.server.port())) {
                assertThat(three.upgrade("/prices", "Authorization: Bearer " + ALL + "\r\n"))
                        .contains("429");
            }
            try (RawSocket three = socket("/prices", "")) {
                authenticate(three, 1, ALL);
                assertThat(three.frameWith("close")).startsWith("close 4429");
            }
            try (RawSocket other = socket("/prices", "bob|*|60000")) {
                other.frameWith("hello");
            }
        }
        TestServer.await("room", this::mayConnect);
    }

    @Test
    void subscriptionsOfAUserAreBoundedOverAllConnections() throws IOException {
        quotas = new Quotas(5, 2, 1_000, 1_000);
        try (RawSocket one = socket("/prices", ALL);
                RawSocket two = socket("/prices", ALL)) {
            one.text("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:AAPL\",\"prices:MSFT\"]}");
            one.frameWith("subscribed");
            two.text("{\"op\":\"subscribe\",\"id\":2,\"channels\":[\"prices:AAPL\"]}");
            assertThat(two.frameWith("error")).contains("4409");
            assertThat(refused).anyMatch(each -> each.startsWith("ann TOO_MANY_SUBSCRIPTIONS"));
            one.text("{\"op\":\"unsubscribe\",\"id\":3,\"channels\":[\"prices:MSFT\"]}");
            one.frameWith("unsubscribed");
            two.text("{\"op\":\"subscribe\",\"id\":4,\"channels\":[\"prices:AAPL\"]}");
            two.frameWith("subscribed");
        }
    }

    @Test
    void commandsThatComeTooFastEndTheConnection() throws IOException {
        quotas = new Quotas(5, 100, 0.001, 3);
        try (RawSocket socket = socket("/prices", ALL)) {
            for (int i = 0; i < 4; i++) {
                socket.text("{\"op\":\"ping\",\"id\":" + i + "}");
            }
            assertThat(socket.frameWith("close")).startsWith("close 4429");
        }
    }

    @Test
    void restNeedsATokenAndItsPermission() throws IOException, InterruptedException {
        HttpResponse<String> nobody = server.get("/latest");
        assertThat(nobody.statusCode()).isEqualTo(401);
        assertThat(nobody.headers().firstValue("www-authenticate")).contains("Bearer");
        assertThat(nobody.body()).contains("\"code\":4401");
        String token = "ann|prices:A*,bars:1m:M*|60000";
        assertThat(get("/latest", token)).contains("AAPL").doesNotContain("MSFT");
        assertThat(get("/symbols", token)).contains("AAPL").contains("MSFT");
        assertThat(get("/symbols", "ann|bars:1m:M*|60000")).contains("MSFT").doesNotContain("AAPL");
        assertThat(get("/latest?symbol=AAPL", token)).contains("10.5");
        assertThat(get("/latest?symbol=MSFT", token)).contains("\"code\":4403");
        assertThat(get("/historical/bars?symbol=MSFT&interval=1m", token)).contains("\"bars\"");
        assertThat(get("/historical/bars?symbol=AAPL&interval=1m", token)).contains("\"code\":4403");
        assertThat(get("/historical/bars?symbol=MSFT&interval=5m", token)).contains("\"code\":4403");
        for (String path : List.of(
                "/historical/trades?symbol=AAPL",
                "/aggregates/vwap?symbol=AAPL",
                "/aggregates/profile?symbol=AAPL&step=1",
                "/aggregates/rolling?symbol=AAPL")) {
            assertThat(get(path, token)).as(path).contains("\"code\":4403");
            assertThat(get(path, "ann|trades:AAPL|60000")).as(path).doesNotContain("\"code\"");
        }
        assertThat(refused)
                .filteredOn(each -> each.startsWith("ann FORBIDDEN"))
                .as("each of them is told")
                .hasSize(7);
        assertThat(get("/historical/trades?symbol=AAPL&from=then", ALL)).contains("\"code\":4400");
        assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
        assertThat(server.get("/").statusCode()).isEqualTo(200);
    }

    @Test
    void restRequestsAreBoundedByUser() throws IOException, InterruptedException {
        quotas = new Quotas(5, 100, 0.001, 2);
        get("/symbols", ALL);
        get("/symbols", ALL);
        assertThat(get("/symbols", ALL)).contains("\"code\":4429");
        assertThat(get("/symbols", "bob|*|60000")).contains("symbols");
    }

    @Test
    void answersSayHowTheLimitStands() throws IOException, InterruptedException {
        quotas = new Quotas(5, 100, 0.01, 2);
        HttpResponse<String> first = server.get("/symbols", "authorization", "Bearer " + ALL);
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(fields(first)).containsExactly("\"requests\";q=2", "\"requests\";r=1;t=100", "");
        HttpResponse<String> second = server.get("/symbols", "authorization", "Bearer " + ALL);
        assertThat(fields(second)).containsExactly("\"requests\";q=2", "\"requests\";r=0;t=200", "");
        HttpResponse<String> refused = server.get("/news", "authorization", "Bearer " + ALL);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(fields(refused)).containsExactly("\"requests\";q=2", "\"requests\";r=0;t=200", "100");
        HttpResponse<String> notCounted = server.get("/health/live");
        assertThat(fields(notCounted)).containsOnly("");
    }

    @Test
    void aLimiterOfOnesOwnCountsUsersByNameAndOthersByAddress() throws IOException, InterruptedException {
        List<String> keys = new CopyOnWriteArrayList<>();
        LocalRateLimiter limiter = LocalRateLimiter.of(RateLimit.perMinute(2)).build();
        UnaryOperator<TsdashServerBuilder> limited = options -> options.rateLimiter((key, permits) -> {
            keys.add(key);
            return limiter.tryAcquire(key, permits);
        });
        quotas = new Quotas(5, 100, 0.001, 1);
        server.close();
        start(limited);
        assertThat(get("/symbols", ALL)).contains("symbols");
        assertThat(get("/symbols", ALL)).as("the limiter counts, not the quota").contains("symbols");
        assertThat(get("/stream?channels=news", ALL)).contains("\"code\":4429");
        assertThat(get("/symbols", "bob|*|60000")).contains("symbols");
        server.close();
        server = TestServer.start(MarketStore.inMemory(), limited);
        server.get("/symbols");
        server.get("/symbols");
        assertThat(server.get("/symbols").statusCode()).isEqualTo(429);
        assertThat(keys)
                .containsExactly(
                        "user:ann",
                        "user:ann",
                        "user:ann",
                        "user:bob",
                        "address:127.0.0.1",
                        "address:127.0.0.1",
                        "address:127.0.0.1");
    }

    @Test
    void aLimiterThatFailsIsNoReasonToPass() throws IOException, InterruptedException {
        server.close();
        server = TestServer.start(
                MarketStore.inMemory(),
                options -> options.rateLimiter((key, permits) -> {
                    throw new IllegalStateException("its server is away");
                }));
        HttpResponse<String> answer = server.get("/symbols");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("4503").doesNotContain("its server is away");
        assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
    }

    private static List<String> fields(HttpResponse<String> answer) {
        return Stream.of("ratelimit-policy", "ratelimit", "retry-after")
                .map(name -> answer.headers().firstValue(name).orElse(""))
                .toList();
    }

    @Test
    void streamNeedsATokenAndEndsWithIt() throws IOException, InterruptedException {
        assertThat(server.get("/stream?channels=prices:AAPL").statusCode()).isEqualTo(401);
        assertThat(get("/stream?channels=prices:*", "ann|prices:A*|60000")).contains("\"code\":4403");
        assertThat(get("/stream?channels=prices:AAPL", "ann|prices:A*|700"))
                .contains("\"price\":10.5")
                .contains("event: close")
                .contains("\"code\":4401");
    }

    @Test
    void streamCountsAsAConnectionWhileItLasts() throws IOException, InterruptedException {
        quotas = new Quotas(1, 100, 1_000, 1_000);
        try (RawSocket stream = new RawSocket(server.server.port())) {
            stream.send("GET /news HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + ALL + "\r\n\r\n");
            assertThat(stream.head()).contains("200");
            assertThat(get("/news", ALL)).contains("\"code\":4429");
        }
        TestServer.await("room", this::mayConnect);
        assertThat(get("/stream?channels=nothing", ALL)).contains("\"code\":4404");
        TestServer.await("room after a refused stream", this::mayConnect);
    }

    @Test
    void serverOpenToOthersNeedsAnAuthenticatorOrAnExplicitWord() {
        assertThatThrownBy(() -> TsdashServer.builder(server.hub, server.store)
                        .host("0.0.0.0")
                        .port(0)
                        .start())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("host was '0.0.0.0'")
                .hasMessageContaining("withoutAuthentication()");
        TsdashServer.builder(server.hub, server.store)
                .host("0.0.0.0")
                .port(0)
                .withoutAuthentication()
                .start()
                .close();
        TsdashServer.builder(server.hub, server.store)
                .host("0.0.0.0")
                .port(0)
                .authenticator(this::authenticate)
                .start()
                .close();
    }

    @Test
    void clientRenewsItsTokenByItself() {
        List<String> issued = new CopyOnWriteArrayList<>();
        try (TsdashClient client = TsdashClient.connect(server.socket("/prices"), 0, 10, TsdashClientListener.none())
                .token(() -> {
                    issued.add("one more");
                    return "ann|prices:*|1000";
                })) {
            client.subscribe(List.of("prices:*"));
            TestServer.await("renewals", () -> issued.size() >= 4);
            assertThat(client.connectionsMade()).isEqualTo(1);
            assertThat(client.<Integer>read(replica -> replica.channels().size()))
                    .isEqualTo(2);
        }
    }

    private boolean mayConnect() {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            return socket.upgrade("/prices", "Authorization: Bearer " + ALL + "\r\n")
                    .contains("101");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void start(UnaryOperator<TsdashServerBuilder> more) {
        server = TestServer.start(
                MarketStore.inMemory(),
                options -> more.apply(options.authenticator(this::authenticate)
                        .accessListener((client, user, code, why) -> refused.add(user + " " + code + " " + why))));
    }

    private void restart(UnaryOperator<TsdashServerBuilder> more) {
        server.close();
        start(more);
    }

    private Authentication authenticate(String token) {
        String[] parts = token.split("\\|", -1);
        if (token.equals("down")) {
            return new Authentication.Unavailable("no keys");
        }
        if (token.equals("broken")) {
            throw new IllegalStateException("a fault of the authenticator");
        }
        if (parts.length != 3) {
            return new Authentication.Refused("rubbish");
        }
        if (parts[0].equals("slow")) {
            try {
                assertThat(slowly.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        long lastsNanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(parts[2]));
        return new Authentication.Granted(new Grant(
                parts[0],
                Permissions.of(Arrays.asList(parts[1].split(",", -1))),
                TimeSource.system().epochNanos() + lastsNanos,
                quotas));
    }

    private RawSocket socket(String path, String token) throws IOException {
        RawSocket socket = new RawSocket(server.server.port());
        String header = token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n";
        assertThat(socket.upgrade(path, header)).contains("101");
        return socket;
    }

    private static void authenticate(RawSocket socket, int id, String token) throws IOException {
        socket.text("{\"op\":\"authenticate\",\"id\":" + id + ",\"token\":\"" + token + "\"}");
    }

    private String get(String path, String token) throws IOException, InterruptedException {
        return TestServer.HTTP
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.server.port() + path))
                                .header("Authorization", "Bearer " + token)
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
