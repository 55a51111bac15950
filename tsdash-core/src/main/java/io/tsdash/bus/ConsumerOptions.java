package io.tsdash.bus;

import io.tsdash.error.ConfigurationException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a consumer asks of a bus.
 *
 * @param name its name, in messages and of its threads
 * @param capacity events that may wait in each partition; rounded up to a power of two
 * @param batchMax events of a batch at most
 * @param threads how many threads serve it; each serves its share of the partitions
 * @param overflow what happens when it is full
 * @param failure what happens when its handler fails for good
 * @param share how consumers of this name on several nodes divide what is published
 */
public record ConsumerOptions(
        String name,
        int capacity,
        int batchMax,
        int threads,
        OverflowPolicy overflow,
        FailurePolicy failure,
        Share share) {
    private static final int CAPACITY_MAX = 1 << 24;
    private static final int THREADS_MAX = 256;
    private static final int CAPACITY = 1 << 16;
    private static final int BATCH_MAX = 4_096;

    /** @throws ConfigurationException with everything that is wrong */
    public ConsumerOptions {
        List<String> problems = new ArrayList<>();
        if (name.isBlank()) {
            problems.add("name was '" + name + "' but it must not be blank");
        }
        within(problems, "capacity", capacity, CAPACITY_MAX);
        within(problems, "batchMax", batchMax, capacity);
        within(problems, "threads", threads, THREADS_MAX);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /**
     * A consumer with the share that goes with its overflow: {@link Share#amongNodes()} with {@link OverflowPolicy#BLOCK},
     * {@link Share#everyNode()} with {@link OverflowPolicy#DROP_NEWEST}.
     *
     * @throws ConfigurationException with everything that is wrong
     */
    public ConsumerOptions(
            String name, int capacity, int batchMax, int threads, OverflowPolicy overflow, FailurePolicy failure) {
        this(
                name,
                capacity,
                batchMax,
                threads,
                overflow,
                failure,
                overflow == OverflowPolicy.BLOCK ? Share.amongNodes() : Share.everyNode());
    }

    /**
     * Returns a consumer that loses nothing: publishers or the bus wait for it, a failure for good stops it, and each
     * partition goes to one node.
     */
    public static ConsumerOptions blocking(String name) {
        return new ConsumerOptions(name, CAPACITY, BATCH_MAX, 1, OverflowPolicy.BLOCK, FailurePolicy.STOP);
    }

    /** Returns a consumer that never holds publishers back, on every node. */
    public static ConsumerOptions dropping(String name) {
        return new ConsumerOptions(name, CAPACITY, BATCH_MAX, 1, OverflowPolicy.DROP_NEWEST, FailurePolicy.SKIP);
    }

    /** Returns these options with another share. */
    public ConsumerOptions withShare(Share newShare) {
        return new ConsumerOptions(name, capacity, batchMax, threads, overflow, failure, newShare);
    }

    private static void within(List<String> problems, String option, int value, int max) {
        if (value < 1 || value > max) {
            problems.add(option + " was '" + value + "' but it must be from 1 to " + max);
        }
    }
}
