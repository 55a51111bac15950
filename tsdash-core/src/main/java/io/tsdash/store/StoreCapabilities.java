package io.tsdash.store;

/**
 * What a store can do, declared rather than found out.
 *
 * @param name the engine, for people
 * @param timePrecisionNanos the smallest difference of event times that it keeps apart
 * @param durable whether an acknowledged write survives the end of the process
 * @param precomputesBars whether the engine keeps bars up to date by itself
 * @param sharded whether it spreads data over several servers
 */
public record StoreCapabilities(
        String name, long timePrecisionNanos, boolean durable, boolean precomputesBars, boolean sharded) {}
