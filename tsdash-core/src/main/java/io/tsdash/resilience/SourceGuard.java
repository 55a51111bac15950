package io.tsdash.resilience;

import java.time.Duration;
import java.util.Optional;

/**
 * What guards one source of a {@link FallbackChain}. Immutable.
 *
 * @param maxAge values older than that are not used; empty for any age
 * @param breaker keeps calls away from the source while it fails; empty for none
 * @param timeLimiter ends calls that take too long; empty for none
 */
public record SourceGuard(
        Optional<Duration> maxAge, Optional<CircuitBreaker> breaker, Optional<TimeLimiter> timeLimiter) {

    /** Returns one that guards nothing. */
    public static SourceGuard none() {
        return new SourceGuard(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Returns the same with a greatest age, longer than nothing and at most a year. */
    public SourceGuard maxAge(Duration value) {
        return new SourceGuard(Optional.of(value), breaker, timeLimiter);
    }

    /** Returns the same with a breaker. */
    public SourceGuard breaker(CircuitBreaker value) {
        return new SourceGuard(maxAge, Optional.of(value), timeLimiter);
    }

    /** Returns the same with a time limiter; the breaker counts what it ends. */
    public SourceGuard timeLimiter(TimeLimiter value) {
        return new SourceGuard(maxAge, breaker, Optional.of(value));
    }
}
