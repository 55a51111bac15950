package io.tsdash.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * What a topic is to be like.
 *
 * @param name its name
 * @param partitions how many it has; 0: any number
 * @param replication how many brokers keep each; 0: as the brokers are configured
 * @param retention how long records are kept at least
 * @param compacted whether of each key the newest record is kept, beside what retention keeps
 */
record TopicWish(String name, int partitions, int replication, Duration retention, boolean compacted) {

    static TopicWish events(KafkaBusOptions options) {
        return new TopicWish(options.topic(), options.partitions(), options.replication(), options.retention(), false);
    }

    static TopicWish deadLetters(KafkaBusOptions options, Duration retention) {
        return new TopicWish(options.deadLetterTopic(), 0, options.replication(), retention, false);
    }

    /** Returns what to ask the brokers for. */
    NewTopic asNew() {
        Optional<Integer> count = partitions == 0 ? Optional.of(1) : Optional.of(partitions);
        Optional<Short> replicas = replication == 0 ? Optional.empty() : Optional.of((short) replication);
        Map<String, String> settings = new java.util.HashMap<>(Map.of(
                "retention.ms",
                Long.toString(retention.toMillis()),
                "cleanup.policy",
                compacted ? "compact,delete" : "delete",
                // By arrival: with the time of the trade, what is replayed from last year would be deleted at once, and
                // a trade from the future would be refused or kept for ever.
                "message.timestamp.type",
                "LogAppendTime"));
        if (replication > 1) {
            settings.put("min.insync.replicas", Integer.toString(replication - 1));
        }
        return new NewTopic(name, count, replicas).configs(settings);
    }
}
