package io.tsdash.kafka;

import java.time.Duration;
import java.util.HashMap;
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
 * @param everyRecord whether each record counts, so that compaction, which keeps the newest of a key, is refused
 */
record TopicWish(String name, int partitions, int replication, Duration retention, boolean everyRecord) {

    static TopicWish events(KafkaBusOptions options) {
        return new TopicWish(options.topic(), options.partitions(), options.replication(), options.retention(), true);
    }

    static TopicWish deadLetters(KafkaBusOptions options, Duration retention) {
        return new TopicWish(options.deadLetterTopic(), 0, options.replication(), retention, true);
    }

    /** Returns how many brokers must have an event before it counts as taken: all but one, so that one may be away. */
    int inSyncMin() {
        return Math.max(1, replication - 1);
    }

    /** Returns what to ask the brokers for. */
    NewTopic asNew() {
        Optional<Integer> count = partitions == 0 ? Optional.of(1) : Optional.of(partitions);
        Optional<Short> replicas = replication == 0 ? Optional.empty() : Optional.of((short) replication);
        Map<String, String> settings = new HashMap<>(Map.of(
                "retention.ms",
                Long.toString(retention.toMillis()),
                "cleanup.policy",
                "delete",
                // By arrival: with the time of the trade, what is replayed from last year would be deleted at once, and
                // a trade from the future would be refused or kept for ever.
                "message.timestamp.type",
                "LogAppendTime"));
        if (replication > 0) {
            settings.put("min.insync.replicas", Integer.toString(inSyncMin()));
        }
        return new NewTopic(name, count, replicas).configs(settings);
    }
}
