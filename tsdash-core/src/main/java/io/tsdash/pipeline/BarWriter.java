package io.tsdash.pipeline;

import io.tsdash.batch.PoisonSearch;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TsdashException;
import io.tsdash.model.Bar;
import io.tsdash.resilience.BackOff;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
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
 * Writes closed and revised bars to a store, from a thread of its own.
 *
 * <p>Where several nodes make the same bars, each writes those of the partitions that are its own, and keeps the others' for two
 * minutes in case it takes them over. Of a bar that changes while it waits only the newest revision is written. Bounded: when too many bars wait, whoever
 * brings more waits too. A bar that the store refuses for good is found by halves, told and left out. No other is given up
 * while this runs: bars wait until the store takes them; the trades that they are made of are in the store anyway. Thread-safe.
 */
final class BarWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BarWriter.class);
    private static final int WAITING_MAX = 200_000;
    private static final int BATCH_MAX = 20_000;
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final BackOff BACK_OFF = new BackOff(PAUSE, Duration.ofSeconds(2));
    /** So that it also sees a clock that is set by hand. */
    private static final long LOOK_NANOS = Duration.ofMillis(20).toNanos();

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);
    private static final long OTHERS_NANOS_MAX = Duration.ofMinutes(2).toNanos();

    private record Key(String symbol, String interval, long openTimeNanos) {
        static Key of(Bar bar) {
            return new Key(bar.symbol(), bar.interval().text(), bar.openTimeNanos());
        }
    }

    private record Other(Bar bar, int partition, long sinceNanos) {}

    private final MarketStore store;
    private final String name;
    private final long retryNanos;
    private final TimeSource time;
    private final PipelineListener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final CountDownLatch closeAsked = new CountDownLatch(1);
    private final Map<Key, Bar> waiting = new LinkedHashMap<>(); // those under way too
    private final Map<Key, Other> others = new LinkedHashMap<>(); // in order of time
    private @Nullable Set<Integer> own; // null: all are
    private final Thread thread = new Thread(this::run, "tsdash-bar-writer");
    private long waitingSinceNanos; // when the first came after none had waited
    private boolean closing;
    private int failures; // in a row; of the writer's thread, as is the next
    private long failingNanos;
    private volatile long wholeNanos;
    private volatile String reason = "";

    /** @param retry how long the store may fail in passing before that is a problem */
    BarWriter(MarketStore store, Duration retry, TimeSource time, PipelineListener listener) {
        this.store = store;
        this.name = store.capabilities().name();
        this.retryNanos = retry.toNanos();
        this.time = time;
        this.listener = listener;
        this.wholeNanos = time.monotonicNanos();
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
                    if (!waiting.containsKey(entry.getKey())) {
                        put(entry.getKey(), entry.getValue().bar());
                    }
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
                bars.forEach(bar -> put(Key.of(bar), bar));
            } else {
                keep(partition, bars);
            }
        } finally {
            lock.unlock();
        }
    }

    private void put(Key key, Bar bar) {
        if (waiting.isEmpty()) {
            waitingSinceNanos = time.monotonicNanos();
        }
        waiting.put(key, bar);
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

    /** Returns the name of its store. */
    String store() {
        return name;
    }

    /** Returns how many bars the store has not acknowledged. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Returns how long ago the store had all bars; 0 while it has. */
    long behindNanos() {
        lock.lock();
        try {
            long hadAllNanos = Math.max(wholeNanos, waitingSinceNanos);
            return waiting.isEmpty() ? 0 : Math.max(0, time.monotonicNanos() - hadAllNanos);
        } finally {
            lock.unlock();
        }
    }

    /** Returns why the store does not take bars, and how many wait for it; empty while it does. */
    String problem() {
        String why = reason;
        return why.isEmpty() ? "" : waiting() + " bars wait: " + why;
    }

    /** Writes what waits, within 3 s, and ends; what is left is told. */
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
        int left = waiting();
        if (left > 0) {
            listener.onBarsLeft(name, left);
        }
    }

    private void run() {
        boolean last = false;
        while (!last) {
            last = pause();
            try {
                writeAll();
            } catch (RuntimeException e) {
                LOG.error("who listens to the bars for store {} failed", name, e);
            }
        }
    }

    /** Writes what waits now, as long as the store takes it. */
    private void writeAll() {
        boolean full = true;
        while (full) {
            long nowNanos = time.monotonicNanos();
            List<Bar> batch = next();
            full = batch.size() == BATCH_MAX;
            if (!batch.isEmpty() && !write(batch, nowNanos)) {
                return;
            }
            if (!full) {
                wholeNanos = nowNanos;
            }
        }
    }

    /** Returns whether nothing of it waits any more. */
    private boolean write(List<Bar> batch, long startNanos) {
        PoisonSearch.Result<Bar> result;
        try {
            result = PoisonSearch.write(this::upsert, batch);
        } catch (TsdashException e) {
            failed(batch, startNanos, e);
            return false;
        }
        done(batch);
        failures = 0;
        if (!reason.isEmpty()) {
            reason = "";
            listener.onBarsBack(name);
        }
        result.poison().forEach(each -> listener.onBarSetAside(name, each.item(), each.reason()));
        return true;
    }

    private int upsert(List<Bar> bars) {
        try {
            store.upsertBars(bars);
            return 0;
        } catch (TsdashException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.debug("store {} has a fault", name, e);
            throw new PermanentException("a fault in it: " + e, e); // perhaps of one bar alone
        }
    }

    private void failed(List<Bar> batch, long startNanos, TsdashException cause) {
        if (failures++ == 0) {
            failingNanos = startNanos;
        }
        putBehind(batch);
        boolean away = cause instanceof PermanentException || time.monotonicNanos() - failingNanos >= retryNanos;
        if (away) {
            reason = String.valueOf(cause.getMessage());
        }
        listener.onBarsRetry(name, batch.size(), cause);
        if (away) {
            listener.onBarsWait(name, waiting(), cause);
        }
    }

    private List<Bar> next() {
        lock.lock();
        try {
            return new ArrayList<>(waiting.values().stream().limit(BATCH_MAX).toList());
        } finally {
            lock.unlock();
        }
    }

    /** A newer revision that came meanwhile stays. */
    private void done(List<Bar> batch) {
        lock.lock();
        try {
            batch.forEach(bar -> waiting.remove(Key.of(bar), bar));
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has others come first the next time, and these in any order: a store is held to be at fault itself while the first bars that
     * it is asked for one by one are all refused.
     */
    private void putBehind(List<Bar> batch) {
        Collections.shuffle(batch);
        lock.lock();
        try {
            for (Bar bar : batch) {
                if (waiting.remove(Key.of(bar), bar)) {
                    waiting.put(Key.of(bar), bar);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits a little, and longer the more often the store has failed; returns whether the end was asked for. */
    private boolean pause() {
        long nanos = failures == 0 ? PAUSE.toNanos() : BACK_OFF.pauseNanos(failures);
        long fromNanos = time.monotonicNanos();
        try {
            for (long left = nanos; left > 0 && time.monotonicNanos() - fromNanos < nanos; left -= LOOK_NANOS) {
                if (closeAsked.await(Math.min(left, LOOK_NANOS), TimeUnit.NANOSECONDS)) {
                    return true;
                }
            }
            return closeAsked.getCount() == 0;
        } catch (InterruptedException e) {
            return true;
        }
    }
}
