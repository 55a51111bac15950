package io.tsdash.observability;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The meters of one metric, by the values of its tags; each is made when it is first asked for. Thread-safe. */
final class Family<M> {
    private final Map<List<String>, M> made = new ConcurrentHashMap<>();
    private final Function<String[], M> maker;

    private Family(Function<String[], M> maker) {
        this.maker = maker;
    }

    static Family<Meters.Counter> counters(Meters meters, Metric metric) {
        return new Family<>(tags -> meters.counter(metric, tags));
    }

    static Family<Meters.Histogram> histograms(Meters meters, Metric metric) {
        return new Family<>(tags -> meters.histogram(metric, tags));
    }

    M get(String... tags) {
        List<String> key = List.of(tags);
        M known = made.get(key);
        return known != null ? known : made.computeIfAbsent(key, any -> maker.apply(tags));
    }
}
