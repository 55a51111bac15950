package io.tsdash.kafka;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The records of one partition that wait for one consumer's thread, and how far it has come.
 *
 * <p>The poller adds, one worker takes. Bounded: the poller pauses the partition of a full lane, or drops; so a lane that
 * does not drop holds its capacity and what one poll brings at most. Thread-safe.
 */
final class RecordLane<T> {
    private final TopicPartition partition;
    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Polled<T>> waiting = new ArrayDeque<>();
    private int inHand;
    private long done;
    private long next;
    private long end;
    private boolean ended;
    private volatile long safe;

    // Of the poller's thread.
    boolean paused;
    long committed;

    /**
     * @param start the position it begins at
     * @param committed what the brokers have as position; -1 for none
     */
    RecordLane(TopicPartition partition, int capacity, long start, long committed) {
        this.partition = partition;
        this.capacity = capacity;
        this.committed = committed;
        done = start;
        next = start;
        safe = start;
    }

    TopicPartition partition() {
        return partition;
    }

    /**
     * Reads records and adds them as they come; returns how many were dropped as they did not fit, when that is asked for. One
     * thread only.
     */
    int add(List<ConsumerRecord<byte[], byte[]>> records, Sink<T> sink, boolean drops) {
        int fitting = drops ? Math.min(room(), records.size()) : records.size();
        List<Polled<T>> polled = new ArrayList<>(fitting);
        for (int i = 0; i < fitting; i++) {
            polled.add(Polled.read(records.get(i), sink));
        }
        lock.lock();
        try {
            waiting.addAll(polled);
            next = records.get(records.size() - 1).offset() + 1;
            skipWhatIsLeftOut();
        } finally {
            lock.unlock();
        }
        return records.size() - fitting;
    }

    private int room() {
        lock.lock();
        try {
            return Math.max(0, capacity - waiting.size() - inHand);
        } finally {
            lock.unlock();
        }
    }

    /** Returns the oldest records, which are in hand until acknowledged; none once it has ended. */
    List<Polled<T>> take(int countMax) {
        lock.lock();
        try {
            if (ended || waiting.isEmpty()) {
                return List.of();
            }
            int count = Math.min(countMax, waiting.size());
            List<Polled<T>> taken = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                taken.add(waiting.remove());
            }
            inHand = count;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** What was in hand is done with. */
    void acknowledge(long position) {
        lock.lock();
        try {
            inHand = 0;
            done = position;
            skipWhatIsLeftOut();
        } finally {
            lock.unlock();
        }
    }

    /** What was in hand is not done with, and nothing more is taken. */
    void abandon() {
        lock.lock();
        try {
            inHand = 0;
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more is taken from here on. */
    void end() {
        lock.lock();
        try {
            ended = true;
            waiting.clear();
        } finally {
            lock.unlock();
        }
    }

    boolean ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    boolean isInHand() {
        lock.lock();
        try {
            return inHand > 0;
        } finally {
            lock.unlock();
        }
    }

    boolean isFull() {
        lock.lock();
        try {
            return waiting.size() + inHand >= capacity;
        } finally {
            lock.unlock();
        }
    }

    boolean isHalfEmpty() {
        lock.lock();
        try {
            return waiting.size() + inHand <= capacity / 2;
        } finally {
            lock.unlock();
        }
    }

    /** Tells it where the poller stands and how much there is after that; markers and gaps are passed over so. */
    void seen(long position, long after) {
        lock.lock();
        try {
            next = Math.max(next, position);
            end = Math.max(end, position + after);
            skipWhatIsLeftOut();
        } finally {
            lock.unlock();
        }
    }

    /** Goes to another position, as that where it stood is gone. */
    void restartAt(long position) {
        lock.lock();
        try {
            next = position;
            skipWhatIsLeftOut();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the position after the last record that is done with. */
    long done() {
        lock.lock();
        try {
            return done;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the position of the next record that is to be added. */
    long next() {
        lock.lock();
        try {
            return next;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns how many records are not done with.
     *
     * @param endAtLeast a position that the partition's end is known to have reached
     */
    long lag(long endAtLeast) {
        lock.lock();
        try {
            return Math.max(0, Math.max(endAtLeast, Math.max(end, next)) - done);
        } finally {
            lock.unlock();
        }
    }

    /** Returns the position up to which all is safe with the handler. */
    long safe() {
        return safe;
    }

    /** Sets the position up to which all is safe with the handler. */
    void safe(long position) {
        safe = position;
    }

    private void skipWhatIsLeftOut() {
        if (waiting.isEmpty() && inHand == 0 && !ended) {
            done = next;
        }
    }
}
