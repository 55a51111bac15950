package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.EventBus;
import io.tsdash.client.Replica;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.engines.KafkaCluster;
import io.tsdash.engines.PostgresServer;
import io.tsdash.examples.Eventually;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.spi.Buses;
import io.tsdash.spi.Stores;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.testkit.NaiveBars;
import io.tsdash.testkit.RecordingBusListener;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.TsdashClient;
import io.tsdash.transport.TsdashClientListener;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two servers as processes, one Kafka, one store; one of the servers is killed under load. */
@Timeout(300)
class SeveralServersTest {
    private static final int TRADES = 60_000;
    private static final int PER_SECOND = 4_000;
    private static final int BATCH = 100;
    private static final int SYMBOLS = 20;
    private static final Interval SECOND = Interval.parse("1s");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    @Test
    void aKilledServerLosesNothingForItsClientsAndTheStoreOnceTheOtherTakesOver() throws IOException {
        try (KafkaCluster kafka = KafkaCluster.start(folder.resolve("kafka"), 1);
                PostgresServer postgres = PostgresServer.start(reachable("postgres"));
                EventBus bus = open(kafka);
                ServerProcess first = server("a", kafka, postgres);
                ServerProcess second = server("b", kafka, postgres)) {
            Seen seen = new Seen();
            try (TsdashClient trades = client("trades", first, second, seen);
                    TsdashClient prices = client("prices", first, second, TsdashClientListener.none());
                    MarketStore store = Stores.open(
                            "timescale",
                            "127.0.0.1:" + postgres.port() + "/postgres",
                            Map.of("user", "postgres"),
                            TimeSource.system())) {
                trades.subscribe(List.of("trades:*"));
                prices.subscribe(List.of("bars:1s:*", "prices:*"));
                Eventually.holds(
                        "both clients are connected",
                        PATIENCE,
                        () -> trades.connectionsMade() > 0 && prices.connectionsMade() > 0);

                List<Trade> all = trades();
                CompletableFuture<Void> load = CompletableFuture.runAsync(() -> publish(bus, all));
                Eventually.holds("the client sees trades", PATIENCE, () -> seen.identities.size() > TRADES / 6);
                first.kill();
                assertThat(load).as("trades go on while a server is killed").isNotDone();
                load.join();

                Eventually.holds("the client is with the other server", PATIENCE, () -> trades.connectionsMade() > 1);
                Eventually.holds(
                        "the client has seen every trade; the server says " + second.text(),
                        PATIENCE,
                        () -> seen.identities.size() == TRADES);
                Eventually.holds(
                        "every trade is in the store; the server says " + second.text(),
                        PATIENCE,
                        () -> store.tradeCount() == TRADES);
                Map<String, Bar> expected = bars(all);
                Eventually.holds(
                        "the client's bars are those of all trades",
                        PATIENCE,
                        () -> prices.read(replica -> countOfTrades(replica).equals(countOfTrades(expected))));
                Eventually.holds(
                        "the client's prices are those of the last trades",
                        PATIENCE,
                        () -> prices.read(replica -> prices(replica).equals(lastPrices(all))));
                Eventually.holds(
                        "the bars in the store are those of all trades",
                        PATIENCE,
                        () -> stored(store).equals(plain(expected)));
            }
        }
    }

    @Test
    void aServerWithoutAFeedSaysWhenNothingComesOverTheBus() throws IOException {
        try (KafkaCluster kafka = KafkaCluster.start(folder.resolve("kafka"), 1);
                EventBus bus = open(kafka);
                ServerProcess server = new ServerProcess(
                        folder,
                        "--port=0",
                        "--data=" + folder.resolve("data"),
                        "--bus=kafka",
                        "--bus-url=" + kafka.servers(),
                        "--bus-option=replication=1",
                        "--bus-quiet=1s",
                        "--feed=none",
                        "--orders=none")) {
            try (TsdashClient client = client("prices", server, server, TsdashClientListener.none())) {
                client.subscribe(List.of("prices:*"));
                Eventually.holds("the client is connected", PATIENCE, () -> client.connectionsMade() > 0);
                publish(bus, trades().subList(0, 1_000));
                Eventually.holds("prices are live", PATIENCE, () -> client.read(replica -> stale(replica, 0)));
                Eventually.holds("prices are stale", PATIENCE, () -> client.read(replica -> stale(replica, SYMBOLS)));
            }
        }
    }

    /** The server runs as another user, who may not look into a temporary folder of this one. */
    private static Path reachable(String name) throws IOException {
        return Files.createTempDirectory(Path.of("target"), name).toAbsolutePath();
    }

    private static EventBus open(KafkaCluster kafka) {
        BusListener listener = new RecordingBusListener();
        return Buses.open("kafka", kafka.servers(), Map.of("replication", "1"), listener, TimeSource.system());
    }

    private ServerProcess server(String name, KafkaCluster kafka, PostgresServer postgres) throws IOException {
        return new ServerProcess(
                folder,
                "--port=0",
                "--data=" + folder.resolve(name),
                "--store=timescale",
                "--store-url=127.0.0.1:" + postgres.port() + "/postgres",
                "--store-user=postgres",
                "--bus=kafka",
                "--bus-url=" + kafka.servers(),
                "--bus-option=replication=1",
                "--bus-option=node=" + name,
                "--feed=none",
                "--intervals=1s,1m",
                "--lateness=60s",
                "--keep-trades=forever",
                "--orders=none");
    }

    private static TsdashClient client(
            String socket, ServerProcess first, ServerProcess second, TsdashClientListener listener) {
        return TsdashClient.builder(address(first, socket))
                .alsoAt(address(second, socket))
                .interval(Duration.ZERO)
                .listener(listener)
                .connect();
    }

    private static URI address(ServerProcess server, String socket) {
        return URI.create(server.address().replace("http://", "ws://") + "/" + socket);
    }

    /** In order of time by the clock, as they are published. */
    private static List<Trade> trades() {
        long start = System.currentTimeMillis() * 1_000_000;
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < TRADES; i++) {
            trades.add(Trade.of(
                    "S" + i % SYMBOLS, start + i * (1_000_000_000L / PER_SECOND), i, 100 + i % 97 / 10.0, 1 + i % 7));
        }
        return trades;
    }

    private static void publish(EventBus bus, List<Trade> trades) {
        long next = System.nanoTime();
        for (int at = 0; at < trades.size(); at += BATCH) {
            bus.publish(trades.subList(at, Math.min(trades.size(), at + BATCH)));
            next += BATCH * 1_000_000_000L / PER_SECOND;
            while (System.nanoTime() < next) {
                LockSupport.parkNanos(next - System.nanoTime());
            }
        }
        assertThat(bus.drain(PATIENCE)).isTrue();
    }

    private static Map<String, Bar> bars(List<Trade> trades) {
        Map<String, Bar> bars = new TreeMap<>();
        for (int symbol = 0; symbol < SYMBOLS; symbol++) {
            for (Bar bar : NaiveBars.of(trades, "S" + symbol, SECOND)) {
                bars.put(bar.symbol() + " " + bar.openTimeNanos(), bar);
            }
        }
        return bars;
    }

    private static Map<String, String> countOfTrades(Map<String, Bar> bars) {
        Map<String, String> counts = new TreeMap<>();
        bars.forEach((key, bar) -> counts.put(key, bar.tradeCount() + " " + bar.open() + " " + bar.close()));
        return counts;
    }

    private static Map<String, String> countOfTrades(Replica replica) {
        Map<String, String> counts = new TreeMap<>();
        for (String channel : channels(replica, "bars:1s:")) {
            for (Map<String, @Nullable Object> row : replica.rows(channel)) {
                counts.put(
                        channel.substring("bars:1s:".length()) + " " + row.get("openTime"),
                        row.get("trades") + " " + row.get("open") + " " + row.get("close"));
            }
        }
        return counts;
    }

    private static List<String> channels(Replica replica, String prefix) {
        return replica.channels().stream()
                .filter(channel -> channel.startsWith(prefix))
                .toList();
    }

    private static Map<String, Double> prices(Replica replica) {
        Map<String, Double> prices = new TreeMap<>();
        for (String channel : channels(replica, "prices:")) {
            for (Map<String, @Nullable Object> row : replica.rows(channel)) {
                if (row.get("price") instanceof Number price) {
                    prices.put(channel.substring("prices:".length()), price.doubleValue());
                }
            }
        }
        return prices;
    }

    private static Map<String, Double> lastPrices(List<Trade> trades) {
        Map<String, Double> prices = new TreeMap<>();
        trades.forEach(trade -> prices.put(trade.symbol(), trade.price()));
        return prices;
    }

    private static Map<String, String> stored(MarketStore store) {
        Map<String, Bar> bars = new TreeMap<>();
        for (String symbol : store.symbols()) {
            for (Bar bar : store.bars(BarRange.of(symbol, SECOND, 0, Long.MAX_VALUE, Integer.MAX_VALUE))) {
                bars.put(symbol + " " + bar.openTimeNanos(), bar);
            }
        }
        return plain(bars);
    }

    private static Map<String, String> plain(Map<String, Bar> bars) {
        Map<String, String> plain = new TreeMap<>();
        bars.forEach((key, bar) -> plain.put(
                key,
                String.join(
                        " ",
                        Double.toString(bar.open()),
                        Double.toString(bar.high()),
                        Double.toString(bar.low()),
                        Double.toString(bar.close()),
                        Double.toString(bar.volume()),
                        Long.toString(bar.tradeCount()))));
        return plain;
    }

    /** Whether all prices are there and so many are stale. */
    private static boolean stale(Replica replica, int count) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        replica.channels().forEach(channel -> rows.addAll(replica.rows(channel)));
        return rows.size() == SYMBOLS
                && rows.stream()
                                .filter(row -> Boolean.TRUE.equals(row.get("stale")))
                                .count()
                        == count;
    }

    private static final class Seen implements TsdashClientListener {
        final Set<String> identities = ConcurrentHashMap.newKeySet();

        @Override
        public void message(ServerMessage message, Replica.Outcome outcome) {
            if (message instanceof ServerMessage.Delta delta) {
                take(delta.channel(), delta.rows());
            } else if (message instanceof ServerMessage.Snapshot snapshot) {
                take(snapshot.channel(), snapshot.rows());
            }
        }

        @Override
        public void connection(boolean open, String reason) {}

        private void take(String channel, List<Map<String, @Nullable Object>> rows) {
            rows.forEach(row -> identities.add(channel + " " + row.get("id")));
        }
    }
}
