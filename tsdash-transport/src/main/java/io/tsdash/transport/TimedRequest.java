package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Span;

/** A request from its beginning to its answer, for whoever hears of it. One event loop. */
final class TimedRequest {
    private final TrafficListener listener;
    private final TimeSource time;
    private final String method;
    private final String route;
    private final long startNanos;
    private Span span = Span.none();

    /** Begins now. */
    TimedRequest(TrafficListener listener, TimeSource time, String method, String route) {
        this.listener = listener;
        this.time = time;
        this.method = method;
        this.route = route;
        this.startNanos = time.monotonicNanos();
    }

    /** Sets the span of the work on it. */
    void tracedBy(Span value) {
        span = value;
    }

    /** Tells of the answer, within the span. */
    @SuppressWarnings("try") // the scope is there to be closed
    void ended(HttpResponseStatus status) {
        try (Span.Scope scope = span.enter()) {
            listener.answered(method, route, status.code(), time.monotonicNanos() - startNanos);
        }
    }
}
