package io.tsdash.examples.stranger;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.browser.CuttableProxy;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.transport.TsdashServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** {@code docs/protocol.md} is enough: {@code web/stranger/follow-prices.mjs} was written from it and knows no more. */
class StrangersClientTest {
    private static final Path CLIENT = Path.of("web", "stranger", "follow-prices.mjs");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> SYMBOLS = List.of("AAPL", "BRK.A", "BTC/USD", "EUR:USD", "ZŁ");
    private static final JsonFactory JSON = new JsonFactory();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Random random = new Random(3);
    private int trades;
    /** The last line of the client. */
    private volatile String said = "{}";

    @Test
    void fitsInSixtyLinesAndNeedsNothingButAWebSocketLibrary() throws IOException {
        List<String> lines = Files.readAllLines(CLIENT);
        assertThat(lines).hasSizeLessThanOrEqualTo(60);
        assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(160));
        assertThat(lines.stream().filter(line -> line.contains("import")))
                .containsExactly("import WebSocket from \"ws\";");
    }

    @Test
    void followsPricesThroughAForcedReconnectAndEndsWithTheStateOfTheServer() throws Exception {
        try (Hub hub = Hub.builder().heartbeat(Duration.ofMillis(200)).build();
                MarketStore store = MarketStore.inMemory()) {
            MarketChannels market = MarketChannels.builder(hub).build();
            hub.start();
            try (TsdashServer server = TsdashServer.builder(hub, store).port(0).start();
                    CuttableProxy network = new CuttableProxy(server.port())) {
                trade(market, 50);
                Process client = follow(network.port());
                try {
                    Eventually.holds("the first state", PATIENCE, () -> equal(server));
                    trade(market, 300);
                    Eventually.holds("the state after deltas", PATIENCE, () -> equal(server));
                    network.cut();
                    trade(market, 300);
                    assertThat(equal(server)).as("it can't know yet").isFalse();
                    network.restore();
                    Eventually.holds("the state after the cut", PATIENCE, () -> equal(server));
                    trade(market, 300);
                    Eventually.holds("the last state", PATIENCE, () -> equal(server));
                } finally {
                    client.destroyForcibly();
                }
                String symbols = String.valueOf(SYMBOLS.size());
                assertThat(text(said))
                        .containsEntry("connections", "2")
                        .containsEntry("resumed", symbols)
                        .containsEntry("resets", "0")
                        .containsEntry("gaps", "0");
            }
        }
    }

    private void trade(MarketChannels market, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            trades++;
            String symbol = SYMBOLS.get(random.nextInt(SYMBOLS.size()));
            double price = random.nextInt(1, 100_000) / 100.0;
            market.events("feed", List.of(Trade.of(symbol, trades * 1_000_000L, trades, price, 0.001 * trades)));
        }
    }

    private Process follow(int port) throws IOException {
        String address = "ws://127.0.0.1:" + port + "/prices";
        Process client = new ProcessBuilder("node", "stranger/follow-prices.mjs", address, "prices:*")
                .directory(Path.of("web").toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread reader = new Thread(
                () -> {
                    try (BufferedReader lines = new BufferedReader(
                            new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
                        lines.lines().forEach(line -> said = line);
                    } catch (IOException | UncheckedIOException e) {
                        said = "{}";
                    }
                },
                "stranger-output");
        reader.setDaemon(true);
        reader.start();
        return client;
    }

    /** Whether the client's copy is what the server answers over HTTP, which has nothing to do with deltas. */
    private boolean equal(TsdashServer server) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/latest"))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            Map<String, Map<String, String>> latest = rows(
                    HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
            return latest.size() == SYMBOLS.size() && latest.equals(rows(said));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every object that has a symbol, by that symbol, wherever it is in the text. */
    private static Map<String, Map<String, String>> rows(String json) {
        Map<String, Map<String, String>> rows = new TreeMap<>();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            Map<String, String> row = new TreeMap<>();
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    row = new TreeMap<>();
                } else if (token == JsonToken.END_OBJECT && row.containsKey("symbol")) {
                    rows.put(row.get("symbol"), row);
                    row = new TreeMap<>();
                } else if (token.isNumeric()) {
                    row.put(parser.currentName(), String.valueOf(parser.getDoubleValue()));
                } else if (token.isScalarValue()) {
                    row.put(parser.currentName(), parser.getString());
                }
            }
        }
        return rows;
    }

    /** The counts that the client says of itself. */
    private static Map<String, String> text(String json) {
        Map<String, String> counts = new TreeMap<>();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME
                    && parser.nextToken().isNumeric()) {
                counts.put(parser.currentName(), parser.getString());
            }
        }
        return counts;
    }
}
