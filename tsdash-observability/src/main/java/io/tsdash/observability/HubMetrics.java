package io.tsdash.observability;

import io.tsdash.distribution.Hub;
import io.tsdash.distribution.HubListener;
import io.tsdash.distribution.LatestPrices;
import io.tsdash.distribution.PriceCounts;
import io.tsdash.distribution.WireCode;
import io.tsdash.error.TsdashException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.ToIntFunction;

/** Measures what a hub makes of updates, and what it does not send as it came. Thread-safe. */
public final class HubMetrics implements HubListener {
    private static final Duration HUB_MAX = Duration.ofMillis(500);

    private final Meters.Histogram sizes;
    private final Meters.Counter conflated;
    private final Meters.Counter slow;
    private final Meters.Counter refused;

    /** Measures what it hears. */
    public HubMetrics(Meters meters) {
        sizes = meters.histogram(Metric.MESSAGE_SIZE, "out");
        conflated = meters.counter(Metric.UPDATES_CONFLATED);
        slow = meters.counter(Metric.SESSIONS_SLOW);
        refused = meters.counter(Metric.UPDATES_REFUSED);
    }

    /** Reads how many symbols have a price from a feed, and how many of these are stale; no value while the hub does not answer. */
    public static void read(Meters meters, Hub hub) {
        meters.gauge(Metric.KEYS, () -> ask(hub, PriceCounts::all));
        meters.gauge(Metric.KEYS_STALE, () -> ask(hub, PriceCounts::stale));
    }

    private static double ask(Hub hub, ToIntFunction<PriceCounts> count) {
        try {
            return count.applyAsInt(LatestPrices.counts(hub, HUB_MAX));
        } catch (TsdashException | TimeoutException e) {
            return Double.NaN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Double.NaN;
        }
    }

    @Override
    public void framed(int bytes) {
        sizes.record(bytes);
    }

    @Override
    public void conflated(String session, long updates) {
        conflated.add(updates);
    }

    @Override
    public void skipped(String session, long queuedBytes) {
        slow.add(1);
    }

    /** Counted by the transport, with those that ended otherwise. */
    @Override
    public void closed(String session, WireCode code, String text) {}

    @Override
    public void refused(String channel, String why) {
        refused.add(1);
    }
}
