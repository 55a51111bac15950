package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.NewsItem;
import io.tsdash.store.MarketStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers that are known already, and answers in gzip: REST, files and streams. */
class HttpAnswersTest {
    private static final String TRADES = "/historical/trades?symbol=AAPL";
    private static TestServer server;

    @BeforeAll
    static void startServer() throws InterruptedException {
        server = TestServer.start();
        for (int i = 1; i <= 100; i++) {
            server.trade("AAPL", i, i);
        }
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void answerThatIsKnownIsNotSentAgain() throws Exception {
        HttpResponse<String> first = server.get(TRADES);
        String tag = first.headers().firstValue("etag").orElseThrow();
        assertThat(first.headers().firstValue("cache-control")).contains("no-cache");
        assertThat(first.headers().firstValue("vary")).contains("accept-encoding");

        HttpResponse<String> again = server.get(TRADES, "if-none-match", "\"other\", " + tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(again.headers().firstValue("etag")).contains(tag);
        assertThat(server.get(TRADES, "if-none-match", "*").statusCode()).isEqualTo(304);
        assertThat(server.get(TRADES, "if-none-match", tag.substring(2)).statusCode())
                .as("compared as weak tags")
                .isEqualTo(304);

        server.trade("AAPL", 101, 101);
        HttpResponse<String> changed = server.get(TRADES, "if-none-match", tag);
        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(changed.headers().firstValue("etag").orElseThrow()).isNotEqualTo(tag);
    }

    @Test
    void problemsAndHealthHaveNoTag() throws Exception {
        for (String path : List.of("/historical/trades?symbol=NOSUCH", "/health/live")) {
            HttpResponse<String> answer = server.get(path, "if-none-match", "*", "accept-encoding", "gzip");
            assertThat(answer.statusCode()).as(path).isNotEqualTo(304);
            assertThat(answer.headers().firstValue("etag")).isEmpty();
            assertThat(answer.headers().firstValue("content-encoding")).isEmpty();
            assertThat(answer.headers().firstValue("cache-control")).contains("no-store");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gzip                      | true
            deflate, GZIP;q=0.5, br   | true
            *                         | true
            x-gzip                    | true
            gzip;q=0                  | false
            gzip; q=0.0, *            | false
            br                        | false
            identity, *;q=0           | false
            """)
    void gzipIsSentToWhoTakesIt(String accepted, boolean zipped) throws Exception {
        HttpResponse<byte[]> answer = bytes(server, TRADES, "accept-encoding", accepted);
        assertThat(answer.headers().firstValue("content-encoding"))
                .isEqualTo(zipped ? Optional.of("gzip") : Optional.empty());
        byte[] body = zipped ? unzipped(answer.body()) : answer.body();
        assertThat(new String(body, StandardCharsets.UTF_8))
                .isEqualTo(server.get(TRADES).body());
        if (zipped) {
            assertThat(answer.body().length).isLessThan(body.length / 3);
        }
    }

    @Test
    void gzipHasTheSameTagAndShortAnswersStayAsTheyAre() throws Exception {
        String tag = server.get(TRADES).headers().firstValue("etag").orElseThrow();
        assertThat(bytes(server, TRADES, "accept-encoding", "gzip").headers().firstValue("etag"))
                .contains(tag);
        assertThat(bytes(server, "/symbols", "accept-encoding", "gzip")
                        .headers()
                        .firstValue("content-encoding"))
                .isEmpty();
    }

    @Test
    void headHasTheHeadersOfTheAnswerWithoutIt() throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            socket.send(
                    "HEAD " + TRADES + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n");
            assertThat(socket.rest())
                    .startsWith("HTTP/1.1 200")
                    .containsIgnoringCase("content-encoding: gzip")
                    .endsWith("\r\n\r\n");
        }
        try (RawSocket socket = new RawSocket(server.server.port())) {
            socket.send("HEAD /news HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            assertThat(socket.rest()).startsWith("HTTP/1.1 400");
        }
    }

    @Test
    void compressionCanBeSwitchedOff() throws Exception {
        try (TestServer plain = TestServer.start(MarketStore.inMemory(), options -> options.compression(false))) {
            for (int i = 1; i <= 100; i++) {
                plain.trade("AAPL", i, i);
            }
            assertThat(bytes(plain, TRADES, "accept-encoding", "gzip").headers().firstValue("content-encoding"))
                    .isEmpty();
            HttpResponse<InputStream> stream = stream(plain, "/news");
            assertThat(stream.headers().firstValue("content-encoding")).isEmpty();
            stream.body().close();
        }
    }

    @Test
    void streamInGzipGivesEachEventAtOnceAndEndsWhole() throws Exception {
        try (TestServer fresh = TestServer.start()) {
            HttpResponse<InputStream> stream = stream(fresh, "/stream?channels=news&intervalMillis=0");
            assertThat(stream.headers().firstValue("content-encoding")).contains("gzip");
            InputStream lines = new GZIPInputStream(stream.body(), 64);
            for (int i = 0; i < 5; i++) {
                String title = "title " + i + " ".repeat(200) + ".";
                fresh.market.news(new NewsItem(i, title, "", List.of()));
                assertThat(lineWith(lines, "\"title\":\"title " + i)).contains(title);
            }
            lineWith(lines, "heartbeat"); // too short to be deflated
            fresh.server.close();
            assertThat(lineWith(lines, "4001")).contains("shutting down");
            assertThat(lines.readAllBytes())
                    .as("the end of the event, and a sum that is right")
                    .isEqualTo(new byte[] {'\n'});
        }
    }

    /** Reads byte by byte: a reader of text would wait until its buffer is full. */
    private static String lineWith(InputStream in, String part) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int next = in.read();
            assertThat(next).as("the stream ended before " + part).isNotNegative();
            if (next != '\n') {
                line.write(next);
            } else if (line.toString(StandardCharsets.UTF_8).contains(part)) {
                return line.toString(StandardCharsets.UTF_8);
            } else {
                line.reset();
            }
        }
    }

    private static HttpResponse<InputStream> stream(TestServer from, String path)
            throws IOException, InterruptedException {
        return TestServer.HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + from.server.port() + path))
                        .header("accept-encoding", "gzip, deflate")
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    private static HttpResponse<byte[]> bytes(TestServer from, String path, String... headers)
            throws IOException, InterruptedException {
        return TestServer.HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + from.server.port() + path))
                        .headers(headers)
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static byte[] unzipped(byte[] zipped) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
            return in.readAllBytes();
        }
    }
}
