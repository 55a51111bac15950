package io.tsdash.kafka;

import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a handler, now and then, to make what it was given safe, and says so to the lanes; the poller then has the brokers
 * keep the positions. A thread of its own, as a store may take its time.
 */
final class PositionKeeper implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(PositionKeeper.class);
    private static final long INTERVAL_NANOS = Duration.ofMillis(500).toNanos();
    private static final long LOOK_NANOS = 1_000_000;

    private final TopicConsumer<?> consumer;
    private final TimeSource time;
    private final Thread thread;
    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private volatile boolean ended;

    PositionKeeper(TopicConsumer<?> consumer) {
        this.consumer = consumer;
        this.time = consumer.surroundings().time();
        thread = new Thread(this, "tsdash-bus-" + consumer.name() + "-keep");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Has what was acknowledged until now made safe; returns whether it was, in time. */
    boolean keepNow(Duration timeout) {
        long request = asked.incrementAndGet();
        LockSupport.unpark(thread);
        long untilNanos = time.monotonicNanos() + timeout.toNanos();
        while (answered.get() < request) {
            if (time.monotonicNanos() >= untilNanos || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        return true;
    }

    /** Ends the thread; a handler that is at work is interrupted. */
    void stop() {
        ended = true;
        thread.interrupt();
    }

    @Override
    public void run() {
        while (!ended) {
            if (asked.get() == answered.get()) {
                LockSupport.parkNanos(this, INTERVAL_NANOS);
            }
            keep();
        }
    }

    private void keep() {
        long request = asked.get();
        Map<RecordLane<?>, Long> positions = new HashMap<>();
        for (RecordLane<?> lane : consumer.lanes()) {
            long done = lane.done();
            if (done != lane.safe()) {
                positions.put(lane, done);
            }
        }
        if (!positions.isEmpty()) {
            try {
                consumer.sink().checkpoint();
                positions.forEach(RecordLane::safe);
            } catch (RuntimeException e) {
                tell(positions.keySet().iterator().next(), e);
            }
        }
        answered.set(request);
    }

    private void tell(RecordLane<?> lane, RuntimeException cause) {
        if (ended) {
            return;
        }
        if (!(cause instanceof TransientException)) {
            LOG.error("the handler of consumer '{}' could not make what it was given safe", consumer.name(), cause);
        }
        consumer.surroundings()
                .listener()
                .onRetry(consumer.name(), lane.partition().partition(), 1, cause);
    }
}
