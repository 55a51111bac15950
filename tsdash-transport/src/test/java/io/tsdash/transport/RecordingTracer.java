package io.tsdash.transport;

import io.tsdash.trace.Span;
import io.tsdash.trace.SpanKind;
import io.tsdash.trace.TraceContext;
import io.tsdash.trace.Tracer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Remembers the spans that have ended. Thread-safe. */
final class RecordingTracer implements Tracer {
    private final AtomicInteger made = new AtomicInteger();
    final List<Ended> ended = new CopyOnWriteArrayList<>();

    /**
     * A span.
     *
     * @param problem empty unless it failed
     */
    record Ended(String name, TraceContext context, TraceContext parent, String problem) {}

    @Override
    public Span begin(String name, SpanKind kind, TraceContext parent, long startNanos) {
        int number = made.incrementAndGet();
        String traceId = parent.isPresent() ? parent.traceId() : String.format(Locale.ROOT, "%032x", number);
        return new Recorded(name, new TraceContext(traceId, String.format(Locale.ROOT, "%016x", number), true), parent);
    }

    @Override
    public TraceContext current() {
        return TraceContext.NONE;
    }

    /** Returns the names of the spans below one of this name, and of these themselves. */
    List<String> below(String name) {
        return ended.stream()
                .filter(span -> ended.stream()
                        .anyMatch(above -> above.name.equals(name)
                                && above.context.spanId().equals(span.parent.spanId())))
                .map(Ended::name)
                .sorted()
                .toList();
    }

    private final class Recorded implements Span {
        private final String name;
        private final TraceContext context;
        private final TraceContext parent;
        private volatile String problem = "";
        private boolean over;

        Recorded(String name, TraceContext context, TraceContext parent) {
            this.name = name;
            this.context = context;
            this.parent = parent;
        }

        @Override
        public TraceContext context() {
            return context;
        }

        @Override
        public Span tag(String key, String value) {
            return this;
        }

        @Override
        public Span tag(String key, long value) {
            return this;
        }

        @Override
        public Span event(String what, long atNanos) {
            return this;
        }

        @Override
        public Span link(TraceContext other) {
            return this;
        }

        @Override
        public Span failed(String why) {
            problem = why;
            return this;
        }

        @Override
        public Scope enter() {
            return () -> {};
        }

        @Override
        public synchronized void end(long atNanos) {
            if (!over) {
                over = true;
                ended.add(new Ended(name, context, parent, problem));
            }
        }
    }
}
