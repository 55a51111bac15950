package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;

/**
 * A limit in whole numbers, for the generic cell rate algorithm (ITU-T I.371, 1993, annex A): a bucket is one number, the
 * moment at which it will be full again. What is missing from it, its debt, is the time until then.
 *
 * <p>Time is counted in units of a part of a nanosecond, so that a permit costs a whole number of them: exactly so where a
 * rate allows it (3 a second: units of a third), and else rounded up, which lets through at most one permit in a million
 * fewer than stated up to 10,000 a second. Moments are compared by their difference, so that the clock may begin anywhere.
 * Immutable.
 *
 * @param unitsPerNano parts of a nanosecond, 1 to 16
 * @param permitUnits what a permit costs
 * @param capacityUnits what the whole bucket costs
 * @param burst permits of the whole bucket
 */
record Gcra(long unitsPerNano, long permitUnits, long capacityUnits, long burst) {
    /** With so many, differences hold for 18 years: a bucket that rests for longer may answer wrongly once. */
    private static final BigInteger UNITS_PER_NANO_MAX = BigInteger.valueOf(16);

    private static final Duration FILL_MAX = Duration.ofDays(365);
    private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

    /** @throws ConfigurationException if permits come too fast to be told apart, or the bucket takes too long to fill */
    static Gcra of(RateLimit limit) {
        BigInteger permits = BigInteger.valueOf(limit.permits());
        BigInteger periodNanos = nanos(limit.period());
        if (periodNanos.compareTo(permits) < 0) {
            throw new ConfigurationException(List.of("limit.permits was '" + limit.permits() + "' in " + limit.period()
                    + " but it must be at most one a nanosecond"));
        }
        BigInteger fillNanos =
                periodNanos.multiply(BigInteger.valueOf(limit.burst())).divide(permits);
        if (fillNanos.compareTo(nanos(FILL_MAX)) > 0) {
            throw new ConfigurationException(List.of("limit.burst was '" + limit.burst() + "' at " + limit.permits()
                    + " in " + limit.period() + " but the bucket must fill within " + FILL_MAX));
        }
        BigInteger units = permits.divide(permits.gcd(periodNanos)).min(UNITS_PER_NANO_MAX);
        BigInteger[] cost = periodNanos.multiply(units).divideAndRemainder(permits);
        long permitUnits = cost[0].longValueExact() + (cost[1].signum() == 0 ? 0 : 1);
        return new Gcra(
                units.longValueExact(), permitUnits, Math.multiplyExact(permitUnits, limit.burst()), limit.burst());
    }

    /** Returns what a bucket lacks that will be full at a moment. */
    static long debt(long fullAtUnits, long nowUnits) {
        return Math.max(0, fullAtUnits - nowUnits);
    }

    /** Returns how long until a debt is one that the bucket can have; at most 0 when it is. */
    long waitNanos(long debtUnits) {
        return ceilNanos(debtUnits - capacityUnits);
    }

    /** Returns the whole permits that are there. */
    long remaining(long debtUnits) {
        return Math.max(0, (capacityUnits - debtUnits) / permitUnits);
    }

    /** Returns how long a debt takes to go. */
    long ceilNanos(long units) {
        return -Math.floorDiv(-units, unitsPerNano);
    }

    private static BigInteger nanos(Duration duration) {
        return BigInteger.valueOf(duration.getSeconds())
                .multiply(NANOS_PER_SECOND)
                .add(BigInteger.valueOf(duration.getNano()));
    }
}
