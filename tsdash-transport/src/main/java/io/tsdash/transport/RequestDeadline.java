package io.tsdash.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the time from a request's first byte to its last: a client that sends a byte now and then is never idle, and
 * would hold its connection for ever. Sits before the decoder. One event loop.
 */
final class RequestDeadline extends ChannelInboundHandlerAdapter {
    /** The event that follows when the time is over. */
    static final Object EXPIRED = new Object();

    private final long limitMillis;
    private @Nullable ScheduledFuture<?> expiry;

    RequestDeadline(Duration limit) {
        limitMillis = limit.toMillis();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        if (expiry == null) {
            expiry = context.executor()
                    .schedule(() -> context.fireUserEventTriggered(EXPIRED), limitMillis, TimeUnit.MILLISECONDS);
        }
        context.fireChannelRead(bytes);
    }

    /** Ends the wait: the whole request is there. */
    void met() {
        if (expiry != null) {
            expiry.cancel(false);
            expiry = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        met();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        met();
    }
}
