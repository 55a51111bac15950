package io.tsdash.examples.server;

import io.opentelemetry.api.trace.Span;
import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/** Has a histogram keep the trace of a call that it measured within a span, so that a slow one can be looked at. Thread-safe. */
final class TraceExemplars implements SpanContext {
    @Override
    public @Nullable String getCurrentTraceId() {
        io.opentelemetry.api.trace.SpanContext current = Span.current().getSpanContext();
        return current.isValid() ? current.getTraceId() : null;
    }

    @Override
    public @Nullable String getCurrentSpanId() {
        io.opentelemetry.api.trace.SpanContext current = Span.current().getSpanContext();
        return current.isValid() ? current.getSpanId() : null;
    }

    @Override
    public boolean isCurrentSpanSampled() {
        return Span.current().getSpanContext().isSampled();
    }

    /** It is recorded as a whole in any case. */
    @Override
    public void markCurrentSpanAsExemplar() {}
}
