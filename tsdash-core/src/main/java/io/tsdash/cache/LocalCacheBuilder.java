package io.tsdash.cache;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Settings of a {@link LocalCache}, checked all at once when built. Single-threaded. */
public final class LocalCacheBuilder<V> {
    long entriesMax = 10_000;
    long bytesMax = Long.MAX_VALUE;
    int valueBytesMax = Integer.MAX_VALUE;
    Optional<ToIntFunction<? super V>> sizeOf = Optional.empty();
    TimeSource time = TimeSource.system();

    LocalCacheBuilder() {}

    /** Sets how many entries it keeps, at least 1; 10,000 if not called. */
    public LocalCacheBuilder<V> entriesMax(long value) {
        entriesMax = value;
        return this;
    }

    /** Sets how many bytes of keys and values it keeps, by {@link #sizeOf}; not counted if not called. */
    public LocalCacheBuilder<V> bytesMax(long value) {
        bytesMax = value;
        return this;
    }

    /** Sets how large one value may be, by {@link #sizeOf}; not limited if not called. */
    public LocalCacheBuilder<V> valueBytesMax(int value) {
        valueBytesMax = value;
        return this;
    }

    /** Sets what says how many bytes a value has. */
    public LocalCacheBuilder<V> sizeOf(ToIntFunction<? super V> value) {
        sizeOf = Optional.of(value);
        return this;
    }

    /** Sets the clocks; those of the machine if not called. */
    public LocalCacheBuilder<V> time(TimeSource value) {
        time = value;
        return this;
    }

    /** @throws ConfigurationException with everything that is wrong */
    public LocalCache<V> build() {
        List<String> problems = new ArrayList<>();
        atLeastOne(problems, "entriesMax", entriesMax);
        atLeastOne(problems, "bytesMax", bytesMax);
        atLeastOne(problems, "valueBytesMax", valueBytesMax);
        if (valueBytesMax != Integer.MAX_VALUE && valueBytesMax > bytesMax) {
            problems.add(
                    "valueBytesMax was '" + valueBytesMax + "' but it must not exceed bytesMax '" + bytesMax + "'");
        }
        boolean counts = bytesMax != Long.MAX_VALUE || valueBytesMax != Integer.MAX_VALUE;
        if (counts && sizeOf.isEmpty()) {
            problems.add("bytesMax was '" + bytesMax + "' and valueBytesMax '" + valueBytesMax
                    + "' but these need sizeOf, which says how many bytes a value has");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new LocalCache<>(this);
    }

    private static void atLeastOne(List<String> problems, String option, long value) {
        if (value < 1) {
            problems.add(option + " was '" + value + "' but it must be at least 1");
        }
    }
}
