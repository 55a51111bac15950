package io.tsdash.benchmarks.cost;

import io.tsdash.bus.BusListener;

/** A measurement in which a bus has anything to tell is none. */
final class NoBusListener implements BusListener {
    @Override
    public void onDropped(String consumer, int partition, long count) {
        throw new IllegalStateException(count + " events were dropped");
    }

    @Override
    public void onUnsent(int partition, long count, RuntimeException cause) {
        throw cause;
    }

    @Override
    public void onRetry(String consumer, int partition, int attempt, RuntimeException cause) {
        throw cause;
    }

    @Override
    public void onSkipped(String consumer, int partition, long count, RuntimeException cause) {
        throw cause;
    }

    @Override
    public void onStopped(String consumer, int partition, RuntimeException cause) {
        throw cause;
    }
}
