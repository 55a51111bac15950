package io.tsdash.benchmarks.fanout;

import io.tsdash.distribution.HubListener;
import io.tsdash.distribution.WireCode;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a hub did not send as it came. */
public final class HubCounts implements HubListener {
    private final AtomicLong conflated = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicLong closed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    @Override
    public void conflated(String session, long updates) {
        conflated.addAndGet(updates);
    }

    @Override
    public void skipped(String session, long queuedBytes) {
        skipped.incrementAndGet();
    }

    @Override
    public void closed(String session, WireCode code, String text) {
        closed.incrementAndGet();
    }

    @Override
    public void refused(String channel, String why) {
        refused.incrementAndGet();
    }

    @Override
    public String toString() {
        return "conflated=" + conflated + " skipped=" + skipped + " closed=" + closed + " refused=" + refused;
    }
}
