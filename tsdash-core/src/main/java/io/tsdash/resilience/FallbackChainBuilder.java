package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sets up a {@link FallbackChain}. Single-threaded.
 *
 * @param <K> what is asked for
 * @param <V> what is found
 */
public final class FallbackChainBuilder<K, V> {
    final String name;
    final List<FallbackChain.Step<K, V>> steps = new ArrayList<>();
    Optional<Duration> staleAfter = Optional.empty();
    TimeSource time = TimeSource.system();
    FallbackListener listener = FallbackListener.none();

    FallbackChainBuilder(String name) {
        this.name = name;
    }

    /**
     * Adds a source that is asked when those before it have nothing.
     *
     * @param source its name, as answers give it
     */
    public FallbackChainBuilder<K, V> source(String source, FallbackSource<K, V> find) {
        return source(source, find, SourceGuard.none());
    }

    /**
     * Adds a source that is asked when those before it have nothing.
     *
     * @param source its name, as answers give it
     * @param guard what holds for it
     */
    public FallbackChainBuilder<K, V> source(String source, FallbackSource<K, V> find, SourceGuard guard) {
        steps.add(new FallbackChain.Step<>(source, find, guard));
        return this;
    }

    /** Sets the age from which on a value of the first source is stale too; at no age by default. */
    public FallbackChainBuilder<K, V> staleAfter(Duration value) {
        staleAfter = Optional.of(value);
        return this;
    }

    /** Sets the clock; the machine's by default. */
    public FallbackChainBuilder<K, V> time(TimeSource value) {
        time = value;
        return this;
    }

    /** Sets who learns of falls. */
    public FallbackChainBuilder<K, V> listener(FallbackListener value) {
        listener = value;
        return this;
    }

    /**
     * Returns the chain.
     *
     * @throws ConfigurationException naming everything that is wrong
     */
    public FallbackChain<K, V> build() {
        List<String> problems = new ArrayList<>();
        if (name.isBlank()) {
            problems.add("name was blank but it must say what is asked for");
        }
        if (steps.isEmpty()) {
            problems.add("sources were none but there must be at least one");
        }
        long names = steps.stream().map(FallbackChain.Step::name).distinct().count();
        if (names < steps.size() || steps.stream().anyMatch(step -> step.name().isBlank())) {
            problems.add("sources were named "
                    + steps.stream().map(step -> "'" + step.name() + "'").toList()
                    + " but each must have a name of its own");
        }
        for (FallbackChain.Step<K, V> step : steps) {
            step.guard().maxAge().ifPresent(age -> Durations.check(problems, step.name() + ".maxAge", age));
        }
        staleAfter.ifPresent(age -> Durations.check(problems, "staleAfter", age));
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new FallbackChain<>(this);
    }
}
