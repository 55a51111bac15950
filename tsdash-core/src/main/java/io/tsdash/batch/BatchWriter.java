package io.tsdash.batch;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.resilience.BackOff;
import io.tsdash.resilience.CallPermit;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings items to a target: in batches, on several lanes, through failures.
 *
 * <pre>write ─▶ lane of the key ─▶ batch, full or old enough ─▶ target
 *                                   └▶ spill on disk while the target is away ─▶ target</pre>
 *
 * <p>What fails in passing is tried again, after random pauses up to a bound that doubles; a breaker leaves a target alone that
 * keeps failing. After that batches wait on disk, and while any wait there all others queue behind them, so that each
 * key's items reach the target in the order in which they came; a restart goes on with them. Memory and disk are
 * bounded: when both are full, whoever writes waits. An item that the target refuses for good is set aside with the reason.
 * Nothing of this happens in silence: see {@link BatchListener} and {@link #counts}.
 *
 * <p>Thread-safe. A thread a lane, and one for what waits on disk.
 */
public final class BatchWriter<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);
    private static final BackOff BACK_OFF = new BackOff(Duration.ofMillis(50), Duration.ofSeconds(2));
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final Duration BREAKER_PAUSE_MIN = Duration.ofMillis(200);
    private static final double BREAKER_SPREAD = 0.2;
    private static final int REPLAY_BATCHES_MAX = 64;

    private final BatchTarget<T> target;
    private final Function<? super T, ?> key;
    private final String name;
    private final TimeSource time;
    private final BatchListener<? super T> listener;
    private final int batchMax;
    private final long retryNanos;
    private final Duration closeTimeout;
    private final CircuitBreaker breaker;
    private final @Nullable Spill<T> spill;
    private final @Nullable SetAside<T> setAsideKeeper;
    private final List<Lane<T>> lanes = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder stored = new LongAdder();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder spilled = new LongAdder();
    private final LongAdder setAside = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean closing;
    private volatile String problem = "";

    BatchWriter(BatchWriterBuilder<T> settings) {
        target = settings.target;
        key = settings.key;
        name = settings.name;
        time = settings.time;
        listener = settings.listener;
        batchMax = settings.batch;
        retryNanos = settings.retry.toNanos();
        closeTimeout = settings.closeTimeout;
        Duration pauseMin = settings.breakerPauseMax.compareTo(BREAKER_PAUSE_MIN) < 0
                ? settings.breakerPauseMax
                : BREAKER_PAUSE_MIN;
        breaker = CircuitBreaker.builder("store " + name)
                .consecutiveFailures(settings.breakerFailures)
                .pause(pauseMin, settings.breakerPauseMax)
                .spread(BREAKER_SPREAD)
                .time(time)
                .build();
        spill = settings.spill
                .map(folder -> Spill.open(
                        folder,
                        settings.spillBytesMax,
                        settings.codec.orElseThrow(),
                        (file, reason) -> listener.onSpillDamaged(name, file, reason)))
                .orElse(null);
        setAsideKeeper = settings.setAside.orElse(null);
        for (int i = 0; i < settings.lanes; i++) {
            Lane<T> lane = new Lane<>(
                    settings.conflates ? Waiting.newest(key) : Waiting.all(),
                    Math.max(settings.batch, settings.capacity / settings.lanes),
                    settings.batch,
                    settings.age.toNanos(),
                    time);
            lanes.add(lane);
            threads.add(new Thread(() -> run(lane), settings.threads + name + "-" + i));
        }
        if (spill != null) {
            accepted.add(spill.waiting());
            threads.add(new Thread(() -> replay(spill), settings.threads + name + "-replay"));
        }
        for (Thread thread : threads) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    /**
     * Returns the settings of a writer to this target, which stays the caller's to close, after the writer.
     *
     * @param key of an item; items of one key keep their order
     */
    public static <T> BatchWriterBuilder<T> to(BatchTarget<T> target, Function<? super T, ?> key) {
        return new BatchWriterBuilder<>(target, key);
    }

    /**
     * Takes items, and waits while there is no room for them.
     *
     * @param items in the order in which they came
     * @throws PermanentException if it is closed; items not yet taken then are not
     */
    public void write(List<T> items) throws InterruptedException {
        if (lanes.size() == 1) {
            add(lanes.get(0), items);
            return;
        }
        List<List<T>> parts = new ArrayList<>(lanes.size());
        for (int i = 0; i < lanes.size(); i++) {
            parts.add(new ArrayList<>(items.size() / lanes.size() + 1));
        }
        for (T item : items) {
            parts.get(laneOf(item)).add(item);
        }
        for (int i = 0; i < parts.size(); i++) {
            add(lanes.get(i), parts.get(i));
        }
    }

    /**
     * Takes one item, and waits for room until a deadline.
     *
     * @return whether it was taken
     * @throws PermanentException if it is closed
     */
    public boolean offer(T item, Duration wait) throws InterruptedException {
        int taken = lanes.get(laneOf(item)).add(List.of(item), wait.toNanos());
        accepted.add(taken);
        if (taken == 0 && closed.get()) {
            throw closed(1);
        }
        return taken == 1;
    }

    /**
     * Writes at once what waits for its batch to fill.
     *
     * @return whether all that was taken before is in the target, on disk, set aside or lost, within the timeout
     */
    public boolean flush(Duration timeout) throws InterruptedException {
        long untilNanos = time.monotonicNanos() + timeout.toNanos();
        for (Lane<T> lane : lanes) {
            if (!lane.flush(untilNanos)) {
                return false;
            }
        }
        return true;
    }

    /** Returns what was done so far. */
    public BatchCounts counts() {
        return new BatchCounts(
                accepted.sum(),
                lanes.stream().mapToLong(Lane::conflated).sum(),
                stored.sum(),
                duplicates.sum(),
                spilled.sum(),
                setAside.sum(),
                lost.sum(),
                lanes.stream().mapToLong(Lane::queued).sum(),
                spill == null ? 0 : spill.waiting(),
                retries.sum());
    }

    /** Returns why the target does not take writes; empty while it does. */
    public String problem() {
        return problem;
    }

    /** From here on a batch is tried once, and nothing waits for a target that is away: for who is about to close. */
    public void hurry() {
        closing = true;
    }

    /** Returns what it is called. */
    public String name() {
        return name;
    }

    /**
     * Brings what waits to the target, each batch tried once; what fails goes to disk, or is told as lost where there is none.
     * Ends within the timeout for closing; then so does what is left, with the batch for which the target has no answer yet: it
     * may get that twice.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        closing = true;
        lanes.forEach(Lane::close);
        long untilNanos = time.monotonicNanos() + closeTimeout.toNanos();
        try {
            for (Thread thread : threads) {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(untilNanos - time.monotonicNanos())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lanes.forEach(lane -> giveUp(lane.abandon()));
        threads.forEach(Thread::interrupt);
        if (spill != null) {
            try {
                spill.close();
            } catch (IOException e) {
                listener.onSpillFull(name, "it cannot be closed: " + e);
            }
        }
    }

    /** What has not come to its end when the time for that is over: oldest first. */
    private void giveUp(List<T> left) {
        TransientException late = new TransientException("the writer was closed and its target did not answer in time");
        for (int from = 0; from < left.size(); from += batchMax) {
            List<T> batch = left.subList(from, Math.min(left.size(), from + batchMax));
            String full = spill == null ? "" : keep(spill, batch, late);
            if (!full.isEmpty()) {
                listener.onSpillFull(name, full);
            }
            if (spill == null || !full.isEmpty()) {
                List<T> rest = left.subList(from, left.size());
                lose(rest.size(), full.isEmpty() ? late : new TransientException(full, late));
                return;
            }
        }
    }

    private int laneOf(T item) {
        return Math.floorMod(key.apply(item).hashCode(), lanes.size());
    }

    private void add(Lane<T> lane, List<T> items) throws InterruptedException {
        int added = lane.add(items, Lane.FOREVER);
        accepted.add(added);
        if (added < items.size()) {
            throw closed(items.size() - added);
        }
    }

    private PermanentException closed(int left) {
        return new PermanentException("the writer to " + name + " is closed: " + left + " were not taken");
    }

    private void run(Lane<T> lane) {
        try {
            for (List<T> batch = lane.take(); !batch.isEmpty(); batch = lane.take()) {
                try {
                    deliver(lane, batch);
                } catch (RuntimeException e) {
                    fault(lane, batch, e);
                }
                lane.done(batch.size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Of ours, of the adapter, or of who listens: told, and the next batch comes. */
    private void fault(Lane<T> lane, List<T> batch, RuntimeException cause) {
        try {
            if (!lane.isAbandoned()) {
                lose(batch.size(), cause);
            }
        } catch (RuntimeException e) {
            LOG.error("{}: who listens failed, and {} items are lost", name, batch.size(), e);
        }
    }

    /** Brings a batch to the target, to disk, or to its end. */
    private void deliver(Lane<T> lane, List<T> batch) {
        // Without a disk, a target that is known to be away must not hold the live side a second time.
        long giveUpNanos = time.monotonicNanos() + (spill == null && !problem.isEmpty() ? 0 : retryNanos);
        TsdashException cause = null;
        boolean told = false;
        for (int attempt = 1; ; attempt++) {
            if (spill == null || spill.isEmpty()) {
                CallPermit permit = breaker.tryAcquire();
                if (permit != null) {
                    try {
                        settle(batch, permit);
                        return;
                    } catch (TsdashException e) {
                        cause = e;
                    }
                }
                boolean inPassing = !(cause instanceof PermanentException);
                boolean waits = spill == null || breaker.state() == CircuitBreaker.State.CLOSED;
                if (inPassing && waits && !closing && time.monotonicNanos() < giveUpNanos) {
                    if (cause != null) {
                        retries.increment();
                        listener.onStoreRetry(name, batch.size(), attempt, cause);
                    }
                    pause(BACK_OFF.pauseNanos(attempt));
                    continue;
                }
            }
            if (lane.isAbandoned()) {
                return;
            }
            if (spill == null) {
                lose(
                        batch.size(),
                        cause == null ? new TransientException("the target is left alone for a while") : cause);
                return;
            }
            String full = keep(spill, batch, cause);
            if (full.isEmpty()) {
                return;
            }
            if (!told) {
                told = true;
                problem = full;
                listener.onSpillFull(name, full);
            }
            if (closing) {
                lose(batch.size(), new TransientException(full));
                return;
            }
            pause(LOOK_NANOS); // and again from the start: the target may be back, or the disk have room
        }
    }

    /** Puts a batch on disk; returns why that is not possible, or nothing. */
    private String keep(Spill<T> disk, List<T> batch, @Nullable TsdashException cause) {
        try {
            if (!disk.append(batch)) {
                return "the spill is full: callers wait for " + name;
            }
        } catch (IOException e) {
            return "the spill cannot be written: " + e;
        }
        spilled.add(batch.size());
        TsdashException reason =
                cause != null ? cause : new TransientException("others wait on disk before these: " + problem);
        if (cause != null) {
            problem = String.valueOf(cause.getMessage());
        }
        listener.onSpilled(name, batch.size(), reason);
        return "";
    }

    /**
     * Writes what waits on disk, oldest first, in full batches, for it comes in small ones; where a batch is refused whole, with
     * those after it, to see whose fault it is.
     */
    private void replay(Spill<T> disk) {
        int wanted = batchMax;
        for (int attempt = 1; !closing; attempt++) {
            CallPermit permit = disk.isEmpty() ? null : breaker.tryAcquire();
            if (permit == null) {
                pause(LOOK_NANOS);
                continue;
            }
            try {
                Spill.Head<T> head = disk.peek(wanted);
                settle(head.items(), permit);
                disk.remove(head);
                listener.onReplayed(name, head.items().size());
                wanted = batchMax;
                attempt = 0;
                if (disk.isEmpty()) {
                    back();
                }
            } catch (TransientException e) {
                pause(BACK_OFF.pauseNanos(attempt));
            } catch (PermanentException e) {
                problem = String.valueOf(e.getMessage());
                wanted = (int) Math.min((long) batchMax * REPLAY_BATCHES_MAX, wanted * 2L);
                pause(BACK_OFF.pauseNanos(attempt));
            } catch (IOException e) {
                permit.abandoned();
                problem = "what waits on disk cannot be read: " + e;
                listener.onSpillFull(name, problem);
                pause(BACK_OFF.longest().toNanos());
            } catch (RuntimeException e) {
                // Of the adapter or of who listens. What waits stays on disk, and is tried again.
                problem = "what waits on disk cannot be written: " + e;
                LOG.error("{}: {}", name, problem, e);
                pause(BACK_OFF.longest().toNanos());
            }
        }
    }

    private void settle(List<T> batch, CallPermit permit) {
        long startNanos = time.monotonicNanos();
        PoisonSearch.Result<T> result;
        try {
            result = PoisonSearch.write(target, batch);
        } catch (RuntimeException e) {
            permit.failed(time.monotonicNanos() - startNanos, e);
            throw e;
        }
        long tookNanos = time.monotonicNanos() - startNanos;
        permit.succeeded(tookNanos);
        stored.add(result.stored());
        duplicates.add(result.duplicates());
        listener.onStored(name, batch, result.stored(), result.duplicates(), tookNanos);
        result.poison().forEach(this::setAside);
        if (spill == null || spill.isEmpty()) {
            back();
        }
    }

    private void setAside(PoisonSearch.Refusal<T> refusal) {
        if (setAsideKeeper != null) {
            try {
                setAsideKeeper.add(
                        refusal.item(), String.valueOf(refusal.reason().getMessage()));
            } catch (IOException e) {
                lose(1, new PermanentException("what was set aside cannot be kept: " + e, e));
                return;
            }
        }
        setAside.increment();
        listener.onSetAside(name, refusal.item(), refusal.reason());
    }

    private void lose(int items, RuntimeException cause) {
        lost.add(items);
        problem = String.valueOf(cause.getMessage());
        listener.onLost(name, items, cause);
    }

    private void back() {
        if (!problem.isEmpty()) {
            problem = "";
            listener.onBack(name);
        }
    }

    private void pause(long nanos) {
        long untilNanos = time.monotonicNanos() + nanos;
        while (!closing && !Thread.currentThread().isInterrupted() && time.monotonicNanos() < untilNanos) {
            LockSupport.parkNanos(this, Math.min(nanos, LOOK_NANOS));
        }
    }
}
