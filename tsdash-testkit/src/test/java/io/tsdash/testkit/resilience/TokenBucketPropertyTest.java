package io.tsdash.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.resilience.RateDecision;
import io.tsdash.resilience.RateLimit;
import io.tsdash.resilience.TokenBucket;
import io.tsdash.resilience.TokenBuckets;
import io.tsdash.testkit.ManualTimeSource;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Buckets beside exact arithmetic, at random moments. */
class TokenBucketPropertyTest {
    private static final int ASKED = 120;

    /** Permits that passed at a moment. */
    private record Passed(long nanos, long permits) {}

    @Property(tries = 300)
    void inNoWindowPassesMoreThanTheFormulaAllows(@ForAll("limits") RateLimit limit, @ForAll Random random) {
        ManualTimeSource time = new ManualTimeSource(0);
        TokenBucket bucket = TokenBucket.of(limit, time);
        List<Passed> passed = new ArrayList<>();
        for (int i = 0; i < ASKED; i++) {
            time.advance(Duration.ofNanos(pause(limit, random)));
            long permits = 1 + random.nextLong(limit.burst());
            if (bucket.tryAcquire(permits) == 0) {
                passed.add(new Passed(time.monotonicNanos(), permits));
            }
        }
        assertWithin(limit, passed);
    }

    @Property(tries = 300)
    void theWaitIsExact(@ForAll("limits") RateLimit limit, @ForAll Random random) {
        ManualTimeSource time = new ManualTimeSource(0);
        TokenBucket bucket = TokenBucket.of(limit, time);
        for (int i = 0; i < ASKED; i++) {
            long permits = 1 + random.nextLong(limit.burst());
            long wait = bucket.tryAcquire(permits);
            if (wait > 0) {
                time.advance(Duration.ofNanos(wait - 1));
                assertThat(bucket.tryAcquire(permits)).as("a nanosecond before").isEqualTo(1);
                time.advance(Duration.ofNanos(1));
                assertThat(bucket.tryAcquire(permits)).as("at its time").isZero();
            }
        }
    }

    @Property(tries = 300)
    void simpleRatesAreExact(@ForAll("simple") RateLimit limit, @ForAll Random random) {
        ManualTimeSource time = new ManualTimeSource(0);
        TokenBucket bucket = TokenBucket.of(limit, time);
        // What is in it, in parts of a permit of which permits come in a nanosecond, and the period makes one.
        BigInteger permit = BigInteger.valueOf(limit.period().toNanos());
        BigInteger full = permit.multiply(BigInteger.valueOf(limit.burst()));
        BigInteger level = full;
        for (int i = 0; i < ASKED; i++) {
            long pause = pause(limit, random);
            time.advance(Duration.ofNanos(pause));
            level = level.add(BigInteger.valueOf(pause).multiply(BigInteger.valueOf(limit.permits())))
                    .min(full);
            assertThat(bucket.remaining()).isEqualTo(level.divide(permit).longValueExact());
            long permits = 1 + random.nextLong(limit.burst());
            BigInteger cost = permit.multiply(BigInteger.valueOf(permits));
            assertThat(bucket.tryAcquire(permits) == 0).isEqualTo(level.compareTo(cost) >= 0);
            level = level.compareTo(cost) >= 0 ? level.subtract(cost) : level;
        }
    }

    @Property(tries = 200)
    void whoAlwaysAsksGetsTheRate(@ForAll("limits") RateLimit limit) {
        ManualTimeSource time = new ManualTimeSource(0);
        TokenBucket bucket = TokenBucket.of(limit, time);
        bucket.tryAcquire(limit.burst());
        long permits = 2_000;
        for (int i = 0; i < permits; i++) {
            time.advance(Duration.ofNanos(bucket.tryAcquire(1)));
            assertThat(bucket.tryAcquire(1)).isZero();
        }
        double expected = (double) permits * limit.period().toNanos() / limit.permits();
        // A rate that is no simple part of a nanosecond is rounded; a wait is a whole number of nanoseconds.
        double rounding =
                Math.max(1e-9, limit.permits() / (16.0 * limit.period().toNanos()));
        assertThat((double) time.monotonicNanos()).isBetween(expected - 1, expected * (1 + rounding) + permits);
    }

    @Property(tries = 200)
    void severalLimitsHoldTogetherAllOrNothing(
            @ForAll("limits") RateLimit one, @ForAll("limits") RateLimit other, @ForAll Random random) {
        ManualTimeSource time = new ManualTimeSource(0);
        TokenBuckets buckets = new TokenBuckets(List.of(one, other), time);
        TokenBucket first = TokenBucket.of(one, time);
        TokenBucket second = TokenBucket.of(other, time);
        List<Passed> passed = new ArrayList<>();
        long most = Math.min(one.burst(), other.burst());
        for (int i = 0; i < ASKED; i++) {
            time.advance(Duration.ofNanos(pause(random.nextBoolean() ? one : other, random)));
            long permits = 1 + random.nextLong(most);
            boolean there = first.remaining() >= permits && second.remaining() >= permits;
            RateDecision decision = buckets.decide(permits);
            assertThat(decision.allowed()).isEqualTo(there);
            if (there) {
                first.tryAcquire(permits);
                second.tryAcquire(permits);
                passed.add(new Passed(time.monotonicNanos(), permits));
            } else {
                time.advance(Duration.ofNanos(decision.waitNanos() - 1));
                assertThat(buckets.decide(permits).waitNanos()).isEqualTo(1);
            }
            assertThat(decision.remaining()).isLessThanOrEqualTo(Math.min(first.remaining(), second.remaining()));
        }
        assertWithin(one, passed);
        assertWithin(other, passed);
    }

    @Provide
    Arbitrary<RateLimit> limits() {
        return Combinators.combine(
                        Arbitraries.longs().between(1, 2_000_000),
                        Arbitraries.longs().between(1, 100_000_000_000L),
                        Arbitraries.longs().between(1, 50))
                .as((permits, nanos, burst) ->
                        new RateLimit(permits, Duration.ofNanos(Math.max(nanos, permits)), burst));
    }

    @Provide
    Arbitrary<RateLimit> simple() {
        return Combinators.combine(
                        Arbitraries.longs().between(1, 16),
                        Arbitraries.longs().between(1, 1_000_000),
                        Arbitraries.longs().between(1, 50),
                        Arbitraries.longs().between(1, 1_000))
                .as((permits, nanos, burst, times) ->
                        new RateLimit(permits * times, Duration.ofNanos(Math.max(nanos, permits) * times), burst));
    }

    /** Returns nothing, the time of a few permits, or that of more than the bucket holds. */
    private static long pause(RateLimit limit, Random random) {
        double permitNanos = (double) limit.period().toNanos() / limit.permits();
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> (long) (random.nextDouble() * 2 * limit.burst() * permitNanos);
            default -> (long) (random.nextDouble() * 3 * permitNanos);
        };
    }

    private static void assertWithin(RateLimit limit, List<Passed> passed) {
        BigInteger periodNanos = BigInteger.valueOf(limit.period().toNanos());
        for (int from = 0; from < passed.size(); from++) {
            long permits = 0;
            for (int to = from; to < passed.size(); to++) {
                permits += passed.get(to).permits();
                long nanos = passed.get(to).nanos() - passed.get(from).nanos();
                BigInteger allowed = periodNanos
                        .multiply(BigInteger.valueOf(limit.burst()))
                        .add(BigInteger.valueOf(nanos).multiply(BigInteger.valueOf(limit.permits())));
                assertThat(periodNanos.multiply(BigInteger.valueOf(permits)))
                        .as("permits from the %d. to the %d. that passed", from, to)
                        .isLessThanOrEqualTo(allowed);
            }
        }
    }
}
