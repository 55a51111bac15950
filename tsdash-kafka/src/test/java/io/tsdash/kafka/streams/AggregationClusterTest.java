package io.tsdash.kafka.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.engines.KafkaCluster;
import io.tsdash.error.ConfigurationException;
import io.tsdash.kafka.TopicLeaders;
import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.RecordSerdes;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.source.TapeReader;
import io.tsdash.source.TapeRow;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The topology on a real broker, whole and with an instance killed. */
class AggregationClusterTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = 1_741_098_600L * SECOND;
    private static final int PARTITIONS = 4;
    private static final Duration MOST = Duration.ofMinutes(2);
    private static final Interval[] SHORT = {Interval.parse("1s"), Interval.parse("10s")};

    @TempDir
    static Path folder;

    private static KafkaCluster cluster;

    @BeforeAll
    static void start() {
        cluster = KafkaCluster.start(folder.resolve("brokers"), 1);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void recordedTradesGiveTheBarsOfTheAggregationInProcess() throws Exception {
        List<MarketEvent> events = new ArrayList<>();
        try (TapeReader reader = TapeReader.open(
                Path.of(System.getProperty("tsdash.data", "no folder: set the system property tsdash.data"))
                        .resolve("binance_tape_20240808.csv.gz"))) {
            for (TapeRow row = reader.next(); row != null; row = reader.next()) {
                if (row instanceof TapeRow.OfEvent of) {
                    events.add(of.event());
                }
            }
        }
        AggregationTopology aggregation = AggregationTopology.builder()
                .input("tape")
                .barTopicPrefix("tape-")
                .build();
        giveTheBarsOfOneProcess(
                aggregation,
                events,
                Interval.parse("1s"),
                Interval.parse("1m"),
                Interval.parse("5m"),
                Interval.parse("1h"));
    }

    @Test
    void anyTradesGiveTheBarsOfTheAggregationInProcess() throws Exception {
        AggregationTopology aggregation = AggregationTopology.builder()
                .input("any")
                .barTopicPrefix("any-")
                .intervals(SHORT)
                .build();
        giveTheBarsOfOneProcess(aggregation, trades(new Random(5), 50_000), SHORT);
    }

    @Test
    void topicsOfAnotherShapeAreRefusedWithAllThatIsWrong() throws Exception {
        AggregationTopology aggregation = AggregationTopology.builder()
                .input("shapes")
                .barTopicPrefix("shapes-")
                .intervals(SHORT)
                .build();
        makeTopic("shapes");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.servers()))) {
            admin.createTopics(List.of(
                            new NewTopic("shapes-1s", PARTITIONS + 1, (short) 1)
                                    .configs(Map.of("cleanup.policy", "compact,delete", "retention.ms", "1000")),
                            new NewTopic("shapes-10s", PARTITIONS, (short) 1),
                            new NewTopic(aggregation.deadLetters(), PARTITIONS, (short) 1)
                                    .configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get(30, TimeUnit.SECONDS);
            AggregationTopics topics = new AggregationTopics(admin, Duration.ofSeconds(30));
            assertThatThrownBy(() -> topics.ensure(aggregation, (short) -1, Duration.ofHours(1)))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("topic 'shapes-1s' has 5 partitions but must have 4, as shapes has")
                    .hasMessageContaining("topic 'shapes-1s' has retention.ms=1000 but it must be at least 3600000")
                    .hasMessageContaining("topic 'shapes-10s' has cleanup.policy=delete but it must be compact,delete")
                    .hasMessageContaining("topic 'shapes.dead' has cleanup.policy=compact but it must be delete");
        }
    }

    @Test
    void moreReplicasThanBrokersAreRefused() throws Exception {
        AggregationTopology aggregation = AggregationTopology.builder()
                .input("copies")
                .barTopicPrefix("copies-")
                .intervals(SHORT)
                .build();
        makeTopic("copies");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.servers()))) {
            AggregationTopics topics = new AggregationTopics(admin, Duration.ofSeconds(30));
            assertThatThrownBy(() -> topics.ensure(aggregation, (short) 3, Duration.ofHours(1)))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("could not make topic copies")
                    .hasMessageContaining("Start more brokers, or ask for fewer replicas");
        }
    }

    @Test
    void aMissingInputIsRefused() {
        AggregationTopology aggregation =
                AggregationTopology.builder().input("nowhere").intervals(SHORT).build();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.servers()))) {
            AggregationTopics topics = new AggregationTopics(admin, Duration.ofSeconds(30));
            assertThatThrownBy(() -> topics.ensure(aggregation, (short) -1, Duration.ofHours(1)))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("input was 'nowhere' but there is no such topic");
        }
    }

    @Test
    void anInstanceKilledInTheMiddleLosesAndRepeatsNothing() throws Exception {
        List<MarketEvent> events = trades(new Random(9), 90_000);
        makeTopic("trades");
        List<Process> instances = new ArrayList<>();
        try {
            instances.add(launch("a"));
            instances.add(launch("b"));
            produce("trades", events.subList(0, 30_000));
            await(() -> hasPartitions("a") && hasPartitions("b"));
            try (SentBars sent = new SentBars(cluster.servers(), List.of("aggregates-1s", "aggregates-10s"))) {
                assertThat(sent.readUntil(() -> sent.count() > 500, MOST)).isTrue();
                KafkaProducer<String, MarketEvent> producer = producer();
                List<Future<?>> sending = send(producer, "trades", events.subList(30_000, 60_000));
                long before = sent.count();
                assertThat(sent.readUntil(() -> sent.count() > before + 50, MOST))
                        .isTrue();
                instances.get(0).destroyForcibly().waitFor(10, TimeUnit.SECONDS);
                sending.addAll(send(producer, "trades", events.subList(60_000, 90_000)));
                producer.close();
                assertAllArrived(sending);

                Map<String, Bar> expected = inProcess(events, SHORT);
                sent.readUntil(() -> sent.contents().equals(expected), MOST);
                assertThat(sent.differencesTo(expected))
                        .as("a said:%n%sb said:%n%s", said("a"), said("b"))
                        .isEmpty();
                sent.assertEachSaidOnce();
                assertThat(sent.revisions()).isPositive();
                assertThat(sent.of("QUIET")).anyMatch(bar -> bar.state() == BarState.CLOSED);
            }
            assertThat(said("b")).contains("goes on from");
            instances.get(1).destroy();
            assertThat(instances.get(1).waitFor(40, TimeUnit.SECONDS)).isTrue();
            assertThat(said("b")).contains("state NOT_RUNNING").doesNotContain("SHUTDOWN_CLIENT");
        } finally {
            instances.forEach(Process::destroyForcibly);
        }
    }

    @Test
    void instancesThatComeAndGoShareTheWorkAndLoseNothing() throws Exception {
        List<MarketEvent> events = trades(new Random(17), 60_000);
        AggregationTopology aggregation = AggregationTopology.builder()
                .input("shared")
                .barTopicPrefix("shared-")
                .intervals(SHORT)
                .build();
        makeTopic("shared");
        makeOutputs(aggregation);
        Map<String, Bar> expected = inProcess(events, SHORT);
        try (SentBars sent =
                new SentBars(cluster.servers(), aggregation.barTopics().values())) {
            KafkaStreams first = streams(aggregation, "one");
            KafkaStreams second = streams(aggregation, "two");
            try {
                first.start();
                produce("shared", events.subList(0, 20_000));
                assertThat(sent.readUntil(() -> sent.count() > 200, MOST)).isTrue();

                second.start();
                assertThat(sent.readUntil(() -> tasks(first) == 2 && tasks(second) == 2, MOST))
                        .isTrue();
                long before = sent.count();
                produce("shared", events.subList(20_000, 40_000));
                assertThat(sent.readUntil(() -> sent.count() > before + 200, MOST))
                        .isTrue();

                first.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                        .withTimeout(Duration.ofSeconds(30)));
                produce("shared", events.subList(40_000, 60_000));
                sent.readUntil(() -> sent.contents().equals(expected), MOST);
            } finally {
                first.close(Duration.ofSeconds(30));
                second.close(Duration.ofSeconds(30));
            }
            assertThat(sent.differencesTo(expected)).isEmpty();
            sent.assertEachSaidOnce();
        }
    }

    private static KafkaStreams streams(AggregationTopology aggregation, String instance) {
        Properties properties = new Properties();
        properties.putAll(AggregationTopology.config(aggregation.input() + "-app", cluster.servers()));
        properties.put(
                "state.dir", folder.resolve(aggregation.input() + instance).toString());
        return new KafkaStreams(aggregation.addTo(new Topology()), properties);
    }

    private static long tasks(KafkaStreams streams) {
        return streams.metadataForLocalThreads().stream()
                .mapToLong(thread -> thread.activeTasks().size())
                .sum();
    }

    private static void makeOutputs(AggregationTopology aggregation) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.servers()))) {
            assertThat(new AggregationTopics(admin, Duration.ofSeconds(30))
                            .ensure(aggregation, (short) -1, Duration.ofHours(1)))
                    .containsExactlyElementsOf(aggregation.outputs());
        }
    }

    private static void giveTheBarsOfOneProcess(
            AggregationTopology aggregation, List<MarketEvent> events, Interval... intervals) throws Exception {
        makeTopic(aggregation.input());
        makeOutputs(aggregation);
        Map<String, Bar> expected = inProcess(events, intervals);
        try (KafkaStreams streams = streams(aggregation, "whole");
                SentBars sent =
                        new SentBars(cluster.servers(), aggregation.barTopics().values())) {
            streams.start();
            produce(aggregation.input(), events);
            sent.readUntil(() -> sent.contents().equals(expected), MOST);
            assertThat(sent.differencesTo(expected)).isEmpty();
            sent.assertEachSaidOnce();
        }
    }

    private static Map<String, Bar> inProcess(List<MarketEvent> events, Interval... intervals) {
        Map<String, Bar> last = new TreeMap<>();
        BarAggregator bars = BarAggregator.of(bar -> last.put(SentBars.identity(bar), bar), intervals);
        events.forEach(event -> {
            if (event instanceof Trade trade) {
                bars.add(trade);
            }
        });
        bars.close();
        last.values().removeIf(Bar::isRetracted);
        last.replaceAll((identity, bar) -> SentBars.content(bar));
        return last;
    }

    /** Trades of a dozen symbols, a minute and a half long: late ones, repeats, cancels and corrections among them. */
    private static List<MarketEvent> trades(Random random, int size) {
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            long now = START + (90 * SECOND / size) * i;
            int kind = random.nextInt(50);
            Trade earlier = i == 0 ? null : trades.get(Math.max(0, i - 1 - random.nextInt(1_000)));
            if (i == size / 10) {
                trades.add(Trade.of("QUIET", now, i, 1, 1));
            } else if (kind < 3 && earlier != null && !earlier.symbol().equals("QUIET")) {
                trades.add(
                        kind == 0 || earlier.cancelled()
                                ? earlier
                                : kind == 1
                                        ? Trade.cancel(
                                                earlier.symbol(), earlier.eventTimeNanos(), earlier.sequence(), now)
                                        : earlier.correctedTo(100 + random.nextInt(100) / 10.0, random.nextInt(50)));
            } else {
                long late = random.nextInt(5) == 0 ? random.nextLong(2 * SECOND) : 0;
                trades.add(new Trade(
                        "S" + random.nextInt(12),
                        now - late,
                        now,
                        i,
                        100 + random.nextInt(1_000) / 100.0,
                        random.nextInt(1_000) / 1_000.0,
                        Side.UNKNOWN,
                        random.nextInt(20) > 0,
                        random.nextInt(20) > 0,
                        0));
            }
        }
        return List.copyOf(trades);
    }

    private static void makeTopic(String name) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.servers()))) {
            admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
            TopicLeaders.await(admin, Map.of(name, PARTITIONS), MOST);
        }
    }

    private static KafkaProducer<String, MarketEvent> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.servers(), "compression.type", "lz4"),
                new StringSerializer(),
                RecordSerdes.events(Format.PROTOBUF).serializer());
    }

    private static void produce(String topic, List<MarketEvent> events) throws Exception {
        List<Future<?>> sending;
        try (KafkaProducer<String, MarketEvent> producer = producer()) {
            sending = send(producer, topic, events);
        }
        assertAllArrived(sending);
    }

    private static List<Future<?>> send(
            KafkaProducer<String, MarketEvent> producer, String topic, List<MarketEvent> events) {
        List<Future<?>> sending = new ArrayList<>();
        events.forEach(event -> sending.add(producer.send(new ProducerRecord<>(topic, event.symbol(), event))));
        return sending;
    }

    private static void assertAllArrived(List<Future<?>> sending) throws Exception {
        for (Future<?> one : sending) {
            one.get(0, TimeUnit.SECONDS);
        }
    }

    private static Process launch(String instance) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        withoutRocksDb(),
                        AggregationApp.class.getName(),
                        "--servers",
                        cluster.servers(),
                        "--intervals",
                        "1s,10s",
                        "--state",
                        folder.resolve("state-" + instance).toString(),
                        "--property",
                        "session.timeout.ms=6000",
                        "--property",
                        "heartbeat.interval.ms=500")
                .redirectErrorStream(true)
                .redirectOutput(log(instance).toFile())
                .start();
    }

    /** Its own state is in memory: whoever leaves RocksDB out of the class path misses nothing. */
    private static String withoutRocksDb() {
        List<String> classes = new ArrayList<>(
                List.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator, -1)));
        assertThat(classes.removeIf(jar -> jar.contains("rocksdbjni"))).isTrue();
        return String.join(File.pathSeparator, classes);
    }

    private static Path log(String instance) {
        return folder.resolve(instance + ".log");
    }

    private static boolean hasPartitions(String instance) {
        return said(instance).contains("goes on from");
    }

    private static String said(String instance) {
        try {
            return Files.readString(log(instance));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + MOST.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("timed out").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
