package io.tsdash.trace;

/** What a span is to the one before it; the kinds of OpenTelemetry. */
public enum SpanKind {
    /** A step within this process. */
    INTERNAL,
    /** What a client asked for. */
    SERVER,
    /** A question to another system. */
    CLIENT,
    /** Something handed to a bus. */
    PRODUCER,
    /** Something taken from a bus. */
    CONSUMER
}
