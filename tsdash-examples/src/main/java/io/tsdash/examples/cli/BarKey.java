package io.tsdash.examples.cli;

import io.tsdash.model.Bar;
import java.util.Comparator;
import java.util.Map;

/** Where a bar stands in the output: by open time, then symbol. */
record BarKey(long openTimeNanos, String symbol) implements Comparable<BarKey> {
    private static final Comparator<BarKey> ORDER =
            Comparator.comparingLong(BarKey::openTimeNanos).thenComparing(BarKey::symbol);

    /** Keeps the bar in its newest revision, and no bar that was taken back. */
    static void keepFinal(Map<BarKey, Bar> bars, Bar bar) {
        BarKey key = new BarKey(bar.openTimeNanos(), bar.symbol());
        if (bar.isRetracted()) {
            bars.remove(key);
        } else {
            bars.put(key, bar);
        }
    }

    @Override
    public int compareTo(BarKey other) {
        return ORDER.compare(this, other);
    }
}
