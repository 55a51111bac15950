package io.tsdash.kafka;

import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Waits until the leaders of partitions serve them, for whoever writes to a topic right after it was made.
 *
 * <p>That a topic is made, and even that its leaders are known, does not mean that they have begun. A producer whose first
 * batch to such a partition is refused, while the second comes just in time, has lost the first: before Kafka 4.5 the broker
 * takes any sequence number as a producer's first, and then refuses the batch before it until the delivery timeout, whatever
 * {@code enable.idempotence} promises (KAFKA-15591).
 */
public final class TopicLeaders {
    private static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();

    private TopicLeaders() {}

    /**
     * Returns once each partition's leader has answered. Blocks; thread-safe.
     *
     * @param admin the client that asks
     * @param partitions how many partitions each topic has, by the topic's name
     * @param timeout the longest wait
     * @throws TransientException if they do not all answer in time
     * @throws io.tsdash.error.PermanentException if the brokers refuse us
     */
    public static void await(Admin admin, Map<String, Integer> partitions, Duration timeout) {
        await(admin, partitions, TimeSource.system(), timeout);
    }

    static void await(Admin admin, Map<String, Integer> partitions, TimeSource time, Duration timeout) {
        String missing = "not all leaders of " + partitions.keySet() + " answered";
        Map<TopicPartition, OffsetSpec> questions = new HashMap<>();
        partitions.forEach((topic, count) -> {
            for (int partition = 0; partition < count; partition++) {
                questions.put(new TopicPartition(topic, partition), OffsetSpec.latest());
            }
        });
        long untilNanos = time.monotonicNanos() + timeout.toNanos();
        while (true) {
            try {
                Replies.get(admin.listOffsets(questions).all(), missing, untilNanos, time);
                return;
            } catch (ExecutionException e) {
                // The client waits for a leader, but not for a broker that has not heard of the topic yet.
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
                        || time.monotonicNanos() >= untilNanos) {
                    throw KafkaErrors.translate("waiting for the leaders of " + partitions.keySet(), e);
                }
                LockSupport.parkNanos(TopicLeaders.class, LOOK_NANOS);
            }
        }
    }
}
