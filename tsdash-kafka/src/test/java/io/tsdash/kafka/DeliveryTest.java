package io.tsdash.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.bus.BatchHandler;
import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.FailurePolicy;
import io.tsdash.bus.OverflowPolicy;
import io.tsdash.bus.Share;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.JsonMapping;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.testkit.RecordingBusListener;
import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What consumers get, on a real broker: positions, restarts, several nodes, dead letters, forms. */
@Timeout(120)
class DeliveryTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final RecordingBusListener listener = new RecordingBusListener();

    @Test
    void restartGoesOnFromTheKeptPosition() {
        KafkaBusOptionsBuilder options = Brokers.fresh().node("node-1");
        Taken before = new Taken();
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), before);
            bus.publish(trades(0, 1_000));
            assertThat(bus.drain(LONG)).isTrue();
        }
        try (KafkaEventBus other = open(options.node("node-2"))) {
            other.publish(trades(1_000, 2_000));
        }
        Taken after = new Taken();
        try (KafkaEventBus bus = open(options.node("node-1"))) {
            bus.subscribe(ConsumerOptions.blocking("store"), after);
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(before.sequences()).containsExactlyElementsOf(range(0, 1_000));
        assertThat(after.sequences()).containsExactlyElementsOf(range(1_000, 2_000));
    }

    @Test
    void whatIsNotSafeWithTheHandlerComesAgainAfterARestart() {
        KafkaBusOptions options =
                Brokers.fresh().closeTimeout(Duration.ofMillis(500)).build();
        AtomicBoolean safe = new AtomicBoolean();
        Taken taken = new Taken();
        BatchHandler forgetful = new BatchHandler() {
            @Override
            public void onBatch(int partition, List<MarketEvent> batch) {
                taken.onBatch(partition, batch);
            }

            @Override
            public void checkpoint() {
                if (!safe.get()) {
                    throw new TransientException("the store has not written it yet");
                }
            }
        };
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), forgetful);
            bus.publish(trades(0, 100));
            assertThat(bus.drain(LONG)).isTrue();
        }
        safe.set(true);
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), forgetful);
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(taken.size())
                .as("each once before the restart and once after")
                .isEqualTo(200);
        assertThat(taken.distinctSequences()).containsExactlyElementsOf(range(0, 100));
        assertThat(listener.retries()).contains("store");
    }

    @Test
    void everyNodeAfterAStoreMissesNothingThatTheStoreHasNot() {
        KafkaBusOptions options = Brokers.fresh().build();
        Taken store = new Taken();
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), store);
            bus.publish(trades(0, 500));
            assertThat(bus.drain(LONG)).isTrue();
        }
        try (KafkaEventBus writer = open(options)) {
            writer.publish(trades(500, 800));
        }
        Taken bars = new Taken();
        Taken onlyNew = new Taken();
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("bars").withShare(Share.everyNodeAfter("store")), bars);
            bus.subscribe(ConsumerOptions.blocking("screen").withShare(Share.everyNode()), onlyNew);
            bus.publish(trades(800, 1_000));
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(bars.sequences()).containsExactlyElementsOf(range(500, 1_000));
        assertThat(onlyNew.sequences()).containsExactlyElementsOf(range(800, 1_000));
    }

    @Test
    void everyNodeAfterAStoreThatHasNoPositionYetBeginsWhereItBegan() {
        KafkaBusOptions options =
                Brokers.fresh().closeTimeout(Duration.ofMillis(500)).build();
        BatchHandler neverSafe = new BatchHandler() {
            @Override
            public void onBatch(int partition, List<MarketEvent> batch) {
                // It has them in memory only.
            }

            @Override
            public void checkpoint() {
                throw new TransientException("not written yet");
            }
        };
        Taken bars = new Taken();
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), neverSafe);
            bus.publish(trades(0, 300));
            bus.subscribe(ConsumerOptions.blocking("bars").withShare(Share.everyNodeAfter("store")), bars);
            bus.publish(trades(300, 500));
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(bars.sequences()).containsExactlyElementsOf(range(0, 500));
    }

    @Test
    void nodesShareThePartitionsAndGiveThemBackUnderLoadWithoutLoss() {
        KafkaBusOptions options = Brokers.fresh().build();
        int count = 200_000;
        Taken one = new Taken();
        Taken two = new Taken();
        try (KafkaEventBus first = open(options)) {
            BusConsumer here = first.subscribe(ConsumerOptions.blocking("store"), one);
            for (int i = 0; i < count / 4; i++) {
                first.publish(trade(i));
            }
            KafkaEventBus second = open(options);
            BusConsumer there = second.subscribe(ConsumerOptions.blocking("store"), two);
            for (int i = count / 4; i < count / 2; i++) {
                first.publish(trade(i));
            }
            Await.until(
                    "both nodes have partitions",
                    LONG,
                    () -> here.lagByPartition().size() == 2
                            && there.lagByPartition().size() == 2);
            for (int i = count / 2; i < 3 * count / 4; i++) {
                first.publish(trade(i));
            }
            assertThat(first.drain(LONG)).as("over both nodes").isTrue();
            second.close();
            for (int i = 3 * count / 4; i < count; i++) {
                first.publish(trade(i));
            }
            assertThat(first.drain(LONG)).isTrue();
            assertThat(here.lagByPartition()).hasSize(4);
        }
        List<Long> all = LongStream.concat(
                        one.events().stream().mapToLong(MarketEvent::sequence),
                        two.events().stream().mapToLong(MarketEvent::sequence))
                .distinct()
                .sorted()
                .boxed()
                .toList();
        assertThat(all).containsExactlyElementsOf(range(0, count));
        assertThat(two.size()).isPositive();
        // What was in hand when a partition moved may come twice; no more than that.
        assertThat(one.size() + two.size()).isLessThan(count + 50_000);
        assertThat(listener.dropped()).isZero();
    }

    @Test
    void recordsThatCannotBeReadGoToTheDeadLettersWithTheirReason() throws Exception {
        KafkaBusOptions options = Brokers.fresh().build();
        Taken taken = new Taken();
        try (KafkaEventBus bus = open(options)) {
            BusConsumer consumer = bus.subscribe(ConsumerOptions.blocking("store"), taken);
            bus.publish(List.of(trade(0)));
            byte[] garbage = "not a trade".getBytes(StandardCharsets.UTF_8);
            RawTopic.write(options.servers(), options.topic(), 2, "X".getBytes(StandardCharsets.UTF_8), garbage);
            bus.publish(List.of(trade(1)));
            assertThat(bus.drain(LONG)).isTrue();

            assertThat(taken.sequences()).containsExactly(0L, 1L);
            assertThat(consumer.skipped()).isEqualTo(1);
            assertThat(listener.causes()).hasSize(1).first().isInstanceOf(InvalidInputException.class);
            assertThat(listener.deadLetters()).containsExactly(options.topic());
            List<ConsumerRecord<byte[], byte[]>> dead = RawTopic.read(options.servers(), options.deadLetterTopic());
            assertThat(dead).hasSize(1);
            assertThat(dead.get(0).value()).isEqualTo(garbage);
            assertThat(dead.get(0).key()).isEqualTo("X".getBytes(StandardCharsets.UTF_8));
            Map<String, String> headers = RawTopic.headers(dead.get(0));
            assertThat(headers)
                    .containsEntry("tsdash-consumer", "store")
                    .containsEntry("tsdash-topic", options.topic())
                    .containsEntry("tsdash-partition", "2")
                    .containsEntry("tsdash-reason", listener.causes().get(0).getMessage())
                    .containsKeys("tsdash-offset", "tsdash-time");
        }
    }

    @Test
    void aRecordTooLargeForALetterDoesNotHoldItsPartition() throws Exception {
        KafkaBusOptions options = Brokers.fresh().partitions(1).build();
        Taken taken = new Taken();
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), taken);
            byte[] key = "X".getBytes(StandardCharsets.UTF_8);
            RawTopic.write(options.servers(), options.topic(), 0, key, new byte[1_048_400]);
            bus.publish(List.of(trade(1)));
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(taken.sequences()).containsExactly(1L);
        List<ConsumerRecord<byte[], byte[]>> dead = RawTopic.read(options.servers(), options.deadLetterTopic());
        assertThat(dead).hasSize(1);
        assertThat(dead.get(0).value()).hasSize(1_000);
        assertThat(RawTopic.headers(dead.get(0)))
                .containsEntry("tsdash-length", "1048400")
                .containsKey("tsdash-reason");
    }

    @Test
    void aPartitionThatWaitsForItsDeadLetterGoesOnOnceTheTopicTakesItAgain() throws Exception {
        KafkaBusOptions options = Brokers.fresh()
                .partitions(1)
                .publishTimeout(Duration.ofMillis(500))
                .build();
        Taken taken = new Taken();
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), taken);
            RawTopic.delete(options.servers(), options.deadLetterTopic());
            RawTopic.write(options.servers(), options.topic(), 0, new byte[1], "{{".getBytes(StandardCharsets.UTF_8));
            Await.until("it tries again", LONG, () -> listener.retries().size() > 1);
            assertThat(listener.deadLetters()).isEmpty();
            RawTopic.create(options.servers(), options.deadLetterTopic(), 1, Map.of());
            bus.publish(trade(1));
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(taken.sequences()).containsExactly(1L);
        assertThat(RawTopic.read(options.servers(), options.deadLetterTopic())).hasSize(1);
    }

    @Test
    void batchesThatFailForGoodGoToTheDeadLettersAndTheRestComes() {
        KafkaBusOptions options = Brokers.fresh().build();
        Taken taken = new Taken();
        try (KafkaEventBus bus = open(options)) {
            BusConsumer consumer = bus.subscribe(
                    new ConsumerOptions("store", 1_024, 1, 1, OverflowPolicy.BLOCK, FailurePolicy.SKIP),
                    (partition, batch) -> {
                        if (batch.get(0).sequence() == 7) {
                            throw new PermanentException("no such instrument");
                        }
                        taken.onBatch(partition, batch);
                    });
            bus.publish(trades(0, 20));
            assertThat(bus.drain(LONG)).isTrue();
            assertThat(taken.size()).isEqualTo(19);
            assertThat(consumer.skipped()).isEqualTo(1);
        }
        List<ConsumerRecord<byte[], byte[]>> dead = RawTopic.read(options.servers(), options.deadLetterTopic());
        assertThat(dead).hasSize(1);
        assertThat(RawTopic.headers(dead.get(0)))
                .containsEntry("tsdash-reason", "no such instrument")
                .containsEntry("tsdash-format", "protobuf/1");
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void readsEveryFormWhateverItWrites(Format written) {
        KafkaBusOptionsBuilder options = Brokers.fresh().format(written);
        Taken taken = new Taken();
        try (KafkaEventBus reader = open(options.format(Format.JSON));
                KafkaEventBus writer = open(options.format(written))) {
            reader.subscribe(ConsumerOptions.blocking("store"), taken);
            Trade trade = trade(1).correctedTo(0.1 + 0.2, 1e-9);
            writer.publish(List.of(trade));
            assertThat(reader.drain(LONG)).isTrue();
            assertThat(taken.events()).containsExactly(trade);
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void carriesEventsInEveryCompression(Compression compression) {
        Taken taken = new Taken();
        try (KafkaEventBus bus = open(Brokers.fresh().compression(compression))) {
            bus.subscribe(ConsumerOptions.blocking("store"), taken);
            bus.publish(trades(0, 500));
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(taken.sequences()).containsExactlyElementsOf(range(0, 500));
    }

    @Test
    void readsThePlainJsonOfOtherPrograms() throws Exception {
        KafkaBusOptions options = Brokers.fresh()
                .plainReader(JsonMapping.parse("symbol=s,time=T,timeUnit=ms,sequence=t,price=p,volume=q"))
                .build();
        Taken taken = new Taken();
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), taken);
            RawTopic.write(
                    options.servers(),
                    options.topic(),
                    1,
                    "BTC".getBytes(StandardCharsets.UTF_8),
                    "{\"s\":\"BTC\",\"T\":1700000000000,\"t\":5,\"p\":\"37000.5\",\"q\":\"0.25\"}"
                            .getBytes(StandardCharsets.UTF_8));
            bus.publish(List.of(trade(1)));
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(taken.events())
                .containsExactlyInAnyOrder(Trade.of("BTC", 1_700_000_000_000_000_000L, 5, 37_000.5, 0.25), trade(1));
    }

    private KafkaEventBus open(KafkaBusOptionsBuilder options) {
        return open(options.build());
    }

    private KafkaEventBus open(KafkaBusOptions options) {
        return KafkaEventBus.open(options, listener, TimeSource.system());
    }

    private static Trade trade(int i) {
        return Trade.of("S" + i % 20, 1_700_000_000_000_000_000L + i, i, 100 + i % 7, 1 + i % 3);
    }

    private static List<Trade> trades(int from, int to) {
        return IntStream.range(from, to).mapToObj(DeliveryTest::trade).toList();
    }

    private static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }
}
