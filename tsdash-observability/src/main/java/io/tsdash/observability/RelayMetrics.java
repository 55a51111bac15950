package io.tsdash.observability;

import io.tsdash.relay.RelayListener;

/** Measures a node of a relay. Thread-safe. */
public final class RelayMetrics implements RelayListener {
    private final Meters.Counter epochs;
    private final Meters.Counter missed;
    private final Meters.Counter failed;
    private volatile boolean leading;

    /** Measures what it hears. */
    public RelayMetrics(Meters meters) {
        epochs = meters.counter(Metric.RELAY_EPOCHS);
        missed = meters.counter(Metric.RELAY_MISSED);
        failed = meters.counter(Metric.RELAY_FAILED);
        meters.gauge(Metric.RELAY_LEADING, () -> leading ? 1 : 0);
    }

    @Override
    public void onLeading(long term) {
        leading = true;
    }

    @Override
    public void onFollowing(String reason) {
        leading = false;
    }

    @Override
    public void onNewEpoch(String reason) {
        epochs.add(1);
    }

    @Override
    public void onLoaded(String reason) {}

    @Override
    public void onFailed(RuntimeException cause) {
        failed.add(1);
    }

    @Override
    public void onMissed(long events, String reason) {
        missed.add(events);
    }
}
