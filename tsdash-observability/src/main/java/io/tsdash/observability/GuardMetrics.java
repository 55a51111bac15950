package io.tsdash.observability;

import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.resilience.CircuitBreakerListener;
import io.tsdash.resilience.FallbackListener;
import io.tsdash.resilience.GuardListener;
import io.tsdash.resilience.RetryListener;
import java.util.List;
import java.util.Locale;

/** Measures what breakers, bulkheads, limits of time, retries and fallbacks do. Thread-safe. */
public final class GuardMetrics implements CircuitBreakerListener, GuardListener, RetryListener, FallbackListener {
    private final Family<Meters.Counter> refused;
    private final Family<Meters.Counter> notMade;
    private final Family<Meters.Counter> retried;
    private final Family<Meters.Counter> timedOut;
    private final Family<Meters.Counter> fallbacks;

    /** Measures what it hears; counters of what is not named by a call of the others below begin with their first event. */
    public GuardMetrics(Meters meters) {
        refused = Family.counters(meters, Metric.BREAKER_REFUSED);
        notMade = Family.counters(meters, Metric.CALLS_REFUSED);
        retried = Family.counters(meters, Metric.CALLS_RETRIED);
        timedOut = Family.counters(meters, Metric.CALLS_TIMED_OUT);
        fallbacks = Family.counters(meters, Metric.FALLBACKS);
    }

    /** Has the counters of a limit of time begin at 0. */
    public void expectGuard(String guard) {
        notMade.get(guard);
        timedOut.get(guard);
    }

    /** Has the counter of a bulkhead begin at 0. */
    public void expectBulkhead(String bulkhead) {
        notMade.get(bulkhead);
    }

    /** Has the counter of a retry begin at 0. */
    public void expectRetry(String retry) {
        retried.get(retry);
    }

    /** Has the counters of a chain's sources begin at 0. */
    public void expectChain(String chain, List<String> sources) {
        sources.forEach(source -> fallbacks.get(chain, source));
    }

    /** Reads the state of a breaker. */
    public void read(Meters meters, CircuitBreaker breaker) {
        refused.get(breaker.name());
        for (CircuitBreaker.State state : CircuitBreaker.State.values()) {
            meters.gauge(
                    Metric.BREAKER_STATE,
                    () -> breaker.state() == state ? 1 : 0,
                    breaker.name(),
                    state.name().toLowerCase(Locale.ROOT));
        }
    }

    @Override
    public void refused(String breaker) {
        refused.get(breaker).add(1);
    }

    @Override
    public void refused(String guard, String why) {
        notMade.get(guard).add(1);
    }

    @Override
    public void retrying(String retry, int attempt, long pauseNanos, Exception cause) {
        retried.get(retry).add(1);
    }

    @Override
    public void timedOut(String guard) {
        timedOut.get(guard).add(1);
    }

    @Override
    public void fell(String chain, String source, String why) {
        fallbacks.get(chain, source).add(1);
    }
}
