package io.tsdash.observability.trace;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.tsdash.trace.Span;
import io.tsdash.trace.SpanKind;
import io.tsdash.trace.TraceContext;
import io.tsdash.trace.Tracer;
import java.util.concurrent.TimeUnit;

/**
 * Records spans by the OpenTelemetry API, with whatever SDK the process has. Its spans are those of the API's current context while
 * a thread works in them, so other libraries' spans and logs join in. Thread-safe.
 */
public final class OpenTelemetryTracer implements Tracer {
    private static final String SCOPE = "io.tsdash";

    private final io.opentelemetry.api.trace.Tracer tracer;

    /** Binds to an instance, which stays the caller's to close. */
    public OpenTelemetryTracer(OpenTelemetry openTelemetry) {
        tracer = openTelemetry.getTracer(SCOPE);
    }

    @Override
    public Span begin(String name, SpanKind kind, TraceContext parent, long startNanos) {
        Context from = parent.isPresent()
                ? Context.root().with(io.opentelemetry.api.trace.Span.wrap(remote(parent)))
                : Context.root();
        io.opentelemetry.api.trace.Span span = tracer.spanBuilder(name)
                .setSpanKind(io.opentelemetry.api.trace.SpanKind.valueOf(kind.name()))
                .setParent(from)
                .setStartTimestamp(startNanos, TimeUnit.NANOSECONDS)
                .startSpan();
        return new OpenTelemetrySpan(span, startNanos);
    }

    @Override
    public TraceContext current() {
        return context(io.opentelemetry.api.trace.Span.current().getSpanContext());
    }

    static SpanContext remote(TraceContext context) {
        return SpanContext.createFromRemoteParent(
                context.traceId(),
                context.spanId(),
                context.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault(),
                TraceState.getDefault());
    }

    static TraceContext context(SpanContext context) {
        return context.isValid()
                ? new TraceContext(context.getTraceId(), context.getSpanId(), context.isSampled())
                : TraceContext.NONE;
    }
}
