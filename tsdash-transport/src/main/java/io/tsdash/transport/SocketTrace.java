package io.tsdash.transport;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Span;
import io.tsdash.trace.SpanKind;
import io.tsdash.trace.TraceContext;
import io.tsdash.trace.Tracer;
import java.util.concurrent.TimeUnit;

/**
 * When a WebSocket came and how long its token was read: the beginning of its first subscription. Nothing is recorded of a
 * connection that does not subscribe. One event loop.
 */
final class SocketTrace {
    static final String HEADER = "traceparent";

    /** Who subscribes later than this after the connection does not do so because of it. */
    private static final long TOGETHER_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Tracing tracing;
    private final TimeSource time;
    private final Channel channel;
    private final String name;
    private final TraceContext handshake;
    private final long arrivedNanos;
    private long verifyingNanos;
    private long verifiedNanos;
    private boolean subscribed;

    SocketTrace(Tracing tracing, TimeSource time, Channel channel, FullHttpRequest request, String path) {
        this.tracing = tracing;
        this.time = time;
        this.channel = channel;
        // Of /prices, price-subscription.
        this.name = "websocket:" + path.substring(1, path.length() - 1) + "-subscription";
        this.handshake = TraceContext.parse(request.headers().get(HEADER, ""));
        this.arrivedNanos = time.epochNanos();
    }

    void verifying() {
        verifyingNanos = time.epochNanos();
    }

    void verified() {
        verifiedNanos = time.epochNanos();
    }

    /** Begins the trace of a subscription. */
    SubscriptionTrace subscription(SubscribeCommand command) {
        Tracer tracer = tracing.tracer();
        long now = time.epochNanos();
        boolean first = !subscribed && now - arrivedNanos <= TOGETHER_NANOS;
        subscribed = true;
        TraceContext asked = TraceContext.parse(command.traceparent());
        long startNanos = first ? arrivedNanos : now;
        Span span = tracer.begin(name, SpanKind.SERVER, asked.isPresent() ? asked : handshake, startNanos)
                .tag("client.address", Gate.address(channel));
        if (first) {
            span.event("connection_established", arrivedNanos);
            if (verifiedNanos > 0) {
                tracer.begin("auth:verify-token", SpanKind.INTERNAL, span.context(), verifyingNanos)
                        .end(verifiedNanos);
            }
        }
        return new SubscriptionTrace(tracing, time, span);
    }
}
