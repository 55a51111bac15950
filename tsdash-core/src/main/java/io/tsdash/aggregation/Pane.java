package io.tsdash.aggregation;

/** A short piece of a symbol's time whose trades may still change. Reused. Single-threaded. */
final class Pane<P extends PartialAggregate<P>> {
    final P summary;
    final SavedTrades saved = new SavedTrades();
    long startNanos;
    long endNanos;
    long lastChange;

    Pane(P summary) {
        this.summary = summary;
    }
}
