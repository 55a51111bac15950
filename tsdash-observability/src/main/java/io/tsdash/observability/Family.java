package io.tsdash.observability;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one metric, by the values of its tags; each is made when it is first asked for. A value of an enum is a tag by its name
 * in small letters. What was made is found without garbage: steps ask for each event. Thread-safe.
 */
final class Family<M> {
    private final Branch<M> root = new Branch<>();
    private final Function<String[], M> maker;

    /** What is known of those with the same first values. */
    private static final class Branch<M> {
        private final Map<Object, Branch<M>> further = new ConcurrentHashMap<>();
        private volatile @Nullable M meter;

        Branch<M> at(Object tag) {
            Branch<M> known = further.get(tag);
            return known != null ? known : further.computeIfAbsent(tag, any -> new Branch<>());
        }
    }

    private Family(Function<String[], M> maker) {
        this.maker = maker;
    }

    static Family<Meters.Counter> counters(Meters meters, Metric metric) {
        return new Family<>(tags -> meters.counter(metric, tags));
    }

    static Family<Meters.Histogram> histograms(Meters meters, Metric metric) {
        return new Family<>(tags -> meters.histogram(metric, tags));
    }

    M get(Object tag) {
        Branch<M> branch = root.at(tag);
        M meter = branch.meter;
        return meter != null ? meter : made(branch, List.of(tag));
    }

    M get(Object first, Object second) {
        Branch<M> branch = root.at(first).at(second);
        M meter = branch.meter;
        return meter != null ? meter : made(branch, List.of(first, second));
    }

    M get(Object first, Object second, Object third) {
        Branch<M> branch = root.at(first).at(second).at(third);
        M meter = branch.meter;
        return meter != null ? meter : made(branch, List.of(first, second, third));
    }

    /** Returns the tag that stands for a value. */
    static String tag(Object value) {
        return value instanceof Enum<?> constant ? constant.name().toLowerCase(Locale.ROOT) : String.valueOf(value);
    }

    /** Where two ask at once they get the same: {@link Meters} sees to it. */
    private M made(Branch<M> branch, List<Object> tags) {
        M meter = maker.apply(tags.stream().map(Family::tag).toArray(String[]::new));
        branch.meter = meter;
        return meter;
    }
}
