package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Sets up a {@link Retry}. Single-threaded. */
public final class RetryBuilder {
    private static final int ATTEMPTS_MAX = 1_000;

    final String name;
    int attemptsMax = 3;
    BackOff backOff = new BackOff(Duration.ofMillis(100), Duration.ofSeconds(2));
    Duration deadline = Duration.ofSeconds(10);
    Predicate<Exception> retries = cause -> cause instanceof TransientException;
    Optional<RetryBudget> budget = Optional.empty();
    TimeSource time = TimeSource.system();
    RetryListener listener = RetryListener.none();

    RetryBuilder(String name) {
        this.name = name;
    }

    /** Sets how often it is tried, the first time included; 3 by default, 1 to 1,000. */
    public RetryBuilder attempts(int value) {
        attemptsMax = value;
        return this;
    }

    /** Sets the pauses; at random up to 100 ms at first and 2 s at last by default. */
    public RetryBuilder backOff(BackOff value) {
        backOff = value;
        return this;
    }

    /**
     * Sets the time after which no try begins, counted from the first; 10 s by default. A try that takes long is not ended by it: that
     * is for a {@link TimeLimiter}.
     */
    public RetryBuilder deadline(Duration value) {
        deadline = value;
        return this;
    }

    /** Sets what is tried again; {@link TransientException} by default. Must not throw. */
    public RetryBuilder retriesOn(Predicate<Exception> value) {
        retries = value;
        return this;
    }

    /** Sets the budget that bounds all retries of who shares it; none by default. */
    public RetryBuilder budget(RetryBudget value) {
        budget = Optional.of(value);
        return this;
    }

    /** Sets the clock; the machine's by default. */
    public RetryBuilder time(TimeSource value) {
        time = value;
        return this;
    }

    /** Sets who learns of retries. */
    public RetryBuilder listener(RetryListener value) {
        listener = value;
        return this;
    }

    /**
     * Returns the retry.
     *
     * @throws ConfigurationException naming everything that is wrong
     */
    public Retry build() {
        List<String> problems = new ArrayList<>();
        if (name.isBlank()) {
            problems.add("name was blank but it must say what is called");
        }
        if (attemptsMax < 1 || attemptsMax > ATTEMPTS_MAX) {
            problems.add("attempts was '" + attemptsMax + "' but it must be 1 to " + ATTEMPTS_MAX);
        }
        Durations.check(problems, "deadline", deadline);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new Retry(this);
    }
}
