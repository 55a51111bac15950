package io.tsdash.delta;

/** What a field of a record holds. The kind decides how a codec writes it, so each value has one form on the wire. */
public enum FieldKind {
    /** A finite double. */
    DOUBLE,
    /** A count below 2^53. */
    LONG,
    /** Nanoseconds since the epoch: more digits than a JSON number holds. */
    TIME,
    /** A number given by a venue, any 64 bits. */
    ID,
    /** The version of a trade: 0 and up, or the largest int for a cancel. */
    VERSION,
    /** True or false. */
    BOOLEAN,
    /** Text. */
    TEXT,
    /** A list of texts. */
    TEXTS
}
