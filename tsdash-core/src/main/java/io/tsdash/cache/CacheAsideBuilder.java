package io.tsdash.cache;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/** Settings of a {@link CacheAside}, checked all at once when built. Single-threaded. */
public final class CacheAsideBuilder<V> {
    private static final Duration TIMEOUT_MAX = Duration.ofMinutes(10);
    private static final int THREADS_MAX = 1_024;
    private static final int HOT_KEYS_MAX = 10_000;

    final Cache<V> cache;
    final CacheLoader<V> loader;
    final CachePolicy policy;
    int threads = 4;
    int waitingMax = 1_000;
    Optional<Executor> executor = Optional.empty();
    Duration loadTimeout = Duration.ofSeconds(2);
    int hotKeys = 100;
    CacheAsideListener listener = CacheAsideListener.NONE;
    TimeSource time = TimeSource.system();
    DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

    CacheAsideBuilder(Cache<V> cache, CacheLoader<V> loader, CachePolicy policy) {
        this.cache = cache;
        this.loader = loader;
        this.policy = policy;
    }

    /** Sets how many loads may be under way at once, 1 to 1,024; 4 if not called. */
    public CacheAsideBuilder<V> threads(int value) {
        threads = value;
        return this;
    }

    /** Sets how many loads may wait for a thread, at least 1, before further ones are refused; 1,000 if not called. */
    public CacheAsideBuilder<V> waitingMax(int value) {
        waitingMax = value;
        return this;
    }

    /**
     * Sets what runs the loads in place of threads of its own; must refuse ({@link
     * java.util.concurrent.RejectedExecutionException}) what is too many. Stays the caller's to end.
     */
    public CacheAsideBuilder<V> executor(Executor value) {
        executor = Optional.of(value);
        return this;
    }

    /** Sets how long a load may take before it is given up, and how long callers wait for one; 2 s if not called. */
    public CacheAsideBuilder<V> loadTimeout(Duration value) {
        loadTimeout = value;
        return this;
    }

    /** Sets for how many keys it is counted how often they are asked for, 1 to 10,000; 100 if not called. */
    public CacheAsideBuilder<V> hotKeys(int value) {
        hotKeys = value;
        return this;
    }

    /** Sets who hears of what goes wrong. */
    public CacheAsideBuilder<V> listener(CacheAsideListener value) {
        listener = value;
        return this;
    }

    /** Sets the clocks; those of the machine if not called. */
    public CacheAsideBuilder<V> time(TimeSource value) {
        time = value;
        return this;
    }

    /** Sets what decides on jitter and early refresh, from 0 to below 1; for tests. */
    CacheAsideBuilder<V> random(DoubleSupplier value) {
        random = value;
        return this;
    }

    /** @throws ConfigurationException with everything that is wrong */
    public CacheAside<V> build() {
        List<String> problems = new ArrayList<>();
        within(problems, "threads", threads, THREADS_MAX);
        within(problems, "waitingMax", waitingMax, Integer.MAX_VALUE);
        within(problems, "hotKeys", hotKeys, HOT_KEYS_MAX);
        if (loadTimeout.isNegative() || loadTimeout.isZero() || loadTimeout.compareTo(TIMEOUT_MAX) > 0) {
            problems.add("loadTimeout was '" + loadTimeout + "' but it must be longer than nothing and at most "
                    + TIMEOUT_MAX);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new CacheAside<>(this);
    }

    private static void within(List<String> problems, String option, int value, int max) {
        if (value < 1 || value > max) {
            problems.add(option + " was '" + value + "' but it must be from 1 to " + max);
        }
    }
}
