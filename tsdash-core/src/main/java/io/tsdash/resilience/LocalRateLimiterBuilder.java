package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Sets up a {@link LocalRateLimiter}. Single-threaded. */
public final class LocalRateLimiterBuilder {
    private static final int KEYS_MAX = 10_000_000;

    final List<RateLimit> limits;
    Function<String, List<RateLimit>> limitsOf;
    int keysMax = 100_000;
    TimeSource time = TimeSource.system();
    RateLimiterListener listener = RateLimiterListener.none();

    LocalRateLimiterBuilder(List<RateLimit> limits) {
        this.limits = limits;
        this.limitsOf = key -> limits;
    }

    /** Sets who knows limits of single keys; asked when a key is new or was forgotten. By default all have the same. */
    public LocalRateLimiterBuilder limitsOf(Function<String, List<RateLimit>> value) {
        limitsOf = value;
        return this;
    }

    /** Sets how many keys are remembered, about 200 bytes each; 100,000 by default, 1 to 10,000,000. */
    public LocalRateLimiterBuilder keysMax(int value) {
        keysMax = value;
        return this;
    }

    /** Sets the clock; the machine's by default. */
    public LocalRateLimiterBuilder time(TimeSource value) {
        time = value;
        return this;
    }

    /** Sets who learns when there is no room for a key. */
    public LocalRateLimiterBuilder listener(RateLimiterListener value) {
        listener = value;
        return this;
    }

    /**
     * Returns the limiter.
     *
     * @throws ConfigurationException naming everything that is wrong
     */
    public LocalRateLimiter build() {
        List<String> problems = new ArrayList<>();
        if (limits.isEmpty()) {
            problems.add("limits was empty but there must be at least one");
        }
        for (RateLimit limit : limits) {
            try {
                Gcra.of(limit);
            } catch (ConfigurationException e) {
                problems.addAll(e.problems());
            }
        }
        if (keysMax < 1 || keysMax > KEYS_MAX) {
            problems.add("keysMax was '" + keysMax + "' but it must be 1 to " + KEYS_MAX);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new LocalRateLimiter(this);
    }
}
