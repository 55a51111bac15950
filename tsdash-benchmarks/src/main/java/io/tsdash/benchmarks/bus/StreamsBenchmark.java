package io.tsdash.benchmarks.bus;

import io.tsdash.engines.KafkaCluster;
import io.tsdash.kafka.TopicLeaders;
import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.Formats;
import io.tsdash.kafka.format.JsonMapping;
import io.tsdash.kafka.format.RecordReader;
import io.tsdash.kafka.format.RecordSerdes;
import io.tsdash.kafka.streams.AggregationTopology;
import io.tsdash.kafka.streams.AggregationTopologyBuilder;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.Stores;

/**
 * Bars from the trades of one topic on a real broker: our topology, and the {@code aggregate} of the Kafka Streams DSL with
 * the obvious class, in turn, both exactly once with the same settings, windows in memory. CPU is that of the stream threads,
 * from when they run until all input is committed.
 *
 * <p>Arguments: records (500000), rounds (4), intervals (1s,1m,5m,1h), form (json: a team's plain JSON, and bars as JSON in
 * the DSL; or compact: Protobuf, and bars of 80 bytes in the DSL).
 */
public final class StreamsBenchmark {
    private static final int SYMBOLS = 100;
    private static final int PARTITIONS = 4;
    private static final Duration EVENT_TIME = Duration.ofMinutes(10);
    private static final long START = 1_741_098_600_000_000_000L;
    private static final JsonMapping MAPPING =
            JsonMapping.parse("symbol=s,time=T,timeUnit=ns,sequence=t,price=p,volume=q");

    private final KafkaCluster cluster;
    private final Path folder;
    private final Admin admin;
    private final int records;
    private final List<Interval> intervals;
    private final boolean json;
    private int runs;

    private StreamsBenchmark(
            KafkaCluster cluster, Path folder, Admin admin, int records, List<Interval> intervals, boolean json) {
        this.cluster = cluster;
        this.folder = folder;
        this.admin = admin;
        this.records = records;
        this.intervals = intervals;
        this.json = json;
    }

    /** Runs it and prints a line a round, then the ratio of the medians. */
    public static void main(String[] arguments) throws Exception {
        int records = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 500_000;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4;
        List<Interval> intervals = Arrays.stream((arguments.length > 2 ? arguments[2] : "1s,1m,5m,1h").split(",", -1))
                .map(Interval::parse)
                .toList();
        boolean json = arguments.length <= 3 || arguments[3].equals("json");
        Path folder = Files.createTempDirectory("tsdash-streams-benchmark");
        try (KafkaCluster cluster = KafkaCluster.start(folder.resolve("brokers"), 1);
                Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.servers()))) {
            StreamsBenchmark benchmark = new StreamsBenchmark(cluster, folder, admin, records, intervals, json);
            benchmark.produce();
            benchmark.rounds(rounds);
        } finally {
            remove(folder);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private void rounds(int rounds) throws Exception {
        List<Double> ours = new ArrayList<>();
        List<Double> dsl = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            boolean oursFirst = round % 2 == 0;
            Measured first = run(oursFirst);
            Measured second = run(!oursFirst);
            Measured our = oursFirst ? first : second;
            Measured rival = oursFirst ? second : first;
            System.out.printf(
                    Locale.ROOT,
                    "%s  tsdash %,9.0f records a CPU second of its threads (%,9.0f of the process, %.1f s); "
                            + "DSL %,9.0f (%,9.0f, %.1f s): %.2f x%n",
                    round == 0 ? "warm-up" : "round " + round,
                    our.perThreadSecond(records),
                    our.perProcessSecond(records),
                    our.wallSeconds,
                    rival.perThreadSecond(records),
                    rival.perProcessSecond(records),
                    rival.wallSeconds,
                    our.perThreadSecond(records) / rival.perThreadSecond(records));
            if (round > 0) {
                ours.add(our.perThreadSecond(records));
                dsl.add(rival.perThreadSecond(records));
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%s, %,d records, %s: median tsdash %,.0f, DSL %,.0f a CPU second: %.2f x%n",
                intervals,
                records,
                json ? "json" : "compact",
                median(ours),
                median(dsl),
                median(ours) / median(dsl));
    }

    private Measured run(boolean ours) throws Exception {
        String name = (ours ? "ours" : "dsl") + runs++;
        Topology topology = ours ? ours(name) : dsl(name);
        Properties config = new Properties();
        config.putAll(AggregationTopology.config(name, cluster.servers()));
        config.put("state.dir", folder.resolve(name).toString());
        config.put("num.stream.threads", 1);
        config.put("ensure.explicit.internal.resource.naming", false);
        try (KafkaStreams streams = new KafkaStreams(topology, config)) {
            streams.start();
            while (streams.state() != KafkaStreams.State.RUNNING) {
                Thread.sleep(5);
            }
            long from = System.nanoTime();
            long threads = streamThreadNanos();
            long process = processNanos();
            while (!consumed(name)) {
                Thread.sleep(20);
            }
            return new Measured(
                    (streamThreadNanos() - threads) / 1e9,
                    (processNanos() - process) / 1e9,
                    (System.nanoTime() - from) / 1e9);
        }
    }

    private Topology ours(String name) throws Exception {
        AggregationTopologyBuilder builder = AggregationTopology.builder()
                .barTopicPrefix(name + "-")
                .deadLetters(name + "-dead")
                .intervals(intervals.toArray(Interval[]::new));
        if (json) {
            builder.inputMapping(MAPPING).outputFormat(Format.JSON);
        }
        AggregationTopology aggregation = builder.build();
        makeTopics(aggregation.outputs());
        return aggregation.addTo(new Topology());
    }

    private Topology dsl(String name) throws Exception {
        RecordReader<MarketEvent> reader = json ? MAPPING : Formats.events(Format.PROTOBUF);
        Serde<MarketEvent> trades = Serdes.serdeFrom(
                RecordSerdes.events(Format.PROTOBUF).serializer(), (topic, bytes) -> reader.read(bytes));
        Serde<Ohlcv> bars = json
                ? Serdes.serdeFrom(OhlcvJson.writer(), OhlcvJson.reader())
                : Serdes.serdeFrom(Ohlcv.compactWriter(), Ohlcv.compactReader());
        StreamsBuilder builder = new StreamsBuilder();
        KGroupedStream<String, MarketEvent> bySymbol = builder.stream(
                        "trades",
                        Consumed.with(Serdes.String(), trades)
                                .withTimestampExtractor((record, before) ->
                                        ((MarketEvent) record.value()).eventTimeNanos() / 1_000_000))
                .groupByKey(Grouped.with(Serdes.String(), trades));
        for (Interval interval : intervals) {
            String topic = name + "-" + interval.text();
            makeTopics(List.of(topic));
            Duration grace = Duration.ofSeconds(5);
            bySymbol.windowedBy(TimeWindows.ofSizeAndGrace(interval.size(), grace))
                    .aggregate(
                            Ohlcv::new,
                            (symbol, event, bar) -> {
                                Trade trade = (Trade) event;
                                return bar.add(trade.eventTimeNanos(), trade.price(), trade.volume());
                            },
                            Materialized.<String, Ohlcv>as(Stores.inMemoryWindowStore(
                                            "bars-" + interval.text(),
                                            interval.size().plus(grace).plusMinutes(1),
                                            interval.size(),
                                            false))
                                    .withKeySerde(Serdes.String())
                                    .withValueSerde(bars))
                    .toStream()
                    .map((window, bar) -> KeyValue.pair(window.key(), bar))
                    .to(topic, Produced.with(Serdes.String(), bars));
        }
        return builder.build();
    }

    private void produce() throws Exception {
        makeTopics(List.of("trades"));
        Random random = new Random(7);
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.servers(), "compression.type", "lz4", "linger.ms", "20"),
                new StringSerializer(),
                new ByteArraySerializer())) {
            List<Future<?>> sent = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                long time = START
                        + (long) ((double) i / records * EVENT_TIME.toNanos())
                        - random.nextInt(200) * 1_000_000L
                        - random.nextInt(1_000_000);
                Trade trade = Trade.of(
                        "SYM" + random.nextInt(SYMBOLS),
                        time,
                        i,
                        10_000 + random.nextInt(100_000) / 100.0,
                        random.nextInt(1_000) / 1_000.0);
                sent.add(producer.send(new ProducerRecord<>("trades", trade.symbol(), bytes(trade))));
            }
            for (Future<?> each : sent) {
                each.get();
            }
        }
    }

    private byte[] bytes(Trade trade) {
        return json
                ? String.format(
                                Locale.ROOT,
                                "{\"s\":\"%s\",\"t\":%d,\"T\":%d,\"p\":\"%s\",\"q\":\"%s\"}",
                                trade.symbol(),
                                trade.sequence(),
                                trade.eventTimeNanos(),
                                trade.price(),
                                trade.volume())
                        .getBytes(StandardCharsets.UTF_8)
                : Formats.events(Format.PROTOBUF).write(trade);
    }

    private boolean consumed(String application) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(application)
                .partitionsToOffsetAndMetadata()
                .get();
        long total = 0;
        for (Map.Entry<TopicPartition, OffsetAndMetadata> each : committed.entrySet()) {
            if (each.getKey().topic().equals("trades") && each.getValue() != null) {
                total += each.getValue().offset();
            }
        }
        return total >= records;
    }

    private void makeTopics(List<String> names) throws Exception {
        admin.createTopics(names.stream()
                        .map(name -> new NewTopic(name, PARTITIONS, (short) 1).configs(Map.of("retention.ms", "-1")))
                        .toList())
                .all()
                .get();
        TopicLeaders.await(
                admin,
                names.stream().collect(Collectors.toMap(name -> name, name -> PARTITIONS)),
                Duration.ofSeconds(30));
    }

    private static long streamThreadNanos() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long total = 0;
        for (var info : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (info != null
                    && info.getThreadName().contains("StreamThread")
                    && !info.getThreadName().contains("producer")) {
                total += Math.max(0, threads.getThreadCpuTime(info.getThreadId()));
            }
        }
        return total;
    }

    private static long processNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private record Measured(double threadSeconds, double processSeconds, double wallSeconds) {
        double perThreadSecond(int records) {
            return records / threadSeconds;
        }

        double perProcessSecond(int records) {
            return records / processSeconds;
        }
    }
}
