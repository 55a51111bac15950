package io.tsdash.trace;

/** Records nothing. */
enum NoTracer implements Tracer {
    INSTANCE;

    static final Span NO_SPAN = new NoSpan();
    private static final Span.Scope NO_SCOPE = () -> {};

    @Override
    public Span begin(String name, SpanKind kind, TraceContext parent, long startNanos) {
        return NO_SPAN;
    }

    @Override
    public TraceContext current() {
        return TraceContext.NONE;
    }

    private static final class NoSpan implements Span {
        @Override
        public TraceContext context() {
            return TraceContext.NONE;
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
        public Span event(String name, long atNanos) {
            return this;
        }

        @Override
        public Span link(TraceContext other) {
            return this;
        }

        @Override
        public Span failed(String why) {
            return this;
        }

        @Override
        public Scope enter() {
            return NO_SCOPE;
        }

        @Override
        public void end(long atNanos) {}
    }
}
