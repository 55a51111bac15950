package io.tsdash.observability;

import io.tsdash.batch.BatchCounts;
import io.tsdash.cache.CacheAside;
import io.tsdash.cache.CacheAsideListener;
import io.tsdash.cache.LoadOutcome;
import io.tsdash.cache.WriteBehind;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Measures what is done beside and behind caches; {@link MeteredCache} measures one that is read as it is. Thread-safe. */
public final class CacheMetrics implements CacheAsideListener {
    private final Family<Meters.Histogram> loads;

    /** Measures what it hears. */
    public CacheMetrics(Meters meters) {
        loads = Family.histograms(meters, Metric.CACHE_LOAD_DURATION);
    }

    /** Reads what a cache-aside counts itself; its loads are told to the listener. */
    public void read(Meters meters, CacheAside<?> aside) {
        String kind = aside.policy().kind();
        for (LoadOutcome outcome : LoadOutcome.values()) {
            loads.get(kind, outcome);
        }
        meters.total(Metric.CACHE_REQUESTS, () -> aside.counts().hits(), kind, "hit");
        meters.total(Metric.CACHE_REQUESTS, () -> aside.counts().staleHits(), kind, "stale");
        meters.total(Metric.CACHE_REQUESTS, () -> aside.counts().misses(), kind, "miss");
        meters.total(Metric.CACHE_REFUSED, () -> aside.counts().refused(), kind);
        meters.total(Metric.CACHE_FAILURES, () -> aside.counts().cacheFailures(), kind);
    }

    /**
     * Reads what a write-behind counts itself.
     *
     * @param kind what it writes
     */
    public static void read(Meters meters, String kind, WriteBehind<?> behind) {
        Map<String, ToLongFunction<BatchCounts>> outcomes = Map.of(
                "stored", BatchCounts::stored,
                "conflated", BatchCounts::conflated,
                "spilled", BatchCounts::spilled,
                "set_aside", BatchCounts::setAside,
                "lost", BatchCounts::lost);
        outcomes.forEach((outcome, count) ->
                meters.total(Metric.CACHE_BEHIND, () -> count.applyAsLong(behind.counts()), kind, outcome));
        meters.total(Metric.CACHE_BEHIND_RETRIES, () -> behind.counts().retries(), kind);
        meters.gauge(Metric.CACHE_BEHIND_WAITING, () -> behind.counts().queued(), kind, "memory");
        meters.gauge(Metric.CACHE_BEHIND_WAITING, () -> behind.counts().onDisk(), kind, "disk");
    }

    @Override
    public void onLoadEnded(String kind, LoadOutcome outcome, long nanos) {
        loads.get(kind, outcome).record(nanos);
    }
}
