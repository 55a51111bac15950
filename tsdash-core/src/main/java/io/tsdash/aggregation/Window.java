package io.tsdash.aggregation;

/** A window: the sum of its panes that can no longer change, and what was said about it. Reused. Single-threaded. */
final class Window<P extends PartialAggregate<P>> {
    final P settled;
    int interval; // index into the spec's intervals
    long openNanos;
    long closeNanos;
    long settledChange;
    long emittedChange;
    boolean emitted;
    boolean closed;
    int revision;
    boolean settledUnsaved;
    boolean settledKept; // a piece of state holds the settled part

    Window(P settled) {
        this.settled = settled;
    }

    void start(int newInterval, long newOpenNanos, long newCloseNanos) {
        settled.reset();
        interval = newInterval;
        openNanos = newOpenNanos;
        closeNanos = newCloseNanos;
        settledChange = 0;
        emittedChange = 0;
        emitted = false;
        closed = false;
        revision = 0;
        settledUnsaved = false;
        settledKept = false;
    }
}
