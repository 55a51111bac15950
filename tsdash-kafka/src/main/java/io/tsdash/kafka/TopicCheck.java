package io.tsdash.kafka;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes topics that are not there, and compares those that are with what they are to be like. Thread-safe. */
final class TopicCheck {
    private static final Logger LOG = LoggerFactory.getLogger(TopicCheck.class);
    private static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();
    private static final Duration DIAGNOSIS_TIMEOUT = Duration.ofSeconds(2);
    private static final long FOR_EVER = -1;

    private final Admin admin;
    private final KafkaBusOptions options;
    private final TimeSource time;

    TopicCheck(Admin admin, KafkaBusOptions options, TimeSource time) {
        this.admin = admin;
        this.options = options;
        this.time = time;
    }

    /**
     * Returns once the topic is there as wished.
     *
     * @return how many partitions it has
     * @throws ConfigurationException if it is not there and may not be made, or is not as wished: topic, found, wanted, what
     *     to do
     * @throws TransientException if no broker answers in time
     * @throws io.tsdash.error.PermanentException if the brokers refuse us
     */
    int ensure(TopicWish wish) {
        long untilNanos = time.monotonicNanos() + options.openTimeout().toNanos();
        TopicDescription found = describe(wish.name(), untilNanos);
        if (found == null) {
            if (!options.createTopics()) {
                throw new ConfigurationException(List.of("topic '" + wish.name() + "' is not there at "
                        + options.servers() + " and createTopics is off: make it with " + wish.partitions()
                        + " partitions, or allow createTopics"));
            }
            create(wish, untilNanos);
            found = awaitDescription(wish.name(), untilNanos);
        }
        List<String> problems = new ArrayList<>();
        checkShape(wish, found, problems);
        checkSettings(wish, found, untilNanos, problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        int partitions = found.partitions().size();
        // Also of a topic that was there: another node may have made it just now.
        TopicLeaders.await(
                admin, Map.of(wish.name(), partitions), time, Duration.ofNanos(untilNanos - time.monotonicNanos()));
        return partitions;
    }

    /** Returns why a topic takes nothing now, as far as it can be seen within two seconds; for messages. */
    String diagnose(String topic) {
        long untilNanos = time.monotonicNanos() + DIAGNOSIS_TIMEOUT.toNanos();
        try {
            TopicDescription found = describe(topic, untilNanos);
            if (found == null) {
                return "topic '" + topic + "' is not there";
            }
            for (TopicPartitionInfo partition : found.partitions()) {
                if (partition.leader() == null || partition.leader().isEmpty()) {
                    return "partition " + partition.partition() + " of topic '" + topic + "' has no leader";
                }
            }
            int inSyncMin = number(settings(topic, untilNanos), "min.insync.replicas")
                    .map(Long::intValue)
                    .orElse(1);
            for (TopicPartitionInfo partition : found.partitions()) {
                // Brokers never ask for more than there are.
                if (partition.isr().size()
                        < Math.min(inSyncMin, partition.replicas().size())) {
                    return "partition " + partition.partition() + " of topic '" + topic + "' has "
                            + partition.isr().size() + " of "
                            + partition.replicas().size()
                            + " replicas in sync, and min.insync.replicas is " + inSyncMin;
                }
            }
            return "topic '" + topic + "' looks well, so the brokers or the network are slow";
        } catch (TsdashException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private @Nullable TopicDescription describe(String topic, long untilNanos) {
        try {
            return get(admin.describeTopics(List.of(topic)).allTopicNames(), untilNanos)
                    .get(topic);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return null;
            }
            throw KafkaErrors.translate("describing topic '" + topic + "' at " + options.servers(), e);
        }
    }

    private TopicDescription awaitDescription(String topic, long untilNanos) {
        while (true) {
            TopicDescription found = describe(topic, untilNanos);
            // A broker that has not heard of the new topic yet, or of its leaders, may be the one that answers.
            if (found != null
                    && found.partitions().stream()
                            .allMatch(partition -> partition.leader() != null
                                    && !partition.leader().isEmpty())) {
                return found;
            }
            if (time.monotonicNanos() >= untilNanos) {
                throw new TransientException(
                        "topic '" + topic + "' was made, but it has no leaders after " + options.openTimeout());
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    private void create(TopicWish wish, long untilNanos) {
        try {
            get(admin.createTopics(List.of(wish.asNew())).all(), untilNanos);
            LOG.info("topic '{}' is made", wish.name());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return; // another node was faster
            }
            if (e.getCause() instanceof InvalidReplicationFactorException) {
                throw new ConfigurationException(List.of("replication was '" + wish.replication() + "' for topic '"
                        + wish.name() + "' but there are not so many brokers at " + options.servers()
                        + ": start more, or lower it. They say: " + e.getCause().getMessage()));
            }
            throw KafkaErrors.translate("making topic '" + wish.name() + "' at " + options.servers(), e);
        }
    }

    private static void checkShape(TopicWish wish, TopicDescription found, List<String> problems) {
        int partitions = found.partitions().size();
        if (wish.partitions() != 0 && partitions != wish.partitions()) {
            problems.add("topic '" + wish.name() + "' has " + partitions + " partitions but partitions was '"
                    + wish.partitions() + "': set it to " + partitions + ", or use another topic");
        }
        for (TopicPartitionInfo partition : found.partitions()) {
            if (partition.replicas().size() < wish.replication()) {
                problems.add("topic '" + wish.name() + "' has "
                        + partition.replicas().size() + " replicas of partition " + partition.partition()
                        + " but replication was '" + wish.replication()
                        + "': reassign the topic with more, or lower replication");
                break;
            }
        }
    }

    private void checkSettings(TopicWish wish, TopicDescription found, long untilNanos, List<String> problems) {
        Config settings;
        try {
            settings = settings(wish.name(), untilNanos);
        } catch (TsdashException e) {
            if (e.getCause() instanceof AuthorizationException) {
                LOG.warn("the settings of topic '{}' are not checked: {}", wish.name(), e.getMessage());
                return;
            }
            throw e;
        }
        long retentionMillis = number(settings, "retention.ms").orElse(FOR_EVER);
        if (retentionMillis != FOR_EVER && retentionMillis < wish.retention().toMillis()) {
            problems.add("topic '" + wish.name() + "' has retention.ms=" + retentionMillis + " but retention was '"
                    + wish.retention() + "': raise it to "
                    + wish.retention().toMillis() + ", or lower retention");
        }
        String cleanup = text(settings, "cleanup.policy").orElse("delete");
        if (wish.everyRecord() && cleanup.contains("compact")) {
            problems.add("topic '" + wish.name() + "' has cleanup.policy=" + cleanup + " but it must be delete: with"
                    + " compact, all but the newest event of a symbol are lost. Change it, or use another topic");
        }
        long inSyncMin = number(settings, "min.insync.replicas").orElse(1L);
        int replicas = found.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .min()
                .orElse(0);
        if (inSyncMin > replicas) {
            problems.add("topic '" + wish.name() + "' has min.insync.replicas=" + inSyncMin + " but only " + replicas
                    + " replicas: lower it, or reassign the topic with more");
        } else if (wish.everyRecord() && inSyncMin < wish.inSyncMin()) {
            problems.add("topic '" + wish.name() + "' has min.insync.replicas=" + inSyncMin + " but replication was '"
                    + wish.replication() + "': raise it to " + wish.inSyncMin()
                    + ", else what the brokers have taken is lost with one of them; or lower replication");
        }
    }

    private Config settings(String topic, long untilNanos) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        while (true) {
            try {
                Map<ConfigResource, Config> all =
                        get(admin.describeConfigs(List.of(resource)).all(), untilNanos);
                return Optional.ofNullable(all.get(resource)).orElseGet(() -> new Config(List.of()));
            } catch (ExecutionException e) {
                // A broker that has not heard of the new topic yet may be the one that answers.
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
                        || time.monotonicNanos() >= untilNanos) {
                    throw KafkaErrors.translate("reading the settings of topic '" + topic + "'", e);
                }
                LockSupport.parkNanos(this, LOOK_NANOS);
            }
        }
    }

    private static Optional<String> text(Config settings, String name) {
        return Optional.ofNullable(settings.get(name)).map(ConfigEntry::value);
    }

    private static Optional<Long> number(Config settings, String name) {
        return text(settings, name).map(Long::parseLong);
    }

    private <T> T get(KafkaFuture<T> future, long untilNanos) throws ExecutionException {
        return Replies.get(future, "no broker at " + options.servers() + " answered", untilNanos, time);
    }
}
