package io.tsdash.resilience;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Lets nothing through until its pause is over. Immutable. */
final class OpenState extends BreakerState {
    private final long pauseNanos;
    private final long untilNanos;

    /**
     * @param pauseNanos of the breaker, before it was spread
     * @param untilNanos when it is over
     */
    OpenState(CircuitBreaker breaker, long pauseNanos, long untilNanos) {
        super(breaker);
        this.pauseNanos = pauseNanos;
        this.untilNanos = untilNanos;
    }

    @Override
    CircuitBreaker.State name() {
        return CircuitBreaker.State.OPEN;
    }

    @Override
    @Nullable
    BreakerState admit() {
        if (breaker.now() - untilNanos < 0) {
            return null;
        }
        return breaker.follow(this, new HalfOpenState(breaker, pauseNanos)).admit();
    }

    @Override
    String refusal() {
        return "is OPEN for another " + Duration.ofNanos(Math.max(0, untilNanos - breaker.now()));
    }
}
