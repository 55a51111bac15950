package io.tsdash.benchmarks.bus;

import com.sun.management.OperatingSystemMXBean;
import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.BusListener;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.FailurePolicy;
import io.tsdash.bus.OverflowPolicy;
import io.tsdash.bus.Share;
import io.tsdash.engines.KafkaCluster;
import io.tsdash.kafka.KafkaBusOptions;
import io.tsdash.kafka.KafkaEventBus;
import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.FormatHeader;
import io.tsdash.kafka.format.Formats;
import io.tsdash.kafka.format.RecordFormat;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Trades written to and read from a real broker: through our bus, and by Kafka's own clients with the same form and the same
 * settings, taking turns in one run. What counts is the ratio, in processor time of client and broker together.
 */
public final class KafkaBusBenchmark {
    private static final int SYMBOLS = 500;
    private static final int PARTITIONS = 4;
    private static final int ROUNDS = 7;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int POLL_RECORDS = 4_096;
    private static final long NANOS_PER_TICK = 10_000_000; // Linux counts in hundredths of a second
    private static final double NANOS_PER_SECOND = 1e9;

    private final KafkaCluster broker;
    private final KafkaBusOptions options;
    private final Trade[] trades;

    private KafkaBusBenchmark(KafkaCluster broker, int count) {
        this.broker = broker;
        this.options = KafkaBusOptions.servers(broker.servers())
                .partitions(PARTITIONS)
                .publishTimeout(Duration.ofMinutes(1))
                .build();
        this.trades = trades(count);
    }

    /** Argument: trades a round, 1,000,000 by default. */
    public static void main(String[] args) throws Exception {
        int count = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
        Path folder = Files.createTempDirectory("tsdash-kafka-benchmark");
        try (KafkaCluster broker = KafkaCluster.start(folder, 1)) {
            new KafkaBusBenchmark(broker, count).run();
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    /** What one turn took. */
    private record Took(double wallSeconds, double clientSeconds, double brokerSeconds) {
        double cpuSeconds() {
            return clientSeconds + brokerSeconds;
        }
    }

    private void run() throws Exception {
        double[] write = new double[ROUNDS];
        double[] read = new double[ROUNDS];
        System.out.printf("%-6s %-18s %12s %14s %16s%n", "round", "way", "trades/s", "trades/CPU-s", "of client only");
        try (KafkaEventBus bus = KafkaEventBus.open(options, new Silent(), TimeSource.system())) {
            for (int round = 0; round <= ROUNDS; round++) {
                boolean oursFirst = round % 2 == 0; // whoever begins has colder caches: they take turns
                Took[] writing = inTurn(oursFirst, () -> publish(bus), this::produce);
                print(round, "bus writes", writing[0]);
                print(round, "by hand writes", writing[1]);
                Took[] reading = inTurn(oursFirst, () -> subscribe(bus), this::consume);
                print(round, "bus reads", reading[0]);
                print(round, "by hand reads", reading[1]);
                if (round > 0) { // the first warms up
                    write[round - 1] = writing[1].cpuSeconds() / writing[0].cpuSeconds();
                    read[round - 1] = reading[1].cpuSeconds() / reading[0].cpuSeconds();
                }
            }
        }
        Arrays.sort(write);
        Arrays.sort(read);
        System.out.printf(
                Locale.ROOT,
                "bus / by hand, median of %d rounds, in processor time of client and broker: writing %.2f, reading %.2f%n",
                ROUNDS,
                write[ROUNDS / 2],
                read[ROUNDS / 2]);
    }

    private void publish(KafkaEventBus bus) {
        for (Trade trade : trades) {
            bus.publish(trade);
        }
        if (!bus.drain(PATIENCE)) {
            throw new IllegalStateException("not all was acknowledged");
        }
    }

    private void produce() {
        RecordFormat<MarketEvent> format = Formats.events(Format.PROTOBUF);
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                options.servers(),
                "acks",
                "all",
                "enable.idempotence",
                true,
                "linger.ms",
                5,
                "batch.size",
                64 * 1024,
                "buffer.memory",
                64L * 1024 * 1024,
                "compression.type",
                "lz4");
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            AtomicLong failed = new AtomicLong();
            for (Trade trade : trades) {
                var record = new ProducerRecord<>(
                        options.topic(), trade.symbol().getBytes(StandardCharsets.UTF_8), format.write(trade));
                FormatHeader.put(record.headers(), Format.PROTOBUF);
                var sent = producer.send(record, (metadata, problem) -> {
                    if (problem != null) {
                        failed.incrementAndGet();
                    }
                });
                if (sent.isCancelled()) {
                    failed.incrementAndGet();
                }
            }
            producer.flush();
            if (failed.get() > 0) {
                throw new IllegalStateException(failed + " trades were not sent");
            }
        }
    }

    /** Reads the newest round of trades through the bus: a name of its own begins where it is told to. */
    private void subscribe(KafkaEventBus bus) throws Exception {
        AtomicLong volume = new AtomicLong();
        moveBack();
        BusConsumer consumer = bus.subscribe(
                new ConsumerOptions(
                        "reader",
                        1 << 16,
                        POLL_RECORDS,
                        1,
                        OverflowPolicy.BLOCK,
                        FailurePolicy.STOP,
                        Share.everyNodeAfter("back")),
                (partition, batch) -> {
                    double sum = 0;
                    for (MarketEvent event : batch) {
                        sum += ((Trade) event).volume();
                    }
                    volume.addAndGet((long) sum);
                });
        while (consumer.acknowledged() < trades.length) {
            LockSupport.parkNanos(1_000_000);
        }
        consumer.close();
    }

    private void consume() {
        RecordFormat<MarketEvent> format = Formats.events(Format.PROTOBUF);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            List<TopicPartition> partitions = partitions();
            consumer.assign(partitions);
            backPositions(consumer, partitions).forEach(consumer::seek);
            long read = 0;
            double volume = 0;
            while (read < trades.length) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (FormatHeader.get(record.headers()) != Format.PROTOBUF) {
                        throw new IllegalStateException("another form");
                    }
                    volume += ((Trade) format.read(record.value())).volume();
                    read++;
                }
            }
            if (volume <= 0) {
                throw new IllegalStateException("no volume");
            }
        }
    }

    /** Lets the group that the bus's reader begins after stand a round before the end. */
    private void moveBack() throws Exception {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer();
                Admin admin = Admin.create(Map.of("bootstrap.servers", options.servers()))) {
            Map<TopicPartition, OffsetAndMetadata> back = new HashMap<>();
            backPositions(consumer, partitions())
                    .forEach((partition, position) -> back.put(partition, new OffsetAndMetadata(position)));
            admin.alterConsumerGroupOffsets(options.groupPrefix() + "back", back)
                    .all()
                    .get();
        }
    }

    private Map<TopicPartition, Long> backPositions(
            KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        // Each round writes the same trades, so each partition grows by the same number.
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long total = ends.values().stream().mapToLong(Long::longValue).sum();
        long rounds = total / trades.length;
        return ends.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue() - end.getValue() / rounds));
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                options.servers(),
                "max.poll.records",
                POLL_RECORDS,
                "isolation.level",
                "read_committed",
                "enable.auto.commit",
                false);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private List<TopicPartition> partitions() {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> new TopicPartition(options.topic(), partition))
                .toList();
    }

    /** Returns what ours and the other took. */
    private Took[] inTurn(boolean oursFirst, Work ours, Work other) throws Exception {
        if (oursFirst) {
            Took first = timed(ours);
            return new Took[] {first, timed(other)};
        }
        Took first = timed(other);
        return new Took[] {timed(ours), first};
    }

    private Took timed(Work work) throws Exception {
        long brokerStart = brokerNanos();
        long clientStart = ownNanos();
        long wallStart = System.nanoTime();
        work.run();
        return new Took(
                (System.nanoTime() - wallStart) / NANOS_PER_SECOND,
                (ownNanos() - clientStart) / NANOS_PER_SECOND,
                (brokerNanos() - brokerStart) / NANOS_PER_SECOND);
    }

    private void print(int round, String way, Took took) {
        System.out.printf(
                Locale.ROOT,
                "%-6s %-18s %,12.0f %,14.0f %,16.0f%n",
                round == 0 ? "warm" : Integer.toString(round),
                way,
                trades.length / took.wallSeconds,
                trades.length / took.cpuSeconds(),
                trades.length / took.clientSeconds);
    }

    private static long ownNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private long brokerNanos() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + broker.handle(0).pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK; // utime, stime
    }

    private static Trade[] trades(int count) {
        Random random = new Random(1);
        Trade[] trades = new Trade[count];
        for (int i = 0; i < count; i++) {
            int symbol = random.nextInt(SYMBOLS);
            trades[i] = Trade.of(
                    "SYM" + symbol,
                    1_700_000_000_000_000_000L + i * 10_000L,
                    i,
                    Math.round((100 + symbol + random.nextGaussian()) * 100) / 100.0,
                    1 + random.nextInt(500));
        }
        return trades;
    }

    /** What is not delivered ends the measurement. */
    private static final class Silent implements BusListener {
        @Override
        public void onDropped(String consumer, int partition, long count) {
            throw new IllegalStateException(count + " trades dropped");
        }

        @Override
        public void onUnsent(int partition, long count, RuntimeException cause) {
            throw new IllegalStateException(cause);
        }

        @Override
        public void onRetry(String consumer, int partition, int attempt, RuntimeException cause) {
            System.out.println("again: " + cause);
        }

        @Override
        public void onSkipped(String consumer, int partition, long count, RuntimeException cause) {
            throw new IllegalStateException(cause);
        }

        @Override
        public void onStopped(String consumer, int partition, RuntimeException cause) {
            throw new IllegalStateException(cause);
        }
    }
}
