package io.tsdash.examples.clients;

import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.examples.browser.CuttableProxy;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.transport.TsdashServer;
import io.tsdash.transport.TsdashServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** A server with a few symbols that trade when the test says so, behind a network that can be cut. */
final class FollowedMarket implements AutoCloseable {
    static final List<String> SYMBOLS = List.of("AAPL", "BRK.A", "BTC/USD", "EUR:USD", "ZŁ");

    private static final JsonFactory JSON = new JsonFactory();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Random random = new Random(3);
    private final Hub hub = Hub.builder().heartbeat(Duration.ofMillis(200)).build();
    private final MarketStore store = MarketStore.inMemory();
    private final MarketChannels market = MarketChannels.builder(hub).build();
    private final TsdashServer server;
    private final CuttableProxy network;
    private int trades;

    FollowedMarket() throws IOException {
        this(UnaryOperator.identity());
    }

    FollowedMarket(UnaryOperator<TsdashServerBuilder> options) throws IOException {
        hub.start();
        server = options.apply(TsdashServer.builder(hub, store).port(0)).start();
        network = new CuttableProxy(server.port());
    }

    CuttableProxy network() {
        return network;
    }

    /** The address of the prices, through the network. */
    String address() {
        return "ws://127.0.0.1:" + network.port() + "/prices";
    }

    void trade(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            trades++;
            String symbol = SYMBOLS.get(random.nextInt(SYMBOLS.size()));
            double price = random.nextInt(1, 100_000) / 100.0;
            market.events("feed", List.of(Trade.of(symbol, trades * 1_000_000L, trades, price, 0.001 * trades)));
        }
    }

    /** Whether a client's copy is what the server answers over HTTP, which has nothing to do with deltas. */
    boolean isWhatIsIn(String line) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/latest"))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            Map<String, Map<String, String>> latest = rows(
                    HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
            return latest.size() == SYMBOLS.size() && latest.equals(rows(line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The counts with which a client's line begins. */
    static Map<String, Integer> counts(String line) {
        Map<String, Integer> counts = new TreeMap<>();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), line)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME
                    && parser.nextToken().isNumeric()) {
                counts.put(parser.currentName(), parser.getIntValue());
            }
        }
        return counts;
    }

    /** The symbols of the rows in a line. */
    static Set<String> symbols(String line) {
        return rows(line).keySet();
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
                } else if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
                    row.put(parser.currentName(), parser.getString());
                }
            }
        }
        return rows;
    }

    @Override
    public void close() throws IOException {
        network.close();
        server.close();
        hub.close();
        store.close();
    }
}
