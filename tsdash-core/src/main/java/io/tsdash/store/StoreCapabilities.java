package io.tsdash.store;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Interval;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a store can do, declared rather than found out.
 *
 * @param name the engine, for people
 * @param timePrecisionNanos the smallest difference of event times that it keeps apart
 * @param durable whether an acknowledged write survives the end of the process
 * @param precomputed the intervals whose bars the engine keeps up to date by itself, finest first
 * @param precomputedAtOnce whether those bars hold a write as soon as it is acknowledged
 * @param sharded whether it spreads data over several servers
 * @param sharedSymbols whether several processes may write trades of one symbol at once
 * @param batch how many trades it likes best in one write
 */
public record StoreCapabilities(
        String name,
        long timePrecisionNanos,
        boolean durable,
        List<Interval> precomputed,
        boolean precomputedAtOnce,
        boolean sharded,
        boolean sharedSymbols,
        int batch) {

    /** Keeps its own copy. */
    public StoreCapabilities {
        precomputed = List.copyOf(precomputed);
    }

    /**
     * Returns what a store within the process can do that pre-computes nothing.
     *
     * @param name the engine, for people
     * @param durable whether an acknowledged write survives the end of the process
     */
    public static StoreCapabilities embedded(String name, boolean durable) {
        return new StoreCapabilities(name, 1, durable, List.of(), true, false, false, 10_000);
    }

    /** Returns the same under another name. */
    public StoreCapabilities withName(String value) {
        return new StoreCapabilities(
                value, timePrecisionNanos, durable, precomputed, precomputedAtOnce, sharded, sharedSymbols, batch);
    }

    /**
     * Holds a question for pre-computed bars against what there is.
     *
     * @throws InvalidInputException if the interval is not pre-computed
     */
    public void checkPrecomputed(Interval interval) {
        if (!precomputed.contains(interval)) {
            throw InvalidInputException.of(
                    "interval",
                    interval.text(),
                    "must be one that store " + name + " pre-computes: "
                            + precomputed.stream().map(Interval::text).collect(Collectors.joining(", ", "[", "]")));
        }
    }
}
