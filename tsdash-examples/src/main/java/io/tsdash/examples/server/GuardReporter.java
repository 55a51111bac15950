package io.tsdash.examples.server;

import io.tsdash.distribution.Alert;
import io.tsdash.resilience.CircuitBreaker.State;
import io.tsdash.resilience.CircuitBreakerListener;
import io.tsdash.resilience.FallbackListener;
import io.tsdash.resilience.GuardListener;
import io.tsdash.resilience.RetryListener;
import java.util.Locale;

/** Tells what breakers, bulkheads, limits of time, retries and fallbacks do. Thread-safe. */
final class GuardReporter implements CircuitBreakerListener, GuardListener, RetryListener, FallbackListener {
    private final EventReporter reporter;

    GuardReporter(EventReporter reporter) {
        this.reporter = reporter;
    }

    @Override
    public void changed(String breaker, State from, State to) {
        reporter.count(
                "breaker-" + to.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                to == State.OPEN && from == State.CLOSED ? Alert.Severity.WARNING : Alert.Severity.INFO,
                "breaker of " + breaker + " is " + to);
    }

    @Override
    public void refused(String breaker) {
        reporter.count("call-refused", Alert.Severity.INFO, breaker + " is left alone for a while");
    }

    @Override
    public void refused(String guard, String why) {
        reporter.count("call-refused", Alert.Severity.INFO, why);
    }

    @Override
    public void timedOut(String guard) {
        reporter.count("call-timed-out", Alert.Severity.INFO, "a call to " + guard + " took too long");
    }

    @Override
    public void retrying(String retry, int attempt, long pauseNanos, Exception cause) {
        reporter.count("call-retried", Alert.Severity.INFO, retry + " is asked again: " + cause.getMessage());
    }

    @Override
    public void gaveUp(String retry, int attempts, Exception cause) {
        reporter.count("call-gave-up", Alert.Severity.INFO, retry + " was asked in vain: " + cause.getMessage());
    }

    @Override
    public void fell(String chain, String source, String why) {
        reporter.count("fallback-" + chain, Alert.Severity.INFO, source + ": " + why);
    }

    @Override
    public void back(String chain) {
        reporter.count(
                "fallback-" + chain + "-back", Alert.Severity.INFO, chain + " comes from its first source again");
    }
}
