package io.tsdash.batch;

import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded queue of items that gives them out in batches: when one is full, or old enough, or someone flushes.
 *
 * <p>With a key, an item takes the place of one of its key that waits, and its turn. Thread-safe.
 */
final class Lane<T> {
    /** So that a lane also sees a clock that is set by hand. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    static final long FOREVER = Long.MAX_VALUE;

    private final int capacity;
    private final int batchMax;
    private final long ageNanos;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Waiting<T> queue;
    private List<T> underWay = List.of();
    private boolean abandoned;
    private long oldestNanos;
    private long accepted;
    private long conflated;
    private long done;
    private long flushTo;
    private boolean closing;

    Lane(Waiting<T> queue, int capacity, int batchMax, long ageNanos, TimeSource time) {
        this.queue = queue;
        this.capacity = capacity;
        this.batchMax = batchMax;
        this.ageNanos = ageNanos;
        this.time = time;
    }

    /**
     * Adds items, and waits for room.
     *
     * @param waitNanos for how long at most; {@link #FOREVER}: without end
     * @return how many were added: fewer than given when there was no room in time, or the lane was closed meanwhile
     */
    int add(List<T> items, long waitNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long startNanos = time.monotonicNanos();
            int added = 0;
            while (added < items.size()) {
                while (!hasRoom(items.get(added)) && !closing) {
                    if (waitNanos == FOREVER) {
                        changed.await();
                        continue;
                    }
                    long left = waitNanos - (time.monotonicNanos() - startNanos);
                    if (left <= 0) {
                        return added;
                    }
                    long unused = changed.awaitNanos(Math.min(left, LOOK_NANOS));
                    assert unused <= left;
                }
                if (closing) {
                    return added;
                }
                if (queue.size() == 0) {
                    oldestNanos = time.monotonicNanos();
                }
                for (; added < items.size() && hasRoom(items.get(added)); added++) {
                    if (queue.add(items.get(added))) {
                        conflated++;
                    } else {
                        accepted++;
                    }
                }
                changed.signalAll();
            }
            return added;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the next batch, when it is full or its time has come; empty when the lane is closed and has nothing more. */
    List<T> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!isDue()) {
                if (queue.size() == 0) {
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
            List<T> batch = new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                batch.add(queue.remove());
            }
            oldestNanos = time.monotonicNanos();
            underWay = batch;
            changed.signalAll();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Notes that so many of those taken have come to their end. */
    void done(int items) {
        lock.lock();
        try {
            done += items;
            underWay = List.of();
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

    /** Gives back what has not come to its end, oldest first: from here on that is the caller's. */
    List<T> abandon() {
        lock.lock();
        try {
            closing = true;
            abandoned = true;
            List<T> left = new ArrayList<>(underWay);
            while (queue.size() > 0) {
                left.add(queue.remove());
            }
            changed.signalAll();
            return left;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether what was taken is somebody else's by now. */
    boolean isAbandoned() {
        lock.lock();
        try {
            return abandoned;
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

    long conflated() {
        lock.lock();
        try {
            return conflated;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom(T item) {
        return queue.size() < capacity || queue.replaces(item);
    }

    private boolean isDue() {
        return queue.size() > 0
                && (queue.size() >= batchMax
                        || closing
                        || accepted - queue.size() < flushTo
                        || time.monotonicNanos() - oldestNanos >= ageNanos);
    }
}
