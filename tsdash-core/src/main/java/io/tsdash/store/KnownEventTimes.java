package io.tsdash.store;

import io.tsdash.store.BarSearch.EventTimes;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the store has said lately about first and last event times, so that it is not asked before each question.
 *
 * <p>Most symbols trade until now: what holds for one is near enough for another. Thread-safe.
 */
final class KnownEventTimes {
    private static final long AGE_NANOS_MAX = Duration.ofMinutes(1).toNanos();
    private static final int SYMBOLS_MAX = 50_000;

    private final Function<String, Optional<EventTimes>> store;
    private final TimeSource time;
    private final Map<String, Known> bySymbol = new ConcurrentHashMap<>();
    private volatile @Nullable Known latest;

    KnownEventTimes(Function<String, Optional<EventTimes>> store, TimeSource time) {
        this.store = store;
        this.time = time;
    }

    private record Known(EventTimes times, long askedNanos) {}

    /** Returns those of a symbol, as they were a minute ago at most; empty when it has no trades. */
    Optional<EventTimes> of(String symbol) {
        return lately(bySymbol.get(symbol)).or(() -> asked(symbol));
    }

    /** Returns those of a symbol, or of another one; empty when it has no trades, as far as that is known. */
    Optional<EventTimes> near(String symbol) {
        return lately(bySymbol.get(symbol)).or(() -> lately(latest)).or(() -> asked(symbol));
    }

    private Optional<EventTimes> lately(@Nullable Known known) {
        return known == null || time.monotonicNanos() - known.askedNanos() > AGE_NANOS_MAX
                ? Optional.empty()
                : Optional.of(known.times());
    }

    private Optional<EventTimes> asked(String symbol) {
        Optional<EventTimes> times = store.apply(symbol);
        times.ifPresent(found -> {
            Known known = new Known(found, time.monotonicNanos());
            if (bySymbol.size() >= SYMBOLS_MAX) {
                bySymbol.clear();
            }
            bySymbol.put(symbol, known);
            latest = known;
        });
        return times;
    }
}
