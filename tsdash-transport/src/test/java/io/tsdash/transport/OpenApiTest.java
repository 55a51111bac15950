package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds {@code docs/openapi.json} to what the server answers: every call, good and bad. */
class OpenApiTest {
    private static final Path FILE = Path.of("..", "docs", "openapi.json");
    private static final String PLACE = "https://tsdash.test/openapi.json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern KNOWN = Pattern.compile("must be one of \\[(.*?)]");
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private static JsonNode description = JSON.nullNode();
    private static JsonSchemaFactory schemas = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
    private static TestServer server;

    @BeforeAll
    static void startServer() throws IOException, InterruptedException {
        description = JSON.readTree(FILE.toFile());
        JsonNode closed = description.deepCopy();
        close(closed);
        schemas = JsonSchemaFactory.getInstance(
                SpecVersion.VersionFlag.V202012,
                builder -> builder.schemaLoaders(loaders -> loaders.schemas(Map.of(PLACE, closed.toString()))));
        server = TestServer.start(
                MarketStore.inMemory(),
                options -> options.readyWhen("feed", () -> Optional.of("not connected"))
                        .userData(new OneWatchlist()));
        for (int i = 1; i <= 20; i++) {
            server.trade("AAPL", i, i + 0.25);
        }
        Trade sold = new Trade("AAPL", 21_000_000_000L, 21_000_000_000L, 21, 20, 1, Side.SELL, true, true, 1);
        server.store.appendTrades(List.of(sold));
        server.store.upsertBars(List.of(bar(0), bar(3)));
        TestServer.await("the symbol", () -> {
            try {
                return server.get("/latest?symbol=AAPL").statusCode() == 200;
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void validatorAcceptsTheDescription() throws IOException {
        SwaggerParseResult result = new OpenAPIV3Parser().readContents(Files.readString(FILE));
        assertThat(result.getMessages()).isEmpty();
        assertThat(result.getOpenAPI().getPaths()).hasSizeGreaterThan(10);
    }

    @Test
    void serverHandsOutTheDescription() throws IOException, InterruptedException {
        HttpResponse<String> answer = server.get("/openapi.json");
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        assertThat(answer.body()).isEqualTo(Files.readString(FILE));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /historical/trades?symbol=AAPL                                | 200
            /historical/trades?symbol=AAPL&limit=3                        | 200
            /historical/trades?symbol=AAPL&from=99000000000               | 200
            /historical/trades?symbol=NOSUCH                              | 404
            /historical/trades?symbol=AAPL&limit=0                        | 400
            /historical/bars?symbol=AAPL&interval=1m                      | 200
            /historical/bars?symbol=AAPL&interval=1m&fill=previous        | 200
            /historical/bars?symbol=AAPL&interval=1m&from=0&limit=1       | 200
            /historical/bars?symbol=AAPL&interval=7q                      | 400
            /historical/bars?symbol=NOSUCH&interval=1m                    | 404
            /aggregates/bars?symbol=AAPL&interval=2m                      | 200
            /aggregates/bars?symbol=AAPL                                  | 400
            /aggregates/bars?symbol=NOSUCH&interval=2m                    | 404
            /aggregates/vwap?symbol=AAPL                                  | 200
            /aggregates/vwap?symbol=AAPL&from=99000000000                 | 200
            /aggregates/vwap?symbol=AAPL&from=soon                        | 400
            /aggregates/vwap?symbol=NOSUCH                                | 404
            /aggregates/profile?symbol=AAPL&step=0.5                      | 200
            /aggregates/profile?symbol=AAPL&step=-1                       | 400
            /aggregates/profile?symbol=NOSUCH&step=1                      | 404
            /aggregates/rolling?symbol=AAPL                               | 200
            /aggregates/rolling?symbol=AAPL&window=5s&from=0&limit=2      | 200
            /aggregates/rolling?symbol=AAPL&window=soon                   | 400
            /aggregates/rolling?symbol=NOSUCH                             | 404
            /latest                                                       | 200
            /latest?symbol=AAPL                                           | 200
            /latest?symbol=NOSUCH                                         | 404
            /latest?simbol=A                                              | 400
            /symbols                                                      | 200
            /symbols?x=1                                                  | 400
            /stream?channels=prizes:*                                     | 404
            /stream                                                       | 400
            /news?intervalMillis=x                                        | 400
            /alerts?intervalMillis=-1                                     | 400
            /user/watchlist                                               | 200
            /user/watchlist?x=1                                           | 400
            /operator/overview?limit=0                                    | 400
            /health                                                       | 503
            /health/live                                                  | 200
            /health/ready                                                 | 503
            /openapi.json?x=1                                             | default
            """)
    void answerIsAsDescribed(String address, String status) throws IOException, InterruptedException {
        HttpResponse<String> answer = server.get(address);
        String path = address.replaceAll("\\?.*", "");
        if (!status.equals("default")) {
            assertThat(answer.statusCode()).hasToString(status);
        }
        String type = answer.headers().firstValue("content-type").orElseThrow();
        assertThat(problems(path, status, type, answer.body())).isEmpty();
        if (answer.statusCode() == 200 && !path.startsWith("/health")) {
            assertThat(answer.headers().firstValue("etag").orElseThrow()).matches("W/\"[0-9a-f]+\"");
            HttpResponse<String> again = server.get(
                    address,
                    "if-none-match",
                    answer.headers().firstValue("etag").orElseThrow());
            assertThat(again.statusCode()).isEqualTo(304);
            assertThat(response(path, "304").isMissingNode()).isFalse();
        }
    }

    @Test
    void whatIsNotAsDescribedIsFound() {
        String row = "{\"rows\":[{\"symbol\":\"A\",\"price\":\"1\"}]}";
        assertThat(problems("/latest", "200", "application/json", row)).isNotEmpty();
        assertThat(problems("/latest", "200", "application/json", "{\"rows\":[{\"symbol\":\"A\",\"extra\":1}]}"))
                .isNotEmpty();
        assertThat(problems("/latest", "200", "application/json", "{}")).isNotEmpty();
    }

    @Test
    void parametersAreThoseThatTheServerTakes() throws IOException, InterruptedException {
        int checked = 0;
        for (Map.Entry<String, JsonNode> each : description.path("paths").properties()) {
            String path = each.getKey();
            if (path.startsWith("/health")) {
                continue;
            }
            String needed = path.equals("/stream") ? "?channels=news&nosuch=1" : "?nosuch=1";
            Matcher known = KNOWN.matcher(server.get(path + needed).body());
            assertThat(known.find()).as(path).isTrue();
            Set<String> taken = new TreeSet<>(List.of(known.group(1).split(", ", -1)));
            taken.remove("");
            Set<String> described = new TreeSet<>();
            for (JsonNode reference : each.getValue().path("get").path("parameters")) {
                JsonNode parameter =
                        description.at(reference.path("$ref").asText().substring(1));
                if (parameter.path("in").asText().equals("query")) {
                    described.add(parameter.path("name").asText());
                }
            }
            assertThat(described).as(path).isEqualTo(taken);
            checked++;
        }
        assertThat(checked).isGreaterThan(10);
    }

    @Test
    void everyPathOfTheDescriptionIsTried() throws IOException {
        String source =
                Files.readString(Path.of("src", "test", "java", "io", "tsdash", "transport", "OpenApiTest.java"));
        List<String> missing = new ArrayList<>();
        description.path("paths").fieldNames().forEachRemaining(path -> {
            if (!source.contains(" " + path + " ") && !source.contains(" " + path + "?")) {
                missing.add(path);
            }
        });
        assertThat(missing).isEmpty();
    }

    private static JsonNode response(String path, String status) {
        JsonNode response = description
                .path("paths")
                .path(path)
                .path("get")
                .path("responses")
                .path(status);
        return response.has("$ref")
                ? description.at(response.path("$ref").asText().substring(1))
                : response;
    }

    /** Returns what differs from the description. */
    private static List<String> problems(String path, String status, String type, String body) {
        JsonNode responses = description.path("paths").path(path).path("get").path("responses");
        JsonNode response = responses.path(status);
        String at = response.has("$ref")
                ? response.path("$ref").asText()
                : "#/paths/" + path.replace("/", "~1") + "/get/responses/" + status;
        if (!response(path, status).path("content").has(type)) {
            return List.of("no " + type + " for " + status + " at " + path);
        }
        JsonSchema schema =
                schemas.getSchema(SchemaLocation.of(PLACE + at + "/content/" + type.replace("/", "~1") + "/schema"));
        try {
            return schema.validate(JSON.readTree(body)).stream()
                    .map(Object::toString)
                    .toList();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    /** Clients pass over fields that they do not know; this test does not. */
    private static void close(JsonNode node) {
        if (node instanceof ObjectNode object
                && object.has("properties")
                && object.path("type").asText().equals("object")) {
            object.put("additionalProperties", false);
        }
        node.forEach(OpenApiTest::close);
    }

    private static Bar bar(long minute) {
        return new Bar(
                "AAPL",
                Interval.parse("1m"),
                minute * MINUTE_NANOS,
                (minute + 1) * MINUTE_NANOS,
                5,
                6,
                4,
                5,
                3,
                15,
                3,
                minute * MINUTE_NANOS,
                minute * MINUTE_NANOS,
                0,
                BarState.CLOSED);
    }

    /** Has something for whoever asks. */
    private static final class OneWatchlist implements UserData {
        @Override
        public Set<String> names() {
            return Set.of("watchlist");
        }

        @Override
        public Optional<String> read(String user, String name) {
            return Optional.of("[\"AAPL\"]");
        }

        @Override
        public void write(String user, String name, String json) {
            throw new UnsupportedOperationException("only read here");
        }
    }
}
