package io.tsdash.model;

/** What a source delivers: a trade (with its corrections and cancels) or a quote. */
public sealed interface MarketEvent permits Trade, Quote {

    /** Returns the symbol. */
    String symbol();

    /** Returns when it happened at the venue, in nanoseconds since the epoch, UTC. */
    long eventTimeNanos();

    /** Returns when we saw it, in nanoseconds since the epoch, UTC. */
    long receiveTimeNanos();

    /** Returns the venue's id or sequence number; orders events of one symbol with the same event time. */
    long sequence();
}
