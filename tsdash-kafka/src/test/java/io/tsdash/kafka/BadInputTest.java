package io.tsdash.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.Share;
import io.tsdash.engines.KafkaCluster;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Trade;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.RecordingBusListener;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said, and that nothing is lost, when brokers and topics are not as they should be. */
@Timeout(120)
class BadInputTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofSeconds(2);

    private final RecordingBusListener listener = new RecordingBusListener();

    @Test
    void saysWithinItsTimeoutThatNoBrokerAnswersAtTheStart() {
        KafkaBusOptions options =
                KafkaBusOptions.servers("127.0.0.1:1").openTimeout(SHORT).build();
        assertWithin(
                Duration.ofSeconds(8),
                () -> assertThatThrownBy(() -> open(options))
                        .isInstanceOf(TransientException.class)
                        .hasMessageContaining("no broker at 127.0.0.1:1 answered in time"));
    }

    @Test
    void saysThatABrokerAcceptsButDoesNotAnswer() {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", Brokers.one().port(0))) {
            proxy.beSilent();
            KafkaBusOptions options = KafkaBusOptions.servers("127.0.0.1:" + proxy.port())
                    .openTimeout(SHORT)
                    .build();
            assertWithin(
                    Duration.ofSeconds(8),
                    () -> assertThatThrownBy(() -> open(options))
                            .isInstanceOf(TransientException.class)
                            .hasMessageContaining("answered in time"));
        }
    }

    @Test
    void saysThatAHostIsNotThere() {
        KafkaBusOptions options = KafkaBusOptions.servers("no-such-host.invalid:9092")
                .openTimeout(SHORT)
                .build();
        assertThatThrownBy(() -> open(options))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("no-such-host.invalid:9092");
    }

    @Test
    void holdsPublishersBackWhileTheBrokerIsAwayAndLosesNothing() {
        try (KafkaCluster cluster = KafkaCluster.start(Brokers.folder(), 1)) {
            KafkaBusOptions options =
                    Brokers.fresh(cluster).publishTimeout(SHORT).build();
            Taken taken = new Taken();
            try (KafkaEventBus bus = open(options)) {
                bus.subscribe(ConsumerOptions.blocking("store"), taken);
                bus.publish(trades(0, 100));
                cluster.kill(0);
                assertWithin(
                        Duration.ofSeconds(10),
                        () -> assertThatThrownBy(() -> bus.publish(trades(100, 200)))
                                .isInstanceOf(TransientException.class)
                                .hasMessageContaining("no broker at " + options.servers() + " answered")
                                .hasMessageContaining("0 of 100 events accepted"));
                assertThatThrownBy(() -> {
                            for (int i = 0; i < 100_000; i++) {
                                bus.publish(trade(200));
                            }
                        })
                        .isInstanceOf(TransientException.class)
                        .hasMessageContaining("no broker at " + options.servers() + " answered")
                        .hasMessageContaining("0 of 1 events accepted");
                assertThat(bus.drain(Duration.ofMillis(200))).isFalse();

                cluster.restart(0);
                Await.until("the broker to take events again", LONG, () -> {
                    try {
                        bus.publish(trades(100, 300));
                        return true;
                    } catch (TransientException e) {
                        return false;
                    }
                });
                assertThat(bus.drain(LONG)).isTrue();
                assertThat(taken.distinctSequences()).containsExactlyElementsOf(range(0, 300));
                assertThat(listener.unsent()).isZero();
                assertThat(listener.stops()).isEmpty();
            }
        }
    }

    @Test
    void takesAsManyAsMayWaitWhileTheBrokerHangsAndSendsThemLater() throws Exception {
        try (KafkaCluster cluster = KafkaCluster.start(Brokers.folder(), 1)) {
            KafkaBusOptions options = Brokers.fresh(cluster)
                    .unacknowledgedMax(1_000)
                    .publishTimeout(SHORT)
                    .build();
            Taken taken = new Taken();
            try (KafkaEventBus bus = open(options)) {
                bus.subscribe(ConsumerOptions.blocking("store"), taken);
                bus.publish(trades(0, 100));
                cluster.freeze(0);
                int next = 100;
                TransientException full = null;
                while (full == null) {
                    try {
                        bus.publish(trade(next));
                        next++;
                    } catch (TransientException e) {
                        full = e;
                    }
                }
                assertThat(next).isEqualTo(1_100);
                assertThat(full)
                        .hasMessageContaining("1000 events wait for the brokers' acknowledgement")
                        .hasMessageContaining("nothing more was taken for PT2S")
                        .hasMessageContaining("0 of 1 events accepted");
                cluster.thaw(0);
                assertThat(bus.drain(LONG)).isTrue();
                assertThat(taken.distinctSequences()).containsExactlyElementsOf(range(0, 1_100));
                assertThat(listener.unsent()).isZero();
            }
        }
    }

    @Test
    void tellsWhatCouldNotBeSentWhenItClosesAndTheBrokerHangs() throws Exception {
        try (KafkaCluster cluster = KafkaCluster.start(Brokers.folder(), 1)) {
            KafkaBusOptions options = Brokers.fresh(cluster).closeTimeout(SHORT).build();
            KafkaEventBus bus = open(options);
            bus.publish(trades(0, 10));
            cluster.freeze(0);
            for (int i = 10; i < 30; i++) {
                bus.publish(trade(i));
            }
            assertWithin(Duration.ofSeconds(30), bus::close);
            assertThat(listener.unsent()).isEqualTo(20);
        }
    }

    @Test
    void saysThatATopicIsNotThereAndMayNotBeMade() {
        KafkaBusOptions options = Brokers.fresh().createTopics(false).build();
        assertThatThrownBy(() -> open(options))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("topic '" + options.topic() + "' is not there at " + options.servers()
                        + " and createTopics is off: make it with 4 partitions, or allow createTopics");
    }

    @Test
    void saysThatThereAreTooFewBrokersForTheReplicas() {
        KafkaBusOptions options = Brokers.fresh().replication(3).build();
        assertThatThrownBy(() -> open(options))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("replication was '3' for topic '" + options.topic() + "'")
                .hasMessageContaining("start more, or lower it");
    }

    @Test
    void saysEverythingThatIsOtherAboutATopic() throws Exception {
        KafkaBusOptions options = Brokers.fresh().replication(3).build();
        RawTopic.create(
                options.servers(), options.topic(), 6, Map.of("retention.ms", "60000", "cleanup.policy", "compact"));
        assertThatThrownBy(() -> open(options))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("has 6 partitions but partitions was '4': set it to 6, or use another topic")
                .hasMessageContaining("has 1 replicas of partition 0 but replication was '3'")
                .hasMessageContaining("has min.insync.replicas=1 but replication was '3': raise it to 2, else")
                .hasMessageContaining("has retention.ms=60000 but retention was 'PT24H': raise it to 86400000")
                .hasMessageContaining("has cleanup.policy=compact but it must be delete");
    }

    @Test
    void saysThatATopicAsksForMoreReplicasThanItHas() throws Exception {
        KafkaBusOptions options = Brokers.fresh().build();
        RawTopic.create(options.servers(), options.topic(), options.partitions(), Map.of("min.insync.replicas", "2"));
        assertThatThrownBy(() -> open(options))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "topic '" + options.topic() + "' has min.insync.replicas=2 but only 1 replicas: lower it");
    }

    @Test
    void refusesAnEventThatIsTooLargeAndTakesOthers() throws Exception {
        KafkaBusOptions options = Brokers.fresh()
                .property("max.request.size", "200")
                .compression(Compression.NONE)
                .build();
        Taken taken = new Taken();
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), taken);
            Trade large = Trade.of("S".repeat(64), Long.MAX_VALUE, Long.MAX_VALUE, Math.PI, Math.E);
            bus.publish(trades(0, 5));
            assertThatThrownBy(() -> bus.publish(List.of(trade(5), large, trade(6))))
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("max.request.size")
                    .hasMessageContaining("of 3 events accepted");
            assertThatThrownBy(() -> bus.publish(large)).isInstanceOf(PermanentException.class);
            bus.publish(List.of(trade(6)));
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(taken.sequences()).containsExactlyElementsOf(range(0, 7));
    }

    @Test
    void tellsWhatTheBrokerRefusedAfterItWasTaken() throws Exception {
        KafkaBusOptions options = Brokers.fresh().compression(Compression.NONE).build();
        Taken taken = new Taken();
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), taken);
            bus.publish(trades(0, 5));
            RawTopic.set(options, "max.message.bytes", "100");
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100_000; i++) {
                            bus.publish(trade(5));
                        }
                    })
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("events that were published before could not be sent")
                    .hasMessageContaining("max.message.bytes")
                    .hasMessageContaining("0 of 1 events accepted");
            assertThat(listener.unsent()).isPositive();
            RawTopic.set(options, "max.message.bytes", "1000000");
        }
    }

    @Test
    void stopsConsumersWhoseTopicHasGrown() throws Exception {
        KafkaBusOptions options = Brokers.fresh().build();
        try (KafkaEventBus bus = KafkaEventBus.open(options, listener, TimeSource.system())) {
            var shared = bus.subscribe(ConsumerOptions.blocking("store"), new Taken());
            var whole = bus.subscribe(
                    ConsumerOptions.blocking("bars").withShare(Share.everyNodeAfter("store")), new Taken());
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.servers()))) {
                admin.createPartitions(Map.of(options.topic(), NewPartitions.increaseTo(6)))
                        .all()
                        .get();
            }
            Await.until("both to stop", LONG, () -> {
                assertThat(shared.lagByPartition()).doesNotContainKeys(4, 5);
                return !shared.running() && !whole.running();
            });
            assertThat(listener.stops()).containsExactlyInAnyOrder("store", "bars");
        }
    }

    @Test
    void goesOnBehindWhatTheBrokersNoLongerHaveAndTellsHowMuchThatWas() throws Exception {
        KafkaBusOptions options = Brokers.fresh().partitions(1).build();
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), new Taken());
            bus.publish(trades(0, 10));
            assertThat(bus.drain(LONG)).isTrue();
        }
        Taken taken = new Taken();
        try (KafkaEventBus bus = open(options)) {
            bus.publish(trades(10, 50));
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.servers()))) {
                admin.deleteRecords(Map.of(
                                new org.apache.kafka.common.TopicPartition(options.topic(), 0),
                                org.apache.kafka.clients.admin.RecordsToDelete.beforeOffset(30)))
                        .all()
                        .get();
            }
            var consumer = bus.subscribe(ConsumerOptions.blocking("store"), taken);
            assertThat(bus.drain(LONG)).isTrue();
            assertThat(consumer.dropped()).isEqualTo(20);
        }
        assertThat(taken.sequences()).containsExactlyElementsOf(range(30, 50));
        assertThat(listener.dropped()).isEqualTo(20);
    }

    private KafkaEventBus open(KafkaBusOptions options) {
        return KafkaEventBus.open(options, listener, TimeSource.system());
    }

    private static void assertWithin(Duration limit, ThrowingCallable what) {
        long beganNanos = TimeSource.system().monotonicNanos();
        try {
            what.call();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        assertThat(TimeSource.system().monotonicNanos() - beganNanos).isLessThan(limit.toNanos());
    }

    private static Trade trade(int i) {
        return Trade.of("S" + i % 20, 1_700_000_000_000_000_000L + i, i, 100 + i % 7, 1 + i % 3);
    }

    private static List<Trade> trades(int from, int to) {
        return IntStream.range(from, to).mapToObj(BadInputTest::trade).toList();
    }

    private static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }
}
