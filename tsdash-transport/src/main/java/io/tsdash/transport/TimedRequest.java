package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.tsdash.time.TimeSource;

/** A request from its beginning to its answer, for whoever hears of it. One event loop. */
final class TimedRequest {
    private final TrafficListener listener;
    private final TimeSource time;
    private final String method;
    private final String route;
    private final long startNanos;

    /** Begins now. */
    TimedRequest(TrafficListener listener, TimeSource time, String method, String route) {
        this.listener = listener;
        this.time = time;
        this.method = method;
        this.route = route;
        this.startNanos = time.monotonicNanos();
    }

    /** Tells of the answer. */
    void ended(HttpResponseStatus status) {
        listener.answered(method, route, status.code(), time.monotonicNanos() - startNanos);
    }
}
