package io.tsdash.resilience;

import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Asks one source after another until one has a value, and says which one, how old the value is and whether it is stale: the live
 * value, else a cached one, else the stored one.
 *
 * <p>Each question begins with the first source, so that it is used again by itself as soon as it answers; a breaker makes that
 * cheap while it does not. Thread-safe; sources are asked on the thread that asks, unless a {@link TimeLimiter} guards them.
 *
 * @param <K> what is asked for
 * @param <V> what is found
 */
public final class FallbackChain<K, V> {
    private final String name;
    private final List<Step<K, V>> steps;
    private final Optional<Duration> staleAfter;
    private final TimeSource time;
    private final FallbackListener listener;
    private final AtomicBoolean fallen = new AtomicBoolean();

    FallbackChain(FallbackChainBuilder<K, V> settings) {
        name = settings.name;
        steps = List.copyOf(settings.steps);
        staleAfter = settings.staleAfter;
        time = settings.time;
        listener = settings.listener;
    }

    /**
     * Returns a builder.
     *
     * @param name what is asked for, for messages and listeners
     */
    public static <K, V> FallbackChainBuilder<K, V> builder(String name) {
        return new FallbackChainBuilder<>(name);
    }

    /**
     * Asks for a value.
     *
     * @return what was found first; empty when all sources answered and none has one
     * @throws TransientException if none was found and a source failed, was refused or has only something too old; says for each
     *     source what it was
     */
    public Optional<Answer<V>> get(K key) {
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Step<K, V> step = steps.get(i);
            boolean first = i == 0;
            String why;
            try {
                Optional<Dated<V>> found = step.ask(key);
                if (found.isEmpty()) {
                    continue;
                }
                Duration age = age(found.get());
                if (step.takes(age)) {
                    if (first && fallen.compareAndSet(true, false)) {
                        listener.back(name);
                    }
                    boolean stale = !first
                            || staleAfter.map(most -> age.compareTo(most) > 0).orElse(false);
                    return Optional.of(new Answer<>(found.get().value(), step.name, age, stale));
                }
                why = "what it has is " + age + " old";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransientException("interrupted while " + step.name + " was asked for " + name, e);
            } catch (Exception e) {
                why = String.valueOf(e.getMessage() == null ? e : e.getMessage());
            }
            failures.add(step.name + ": " + why);
            if (first) {
                fallen.set(true);
            }
            listener.fell(name, step.name, why);
        }
        if (failures.isEmpty()) {
            return Optional.empty();
        }
        throw new TransientException("no source has " + name + " of '" + key + "': " + String.join("; ", failures));
    }

    private Duration age(Dated<V> found) {
        return Duration.ofNanos(Math.max(0, time.epochNanos() - found.epochNanos()));
    }

    /**
     * A source and its guard.
     *
     * @param name as answers give it
     */
    record Step<K, V>(String name, FallbackSource<K, V> source, SourceGuard guard) {

        Optional<Dated<V>> ask(K key) throws Exception {
            Callable<Optional<Dated<V>>> call = () -> Objects.requireNonNull(
                    source.find(key), "it returned null where it must return a value or an empty Optional");
            Callable<Optional<Dated<V>>> timed = guard.timeLimiter().isPresent()
                    ? () -> guard.timeLimiter().get().call(call)
                    : call;
            return guard.breaker().isPresent() ? guard.breaker().get().call(timed) : timed.call();
        }

        boolean takes(Duration age) {
            return guard.maxAge().map(most -> age.compareTo(most) <= 0).orElse(true);
        }
    }
}
