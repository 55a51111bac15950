package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.store.MarketStore;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a client sends, it gets a clear answer, and the server goes on serving another client. */
class BadInputTest {
    private static TestServer server;
    private static RawSocket other;

    @BeforeAll
    static void startServer() throws IOException, InterruptedException {
        server = TestServer.start();
        server.trade("AAPL", 1, 10.5);
        other = new RawSocket(server.server.port());
        assertThat(other.upgrade("/prices", "")).contains("101");
        TestServer.await("the first trade", () -> answers("/latest?symbol=AAPL", 200));
    }

    @AfterEach
    void anotherClientIsStillServed() throws IOException {
        other.text("{\"op\":\"ping\",\"id\":77}");
        assertThat(other.frameWith("pong")).contains("\"id\":77");
    }

    @AfterAll
    static void stopServer() throws IOException {
        other.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"op":                                                             | 4400 | no JSON object
            not json                                                           | 4400 | no JSON object
            []                                                                 | 4400 | must hold one command
            {"op":"ping","id":1} {}                                            | 4400 | more than one value
            {"op":"fly","id":9}                                                | 4400 | must be subscribe, unsubscribe, ping, checksum
            {"op":"ping"}                                                      | 4400 | id was missing
            {"op":"ping","id":"x"}                                             | 4400 | must be an integer
            {"op":"ping","id":99999999999999999999999}                         | 4400 | no JSON object
            {"op":"subscribe","id":9}                                          | 4400 | channels was missing or empty
            {"op":"subscribe","id":9,"channels":[]}                            | 4400 | channels was missing or empty
            {"op":"subscribe","id":9,"channels":"prices:*"}                    | 4400 | must be an array
            {"op":"subscribe","id":9,"channels":[""]}                          | 4400 | must have 1 to 160 characters
            {"op":"subscribe","id":9,"channels":["prices:*"],"intervalMillis":-5}      | 4400 | must be 0 to 60000
            {"op":"subscribe","id":9,"channels":["prices:*"],"intervalMillis":60001}   | 4400 | must be 0 to 60000
            {"op":"subscribe","id":9,"channels":["prices:*"],"resume":{"prices:A":1}}  | 4400 | must have epoch and seq
            {"op":"subscribe","id":9,"channels":["prices:*"],"resume":{"prices:A":{"epoch":"x"}}} | 4400 | lacked epoch or seq
            {"op":"subscribe","id":9,"channels":["prizes:AAPL"]}               | 4404 | takes bars, node, prices, status
            {"op":"subscribe","id":9,"channels":["trades:AAPL"]}               | 4404 | takes bars, node, prices, status
            {"op":"subscribe","id":9,"channels":["prices"]}                    | 4404 | no such kind
            {"op":"subscribe","id":9,"channels":["prices:NOSUCH"]}             | 4404 | no symbol 'NOSUCH'
            {"op":"subscribe","id":9,"channels":["bars:7m:AAPL"]}              | 4404 | must be one of 1m
            {"op":"subscribe","id":9,"channels":["bars:AAPL"]}                 | 4404 | bars:INTERVAL:SYMBOL
            {"op":"subscribe","id":9,"channels":["status:x"]}                  | 4404 | by itself
            """)
    void badCommandIsAnsweredWithItsRuleAndTheSessionGoesOn(String command, int code, String rule) throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            assertThat(socket.upgrade("/prices", "")).contains("101");
            socket.text(command);
            assertThat(socket.frameWith("\"error\""))
                    .contains("\"code\":" + code)
                    .contains(rule)
                    .contains("\"retry\":false");
            socket.text("{\"op\":\"ping\",\"id\":5}");
            assertThat(socket.frameWith("pong")).contains("\"id\":5");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /historical/trades                                                | 400 | symbol was missing
            /historical/trades?symbol=NOSUCH                                  | 404 | no such symbol
            /historical/trades?symbol=AAPL&from=9&to=5                        | 400 | 'to' must not be before 'from'
            /historical/trades?symbol=AAPL&limit=0                            | 400 | limit was '0'
            /historical/trades?symbol=AAPL&limit=many                         | 400 | limit was 'many'
            /historical/trades?symbol=AAPL&limit=99999999                     | 400 | from 1 to 10000
            /historical/trades?symbol=AAPL&from=yesterday                     | 400 | from was 'yesterday'
            /historical/trades?symbol=AAPL&from=9999999999999999999           | 400 | from was
            /historical/trades?symbol=AAPL&cursor=x                           | 400 | cursor was 'x'
            /historical/trades?symbol=AAPL&from=5&to=9&cursor=1_1             | 400 | cursor was '1_1'
            /historical/trades?symbol=AAPL&simbol=B                           | 400 | parameter was 'simbol'
            /historical/trades?symbol=AAPL&symbol=B                           | 400 | more than once
            /historical/trades?symbol=%zz                                     | 400 | not well encoded
            /historical/bars?symbol=AAPL                                      | 400 | interval was missing
            /historical/bars?symbol=AAPL&interval=7q                          | 400 | interval was '7q'
            /historical/bars?symbol=AAPL&interval=1m&fill=maybe               | 400 | must be none or previous
            /aggregates/profile?symbol=AAPL                                   | 400 | step was missing
            /aggregates/profile?symbol=AAPL&step=-1                           | 400 | must be a number above 0
            /aggregates/profile?symbol=AAPL&step=NaN                          | 400 | must be a number above 0
            /aggregates/rolling?symbol=AAPL&window=soon                       | 400 | interval was 'soon'
            /aggregates/rolling?symbol=NOSUCH                                 | 404 | no such symbol
            /aggregates/vwap?symbol=NOSUCH                                    | 404 | no such symbol
            /latest?symbol=NOSUCH                                             | 404 | no such symbol
            /stream                                                           | 400 | channels was missing
            /stream?channels=prizes:A                                         | 404 | this connection takes
            /stream?channels=prices:*&intervalMillis=x                        | 400 | intervalMillis was 'x'
            /prices                                                           | 426 | is a WebSocket
            /health/soon                                                      | 404 | /health/live
            /nothing.html                                                     | 404 | nothing is there
            /../secret.txt                                                    | 404 | nothing is there
            /assets/../../secret.txt                                          | 404 | nothing is there
            /%2e%2e/secret.txt                                                | 404 | nothing is there
            /..%2fsecret.txt                                                  | 404 | nothing is there
            /..%5csecret.txt                                                  | 404 | nothing is there
            //secret.txt                                                      | 404 | nothing is there
            /assets                                                           | 404 | nothing is there
            /assets%00.js                                                     | 404 | nothing is there
            """)
    void badRequestIsAnsweredWithAProblem(String path, int status, String rule) throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            // By hand: a client library would tidy the address up.
            socket.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            String answer = socket.rest();
            assertThat(answer)
                    .startsWith("HTTP/1.1 " + status)
                    .contains("application/problem+json")
                    .contains(rule);
        }
    }

    @Test
    void badLastEventIdIsAnsweredWithAProblem() throws IOException, InterruptedException {
        HttpResponse<String> answer = server.get("/news", "last-event-id", "no position");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("stream position was 'no position'");
    }

    @Test
    void oversizeFrameClosesItsConnection() throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            socket.upgrade("/prices", "");
            byte[] large = new byte[70_000];
            Arrays.fill(large, (byte) ' ');
            socket.frame(0x81, large);
            assertThat(socket.frameWith("close")).startsWith("close 4413").contains("65536");
        }
    }

    @Test
    void binaryFrameIsRefusedAndTheSessionGoesOn() throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            socket.upgrade("/prices", "");
            socket.frame(0x82, new byte[] {1, 2, 3});
            assertThat(socket.frameWith("\"error\"")).contains("4400").contains("binary");
            socket.text("{\"op\":\"ping\",\"id\":5}");
            assertThat(socket.frameWith("pong")).contains("\"id\":5");
        }
    }

    @Test
    void frameThatBreaksTheWebSocketRulesClosesItsConnection() throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            socket.upgrade("/prices", "");
            socket.frame(0xf1, "{}".getBytes(StandardCharsets.UTF_8));
            assertThat(socket.frameWith("close")).startsWith("close 1002");
        }
    }

    @Test
    void tooManySubscriptionsAreRefused() throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            socket.upgrade("/prices", "");
            StringBuilder names = new StringBuilder("\"prices:AAPL\"");
            for (int i = 0; i < 1_000; i++) {
                names.append(",\"prices:A").append(i).append("*\"");
            }
            socket.text("{\"op\":\"subscribe\",\"id\":1,\"channels\":[" + names + "]}");
            assertThat(socket.frameWith("\"error\"")).contains("4409").contains("at most 1000");
        }
    }

    @Test
    void foreignOriginIsRefused() throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            assertThat(socket.upgrade("/prices", "Origin: http://evil.example\r\n"))
                    .contains("403");
        }
        try (RawSocket socket = new RawSocket(server.server.port())) {
            assertThat(socket.upgrade("/prices", "Origin: http://localhost:1\r\n"))
                    .contains("101");
        }
    }

    @Test
    void unknownSubprotocolIsRefused() throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            assertThat(socket.upgrade("/prices", "Sec-WebSocket-Protocol: chess\r\n"))
                    .contains("400");
        }
    }

    @Test
    void postIsRefused() throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            socket.send("POST /symbols HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            assertThat(socket.rest()).startsWith("HTTP/1.1 405").containsIgnoringCase("allow: GET, HEAD");
        }
    }

    @Test
    void requestThatIsNoHttpIsRefused() throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            socket.send("hello\r\n\r\n");
            assertThat(socket.rest()).startsWith("HTTP/1.1 400");
        }
    }

    @Test
    void portInUseIsNamedWithWhatToDo() {
        int port = server.server.port();
        assertThatThrownBy(() -> TsdashServer.builder(server.hub, server.store)
                        .port(port)
                        .start())
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("port " + port + " is in use")
                .hasMessageContaining("choose another");
    }

    @Test
    void allThatIsWrongInAConfigurationIsSaidAtOnce() {
        assertThatThrownBy(() -> TsdashServer.builder(server.hub, MarketStore.inMemory())
                        .port(70_000)
                        .host(" ")
                        .ioThreads(0)
                        .start())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("port was '70000'")
                .hasMessageContaining("host was blank")
                .hasMessageContaining("ioThreads was '0'");
    }

    private static boolean answers(String path, int status) {
        try {
            return server.get(path).statusCode() == status;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
