package io.tsdash.pipeline;

import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes closed and revised bars to the store, from a thread of its own.
 *
 * <p>Where several nodes make the same bars, each writes those of the partitions that are its own, and keeps the others' for two
 * minutes in case it takes them over. Of a bar that changes while it waits only the newest revision is written. Bounded: when too many bars wait, whoever
 * brings more waits too. Nothing is given up while it runs: bars wait until the store takes them; the trades that they
 * are made of are in the store anyway. Thread-safe.
 */
final class BarWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BarWriter.class);
    private static final int WAITING_MAX = 200_000;
    private static final int BATCH_MAX = 20_000;
    private static final long PAUSE_MILLIS = 200;
    private static final int FAILURES_PER_MESSAGE = 50;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

    private static final long OTHERS_NANOS_MAX = Duration.ofMinutes(2).toNanos();

    private record Key(String symbol, String interval, long openTimeNanos) {
        static Key of(Bar bar) {
            return new Key(bar.symbol(), bar.interval().text(), bar.openTimeNanos());
        }
    }

    private record Other(Bar bar, int partition, long sinceNanos) {}

    private final MarketStore store;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final CountDownLatch closeAsked = new CountDownLatch(1);
    private final Map<Key, Bar> waiting = new LinkedHashMap<>();
    private final Map<Key, Other> others = new LinkedHashMap<>(); // in order of time
    private @Nullable Set<Integer> own; // null: all are
    private final Thread thread = new Thread(this::run, "tsdash-bar-writer");
    private boolean closing;
    private int failures; // of the writer's thread

    BarWriter(MarketStore store, TimeSource time) {
        this.store = store;
        this.time = time;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Says which partitions are this node's own from here on; what is kept of them is written. */
    void own(Set<Integer> partitions) {
        lock.lock();
        try {
            own = Set.copyOf(partitions);
            Iterator<Map.Entry<Key, Other>> kept = others.entrySet().iterator();
            while (kept.hasNext()) {
                Map.Entry<Key, Other> entry = kept.next();
                if (partitions.contains(entry.getValue().partition())) {
                    waiting.putIfAbsent(entry.getKey(), entry.getValue().bar());
                    kept.remove();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void add(int partition, List<Bar> bars) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.size() >= WAITING_MAX && !closing) {
                room.await();
            }
            if (own == null || own.contains(partition)) {
                bars.forEach(bar -> waiting.put(Key.of(bar), bar));
            } else {
                keep(partition, bars);
            }
        } finally {
            lock.unlock();
        }
    }

    private void keep(int partition, List<Bar> bars) {
        long now = time.monotonicNanos();
        for (Bar bar : bars) {
            others.remove(Key.of(bar));
            others.put(Key.of(bar), new Other(bar, partition, now));
        }
        Iterator<Other> oldest = others.values().iterator();
        while (oldest.hasNext()) {
            long age = now - oldest.next().sinceNanos();
            if (age <= OTHERS_NANOS_MAX && others.size() <= WAITING_MAX) {
                return;
            }
            oldest.remove();
        }
    }

    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Writes what waits, within 3 s, and ends. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            room.signalAll();
        } finally {
            lock.unlock();
        }
        closeAsked.countDown();
        try {
            thread.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (true) {
            boolean last = pause();
            boolean failed = false;
            for (List<Bar> batch = take(); !batch.isEmpty() && !failed; batch = take()) {
                failed = !write(batch);
            }
            if (last) {
                int left = waiting();
                if (left > 0) {
                    LOG.error("{} bars were not written at the end; they are made again from the trades", left);
                }
                return;
            }
        }
    }

    private boolean write(List<Bar> batch) {
        try {
            store.upsertBars(batch);
            failures = 0;
            return true;
        } catch (RuntimeException e) {
            putBack(batch);
            // The first time, and then about every ten seconds.
            if (failures++ % FAILURES_PER_MESSAGE == 0) {
                LOG.warn("{} bars wait for the store: {}", waiting(), e.getMessage(), causeOfFault(e));
            }
            return false;
        }
    }

    /** What passes by itself needs no stack trace. */
    private static @Nullable RuntimeException causeOfFault(RuntimeException failure) {
        return failure instanceof TransientException ? null : failure;
    }

    private List<Bar> take() {
        lock.lock();
        try {
            List<Bar> batch = new ArrayList<>(Math.min(BATCH_MAX, waiting.size()));
            var bars = waiting.values().iterator();
            while (batch.size() < BATCH_MAX && bars.hasNext()) {
                batch.add(bars.next());
                bars.remove();
            }
            room.signalAll();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** A newer revision that came meanwhile stays. */
    private void putBack(List<Bar> batch) {
        lock.lock();
        try {
            for (Bar bar : batch) {
                waiting.putIfAbsent(Key.of(bar), bar);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits a little; returns whether the end was asked for. */
    private boolean pause() {
        try {
            return closeAsked.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }
}
