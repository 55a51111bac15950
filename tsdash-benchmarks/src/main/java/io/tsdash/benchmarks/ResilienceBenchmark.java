package io.tsdash.benchmarks;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.resilience.RateLimit;
import io.tsdash.resilience.TokenBucket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a guard costs when all is well: a call through a closed breaker that succeeds, and a permit from a bucket that has some. Each
 * rival is used as its documentation does, with windows of the same kind and size; all threads share one guard.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class ResilienceBenchmark {
    private static final int CALLS = 100;
    private static final Duration SPAN = Duration.ofSeconds(10);
    private static final Duration SLOW = Duration.ofSeconds(60);
    private static final long PERMITS = 1_000_000_000;

    private final Supplier<String> call = this::price;

    private final CircuitBreaker counting =
            CircuitBreaker.builder("calls").countWindow(CALLS, CALLS, 0.5).build();
    private final CircuitBreaker countingSlow = CircuitBreaker.builder("calls and slow ones")
            .countWindow(CALLS, CALLS, 0.5)
            .slowCalls(SLOW, 1)
            .build();
    private final CircuitBreaker timed =
            CircuitBreaker.builder("time").timeWindow(SPAN, CALLS, 0.5).build();
    private final TokenBucket bucket = TokenBucket.of(RateLimit.perSecond(PERMITS));

    private final Supplier<String> resilience4jCounting = resilience4j(SlidingWindowType.COUNT_BASED, CALLS);
    private final Supplier<String> resilience4jTimed =
            resilience4j(SlidingWindowType.TIME_BASED, (int) SPAN.toSeconds());
    private final RateLimiter resilience4jLimiter = RateLimiter.of(
            "limiter",
            RateLimiterConfig.custom()
                    .limitForPeriod(Integer.MAX_VALUE / 2)
                    .limitRefreshPeriod(Duration.ofSeconds(1))
                    .timeoutDuration(Duration.ZERO)
                    .build());

    private final FailsafeExecutor<String> failsafeCounting =
            Failsafe.with(dev.failsafe.CircuitBreaker.<String>builder()
                    .withFailureThreshold(CALLS / 2, CALLS)
                    .build());
    private final FailsafeExecutor<String> failsafeTimed = Failsafe.with(dev.failsafe.CircuitBreaker.<String>builder()
            .withFailureRateThreshold(50, CALLS, SPAN)
            .build());

    private final Bucket bucket4j = Bucket.builder()
            .addLimit(limit -> limit.capacity(PERMITS).refillGreedy(PERMITS, Duration.ofSeconds(1)))
            .build();
    // With no more than a billion a second it would refuse under two threads.
    private final com.google.common.util.concurrent.RateLimiter guava =
            com.google.common.util.concurrent.RateLimiter.create(1e12);

    private String price() {
        return "price";
    }

    private Supplier<String> resilience4j(SlidingWindowType type, int size) {
        return io.github.resilience4j.circuitbreaker.CircuitBreaker.decorateSupplier(
                io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                        "breaker",
                        CircuitBreakerConfig.custom()
                                .slidingWindow(size, CALLS, type)
                                .failureRateThreshold(50)
                                .build()),
                call);
    }

    /** What the clock alone costs, which a bucket and a window of time need. */
    @Benchmark
    public long clock() {
        return System.nanoTime();
    }

    @Benchmark
    public String breakerCountTsdash() {
        return counting.get(call);
    }

    @Benchmark
    public String breakerCountSlowTsdash() {
        return countingSlow.get(call);
    }

    @Benchmark
    public String breakerCountResilience4j() {
        return resilience4jCounting.get();
    }

    @Benchmark
    public String breakerCountFailsafe() {
        return failsafeCounting.get(call::get);
    }

    @Benchmark
    public String breakerTimeTsdash() {
        return timed.get(call);
    }

    @Benchmark
    public String breakerTimeResilience4j() {
        return resilience4jTimed.get();
    }

    @Benchmark
    public String breakerTimeFailsafe() {
        return failsafeTimed.get(call::get);
    }

    @Benchmark
    public boolean bucketTsdash() {
        return bucket.tryAcquire();
    }

    @Benchmark
    public boolean bucketResilience4j() {
        return resilience4jLimiter.acquirePermission();
    }

    @Benchmark
    public boolean bucketBucket4j() {
        return bucket4j.tryConsume(1);
    }

    @Benchmark
    public boolean bucketGuava() {
        return guava.tryAcquire();
    }
}
