package io.tsdash.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.engines.KafkaCluster;
import io.tsdash.model.Trade;
import io.tsdash.testkit.RecordingBusListener;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A broker without the group protocol of Kafka 4. */
@Timeout(120)
class OlderBrokersTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @Test
    void nodesShareThePartitionsByTheOlderProtocol() throws Exception {
        try (KafkaCluster cluster = KafkaCluster.start(Brokers.folder(), 1)) {
            KafkaBusOptions options = Brokers.fresh(cluster).build();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.servers()))) {
                admin.updateFeatures(
                                Map.of(
                                        "group.version",
                                        new FeatureUpdate((short) 0, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE)),
                                new UpdateFeaturesOptions())
                        .all()
                        .get();
            }
            Taken one = new Taken();
            Taken two = new Taken();
            try (KafkaEventBus first = open(options)) {
                BusConsumer here = first.subscribe(ConsumerOptions.blocking("store"), one);
                first.publish(trades(0, 1_000));
                assertThat(first.drain(LONG)).isTrue();
                KafkaEventBus second = open(options);
                BusConsumer there = second.subscribe(ConsumerOptions.blocking("store"), two);
                Await.until(
                        "both nodes have partitions",
                        LONG,
                        () -> here.lagByPartition().size() == 2
                                && there.lagByPartition().size() == 2);
                first.publish(trades(1_000, 2_000));
                assertThat(first.drain(LONG)).isTrue();
                second.close();
                first.publish(trades(2_000, 3_000));
                assertThat(first.drain(LONG)).isTrue();
            }
            assertThat(two.size()).isPositive();
            TreeSet<Long> all = new TreeSet<>(one.sequences());
            all.addAll(two.sequences());
            assertThat(all).hasSize(3_000);
        }
    }

    private static KafkaEventBus open(KafkaBusOptions options) {
        return KafkaEventBus.open(options, new RecordingBusListener(), TimeSource.system());
    }

    private static List<Trade> trades(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> Trade.of("S" + i % 20, i, i, 1, 1))
                .toList();
    }
}
