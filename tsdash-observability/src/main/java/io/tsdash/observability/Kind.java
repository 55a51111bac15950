package io.tsdash.observability;

/** What a metric is. */
public enum Kind {
    /** A sum that only grows. */
    COUNTER,
    /** A value as it is now. */
    GAUGE,
    /** How many values fell below each of some bounds; those of several servers can be added up. */
    HISTOGRAM
}
