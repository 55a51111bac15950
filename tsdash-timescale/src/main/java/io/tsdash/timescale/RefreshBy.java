package io.tsdash.timescale;

/** Who brings the pre-computed bars up to date from time to time. */
public enum RefreshBy {
    /** A job of the database's scheduler: once for all nodes, also when none runs. */
    DATABASE,
    /** Each open store by a thread of its own: for servers whose scheduler is off. */
    STORE,
    /** Only who calls {@link io.tsdash.store.MarketStore#refreshBars}. */
    NOBODY
}
