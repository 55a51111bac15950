package io.tsdash.aggregation;

import java.nio.ByteBuffer;

/**
 * A summary of some trades that merges with summaries of others: a commutative monoid, so any split into parts and any
 * order gives the same.
 *
 * @param <P> the summary itself
 */
interface PartialAggregate<P extends PartialAggregate<P>> {

    /** Takes in one trade that sets prices, counts in volume, or both. */
    void add(long eventTimeNanos, long sequence, double price, double volume, boolean setsPrice, boolean countsVolume);

    /** Takes in all that another summary holds; the two must not share a trade. */
    void merge(P other);

    /** Forgets everything. */
    void reset();

    /** Returns how many trades it summarises. */
    long tradeCount();

    /** Returns how many bytes {@link #writeTo} writes. */
    int stateBytes();

    /** Writes all that it holds. */
    void writeTo(ByteBuffer out);

    /** Takes in all that {@link #writeTo} wrote of another. */
    void mergeFrom(ByteBuffer in);
}
