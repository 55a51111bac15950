package io.tsdash.transport;

import io.tsdash.trace.Tracer;

/**
 * What records the steps of subscriptions and requests.
 *
 * @param tracer records spans
 * @param bus names the bus by which the channels get their events, in names of spans
 */
record Tracing(Tracer tracer, String bus) {
    static final Tracing NONE = new Tracing(Tracer.none(), "bus");
}
