package io.tsdash.kafka;

import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** Asks the brokers where partitions end and where groups stand. Thread-safe. */
final class Positions {
    private final Admin admin;
    private final KafkaBusOptions options;
    private final TimeSource time;

    Positions(Admin admin, KafkaBusOptions options, TimeSource time) {
        this.admin = admin;
        this.options = options;
        this.time = time;
    }

    /** Returns the partitions of topics. */
    static List<TopicPartition> partitions(Map<String, Integer> topics) {
        return topics.entrySet().stream()
                .flatMap(topic -> partitions(topic.getKey(), topic.getValue()))
                .toList();
    }

    /**
     * Returns the end of each partition.
     *
     * @throws TransientException if the brokers do not answer in time
     */
    Map<TopicPartition, Long> ends(List<TopicPartition> partitions, long untilNanos) {
        try {
            return get(
                            admin.listOffsets(
                                            partitions.stream()
                                                    .collect(Collectors.toMap(
                                                            partition -> partition, partition -> OffsetSpec.latest())),
                                            new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                                    .all(),
                            untilNanos)
                    .entrySet()
                    .stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, entry -> entry.getValue().offset()));
        } catch (ExecutionException e) {
            throw KafkaErrors.translate("asking where topics end", e);
        }
    }

    /**
     * Returns the positions that a group has kept; a partition without one is not in it.
     *
     * @throws TransientException if the brokers do not answer in time
     */
    Map<TopicPartition, Long> committed(String group, long untilNanos) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        try {
            get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(), untilNanos)
                    .forEach((partition, offset) -> {
                        if (offset != null) {
                            positions.put(partition, offset.offset());
                        }
                    });
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                throw KafkaErrors.translate("asking where group '" + group + "' stands", e);
            }
        }
        return positions;
    }

    private static Stream<TopicPartition> partitions(String topic, int count) {
        return IntStream.range(0, count).mapToObj(partition -> new TopicPartition(topic, partition));
    }

    private <T> T get(KafkaFuture<T> future, long untilNanos) throws ExecutionException {
        return Replies.get(future, "no broker at " + options.servers() + " answered", untilNanos, time);
    }
}
