package io.tsdash.cache;

/** How a load beside a cache came to an end. */
public enum LoadOutcome {
    /** The loader has answered: with a value, or that there is none. */
    OK,
    /** The loader has failed. */
    ERROR,
    /** The loader has not answered in time; what becomes of it later is told as well. */
    ABANDONED
}
