package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Limits each of many keys, in this process, with buckets for so many keys at most.
 *
 * <p>A key whose buckets are full is forgotten when room is needed; that changes no answer. When all that are remembered are in
 * use, new keys share the buckets of one key until there is room, so that neither memory nor what passes grows with
 * the number of keys, and keys that are known go on undisturbed; the listener is told. Room is looked for ten times a second at
 * most. Thread-safe; keys do not wait for each other.
 */
public final class LocalRateLimiter implements KeyedRateLimiter {
    private static final int KEY_LENGTH_MAX = 512;
    private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Function<String, List<RateLimit>> limits;
    private final int keysMax;
    private final TimeSource time;
    private final RateLimiterListener listener;
    private final ConcurrentHashMap<String, TokenBuckets> keys = new ConcurrentHashMap<>();
    private final TokenBuckets shared;
    private long sweepFromNanos;

    LocalRateLimiter(LocalRateLimiterBuilder settings) {
        limits = settings.limitsOf;
        keysMax = settings.keysMax;
        time = settings.time;
        listener = settings.listener;
        shared = new TokenBuckets(settings.limits, time);
        sweepFromNanos = time.monotonicNanos();
    }

    /** Returns the settings of a limiter whose keys have these limits each, all or nothing. */
    public static LocalRateLimiterBuilder of(RateLimit... limits) {
        return new LocalRateLimiterBuilder(List.of(limits));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if permits is below 1, or the key has more than 512 characters
     * @throws ConfigurationException if the limits asked for the key cannot be a bucket's
     */
    @Override
    public RateDecision tryAcquire(String key, int permits) {
        long now = time.monotonicNanos();
        while (true) {
            TokenBuckets known = keys.get(key);
            TokenBuckets buckets = known == null ? newcomer(key, now) : known;
            RateDecision decision = (buckets == null ? shared : buckets).decide(permits, now);
            if (buckets == null) {
                listener.shared(key);
            }
            if (decision != null) {
                return decision;
            }
        }
    }

    /** Returns how many keys are remembered. */
    public int keys() {
        return keys.size();
    }

    /** Returns null when there is no room. */
    private @Nullable TokenBuckets newcomer(String key, long nowNanos) {
        if (key.length() > KEY_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "key had " + key.length() + " characters but it must have at most " + KEY_LENGTH_MAX);
        }
        TokenBuckets made = new TokenBuckets(limits.apply(key), time);
        synchronized (keys) {
            if (keys.size() >= keysMax && !keys.containsKey(key) && !sweep(nowNanos)) {
                return null;
            }
            TokenBuckets before = keys.putIfAbsent(key, made);
            return before == null ? made : before;
        }
    }

    private boolean sweep(long nowNanos) {
        if (nowNanos - sweepFromNanos < 0) {
            return false;
        }
        sweepFromNanos = nowNanos + SWEEP_NANOS;
        return keys.values().removeIf(buckets -> buckets.forgetIfFull(nowNanos));
    }
}
