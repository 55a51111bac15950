package io.tsdash.observability.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.tsdash.trace.TraceContext;
import java.util.concurrent.TimeUnit;

/** A span of OpenTelemetry. Thread-safe. */
final class OpenTelemetrySpan implements io.tsdash.trace.Span {
    /**
     * Back ends count in microseconds; SkyWalking 10.1 refuses a whole batch for one span of less than one.
     */
    private static final long DURATION_NANOS_MIN = 1_000;

    private final Span span;
    private final long startNanos;

    OpenTelemetrySpan(Span span, long startNanos) {
        this.span = span;
        this.startNanos = startNanos;
    }

    @Override
    public TraceContext context() {
        return OpenTelemetryTracer.context(span.getSpanContext());
    }

    @Override
    public OpenTelemetrySpan tag(String key, String value) {
        span.setAttribute(key, value);
        return this;
    }

    @Override
    public OpenTelemetrySpan tag(String key, long value) {
        span.setAttribute(key, value);
        return this;
    }

    @Override
    public OpenTelemetrySpan event(String name, long atNanos) {
        span.addEvent(name, atNanos, TimeUnit.NANOSECONDS);
        return this;
    }

    @Override
    public OpenTelemetrySpan link(TraceContext other) {
        if (other.isPresent()) {
            span.addLink(OpenTelemetryTracer.remote(other));
        }
        return this;
    }

    @Override
    public OpenTelemetrySpan failed(String why) {
        span.setStatus(StatusCode.ERROR, why);
        return this;
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the caller's scope closes it
    public Scope enter() {
        io.opentelemetry.context.Scope scope = span.makeCurrent();
        return scope::close;
    }

    @Override
    public void end(long atNanos) {
        span.end(Math.max(atNanos, startNanos + DURATION_NANOS_MIN), TimeUnit.NANOSECONDS);
    }
}
