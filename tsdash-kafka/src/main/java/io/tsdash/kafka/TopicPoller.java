package io.tsdash.kafka;

import io.tsdash.bus.BusListener;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns Kafka's consumer: it polls, reads, fills lanes, pauses and resumes, gives partitions back in order, and has
 * the brokers keep positions.
 *
 * <p>A failure that may pass makes a new Kafka consumer after a pause; one that stays stops ours.
 */
final class TopicPoller<T> implements Runnable, ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(TopicPoller.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration POLL_WHEN_SOME_PAUSED = Duration.ofMillis(2);
    private static final long PARK_NANOS = 2_000_000;
    private static final long LOOK_NANOS = 1_000_000;
    private static final long SIGHT_NANOS = Duration.ofMillis(100).toNanos();
    private static final long RECOUNT_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long BACKOFF_NANOS_MIN = 100_000_000;
    private static final long BACKOFF_NANOS_MAX = 5_000_000_000L;
    private static final long JOIN_SLACK_MILLIS = 5_000;

    private final TopicConsumer<T> consumer;
    private final TopicConsumer.Surroundings surroundings;
    private final KafkaBusOptions options;
    private final BusListener listener;
    private final TimeSource time;
    private final Map<TopicPartition, Long> starts;
    private final @Nullable PositionKeeper keeper;
    private final Thread thread;
    private volatile boolean parked;

    // Of its own thread.
    private final Map<TopicPartition, RecordLane<T>> lanes = new HashMap<>();
    private @Nullable Consumer<byte[], byte[]> kafka;
    private boolean committing;
    private long sightNanos;
    private long recountNanos;

    TopicPoller(TopicConsumer<T> consumer, Map<TopicPartition, Long> starts, @Nullable PositionKeeper keeper) {
        this.consumer = consumer;
        this.surroundings = consumer.surroundings();
        this.options = surroundings.options();
        this.listener = surroundings.listener();
        this.time = surroundings.time();
        this.starts = Map.copyOf(starts);
        this.keeper = keeper;
        thread = new Thread(this, "tsdash-bus-" + consumer.name() + "-poll");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Returns where a partition begins that the brokers have no position of. */
    long start(TopicPartition partition) {
        return starts.getOrDefault(partition, 0L);
    }

    /** A lane has room again. */
    void wake() {
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /** Waits for its end, in bounded time. */
    void join() {
        if (thread == Thread.currentThread()) {
            return;
        }
        try {
            thread.join(4 * options.closeTimeout().toMillis() + JOIN_SLACK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        int attempt = 1;
        long backoffNanos = BACKOFF_NANOS_MIN;
        Map<TopicPartition, Long> from = new HashMap<>(starts);
        while (consumer.running()) {
            long madeNanos = time.monotonicNanos();
            try {
                kafka = open(from);
                recountNanos = madeNanos + RECOUNT_NANOS;
                while (consumer.running()) {
                    turn(kafka);
                }
            } catch (RuntimeException e) {
                TsdashException cause = KafkaErrors.translate("consumer '" + consumer.name() + "'", e);
                if (!(cause instanceof TransientException)) {
                    consumer.fail(0, cause);
                    break;
                }
                listener.onRetry(consumer.name(), 0, attempt, cause);
                attempt++;
                // One that ran for a while and then failed is not one that cannot begin.
                backoffNanos = time.monotonicNanos() - madeNanos > BACKOFF_NANOS_MAX
                        ? BACKOFF_NANOS_MIN
                        : Math.min(2 * backoffNanos, BACKOFF_NANOS_MAX);
            }
            if (consumer.running()) {
                giveBack(new ArrayList<>(lanes.values()));
                lanes.forEach((partition, lane) -> from.put(partition, lane.done()));
                forget(Set.copyOf(lanes.keySet()));
                closeKafka(false);
                LockSupport.parkNanos(this, backoffNanos);
            }
        }
        leave();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
        if (assigned.isEmpty() || kafka == null) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> committed =
                kafka.committed(new HashSet<>(assigned), options.openTimeout());
        for (TopicPartition partition : assigned) {
            if (!starts.containsKey(partition)) {
                // It was added since: nothing of it is taken, and the next count stops this consumer.
                kafka.pause(Set.of(partition));
                kafka.seek(partition, 0);
                continue;
            }
            OffsetAndMetadata position = committed.get(partition);
            if (position == null) {
                // So that whoever has it next begins there too, and not at a later end.
                kafka.seek(partition, start(partition));
                add(partition, start(partition), -1);
            } else {
                add(partition, position.offset(), position.offset());
            }
        }
        publishLanes();
        LOG.debug("consumer '{}' was given {}", consumer.name(), assigned);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        List<RecordLane<T>> leaving = new ArrayList<>();
        for (TopicPartition partition : revoked) {
            RecordLane<T> lane = lanes.get(partition);
            if (lane != null) {
                leaving.add(lane);
            }
        }
        giveBack(leaving);
        forget(revoked);
        LOG.debug("consumer '{}' gave {} back", consumer.name(), revoked);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
        for (TopicPartition partition : lost) {
            RecordLane<T> lane = lanes.get(partition);
            if (lane != null) {
                lane.end();
            }
        }
        forget(lost);
        LOG.warn("consumer '{}' has lost {}: others may have them since", consumer.name(), lost);
    }

    private Consumer<byte[], byte[]> open(Map<TopicPartition, Long> from) {
        ClientSettings settings = new ClientSettings(options);
        int capacity = consumer.options().capacity();
        committing = false;
        if (consumer.keepsPositions()) {
            Consumer<byte[], byte[]> member = new KafkaConsumer<>(
                    settings.member(consumer.name(), capacity, surroundings.newProtocol()),
                    new ByteArrayDeserializer(),
                    new ByteArrayDeserializer());
            member.subscribe(surroundings.topics().keySet(), this);
            return member;
        }
        Consumer<byte[], byte[]> reader = new KafkaConsumer<>(
                settings.reader(consumer.name(), capacity), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        reader.assign(from.keySet());
        from.forEach((partition, position) -> {
            reader.seek(partition, position);
            add(partition, position, position);
        });
        publishLanes();
        return reader;
    }

    private void turn(Consumer<byte[], byte[]> from) {
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = from.poll(pause());
        } catch (OffsetOutOfRangeException e) {
            goOnBehindWhatIsGone(from, e);
            return;
        }
        for (TopicPartition partition : records.partitions()) {
            RecordLane<T> lane = lanes.get(partition);
            if (lane == null) {
                continue;
            }
            int left = lane.add(records.records(partition), consumer.sink(), consumer.drops());
            if (left > 0) {
                consumer.drop(partition.partition(), left);
            }
        }
        if (!records.isEmpty()) {
            consumer.wakeWorkers();
        }
        pauseAndResume(from);
        long nowNanos = time.monotonicNanos();
        if (nowNanos >= sightNanos) {
            sightNanos = nowNanos + SIGHT_NANOS;
            look(from);
        }
        if (nowNanos >= recountNanos) {
            recountNanos = nowNanos + RECOUNT_NANOS;
            recount(from);
        }
        commit(from);
    }

    /** Returns how long the next poll may wait; waits itself while all partitions are paused. */
    private Duration pause() {
        long paused = lanes.values().stream().filter(lane -> lane.paused).count();
        if (paused == 0) {
            return POLL;
        }
        if (paused < lanes.size()) {
            return POLL_WHEN_SOME_PAUSED;
        }
        parked = true;
        if (lanes.values().stream().noneMatch(RecordLane::isHalfEmpty)) {
            LockSupport.parkNanos(this, PARK_NANOS);
        }
        parked = false;
        return Duration.ZERO;
    }

    private void pauseAndResume(Consumer<byte[], byte[]> from) {
        if (consumer.drops()) {
            return;
        }
        for (RecordLane<T> lane : lanes.values()) {
            if (!lane.paused && lane.isFull()) {
                lane.paused = true;
                from.pause(Set.of(lane.partition()));
            } else if (lane.paused && lane.isHalfEmpty()) {
                lane.paused = false;
                from.resume(Set.of(lane.partition()));
            }
        }
    }

    private void look(Consumer<byte[], byte[]> from) {
        for (RecordLane<T> lane : lanes.values()) {
            OptionalLong lag = from.currentLag(lane.partition());
            if (lag.isPresent()) {
                lane.seen(from.position(lane.partition(), POLL), lag.getAsLong());
            }
        }
    }

    /** Partitions that were added are read by nobody and have taken symbols from others: better no data than half. */
    private void recount(Consumer<byte[], byte[]> from) {
        surroundings.topics().forEach((topic, wanted) -> {
            int found = from.partitionsFor(topic, options.openTimeout()).size();
            if (found != 0 && found != wanted) {
                throw new PermanentException("topic '" + topic + "' has " + found + " partitions now but had " + wanted
                        + " when the bus was opened: set partitions to " + found + " and open it again");
            }
        });
    }

    private void goOnBehindWhatIsGone(Consumer<byte[], byte[]> from, OffsetOutOfRangeException problem) {
        Map<TopicPartition, Long> stood = problem.offsetOutOfRangePartitions();
        Map<TopicPartition, Long> beginnings = from.beginningOffsets(stood.keySet(), options.openTimeout());
        stood.forEach((partition, position) -> {
            long beginning = beginnings.getOrDefault(partition, 0L);
            from.seek(partition, beginning);
            RecordLane<T> lane = lanes.get(partition);
            if (lane != null) {
                lane.restartAt(beginning);
            }
            LOG.error(
                    "consumer '{}': {} has nothing at {} any more; it goes on at {}",
                    consumer.name(),
                    partition,
                    position,
                    beginning);
            consumer.drop(partition.partition(), Math.max(0, beginning - position));
        });
    }

    private void commit(Consumer<byte[], byte[]> from) {
        if (keeper == null || committing) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> positions = uncommitted(lanes.values());
        if (positions.isEmpty()) {
            return;
        }
        committing = true;
        from.commitAsync(positions, (done, problem) -> {
            committing = false;
            if (problem == null) {
                noteCommitted(done);
            } else {
                // Tried again at the next turn, with what is safe then.
                LOG.debug("consumer '{}': positions were not kept: {}", consumer.name(), problem.toString());
            }
        });
    }

    private static <T> Map<TopicPartition, OffsetAndMetadata> uncommitted(Collection<RecordLane<T>> of) {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        for (RecordLane<T> lane : of) {
            long safe = lane.safe();
            if (safe != lane.committed) {
                positions.put(lane.partition(), new OffsetAndMetadata(safe));
            }
        }
        return positions;
    }

    private void noteCommitted(Map<TopicPartition, OffsetAndMetadata> positions) {
        positions.forEach((partition, position) -> {
            RecordLane<T> lane = lanes.get(partition);
            if (lane != null) {
                lane.committed = position.offset();
            }
        });
    }

    /** Waits for what is in hand, and has the brokers keep the positions, each for a bounded time. */
    private void giveBack(List<RecordLane<T>> leaving) {
        leaving.forEach(RecordLane::end);
        long untilNanos = time.monotonicNanos() + options.closeTimeout().toNanos();
        while (leaving.stream().anyMatch(RecordLane::isInHand) && time.monotonicNanos() < untilNanos) {
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        keep(leaving);
    }

    private void keep(List<RecordLane<T>> leaving) {
        if (keeper == null || kafka == null || leaving.isEmpty()) {
            return;
        }
        if (!keeper.keepNow(options.closeTimeout())) {
            LOG.warn(
                    "consumer '{}': not all is safe in time; it comes again to whoever has {} next",
                    consumer.name(),
                    leaving.stream().map(RecordLane::partition).toList());
        }
        Map<TopicPartition, OffsetAndMetadata> positions = uncommitted(leaving);
        if (positions.isEmpty()) {
            return;
        }
        try {
            kafka.commitSync(positions, options.closeTimeout());
            noteCommitted(positions);
        } catch (RuntimeException e) {
            LOG.warn(
                    "consumer '{}': positions {} were not kept, so what is after the last ones comes again: {}",
                    consumer.name(),
                    positions,
                    e.toString());
        }
    }

    private void leave() {
        consumer.stopWorkers();
        keep(new ArrayList<>(lanes.values()));
        if (keeper != null) {
            keeper.stop();
        } else {
            for (RecordLane<T> lane : lanes.values()) {
                long left = lane.lag(0);
                if (left > 0) {
                    consumer.drop(lane.partition().partition(), left);
                }
            }
        }
        lanes.values().forEach(RecordLane::end);
        closeKafka(consumer.leavesForGood());
        if (consumer.leavesForGood()) {
            forget(Set.copyOf(lanes.keySet()));
        }
    }

    private void closeKafka(boolean forGood) {
        Consumer<byte[], byte[]> closing = kafka;
        if (closing == null) {
            return;
        }
        kafka = null;
        try {
            CloseOptions how = CloseOptions.timeout(options.closeTimeout());
            closing.close(
                    forGood
                            ? how.withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                            : how);
        } catch (RuntimeException e) {
            LOG.warn("consumer '{}' did not leave in order: {}", consumer.name(), e.toString());
        }
    }

    private void add(TopicPartition partition, long start, long committed) {
        lanes.put(partition, new RecordLane<T>(partition, consumer.options().capacity(), start, committed));
    }

    private void forget(Collection<TopicPartition> partitions) {
        partitions.forEach(lanes::remove);
        publishLanes();
    }

    private void publishLanes() {
        consumer.lanes(lanes);
    }
}
