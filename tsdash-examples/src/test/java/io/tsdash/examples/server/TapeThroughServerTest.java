package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.client.Replica;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.RecordedData;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.source.TapeReader;
import io.tsdash.source.TapeRow;
import io.tsdash.testkit.NaiveBars;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.TsdashClient;
import io.tsdash.transport.TsdashClientListener;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TapeThroughServerTest {
    private static final int CLIENTS = 200;
    private static final double SPEED = 50;
    private static final int TRADES = 52_984;
    private static final Comparator<MarketEvent> ORDER =
            Comparator.comparingLong(MarketEvent::eventTimeNanos).thenComparingLong(MarketEvent::sequence);

    @TempDir
    private Path folder;

    @Test
    void everyClientEndsWithTheTapesStateAndTheStoreWithItsTrades() {
        Path tape = RecordedData.file("binance_tape_20240808.csv.gz");
        List<Trade> trades = new ArrayList<>();
        Map<String, Quote> quotes = new HashMap<>();
        read(tape, trades, quotes);
        assertThat(trades).hasSize(TRADES);
        Lag lag = new Lag(trades);
        try (ReferenceServer server = new ReferenceServer(
                ServerSettings.of(Map.of(
                        "port",
                        "0",
                        "data",
                        folder.toString(),
                        "feed",
                        "replay:" + tape,
                        "speed",
                        String.valueOf(SPEED),
                        "keep-trades",
                        "forever")),
                TimeSource.system())) {
            List<TsdashClient> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                TsdashClient client = TsdashClient.connect(at(server, "prices"), 100, 1, TsdashClientListener.none());
                client.subscribe(List.of("prices:*", "bars:1m:*"));
                clients.add(client);
            }
            TsdashClient measuring = TsdashClient.connect(at(server, "trades"), 0, 1, lag);
            measuring.subscribe(List.of("trades:*"));
            Eventually.holds(
                    "all clients are connected",
                    Duration.ofSeconds(30),
                    () -> clients.stream().allMatch(client -> client.connectionsMade() > 0));
            server.start();

            Eventually.holds("the tape has ended", Duration.ofSeconds(60), server::feedEnded);
            assertThat(server.drain(Duration.ofSeconds(20))).isTrue();
            assertThat(server.store().tradeCount()).isEqualTo(TRADES);
            assertThat(server.counts().notStored()).isZero();
            assertThat(server.counts().tooLate()).isZero();

            Map<String, List<Double>> expected = expectedRows(trades, quotes);
            Map<String, Bar> bars = expectedBars(trades);
            for (TsdashClient client : clients) {
                Eventually.holds(
                        "a client has the tape's prices",
                        Duration.ofSeconds(20),
                        () -> expected.entrySet().stream()
                                .allMatch(entry -> client.read(replica ->
                                        priceRow(replica, entry.getKey()).equals(entry.getValue()))));
                Eventually.holds(
                        "a client has the tape's bars",
                        Duration.ofSeconds(20),
                        () -> client.read(replica -> barRows(replica).equals(barRows(bars))));
            }
            // Each trade has a number in its channel: the numbers end at the count, and no gap was met on the way.
            Eventually.holds(
                    "the client of each trade is at the end",
                    Duration.ofSeconds(20),
                    () -> measuring.read(replica -> replica.positions().values().stream()
                                    .mapToLong(Position::sequence)
                                    .sum())
                            == TRADES);
            System.out.printf(
                    "lag from the feed to one of %d clients at speed %.0f: p50 %.1f ms, p99 %.1f ms, over %d trades%n",
                    CLIENTS, SPEED, lag.millis(0.5), lag.millis(0.99), lag.count());
            clients.forEach(TsdashClient::close);
            measuring.close();
        }
    }

    private static URI at(ReferenceServer server, String path) {
        return URI.create("ws://127.0.0.1:" + server.port() + "/" + path);
    }

    private static void read(Path tape, List<Trade> trades, Map<String, Quote> quotes) {
        try (TapeReader reader = TapeReader.open(tape)) {
            for (TapeRow row = reader.next(); row != null; row = reader.next()) {
                MarketEvent event = ((TapeRow.OfEvent) row).event();
                if (event instanceof Trade trade) {
                    trades.add(trade);
                } else if (event instanceof Quote quote) {
                    quotes.merge(quote.symbol(), quote, (a, b) -> ORDER.compare(a, b) > 0 ? a : b);
                }
            }
        }
    }

    /** Price, volume of the day, bid, ask, bid size, ask size of each symbol at the end of the tape. */
    private static Map<String, List<Double>> expectedRows(List<Trade> trades, Map<String, Quote> quotes) {
        Map<String, List<Double>> rows = new TreeMap<>();
        for (String symbol : quotes.keySet()) {
            Trade last = trades.stream()
                    .filter(trade -> trade.symbol().equals(symbol))
                    .max(ORDER)
                    .orElseThrow();
            Quote quote = quotes.get(symbol);
            rows.put(
                    symbol,
                    List.of(last.price(), last.volume(), quote.bid(), quote.ask(), quote.bidSize(), quote.askSize()));
        }
        return rows;
    }

    private static List<Double> priceRow(Replica replica, String symbol) {
        List<Map<String, @Nullable Object>> rows = replica.rows("prices:" + symbol);
        if (rows.isEmpty()) {
            return List.of();
        }
        List<Double> values = new ArrayList<>();
        for (String field : List.of("price", "size", "bid", "ask", "bidSize", "askSize")) {
            if (rows.get(0).get(field) instanceof Number number) {
                values.add(number.doubleValue());
            }
        }
        return values;
    }

    private static Map<String, Bar> expectedBars(List<Trade> trades) {
        Map<String, Bar> bars = new TreeMap<>();
        for (String symbol : new TreeSet<>(trades.stream().map(Trade::symbol).toList())) {
            for (Bar bar : NaiveBars.of(trades, symbol, Interval.parse("1m"))) {
                bars.put(symbol + " " + bar.openTimeNanos(), bar);
            }
        }
        return bars;
    }

    private static Map<String, List<Double>> barRows(Map<String, Bar> bars) {
        Map<String, List<Double>> rows = new TreeMap<>();
        bars.forEach((key, bar) -> rows.put(
                key, List.of(bar.open(), bar.high(), bar.low(), bar.close(), bar.volume(), (double) bar.tradeCount())));
        return rows;
    }

    private static Map<String, List<Double>> barRows(Replica replica) {
        Map<String, List<Double>> rows = new TreeMap<>();
        for (String channel : replica.channels()) {
            if (channel.startsWith("bars:1m:")) {
                for (Map<String, @Nullable Object> row : replica.rows(channel)) {
                    List<Double> values = new ArrayList<>();
                    for (String field : List.of("open", "high", "low", "close", "volume", "trades")) {
                        values.add(((Number) Objects.requireNonNull(row.get(field))).doubleValue());
                    }
                    rows.put(channel.substring("bars:1m:".length()) + " " + row.get("openTime"), values);
                }
            }
        }
        return rows;
    }

    /** How much later than the fastest trade each trade came, against the tape's own times. */
    private static final class Lag implements TsdashClientListener {
        private final Map<String, Long> receivedNanos = new HashMap<>();
        private final ConcurrentLinkedQueue<Double> offsets = new ConcurrentLinkedQueue<>();

        Lag(List<Trade> trades) {
            trades.forEach(trade -> receivedNanos.put(trade.symbol() + trade.sequence(), trade.receiveTimeNanos()));
        }

        @Override
        public void message(ServerMessage message, Replica.Outcome outcome) {
            long now = System.nanoTime();
            if (message instanceof ServerMessage.Delta delta) {
                take(delta.channel(), delta.rows(), now);
            } else if (message instanceof ServerMessage.Snapshot snapshot) {
                take(snapshot.channel(), snapshot.rows(), now);
            }
        }

        @Override
        public void connection(boolean open, String reason) {}

        private void take(String channel, List<Map<String, @Nullable Object>> rows, long now) {
            for (Map<String, @Nullable Object> row : rows) {
                Long received = Objects.requireNonNull(
                        receivedNanos.get(channel.substring("trades:".length()) + row.get("id")));
                offsets.add(now - received / SPEED);
            }
        }

        int count() {
            return offsets.size();
        }

        double millis(double quantile) {
            double[] sorted =
                    offsets.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            return (sorted[(int) (quantile * (sorted.length - 1))]
                            - Arrays.stream(sorted).min().orElse(0))
                    / 1e6;
        }
    }
}
