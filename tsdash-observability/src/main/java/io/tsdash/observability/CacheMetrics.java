package io.tsdash.observability;

import io.tsdash.cache.CacheAside;
import io.tsdash.cache.CacheAsideListener;
import io.tsdash.cache.LoadOutcome;
import java.util.Locale;

/** Measures what is done beside caches. Thread-safe. */
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
            loads.get(kind, tag(outcome));
        }
        meters.total(Metric.CACHE_REQUESTS, () -> aside.counts().hits(), kind, "hit");
        meters.total(Metric.CACHE_REQUESTS, () -> aside.counts().staleHits(), kind, "stale");
        meters.total(Metric.CACHE_REQUESTS, () -> aside.counts().misses(), kind, "miss");
        meters.total(Metric.CACHE_REFUSED, () -> aside.counts().refused(), kind);
        meters.total(Metric.CACHE_FAILURES, () -> aside.counts().cacheFailures(), kind);
    }

    @Override
    public void onLoadEnded(String kind, LoadOutcome outcome, long nanos) {
        loads.get(kind, tag(outcome)).record(nanos);
    }

    private static String tag(LoadOutcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }
}
