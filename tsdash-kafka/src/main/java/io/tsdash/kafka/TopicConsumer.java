package io.tsdash.kafka;

import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.BusListener;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.OverflowPolicy;
import io.tsdash.bus.Share;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer of topics: a thread that polls and keeps the membership alive, workers that call the handler, and, where
 * positions are kept, a thread that asks the handler what is safe.
 *
 * <p>Between poller and workers is a {@link RecordLane} for each partition that this node has now. A lane that is full
 * pauses its partition; the poller goes on polling, so a slow handler never costs the membership. Thread-safe.
 *
 * @param <T> what a record holds
 */
final class TopicConsumer<T> implements BusConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(TopicConsumer.class);
    private static final long JOIN_MILLIS = 1_000;

    /** What a consumer is made with; the same for all consumers of a bus. */
    record Surroundings(
            KafkaBusOptions options,
            Map<String, Integer> topics,
            boolean newProtocol,
            Positions positions,
            DeadLetters deadLetters,
            BusListener listener,
            TimeSource time) {}

    private final ConsumerOptions options;
    private final Surroundings surroundings;
    private final Sink<T> sink;
    private final ToLongFunction<TopicPartition> knownEnds;
    private final Consumer<TopicConsumer<T>> leave;
    private final List<LaneWorker<T>> workers = new ArrayList<>();
    private final @Nullable PositionKeeper keeper;
    private final TopicPoller<T> poller;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private volatile Map<TopicPartition, RecordLane<T>> lanes = Map.of();
    private volatile boolean closing;
    private volatile boolean leaving;
    private volatile @Nullable RuntimeException failure;

    /**
     * @param starts where partitions begin that the brokers have no position of
     * @param knownEnds positions that the partitions' ends are known to have reached
     * @param leave called when it is closed
     */
    TopicConsumer(
            ConsumerOptions options,
            Surroundings surroundings,
            Map<TopicPartition, Long> starts,
            Sink<T> sink,
            ToLongFunction<TopicPartition> knownEnds,
            Consumer<TopicConsumer<T>> leave) {
        this.options = options;
        this.surroundings = surroundings;
        this.sink = sink;
        this.knownEnds = knownEnds;
        this.leave = leave;
        int threads = Math.min(options.threads(), starts.size());
        for (int i = 0; i < threads; i++) {
            workers.add(new LaneWorker<>(this, i, threads));
        }
        keeper = keepsPositions() ? new PositionKeeper(this) : null;
        poller = new TopicPoller<>(this, new HashMap<>(starts), keeper);
    }

    void start() {
        workers.forEach(LaneWorker::start);
        if (keeper != null) {
            keeper.start();
        }
        poller.start();
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public long lag() {
        long lag = 0;
        for (RecordLane<T> lane : lanes.values()) {
            lag += lane.lag(knownEnds.applyAsLong(lane.partition()));
        }
        return lag;
    }

    @Override
    public Map<Integer, Long> lagByPartition() {
        Map<Integer, Long> lags = new HashMap<>();
        for (RecordLane<T> lane : lanes.values()) {
            lags.merge(lane.partition().partition(), lane.lag(knownEnds.applyAsLong(lane.partition())), Long::sum);
        }
        return lags;
    }

    @Override
    public long acknowledged() {
        return acknowledged.get();
    }

    @Override
    public long dropped() {
        return dropped.get();
    }

    @Override
    public long skipped() {
        return skipped.get();
    }

    @Override
    public boolean running() {
        return !closing && failure == null;
    }

    @Override
    public void close() {
        leaving = true;
        leave.accept(this);
        stop();
    }

    /** Ends its threads, in bounded time. With a name of this node its membership is kept for its return. */
    void stop() {
        closing = true;
        poller.join();
    }

    ConsumerOptions options() {
        return options;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Sink<T> sink() {
        return sink;
    }

    boolean keepsPositions() {
        return options.share() instanceof Share.AmongNodes;
    }

    boolean drops() {
        return options.overflow() == OverflowPolicy.DROP_NEWEST;
    }

    /** Returns whether it leaves for good, rather than with the whole node. */
    boolean leavesForGood() {
        return leaving || failure != null;
    }

    Collection<RecordLane<T>> lanes() {
        return lanes.values();
    }

    @Nullable
    RecordLane<T> lane(TopicPartition partition) {
        return lanes.get(partition);
    }

    /** Sets which partitions this node has. The poller's thread only. */
    void lanes(Map<TopicPartition, RecordLane<T>> now) {
        lanes = Map.copyOf(now);
    }

    /**
     * Returns whether all up to these ends is acknowledged: here, or for partitions of other nodes by what the brokers have.
     *
     * @param committed the positions that the brokers have of its group; null where they were not asked
     */
    boolean drained(Map<TopicPartition, Long> ends, @Nullable Map<TopicPartition, Long> committed) {
        return ends.entrySet().stream().allMatch(end -> isDone(end.getKey(), end.getValue(), committed));
    }

    private boolean isDone(TopicPartition partition, long end, @Nullable Map<TopicPartition, Long> committed) {
        RecordLane<T> lane = lanes.get(partition);
        if (lane != null) {
            return lane.done() >= end;
        }
        return committed != null && committed.getOrDefault(partition, poller.start(partition)) >= end;
    }

    /** Returns where a partition begins that the brokers have no position of. */
    long start(TopicPartition partition) {
        return poller.start(partition);
    }

    void wakeWorkers() {
        workers.forEach(LaneWorker::wake);
    }

    void wakePoller() {
        poller.wake();
    }

    /** Ends the workers: those in a handler are waited for, then interrupted. The poller's thread only. */
    void stopWorkers() {
        for (LaneWorker<T> worker : workers) {
            if (!worker.stop(JOIN_MILLIS)) {
                LOG.warn("consumer '{}' did not stop: its handler still runs", options.name());
            }
        }
    }

    void acknowledged(long count) {
        acknowledged.addAndGet(count);
    }

    void drop(int partition, long count) {
        dropped.addAndGet(count);
        surroundings.listener().onDropped(options.name(), partition, count);
    }

    void skip(int partition, long count, RuntimeException cause) {
        skipped.addAndGet(count);
        surroundings.listener().onSkipped(options.name(), partition, count, cause);
    }

    /** It cannot go on. */
    void fail(int partition, RuntimeException cause) {
        LOG.error("consumer '{}' stops", options.name(), cause);
        failure = cause;
        surroundings.listener().onStopped(options.name(), partition, cause);
    }
}
