package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.error.TransientException;
import io.tsdash.store.MarketStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserDataTest {
    private static final String LIST = "{\"symbols\":[\"AAPL\",\"ÄÖ\"]}";

    private final Map<String, String> kept = new ConcurrentHashMap<>();
    private final List<String> refused = new CopyOnWriteArrayList<>();
    private volatile boolean away;
    private final TestServer server = TestServer.start(
            MarketStore.inMemory(),
            options -> options.userData(new UserData() {
                        @Override
                        public Set<String> names() {
                            return Set.of("watchlist");
                        }

                        @Override
                        public Optional<String> read(String user, String name) {
                            if (away) {
                                throw new TransientException("redis did not answer");
                            }
                            return Optional.ofNullable(kept.get(user + "/" + name));
                        }

                        @Override
                        public void write(String user, String name, String json) {
                            kept.put(user + "/" + name, json);
                        }
                    })
                    .accessListener((client, user, code, why) -> refused.add(code + " " + why)));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void whatAUserPutsIsThereOnTheNextVisit() throws IOException, InterruptedException {
        assertThat(server.get("/user/watchlist").statusCode()).isEqualTo(204);
        assertThat(put("/user/watchlist", LIST).statusCode()).isEqualTo(204);
        HttpResponse<String> found = server.get("/user/watchlist");
        assertThat(found.statusCode()).isEqualTo(200);
        assertThat(found.body()).isEqualTo(LIST);
        assertThat(found.headers().firstValue("cache-control").orElseThrow()).contains("private");
        assertThat(kept).containsOnlyKeys("anonymous/watchlist");
        assertThat(server.get("/health/live").statusCode())
                .as("the connection goes on after an answer without a body")
                .isEqualTo(200);
    }

    @Test
    void whatCannotBeReadNowIsAProblemWithRetry() throws IOException, InterruptedException {
        away = true;
        HttpResponse<String> answer = server.get("/user/watchlist");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("redis did not answer", "\"retry\":true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "\"text\"", "{", "{}{}", "{\"a\":}", "[1,2"})
    void refusesWhatIsNoObjectOrArray(String body) throws IOException, InterruptedException {
        assertThat(put("/user/watchlist", body).statusCode()).isEqualTo(400);
        assertThat(kept).isEmpty();
    }

    @Test
    void refusesOtherNamesOtherFormsOtherPagesAndTooMuch() throws IOException, InterruptedException {
        assertThat(put("/user/secrets", LIST).body()).contains("what users keep here is watchlist");
        assertThat(put("/user/watchlist", LIST, "content-type", "text/plain").body())
                .contains("content-type was 'text/plain' but it must be application/json");
        assertThat(put("/user/watchlist", LIST, "origin", "https://evil.example")
                        .statusCode())
                .isEqualTo(403);
        assertThat(refused).hasSize(1).first().asString().startsWith("FORBIDDEN origin was 'https://evil.example'");
        HttpResponse<String> large = put("/user/watchlist", "[\"" + "x".repeat(UserData.BYTES_MAX) + "\"]");
        assertThat(large.statusCode()).isEqualTo(413);
        assertThat(large.body()).contains("the body had 16388 bytes but it must have at most 16384");
        assertThat(put("/latest", LIST).statusCode()).isEqualTo(405);
        assertThat(kept).isEmpty();
    }

    private HttpResponse<String> put(String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.server.port() + path))
                .header("content-type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return TestServer.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
