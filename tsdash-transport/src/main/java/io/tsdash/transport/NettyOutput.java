package io.tsdash.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.tsdash.distribution.SessionOutput;
import io.tsdash.distribution.WireCode;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way out over a Netty channel. Thread-safe; what it is given leaves in order, by way of the loop's outbox. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is told by itself
abstract class NettyOutput implements SessionOutput {
    private static final Logger LOG = LoggerFactory.getLogger(NettyOutput.class);
    /** How long a peer has to take the last words. */
    private static final long CLOSE_MILLIS = 1_000;

    private final Channel channel;
    private final Outbox outbox;
    /** Bytes that the event loop has not taken yet. */
    private final AtomicLong handedOver = new AtomicLong();

    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile CloseReason reason = CloseReason.CLIENT;

    /** @param outbox of the channel's event loop */
    NettyOutput(Channel channel, Outbox outbox) {
        this.channel = channel;
        this.outbox = outbox;
    }

    @Override
    public final void send(byte[] frame) {
        send(frame, NO_EVENT);
    }

    @Override
    public final void send(byte[] frame, long oldestNanos) {
        if (!closed.get() && channel.isActive()) {
            handedOver.addAndGet(frame.length);
            outbox.add(this, frame, oldestNanos);
        }
    }

    @Override
    public final void whenSent(Runnable task) {
        if (!closed.get() && channel.isActive()) {
            outbox.add(this, task, NO_EVENT);
        }
    }

    @Override
    public final long queuedBytes() {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        return handedOver.get() + (pending == null ? 0 : pending.totalPendingWriteBytes());
    }

    @Override
    public final boolean isBehind() {
        return outbox.isBehind();
    }

    @Override
    public final void close(WireCode code, String text) {
        end(CloseReason.of(code), () -> farewell(channel, code, text), this::afterFarewell);
    }

    /** Returns where its client is. */
    final String address() {
        return String.valueOf(channel.remoteAddress());
    }

    /** Sends the last words after all that went before, unless they are said already. */
    final void end(CloseReason why, Supplier<Object> lastWords, Consumer<ChannelFuture> afterwards) {
        if (closed.compareAndSet(false, true)) {
            reason = why;
            Runnable words = () -> {
                afterwards.accept(channel.writeAndFlush(lastWords.get()));
                channel.eventLoop().schedule(() -> channel.close(), CLOSE_MILLIS, TimeUnit.MILLISECONDS);
            };
            outbox.add(this, words, NO_EVENT);
        }
    }

    /** Returns how its client follows channels. */
    abstract TransportKind kind();

    /** Returns why the connection has ended, once it has. */
    final CloseReason reason() {
        return reason;
    }

    /** Says why the connection is about to end, where no last words do. */
    final void reason(CloseReason why) {
        reason = why;
    }

    /** Returns whether the last words are said. */
    final boolean isClosed() {
        return closed.get();
    }

    /** Waits until the connection is gone; returns whether it is. */
    final boolean awaitClosed(long nanos) {
        return channel.closeFuture().awaitUninterruptibly(nanos, TimeUnit.NANOSECONDS);
    }

    /**
     * Takes what was handed over: a frame, or something to do. Called by the event loop.
     *
     * @return how many bytes leave for a frame; 0 for something to do
     */
    final int write(Object content) {
        try {
            if (content instanceof byte[] frame) {
                handedOver.addAndGet(-frame.length);
                return write(channel, frame);
            }
            ((Runnable) content).run();
        } catch (RuntimeException e) {
            // One client's fault must not hold back, or send again, what is for the others of the loop.
            LOG.error("nothing more can be sent to {}", address(), e);
            reason(CloseReason.ERROR);
            channel.close();
        }
        return 0;
    }

    /** Writes a frame in the form of the connection, flushes it, and returns how many bytes leave. Called by the event loop. */
    abstract int write(Channel target, byte[] frame);

    /** Ends the connection after the last words; in any case it ends after a second. */
    void afterFarewell(ChannelFuture written) {
        written.addListener(ChannelFutureListener.CLOSE);
    }

    /** Returns the last words. */
    abstract Object farewell(Channel target, WireCode code, String text);
}
