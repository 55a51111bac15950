package io.tsdash.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.tsdash.cache.CacheKeys;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.resilience.KeyedRateLimiter;
import io.tsdash.resilience.LocalRateLimiter;
import io.tsdash.resilience.RateDecision;
import io.tsdash.resilience.RateLimit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Limits that all nodes share, on Redis: a token bucket for each key and limit, in one script and one round trip, by the server's
 * clock.
 *
 * <p>Several limits hold together: permits are taken from all buckets or from none. Within any span of time {@code t} at most {@code
 * burst + t * permits / period} pass, over all nodes, while one server decides; to that comes, when a master dies, what its replica
 * had not heard of yet, and while Redis is away what was chosen for that time ({@link LimiterAway}). A key takes a few dozen bytes
 * at the server, and leaves by itself a second after its buckets are full.
 *
 * <p>Thread-safe. The calls that find out that Redis is away block for as long as the connection's timeout; after that none does:
 * one at a time asks Redis again beside its own answer, until it is back; what that takes from a bucket nobody gets. In a cluster
 * of which one master is dead, answers of the others say that Redis is back, and calls for keys of the dead one that it is not: until
 * a replica has taken over, each of those that finds that out blocks so.
 */
public final class RedisRateLimiter implements KeyedRateLimiter {
    private static final byte[] SCRIPT = script();
    private static final long NANOS_PER_MICRO = 1_000;
    private static final int NUMBERS = 5;

    private final RedisConnection connection;
    private final String prefix;
    private final List<RateLimit> limits;
    private final byte[][] arguments;
    private final String digest;
    private final LimiterAway choice;
    private final LocalRateLimiter local;
    private final RedisRateLimiterListener listener;
    private final AtomicBoolean away = new AtomicBoolean();
    private final AtomicBoolean looking = new AtomicBoolean();

    RedisRateLimiter(RedisRateLimiterBuilder settings) {
        connection = settings.connection;
        prefix = settings.prefix;
        limits = settings.limits;
        choice = settings.away;
        local = settings.share();
        listener = settings.listener;
        digest = connection.digest(SCRIPT);
        List<byte[]> values = new ArrayList<>();
        for (RateLimit limit : limits) {
            values.add(ascii(limit.permits()));
            values.add(ascii(limit.period().toNanos() / NANOS_PER_MICRO));
            values.add(ascii(limit.burst()));
        }
        arguments = values.toArray(byte[][]::new);
    }

    /**
     * Returns the settings of a limiter.
     *
     * @param prefix of its keys, such as {@code tsdash:limit:orders:}; the same limits on all nodes that share it
     * @param limits that hold together, 1 to 8, such as one a second and one a minute
     */
    public static RedisRateLimiterBuilder on(RedisConnection connection, String prefix, List<RateLimit> limits) {
        return new RedisRateLimiterBuilder(connection, prefix, limits);
    }

    /**
     * Takes permits of a key if they are there; while Redis is away, refuses the script or answers what makes no sense, decides as
     * was chosen, which the listener is told.
     *
     * @param key as for caches: 1 to 512 bytes of UTF-8 without control characters
     * @throws io.tsdash.error.InvalidInputException if the key breaks that rule
     */
    @Override
    public RateDecision tryAcquire(String key, int permits) {
        CacheKeys.check(key);
        if (permits < 1) {
            throw new IllegalArgumentException("permits was '" + permits + "' but it must be at least 1");
        }
        if (away.get()) {
            lookForRedis(key, permits);
            return without(key, permits);
        }
        try {
            return decide(key, permits);
        } catch (TsdashException e) { // also what a spoilt wire makes of question and answer
            if (away.compareAndSet(false, true)) {
                listener.onAway(choice, e);
            }
            return without(key, permits);
        }
    }

    /** Returns whether limits go by what was chosen for when Redis is away. It changes as permits are asked for. */
    public boolean isAway() {
        return away.get();
    }

    /** Asks with the time of a test in place of the server's, and does not wait. */
    CompletableFuture<List<Object>> ask(String key, int permits, String nowMicros) {
        return connection.send(
                "EVALSHA",
                1,
                commands -> commands.evalsha(digest, ScriptOutputType.MULTI, keys(key), values(permits, nowMicros)));
    }

    /**
     * Asks with the script itself, which the key's server knows from then on; servers of other keys are of no matter. It is the
     * same command under the same name: an answer to one tells of both.
     */
    private CompletableFuture<List<Object>> askWithScript(String key, int permits) {
        return connection.send(
                "EVALSHA",
                1,
                commands -> commands.eval(SCRIPT, ScriptOutputType.MULTI, keys(key), values(permits, "")));
    }

    RateDecision decision(List<Object> answer) {
        if (answer.size() != NUMBERS || !answer.stream().allMatch(Long.class::isInstance)) {
            throw new TransientException(
                    "EVALSHA at " + connection.where() + ": the answer was no " + NUMBERS + " numbers");
        }
        long wait = number(answer, 3);
        return new RateDecision(
                number(answer, 0) == 1,
                number(answer, 1),
                number(answer, 2),
                wait < 0 ? Long.MAX_VALUE : wait * NANOS_PER_MICRO,
                number(answer, 4) * NANOS_PER_MICRO);
    }

    /** Asks Redis whether it is back, and waits for no answer. */
    private void lookForRedis(String key, int permits) {
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        try {
            CompletableFuture<List<Object>> unused = ask(key, permits, "").whenComplete((answer, failure) -> {
                if ((failure == null || isNoScript(failure)) && away.compareAndSet(true, false)) {
                    listener.onBack();
                }
                looking.set(false);
            });
        } catch (TsdashException e) {
            looking.set(false); // it is left alone for a while
        }
    }

    /** A server that was started again does not know the script, which the next call brings. */
    private static boolean isNoScript(Throwable failure) {
        return failure instanceof RedisNoScriptException || failure.getCause() instanceof RedisNoScriptException;
    }

    private RateDecision decide(String key, int permits) {
        try {
            return decision(connection.await("EVALSHA", ask(key, permits, "")));
        } catch (PermanentException e) {
            if (!isNoScript(e)) {
                throw e;
            }
            // a server that is new, or has been started again
            return decision(connection.await("EVALSHA", askWithScript(key, permits)));
        }
    }

    private RateDecision without(String key, int permits) {
        return switch (choice) {
            case LOCAL_SHARE -> local.tryAcquire(key, permits);
            case ALLOW ->
                new RateDecision(true, limits.get(0).burst(), limits.get(0).burst(), 0, 0);
            case REFUSE -> {
                long timeout = connection.options().timeout().toNanos();
                yield new RateDecision(false, limits.get(0).burst(), 0, timeout, timeout);
            }
        };
    }

    private byte[][] keys(String key) {
        return new byte[][] {(prefix + key).getBytes(StandardCharsets.UTF_8)};
    }

    private byte[][] values(int permits, String nowMicros) {
        byte[][] values = new byte[arguments.length + 2][];
        values[0] = ascii(permits);
        values[1] = nowMicros.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(arguments, 0, values, 2, arguments.length);
        return values;
    }

    private static long number(List<Object> answer, int index) {
        return (Long) Objects.requireNonNull(answer.get(index));
    }

    private static byte[] ascii(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] script() {
        try (InputStream in = RedisRateLimiter.class.getResourceAsStream("token-buckets.lua")) {
            return Objects.requireNonNull(in, "token-buckets.lua").readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
