package io.tsdash.kafka;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.Share;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TsdashException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What buses of events and readers of bars have in common: the checked topics, Kafka's admin client and producer, and the
 * consumers. Thread-safe.
 *
 * @param <T> what a record holds
 */
final class Connection<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final long LOOK_NANOS = Duration.ofMillis(1).toNanos();
    private static final long ASK_NANOS = Duration.ofMillis(100).toNanos();
    /** The feature and its version by which brokers share partitions out (KIP-848). */
    private static final String GROUPS = "group.version";

    private final KafkaBusOptions options;
    private final TimeSource time;
    private final Admin admin;
    private final TopicCheck check;
    private final Positions positions;
    private final Producer<byte[], byte[]> producer;
    private final TopicConsumer.Surroundings surroundings;
    private final List<TopicPartition> partitions;
    private final ReentrantLock membership = new ReentrantLock();
    private final CopyOnWriteArrayList<TopicConsumer<T>> consumers = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    private Connection(
            KafkaBusOptions options, List<TopicWish> wishes, BusListener listener, TimeSource time, Admin admin) {
        this.options = options;
        this.time = time;
        this.admin = admin;
        check = new TopicCheck(admin, options, time);
        positions = new Positions(admin, options, time);
        Map<String, Integer> topics = new HashMap<>();
        for (TopicWish wish : wishes) {
            topics.put(wish.name(), check.ensure(wish));
        }
        check.ensure(TopicWish.deadLetters(options, DeadLetters.RETENTION));
        boolean newProtocol = knowsNewGroups();
        partitions = Positions.partitions(topics);
        producer = new KafkaProducer<>(
                new ClientSettings(options).producer(), new ByteArraySerializer(), new ByteArraySerializer());
        surroundings = new TopicConsumer.Surroundings(
                options,
                Map.copyOf(topics),
                newProtocol,
                positions,
                new DeadLetters(producer, options.deadLetterTopic(), options.publishTimeout(), time),
                listener,
                time);
    }

    /**
     * Connects, and checks or makes the topics.
     *
     * @throws TsdashException what is wrong, or that no broker answers
     */
    static <T> Connection<T> open(
            KafkaBusOptions options, List<TopicWish> wishes, BusListener listener, TimeSource time) {
        Admin admin;
        try {
            admin = Admin.create(new ClientSettings(options).admin());
        } catch (RuntimeException e) {
            throw KafkaErrors.translate("connecting to " + options.servers(), e);
        }
        try {
            return new Connection<>(options, wishes, listener, time, admin);
        } catch (RuntimeException e) {
            admin.close(Duration.ZERO);
            throw KafkaErrors.translate("connecting to " + options.servers(), e);
        }
    }

    Producer<byte[], byte[]> producer() {
        return producer;
    }

    TopicCheck check() {
        return check;
    }

    /**
     * Adds a consumer.
     *
     * @param knownEnds positions that the partitions' ends are known to have reached
     */
    TopicConsumer<T> subscribe(ConsumerOptions wanted, Sink<T> sink, ToLongFunction<TopicPartition> knownEnds) {
        membership.lock();
        try {
            checkOpen();
            if (consumers.stream().anyMatch(other -> other.name().equals(wanted.name()))) {
                throw new ConfigurationException(
                        List.of("name was '" + wanted.name() + "' but it must not be that of another consumer"));
            }
            long untilNanos = time.monotonicNanos() + options.openTimeout().toNanos();
            Map<TopicPartition, Long> starts = new HashMap<>(positions.ends(partitions, untilNanos));
            if (wanted.share() instanceof Share.EveryNodeAfter after) {
                String group = new ClientSettings(options).group(after.consumer());
                Map<TopicPartition, Long> committed = positions.committed(group, untilNanos);
                // One that has just begun here has no position yet, but a start.
                consumers.stream()
                        .filter(other -> other.name().equals(after.consumer()))
                        .forEach(other -> starts.replaceAll((partition, end) -> other.start(partition)));
                starts.replaceAll((partition, start) -> committed.getOrDefault(partition, start));
            }
            TopicConsumer<T> consumer =
                    new TopicConsumer<>(wanted, surroundings, starts, sink, knownEnds, consumers::remove);
            consumer.start();
            consumers.add(consumer);
            return consumer;
        } finally {
            membership.unlock();
        }
    }

    /** Waits until all consumers here have acknowledged what the topics hold now; returns whether they have, in time. */
    boolean drain(long untilNanos) {
        if (consumers.isEmpty()) {
            return true;
        }
        try {
            Map<TopicPartition, Long> ends = positions.ends(partitions, untilNanos);
            for (TopicConsumer<T> consumer : consumers) {
                if (!drain(consumer, ends, untilNanos)) {
                    return false;
                }
            }
            return true;
        } catch (TsdashException e) {
            LOG.warn("could not ask whether all is acknowledged: {}", e.getMessage());
            return false;
        }
    }

    private boolean drain(TopicConsumer<T> consumer, Map<TopicPartition, Long> ends, long untilNanos) {
        String group = new ClientSettings(options).group(consumer.name());
        // Where no position is kept, a partition that is not here yet has nothing acknowledged.
        @Nullable Map<TopicPartition, Long> committed = null;
        long askNanos = time.monotonicNanos();
        while (!consumer.drained(ends, committed)) {
            long nowNanos = time.monotonicNanos();
            if (nowNanos >= untilNanos
                    || !consumer.running()
                    || Thread.currentThread().isInterrupted()) {
                return false;
            }
            // Partitions that other nodes have: they say only by what they have committed how far they are.
            if (consumer.keepsPositions()
                    && nowNanos >= askNanos
                    && consumer.lanes().size() < ends.size()) {
                committed = positions.committed(group, untilNanos);
                askNanos = nowNanos + ASK_NANOS;
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        return consumer.running();
    }

    void checkOpen() {
        if (closed) {
            throw new PermanentException("bus is closed");
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Refuses further consumers; returns whether it did so already. */
    boolean refuse() {
        membership.lock();
        try {
            boolean before = closed;
            closed = true;
            return before;
        } finally {
            membership.unlock();
        }
    }

    /** Ends consumers and clients, in bounded time. */
    @Override
    public void close() {
        refuse();
        consumers.forEach(TopicConsumer::stop);
        try {
            producer.close(options.closeTimeout());
        } catch (RuntimeException e) {
            LOG.warn("the producer did not close in order: {}", e.toString());
        }
        admin.close(options.closeTimeout());
    }

    private boolean knowsNewGroups() {
        long untilNanos = time.monotonicNanos() + options.openTimeout().toNanos();
        try {
            FinalizedVersionRange groups = Replies.get(
                            admin.describeFeatures().featureMetadata(),
                            "no broker at " + options.servers() + " answered",
                            untilNanos,
                            time)
                    .finalizedFeatures()
                    .get(GROUPS);
            return groups != null && groups.maxVersionLevel() >= 1;
        } catch (ExecutionException e) {
            LOG.debug("brokers that do not say what they know are taken as old ones", e);
            return false;
        }
    }
}
