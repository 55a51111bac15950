package io.tsdash.cache;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers from a cache, and finds what is not there by a loader: cache-aside, for values of one kind.
 *
 * <p>A key is looked for once at a time, however many ask; they wait for the same answer, until their deadline. Shortly before a
 * value goes stale one question in the background finds it anew, sooner the longer that takes (Vattani, Chierichetti and
 * Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", 2015), so that nodes do not all ask at once. What an old value is
 * good for, and for how long it is known that there is none, {@link CachePolicy} says; an answer has its age.
 *
 * <p>A loader that throws, or returns {@code null}, fails for those who wait, and nothing is kept of it. One that does not return
 * in time is given up, when it is asked for again or all threads are taken: its thread is interrupted, and the next question asks
 * again. Loads run on a bounded number of threads,
 * with no lock held; when those and the places before them are taken, a question fails at once. A cache that is away is told, and
 * costs the hit, not the answer.
 *
 * <p>Thread-safe. Its threads ({@code tsdash-cache-KIND-N}) are there while they have work.
 */
public final class CacheAside<V> implements AutoCloseable {
    private static final long KEEP_ALIVE_SECONDS = 10;
    private static final int LOAD_TIME_WEIGHT = 8;
    private static final int STRIPES = 64;

    /** Beyond so many times the time of a load the chance of an early one is below one in 10^8. */
    private static final long EARLY_MAX = 20;

    private final Cache<V> cache;
    private final CacheLoader<V> loader;
    private final CachePolicy policy;
    private final long revalidateNanos;
    private final long onErrorNanos;
    private final Executor executor;
    private final @Nullable ThreadPoolExecutor own;
    private final int threads;
    private final Duration loadTimeout;
    private final CacheAsideListener listener;
    private final TimeSource time;
    private final DoubleSupplier random;
    private final HotKeys hotKeys;
    private final ConcurrentMap<String, Load<V>> underWay = new ConcurrentHashMap<>();
    /** By the key's hash; never held while something is looked for. */
    private final ReentrantLock[] changing = new ReentrantLock[STRIPES];

    private final Set<String> toRefresh = ConcurrentHashMap.newKeySet();
    private final LongAdder hits = new LongAdder();
    private final LongAdder staleHits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder loads = new LongAdder();
    private final LongAdder loadFailures = new LongAdder();
    private final LongAdder loadNanos = new LongAdder();
    private final LongAdder abandoned = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder cacheFailures = new LongAdder();
    private volatile long usualLoadNanos;
    private volatile boolean closed;

    CacheAside(CacheAsideBuilder<V> settings) {
        cache = settings.cache;
        loader = settings.loader;
        policy = settings.policy;
        revalidateNanos = policy.whileRevalidating().toNanos();
        onErrorNanos = policy.onError().toNanos();
        loadTimeout = settings.loadTimeout;
        listener = settings.listener;
        time = settings.time;
        random = settings.random;
        hotKeys = new HotKeys(settings.hotKeys);
        threads = settings.threads;
        Arrays.setAll(changing, stripe -> new ReentrantLock());
        own = settings.executor.isPresent() ? null : threads(settings.threads, settings.waitingMax, policy.kind());
        executor = own != null ? own : settings.executor.orElseThrow();
    }

    /**
     * Returns the settings of a cache-aside.
     *
     * @param cache stays the caller's to close, after this
     * @param loader finds what is not in the cache
     * @param policy how long values are good for
     */
    public static <V> CacheAsideBuilder<V> of(Cache<V> cache, CacheLoader<V> loader, CachePolicy policy) {
        return new CacheAsideBuilder<>(cache, loader, policy);
    }

    /** Returns the value of a key; waits for the loader as long as a load may take. See {@link #get(String, Duration)}. */
    public CachedValue<V> get(String key) {
        return get(key, loadTimeout);
    }

    /**
     * Returns the value of a key, from the cache or from the loader.
     *
     * @param wait for how long at most to wait for the loader
     * @throws io.tsdash.error.InvalidInputException if the key breaks the rule for keys
     * @throws TransientException if the loader did not answer in time, failed in passing, or there was no place for a load
     * @throws PermanentException if the loader failed for good, or this is closed
     */
    public CachedValue<V> get(String key, Duration wait) {
        CacheEntry<V> entry = read(key);
        hotKeys.asked(key);
        long now = time.epochNanos();
        if (entry != null) {
            if (!entry.isStale(now)) {
                hits.increment();
                if (isTimeForAnother(entry, now)) {
                    begin(key, entry.writtenNanos());
                }
                return answer(entry, now, false);
            }
            if (now - entry.staleNanos() < revalidateNanos) {
                staleHits.increment();
                begin(key, entry.writtenNanos());
                return answer(entry, now, true);
            }
        }
        try {
            CacheEntry<V> found = await(key, entry == null ? Long.MIN_VALUE : entry.writtenNanos(), wait);
            misses.increment();
            return answer(found, time.epochNanos(), false);
        } catch (TsdashException e) {
            if (entry != null && now - entry.staleNanos() < onErrorNanos) {
                staleHits.increment();
                return answer(entry, now, true);
            }
            misses.increment();
            throw e;
        }
    }

    /** Finds a key anew in the background, if it is in the cache: for who knows that it has changed. Does not block. */
    public void refresh(String key) {
        check(key);
        outdate(key);
        if (toRefresh.add(key)) { // else one that is yet to begin will do
            freeThreads();
            try {
                executor.execute(() -> refreshIfCached(key));
            } catch (RejectedExecutionException e) {
                toRefresh.remove(key);
                refused(key);
            }
        }
    }

    /** Puts a value that is known to be new. A cache that is away is told, not thrown. */
    public void put(String key, V value) {
        check(key);
        CacheEntry<V> entry = CacheEntry.of(value, time.epochNanos(), policy.lifetime(random.getAsDouble()));
        alone(key, () -> {
            outdate(key);
            write(key, entry);
        });
    }

    /** Removes a key, so that the next question asks the loader. A cache that is away is told, not thrown. */
    public void invalidate(String key) {
        check(key);
        alone(key, () -> {
            outdate(key);
            try {
                cache.remove(key);
            } catch (TsdashException e) {
                cacheFailed(key, e);
            }
        });
    }

    /** Returns what was done so far. */
    public CacheCounts counts() {
        return new CacheCounts(
                hits.sum(),
                staleHits.sum(),
                misses.sum(),
                loads.sum(),
                loadFailures.sum(),
                loadNanos.sum(),
                abandoned.sum(),
                refused.sum(),
                cacheFailures.sum());
    }

    /** Returns the keys that were asked for most, those first, with estimates of how often. */
    public List<HotKeys.Count> hotKeys() {
        return hotKeys.most();
    }

    /** Returns how long its values are good for. */
    public CachePolicy policy() {
        return policy;
    }

    /** Gives up what is under way, and refuses what comes. The second time it does nothing. */
    @Override
    public void close() {
        closed = true;
        underWay.forEach((key, load) -> load.abandon(new PermanentException("the cache is closed")));
        underWay.clear();
        if (own != null) {
            own.shutdownNow();
        }
    }

    private void refreshIfCached(String key) {
        toRefresh.remove(key);
        try {
            awaitChange(key); // what was found before this was asked for may be on its way into the cache
            if (!closed && read(key) != null) {
                start(key, load -> search(load, Long.MAX_VALUE), Runnable::run);
            }
        } catch (TsdashException e) {
            cacheFailed(key, e);
        }
    }

    private CachedValue<V> answer(CacheEntry<V> entry, long now, boolean stale) {
        return new CachedValue<>(entry.value(), entry.ageNanos(now), stale);
    }

    private void check(String key) {
        CacheKeys.check(key);
        if (closed) {
            throw new PermanentException("the cache is closed");
        }
    }

    private @Nullable CacheEntry<V> read(String key) {
        if (closed) {
            throw new PermanentException("the cache is closed");
        }
        try {
            return cache.get(key).orElse(null);
        } catch (TransientException e) {
            cacheFailed(key, e);
            return null;
        }
    }

    private boolean isTimeForAnother(CacheEntry<V> entry, long now) {
        long usual = usualLoadNanos;
        long left = entry.staleNanos() - now;
        return left < EARLY_MAX * usual && left <= -usual * Math.log(1 - random.getAsDouble());
    }

    private CacheEntry<V> await(String key, long knownNanos, Duration wait) {
        Load<V> load = join(key, knownNanos);
        try {
            return load.await(wait);
        } catch (TimeoutException e) {
            TransientException late = new TransientException(
                    "the loader of " + policy.kind() + " has not answered for key '" + key + "' within " + wait, e);
            giveUpIfLate(load, late);
            throw late;
        }
    }

    /** Begins a load in the background, unless one is under way or there is no place for it. */
    private void begin(String key, long knownNanos) {
        Load<V> current = underWay.get(key);
        if (current == null) {
            start(key, load -> search(load, knownNanos), executor);
        } else {
            giveUpIfLate(current);
        }
    }

    private Load<V> join(String key, long knownNanos) {
        Load<V> current = underWay.get(key);
        return current != null ? current : start(key, load -> search(load, knownNanos), executor);
    }

    /** Starts a load, or returns the one that was started meanwhile. One for which there is no place has failed already. */
    private Load<V> start(String key, Consumer<Load<V>> search, Executor on) {
        Load<V> load = new Load<>(key, time.monotonicNanos(), search);
        Load<V> other = underWay.putIfAbsent(key, load);
        if (other != null) {
            return other;
        }
        freeThreads();
        try {
            on.execute(load.task());
        } catch (RejectedExecutionException e) {
            underWay.remove(key, load);
            refused(key);
            load.fail(new TransientException(
                    "all threads of the loader of " + policy.kind() + " are at work, and all places before them taken",
                    e));
        }
        if (closed) {
            load.abandon(new PermanentException("the cache is closed"));
        }
        return load;
    }

    private void refused(String key) {
        refused.increment();
        listener.onLoadRefused(policy.kind(), key);
    }

    /** Gives up what is late if all threads are at work: loads for which nobody waits, of keys for which nobody asks. */
    private void freeThreads() {
        if (own != null && underWay.size() >= threads) { // few: as many as threads and places
            underWay.values().forEach(this::giveUpIfLate);
        }
    }

    private void giveUpIfLate(Load<V> load) {
        giveUpIfLate(load, new TransientException("the loader of " + policy.kind() + " has not answered"));
    }

    private void giveUpIfLate(Load<V> load, TransientException late) {
        if (time.monotonicNanos() - load.startNanos >= loadTimeout.toNanos() && load.abandon(late)) {
            underWay.remove(load.key, load);
            abandoned.increment();
            listener.onLoadEnded(policy.kind(), LoadOutcome.ABANDONED, time.monotonicNanos() - load.startNanos);
            listener.onLoadAbandoned(policy.kind(), load.key);
        }
    }

    /** Finds a value and keeps it; one that the cache has got meanwhile does as well. Who asks after this has ended asks anew. */
    private void search(Load<V> load, long knownNanos) {
        try {
            CacheEntry<V> entry = meanwhile(load.key, knownNanos);
            if (entry == null) {
                entry = found(load.key);
                keep(load, entry);
            }
            underWay.remove(load.key, load);
            load.succeed(entry);
        } catch (RuntimeException e) {
            underWay.remove(load.key, load);
            load.fail(e instanceof TsdashException known ? known : failed(load.key, e));
        }
    }

    private @Nullable CacheEntry<V> meanwhile(String key, long knownNanos) {
        CacheEntry<V> entry = knownNanos == Long.MAX_VALUE ? null : read(key);
        return entry != null && entry.writtenNanos() > knownNanos && !entry.isStale(time.epochNanos()) ? entry : null;
    }

    private CacheEntry<V> found(String key) {
        long startNanos = time.monotonicNanos();
        long nowNanos = time.epochNanos();
        loads.increment();
        try {
            Optional<V> value = loader.load(key);
            if (!Optional.class.isInstance(value)) { // loaders are written by others
                throw new PermanentException(
                        "it returned null but it must return Optional.empty() when there is nothing");
            }
            long took = time.monotonicNanos() - startNanos;
            loadNanos.add(took);
            long usual = usualLoadNanos;
            usualLoadNanos = usual == 0 ? took : usual + (took - usual) / LOAD_TIME_WEIGHT;
            listener.onLoadEnded(policy.kind(), LoadOutcome.OK, took);
            double chance = random.getAsDouble();
            Lifetime lifetime = value.isEmpty() && !policy.absent().isZero()
                    ? policy.absentLifetime(chance)
                    : policy.lifetime(chance);
            return CacheEntry.of(value, nowNanos, lifetime);
        } catch (Throwable e) { // whatever it is, somebody waits for an answer
            listener.onLoadEnded(policy.kind(), LoadOutcome.ERROR, time.monotonicNanos() - startNanos);
            throw failed(key, e);
        }
    }

    private TsdashException failed(String key, Throwable cause) {
        loadFailures.increment();
        String message = "the loader of " + policy.kind() + " failed for key '" + key + "': "
                + (cause.getMessage() == null ? cause.toString() : cause.getMessage());
        TsdashException failure = cause instanceof TransientException || cause instanceof InterruptedException
                ? new TransientException(message, cause)
                : new PermanentException(message, cause);
        listener.onLoadFailed(policy.kind(), key, failure);
        return failure;
    }

    private void keep(Load<V> load, CacheEntry<V> entry) {
        if (entry.value().isPresent() || !policy.absent().isZero()) {
            alone(load.key, () -> load.keep(() -> write(load.key, entry)));
        }
    }

    /** Changes the cache: an old value never follows a newer one, not even for a moment. */
    private void alone(String key, Runnable change) {
        ReentrantLock lock = changing[Math.floorMod(key.hashCode(), changing.length)];
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    private void awaitChange(String key) {
        alone(key, () -> {});
    }

    private void write(String key, CacheEntry<V> entry) {
        try {
            cache.put(key, entry);
        } catch (TsdashException e) {
            cacheFailed(key, e);
        }
    }

    /** What is under way for a key was begun before something newer was known: it is not kept, and nobody else joins it. */
    private void outdate(String key) {
        Load<V> load = underWay.remove(key);
        if (load != null) {
            load.outdate();
        }
    }

    private void cacheFailed(String key, TsdashException cause) {
        cacheFailures.increment();
        listener.onCacheFailed(policy.kind(), key, cause);
    }

    private static ThreadPoolExecutor threads(int threads, int waitingMax, String kind) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(waitingMax), task -> {
                    Thread thread = new Thread(task, "tsdash-cache-" + kind + "-" + number.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
