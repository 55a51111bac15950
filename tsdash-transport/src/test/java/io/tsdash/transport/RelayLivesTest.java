package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.Hub;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.testkit.QuietRelayListener;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Seeded lives of several servers on one log and of clients that go from one to another: leaders die and hand over, logs are
 * away, slow, tell twice, lose answers and entries. One thread, no sockets, no waiting.
 */
class RelayLivesTest {
    private static final List<String> SYMBOLS = List.of("AA", "AB", "B");
    private static final List<List<String>> WISHES = List.of(
            List.of("prices:*"),
            List.of("bars:1m:*", "prices:*"),
            List.of("trades:*"),
            List.of("trades:A*", "news", "alerts"),
            List.of("prices:*", "bars:*", "trades:*", "news", "alerts"));

    /** Lives to try: {@code -Dtsdash.relay.seeds=100000} for more. */
    private static final int SEEDS = Integer.getInteger("tsdash.relay.seeds", 150);

    private static int terms;
    private static int epochs;
    private static int loads;
    private static int resumes;
    private static int moves;

    @Test
    void whoeverLeadsClientsGoOnInTheSameNumbers() throws InterruptedException {
        lives(SEEDS, false);
    }

    @Test
    void aLogThatLostEntriesIsAResetForAllAndNeverTheSameNumbersWithOtherContent() throws InterruptedException {
        lives(SEEDS / 2, true);
    }

    @AfterAll
    static void eachTurnWasTaken() {
        assertThat(terms).as("terms").isGreaterThan(SEEDS);
        assertThat(epochs).as("epochs").isPositive();
        assertThat(loads).as("loads").isPositive();
        assertThat(resumes).as("resumes").isPositive();
        assertThat(moves).as("clients that went to another server").isPositive();
    }

    private static void lives(int count, boolean lossy) throws InterruptedException {
        long first =
                Long.getLong("tsdash.relay.seed", LocalDate.now(ZoneOffset.UTC).toEpochDay() * 1_000_000_000L);
        for (long seed = first; seed < first + count; seed++) {
            try {
                new Life(seed, lossy).live();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("the life of seed " + seed + " ended wrong", e);
            }
        }
    }

    private static final class Life extends QuietRelayListener {
        private final Random random;
        private final boolean lossy;
        private final int tradesKept;
        private final ManualTimeSource time = new ManualTimeSource(1_000_000_000_000L);
        private final SimulatedLog log;
        private final List<SimulatedNode> nodes = new ArrayList<>();
        private final List<SimulatedClient> clients = new ArrayList<>();
        private final Map<SimulatedClient, SimulatedNode> at = new HashMap<>();
        /** By epoch, channel and sequence of a log: what is there. */
        private final Map<String, String> content = new HashMap<>();

        private final Map<String, List<String>> emitted = new HashMap<>();
        private final List<Trade> all = new ArrayList<>();
        private long sequence;
        private int started;
        private int newEpochs;

        Life(long seed, boolean lossy) {
            this.random = new Random(seed);
            this.lossy = lossy;
            this.tradesKept = random.nextBoolean() ? 16 : 1_024;
            this.log = new SimulatedLog(time, random);
        }

        void live() throws InterruptedException {
            for (int i = 0; i < 2 + random.nextInt(2); i++) {
                startNode();
            }
            for (int i = 0; i < 4; i++) {
                clients.add(client());
            }
            for (int step = 0; step < 200; step++) {
                turn();
                steps();
            }
            settle();
            check();
        }

        private void turn() throws InterruptedException {
            SimulatedNode node = nodes.get(random.nextInt(nodes.size()));
            SimulatedClient client = clients.get(random.nextInt(clients.size()));
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3 -> emit(1 + random.nextInt(3));
                case 4 -> emit(random.nextInt(20) == 0 ? 600 : 10);
                case 5 -> {
                    for (SimulatedNode each : nodes) {
                        each.publish(sequence);
                    }
                    sequence++;
                }
                case 6, 7 -> time.advance(Duration.ofMillis(random.nextInt(300)));
                case 8, 9, 10 -> {
                    for (int n = random.nextInt(6); n > 0; n--) {
                        client.deliver();
                    }
                }
                case 11 -> {
                    client.cut();
                    connect(client, node);
                }
                case 12 -> {
                    node.log.bad = random.nextBoolean();
                    node.log.away = random.nextInt(4) == 0;
                }
                case 13 -> {
                    if (random.nextInt(4) == 0) {
                        replace(node);
                    }
                }
                case 14 -> {
                    if (lossy && random.nextInt(4) == 0) {
                        log.lose(random.nextInt(random.nextBoolean() ? 4 : 1_000));
                    }
                }
                default -> {
                    if (!client.isConnected()) {
                        connect(client, node);
                    }
                }
            }
        }

        private void steps() throws InterruptedException {
            for (int n = random.nextInt(8); n > 0; n--) {
                nodes.get(random.nextInt(nodes.size())).step(random.nextInt(4));
            }
        }

        private void startNode() {
            started++;
            SimulatedNode node = new SimulatedNode("n" + started, log, time, tradesKept, this);
            all.forEach(node::trade); // as a store would give them
            nodes.add(node);
        }

        /** One dies or goes, and another comes. */
        private void replace(SimulatedNode node) {
            if (random.nextBoolean()) {
                node.kill();
            } else {
                node.log.away = false;
                boolean slow = random.nextBoolean();
                node.close(() -> {
                    for (int i = slow ? 80 : 0; i > 0; i--) {
                        time.advance(Duration.ofMillis(100));
                        node.keepLease();
                        emit(i % 10 == 0 ? 1 : 0);
                    }
                });
            }
            nodes.remove(node);
            clients.stream().filter(each -> at.get(each) == node).forEach(SimulatedClient::cut);
            startNode();
        }

        private void emit(int count) {
            for (int n = 0; n < count; n++) {
                String symbol = SYMBOLS.get(random.nextInt(SYMBOLS.size()));
                sequence++;
                if (random.nextInt(4) == 0) {
                    Quote quote =
                            new Quote(symbol, at(), 0, sequence, random.nextInt(100), random.nextInt(100) / 4.0, 1, 2);
                    nodes.forEach(each -> each.quote(quote));
                } else {
                    Trade trade = Trade.of(symbol, at(), sequence, random.nextInt(1000) / 8.0, 1 + random.nextInt(5));
                    emitted.computeIfAbsent("trades:" + symbol, any -> new ArrayList<>())
                            .add(sequence + "/null");
                    all.add(trade);
                    nodes.forEach(each -> each.trade(trade));
                }
            }
        }

        private long at() {
            return 10_000_000_000L + sequence * 5_000_000_000L;
        }

        private SimulatedClient client() {
            int choice = random.nextInt(WireCodec.all().size() + 1);
            WireCodec form = choice == 0 ? null : WireCodec.all().get(choice - 1);
            SimulatedClient client = new SimulatedClient(
                    WISHES.get(random.nextInt(WISHES.size())),
                    List.of(0, 0, 100).get(random.nextInt(3)),
                    form);
            client.observer = message -> observe(client, message);
            return client;
        }

        private void connect(SimulatedClient client, SimulatedNode node) {
            client.connect(node.hub, node.codecs);
            node.work();
            moves += at.put(client, node) == node ? 0 : 1;
        }

        /** Nothing may have a number that something else has. */
        private void observe(SimulatedClient client, ServerMessage message) {
            if (message instanceof ServerMessage.Snapshot snapshot
                    && snapshot.key().isEmpty()) {
                note(
                        snapshot.position().epoch(),
                        snapshot.channel(),
                        snapshot.position().sequence() - snapshot.rows().size(),
                        snapshot.rows());
            } else if (message instanceof ServerMessage.Delta delta
                    && delta.sequence() - delta.previous() == delta.rows().size()
                    && isLog(delta.channel())) {
                String epoch =
                        client.replica.position(delta.channel()).orElseThrow().epoch();
                note(epoch, delta.channel(), delta.previous(), delta.rows());
            }
        }

        private static boolean isLog(String channel) {
            return channel.startsWith("trades:") || channel.equals("news") || channel.equals("alerts");
        }

        private void note(String epoch, String channel, long previous, List<Map<String, @Nullable Object>> rows) {
            long at = previous;
            for (Map<String, @Nullable Object> row : rows) {
                at++;
                String id = RecoveryTest.id(row);
                String before = content.putIfAbsent(epoch + " " + channel + " " + at, id);
                assertThat(before == null ? id : before)
                        .as("row %d of %s in %s", at, channel, epoch)
                        .isEqualTo(id);
            }
        }

        private void settle() throws InterruptedException {
            nodes.forEach(node -> {
                node.log.away = false;
                node.log.bad = false;
            });
            for (int round = 0; round < 110; round++) {
                time.advance(Duration.ofMillis(100));
                for (SimulatedNode node : nodes) {
                    for (int step = 0; step < 4; step++) {
                        node.step(step);
                    }
                }
                for (SimulatedClient client : clients) {
                    if (!client.isConnected()) {
                        client.cut();
                        connect(client, nodes.get(random.nextInt(nodes.size())));
                    }
                    while (client.deliver()) {
                        nodes.forEach(SimulatedNode::work);
                    }
                }
            }
        }

        private void check() {
            assertThat(nodes.stream().filter(SimulatedNode::leads))
                    .as("leaders")
                    .hasSize(1);
            Map<String, ServerMessage.Snapshot> all = channels(nodes.get(0));
            for (SimulatedNode node : nodes) {
                assertThat(plain(channels(node))).as("copies").isEqualTo(plain(all));
            }
            for (SimulatedClient client : clients) {
                check(client, all);
                resumes += client.resumes;
            }
            if (!lossy) {
                emitted.forEach((channel, trades) -> checkTrades(all, channel, trades));
            }
            nodes.forEach(SimulatedNode::kill);
        }

        private void checkTrades(Map<String, ServerMessage.Snapshot> all, String channel, List<String> trades) {
            ServerMessage.Snapshot shown = all.get(channel);
            assertThat(shown).as(channel).isNotNull();
            List<String> rows = shown.rows().stream().map(RecoveryTest::id).toList();
            assertThat(rows).as(channel).isEqualTo(trades.subList(trades.size() - rows.size(), trades.size()));
            assertThat(shown.position().sequence()).as("trades of " + channel).isEqualTo(trades.size());
        }

        private void check(SimulatedClient client, Map<String, ServerMessage.Snapshot> all) {
            assertThat(client.complaints).isEmpty();
            if (!lossy || client.form != null) {
                // A stream that was broken off in the middle of a reset says where it stood in the life before.
                assertThat(client.gaps).as("gaps by %s", client.form).isZero();
            }
            if (newEpochs == 1 && tradesKept > 16 && client.form != null) {
                assertThat(client.resets)
                        .as("resets of " + client.names + client.form)
                        .isZero();
            }
            for (String name : client.names) {
                String prefix = name.endsWith("*") ? name.substring(0, name.length() - 1) : name;
                all.forEach((channel, snapshot) -> {
                    if (channel.startsWith(prefix)) {
                        check(client, channel, snapshot);
                    }
                });
            }
        }

        private static void check(SimulatedClient client, String channel, ServerMessage.Snapshot snapshot) {
            assertThat(client.replica.position(channel))
                    .as("%s of %s, every %d ms by %s", channel, client.names, client.intervalMillis, client.form)
                    .contains(snapshot.position());
            List<Map<String, @Nullable Object>> mine = client.replica.rows(channel);
            if (snapshot.key().isEmpty()) {
                List<String> ids = mine.stream().map(RecoveryTest::id).toList();
                assertThat(ids).as(channel).doesNotHaveDuplicates();
                List<String> end =
                        snapshot.rows().stream().map(RecoveryTest::id).toList();
                int both = Math.min(ids.size(), end.size());
                assertThat(ids.subList(ids.size() - both, ids.size()))
                        .as(channel)
                        .isEqualTo(end.subList(end.size() - both, end.size()));
            } else {
                assertThat(SimulatedServer.byKey(snapshot.key(), mine))
                        .as(channel)
                        .isEqualTo(SimulatedServer.byKey(snapshot.key(), snapshot.rows()));
            }
        }

        private static Map<String, ServerMessage.Snapshot> channels(SimulatedNode node) {
            Map<String, ServerMessage.Snapshot> channels = new TreeMap<>();
            for (String prefix : List.of("prices:", "bars:", "trades:", "news", "alerts")) {
                for (byte[] bytes : ask(
                        node.hub,
                        all -> all.withPrefix(prefix).stream()
                                .map(channel -> node.codecs.json.snapshot(channel, SnapshotReason.RESET))
                                .toList())) {
                    ServerMessage.Snapshot snapshot =
                            (ServerMessage.Snapshot) MessageReader.read(bytes).get(0);
                    channels.put(snapshot.channel(), snapshot);
                }
            }
            return channels;
        }

        private static Map<String, String> plain(Map<String, ServerMessage.Snapshot> channels) {
            Map<String, String> plain = new LinkedHashMap<>();
            channels.forEach((name, snapshot) -> plain.put(name, snapshot.toString()));
            return plain;
        }

        private static <T> T ask(Hub hub, Function<io.tsdash.distribution.Channels, T> question) {
            try {
                return hub.call(question);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void onLeading(long term) {
            terms++;
        }

        @Override
        public void onNewEpoch(String reason) {
            time.advance(Duration.ofNanos(1)); // no two lives of a log begin at once
            newEpochs++;
            epochs++;
        }

        @Override
        public void onLoaded(String reason) {
            loads++;
        }
    }
}
