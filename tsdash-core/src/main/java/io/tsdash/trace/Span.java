package io.tsdash.trace;

/**
 * One step of a trace, with a beginning and an end. Thread-safe; after its end calls do nothing.
 *
 * <p>All times are nanoseconds since the epoch, UTC.
 */
public interface Span {

    /** Returns the span that records nothing. */
    static Span none() {
        return NoTracer.NO_SPAN;
    }

    /** Returns its name for steps elsewhere. */
    TraceContext context();

    /** Says something about it. */
    Span tag(String key, String value);

    /** Says something about it. */
    Span tag(String key, long value);

    /** Says that something happened meanwhile. */
    Span event(String name, long atNanos);

    /** Ties it to a span of another trace. */
    Span link(TraceContext other);

    /** Says that the step failed. */
    Span failed(String why);

    /**
     * Makes it the one that this thread works in, until what is returned is closed on the same thread: lines of the log written
     * there carry its ids.
     */
    Scope enter();

    /** Ends it. */
    void end(long atNanos);

    /** A time in which a thread works in a span. */
    interface Scope extends AutoCloseable {
        @Override
        void close();
    }
}
