package io.tsdash.store.writer;

import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A bounded queue of trades that gives them out in batches: when one is full, or old enough, or someone flushes. */
final class WriterLane {
    /** So that a lane also sees a clock that is set by hand. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final int capacity;
    private final int batchMax;
    private final long ageNanos;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Trade> queue = new ArrayDeque<>();
    private long oldestNanos;
    private long accepted;
    private long done;
    private long flushTo;
    private boolean closing;

    WriterLane(int capacity, int batchMax, long ageNanos, TimeSource time) {
        this.capacity = capacity;
        this.batchMax = batchMax;
        this.ageNanos = ageNanos;
        this.time = time;
    }

    /** Adds trades, and waits for room. Returns how many were added: fewer than given when the lane was closed meanwhile. */
    int add(List<Trade> trades) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            int added = 0;
            while (added < trades.size()) {
                while (queue.size() >= capacity && !closing) {
                    changed.await();
                }
                if (closing) {
                    return added;
                }
                if (queue.isEmpty()) {
                    oldestNanos = time.monotonicNanos();
                }
                int room = Math.min(capacity - queue.size(), trades.size() - added);
                queue.addAll(trades.subList(added, added + room));
                added += room;
                accepted += room;
                changed.signalAll();
            }
            return added;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the next batch, when it is full or its time has come; empty when the lane is closed and has nothing more. */
    List<Trade> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!isDue()) {
                if (queue.isEmpty()) {
                    if (closing) {
                        return List.of();
                    }
                    changed.await();
                } else {
                    long left = changed.awaitNanos(LOOK_NANOS);
                    assert left <= LOOK_NANOS;
                }
            }
            int size = Math.min(batchMax, queue.size());
            List<Trade> batch = new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                batch.add(queue.remove());
            }
            oldestNanos = time.monotonicNanos();
            changed.signalAll();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Notes that so many of those taken have come to their end. */
    void done(int trades) {
        lock.lock();
        try {
            done += trades;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all that was added before has come to its end; returns whether it has. */
    boolean flush(long untilNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long goal = accepted;
            flushTo = Math.max(flushTo, goal);
            changed.signalAll();
            while (done < goal) {
                long left = untilNanos - time.monotonicNanos();
                if (left <= 0) {
                    return false;
                }
                long unused = changed.awaitNanos(Math.min(left, LOOK_NANOS));
                assert unused <= left;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing more; what it has can still be taken. */
    void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    int queued() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    private boolean isDue() {
        return !queue.isEmpty()
                && (queue.size() >= batchMax
                        || closing
                        || accepted - queue.size() < flushTo
                        || time.monotonicNanos() - oldestNanos >= ageNanos);
    }
}
