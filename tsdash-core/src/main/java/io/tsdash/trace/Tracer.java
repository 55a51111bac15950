package io.tsdash.trace;

/** Begins spans; bound to a tracing library elsewhere, so that core needs none. Thread-safe; never blocks. */
public interface Tracer {

    /** Returns the tracer that records nothing. */
    static Tracer none() {
        return NoTracer.INSTANCE;
    }

    /**
     * Begins a span.
     *
     * @param name few values: never a symbol or a user
     * @param kind what it is to the one before
     * @param parent the span that it is part of; {@link TraceContext#NONE} for a trace of its own
     * @param startNanos nanoseconds since the epoch, UTC; may be in the past
     */
    Span begin(String name, SpanKind kind, TraceContext parent, long startNanos);

    /** Returns the span that this thread works in; {@link TraceContext#NONE} if there is none. */
    TraceContext current();
}
