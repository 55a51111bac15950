package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;

/** Sets up a {@link CircuitBreaker}. Single-threaded. */
public final class CircuitBreakerBuilder {
    private static final int PROBES_MAX = 1_000;
    private static final Duration COARSE_MIN = TimeSource.COARSE.multipliedBy(100);

    final String name;
    Opening opening = new Opening("consecutiveFailures", 5, Duration.ZERO, 5, 1);
    private final List<String> openings = new ArrayList<>();
    Duration slow = Duration.ZERO;
    double slowRate;
    private boolean countsSlow;
    Duration pauseMin = Duration.ofSeconds(30);
    Duration pauseMax = pauseMin;
    double spread;
    int probes = 1;
    Optional<Duration> probeTimeout = Optional.empty();
    Predicate<Throwable> failure = cause -> true;
    Predicate<Throwable> nothing =
            cause -> cause instanceof InterruptedException || cause instanceof CancellationException;
    TimeSource time = TimeSource.system();
    CircuitBreakerListener listener = CircuitBreakerListener.none();

    CircuitBreakerBuilder(String name) {
        this.name = name;
    }

    /**
     * When a breaker opens.
     *
     * @param option that said so
     * @param calls of its window; 0 for one of time
     * @param span of its window; zero for one of calls
     */
    record Opening(String option, int calls, Duration span, int callsMin, double failureRate) {
        boolean isTimed() {
            return calls == 0;
        }

        OutcomeWindow window(long nowNanos) {
            return isTimed() ? new TimeWindow(span.toNanos(), nowNanos) : new CountWindow(calls);
        }

        /** Returns whether a hundredth of a second more or less changes nothing. */
        boolean isCoarse() {
            return !isTimed() || span.dividedBy(TimeWindow.SLICES).compareTo(COARSE_MIN) >= 0;
        }
    }

    /** Opens it after so many failures in a row; 5 by default. */
    public CircuitBreakerBuilder consecutiveFailures(int failures) {
        return opening(new Opening("consecutiveFailures", failures, Duration.ZERO, failures, 1));
    }

    /**
     * Opens it by the share of failures among the last calls.
     *
     * @param calls how many are looked at, 1 to 1,000,000; each takes 4 bytes
     * @param callsMin how many there must be first, 1 to all
     * @param failureRate the share that opens it, above 0 and at most 1
     */
    public CircuitBreakerBuilder countWindow(int calls, int callsMin, double failureRate) {
        return opening(new Opening("countWindow", calls, Duration.ZERO, callsMin, failureRate));
    }

    /**
     * Opens it by the share of failures among the calls of the last time, counted in tenths of it.
     *
     * @param span how far it looks back, up to a year
     * @param callsMin how many calls there must be first, at least 1
     * @param failureRate the share that opens it, above 0 and at most 1
     */
    public CircuitBreakerBuilder timeWindow(Duration span, int callsMin, double failureRate) {
        return opening(new Opening("timeWindow", 0, span, callsMin, failureRate));
    }

    /**
     * Opens it also by the share of slow calls in the same window; by default slow calls count as others.
     *
     * @param atLeast how long a slow call takes or longer; from 1 s on it may be counted as {@link TimeSource#COARSE} shorter or
     *     longer than it was
     * @param rate the share that opens it, above 0 and at most 1
     */
    public CircuitBreakerBuilder slowCalls(Duration atLeast, double rate) {
        countsSlow = true;
        slow = atLeast;
        slowRate = rate;
        return this;
    }

    /** Sets how long it stays open each time; 30 s by default. */
    public CircuitBreakerBuilder pause(Duration value) {
        return pause(value, value);
    }

    /**
     * Sets how long it stays open: twice as long each time that the calls which are to see fail.
     *
     * @param first at first
     * @param longest at most
     */
    public CircuitBreakerBuilder pause(Duration first, Duration longest) {
        pauseMin = first;
        pauseMax = longest;
        return this;
    }

    /** Sets by which share pauses are longer or shorter at random, so that many callers do not come back at one moment; 0 by default. */
    public CircuitBreakerBuilder spread(double value) {
        spread = value;
        return this;
    }

    /** Sets how many calls are let through to see, all of which must succeed; 1 by default, 1,000 at most. */
    public CircuitBreakerBuilder probes(int value) {
        probes = value;
        return this;
    }

    /** Sets after which time a call that was let through to see counts as gone; the longest pause by default. */
    public CircuitBreakerBuilder probeTimeout(Duration value) {
        probeTimeout = Optional.of(value);
        return this;
    }

    /** Sets which exceptions count as failures, others as answers; all by default. Must not throw. */
    public CircuitBreakerBuilder failsOn(Predicate<Throwable> value) {
        failure = value;
        return this;
    }

    /**
     * Sets which exceptions say nothing about what was called and are not counted; by default those of a caller that was
     * interrupted or gave up. Must not throw.
     */
    public CircuitBreakerBuilder ignores(Predicate<Throwable> value) {
        nothing = value;
        return this;
    }

    /** Sets the clock; the machine's by default. */
    public CircuitBreakerBuilder time(TimeSource value) {
        time = value;
        return this;
    }

    /** Sets who learns of changes and refusals. */
    public CircuitBreakerBuilder listener(CircuitBreakerListener value) {
        listener = value;
        return this;
    }

    /**
     * Returns the breaker, closed.
     *
     * @throws ConfigurationException naming everything that is wrong
     */
    public CircuitBreaker build() {
        List<String> problems = new ArrayList<>();
        check(problems, !name.isBlank(), "name was blank but it must say what is guarded");
        check(
                problems,
                openings.size() < 2,
                "a breaker has one window but these were set: " + String.join(", ", openings));
        checkOpening(problems);
        if (countsSlow) {
            Durations.check(problems, "slowCalls.atLeast", slow);
            checkRate(problems, "slowCalls.rate", slowRate);
        }
        Durations.check(problems, "pause.first", pauseMin);
        Durations.check(problems, "pause.longest", pauseMax);
        check(
                problems,
                pauseMax.compareTo(pauseMin) >= 0,
                "pause.longest was '" + pauseMax + "' but it must be at least pause.first, " + pauseMin);
        check(problems, spread >= 0 && spread < 1, "spread was '" + spread + "' but it must be at least 0 and below 1");
        check(
                problems,
                probes >= 1 && probes <= PROBES_MAX,
                "probes was '" + probes + "' but it must be 1 to " + PROBES_MAX);
        probeTimeout.ifPresent(value -> Durations.check(problems, "probeTimeout", value));
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new CircuitBreaker(this);
    }

    /** Returns whether all that is timed of calls is long enough for the coarse clock. */
    boolean isCoarse() {
        return opening.isCoarse() && (slowRate == 0 || slow.compareTo(COARSE_MIN) >= 0);
    }

    private CircuitBreakerBuilder opening(Opening value) {
        opening = value;
        openings.add(value.option());
        return this;
    }

    private void checkOpening(List<String> problems) {
        String option = opening.option();
        if (option.equals("timeWindow")) {
            Durations.check(problems, "timeWindow.span", opening.span());
            check(
                    problems,
                    opening.callsMin() >= 1,
                    "timeWindow.callsMin was '" + opening.callsMin() + "' but it must be at least 1");
        } else {
            check(
                    problems,
                    opening.calls() >= 1 && opening.calls() <= CountWindow.CALLS_MAX,
                    option + " was '" + opening.calls() + "' but it must be 1 to " + CountWindow.CALLS_MAX);
        }
        if (option.equals("countWindow")) {
            check(
                    problems,
                    opening.callsMin() >= 1 && opening.callsMin() <= opening.calls(),
                    "countWindow.callsMin was '" + opening.callsMin() + "' but it must be 1 to countWindow.calls, "
                            + opening.calls());
        }
        checkRate(problems, option + ".failureRate", opening.failureRate());
    }

    private static void checkRate(List<String> problems, String option, double rate) {
        check(problems, rate > 0 && rate <= 1, option + " was '" + rate + "' but it must be above 0 and at most 1");
    }

    private static void check(List<String> problems, boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
