package io.tsdash.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.tsdash.distribution.SessionOutput;
import io.tsdash.distribution.WireCode;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The way out over a Netty channel. Thread-safe. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is told by itself
abstract class NettyOutput implements SessionOutput {
    /** How long a peer has to take the last words. */
    private static final long CLOSE_MILLIS = 1_000;

    private final Channel channel;
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    NettyOutput(Channel channel) {
        this.channel = channel;
    }

    @Override
    public final void send(byte[] frame) {
        if (closed.get() || !channel.isActive()) {
            return;
        }
        ByteBuf buffer = encode(channel, frame);
        int bytes = buffer.readableBytes();
        queuedBytes.addAndGet(bytes);
        channel.writeAndFlush(content(buffer)).addListener(done -> queuedBytes.addAndGet(-bytes));
    }

    @Override
    public final long queuedBytes() {
        return queuedBytes.get();
    }

    @Override
    public final void close(WireCode code, String text) {
        end(() -> farewell(channel, code, text));
    }

    /** Sends the last words, unless they are said, and returns when they are written. */
    final Optional<ChannelFuture> end(Supplier<Object> lastWords) {
        if (!closed.compareAndSet(false, true)) {
            return Optional.empty();
        }
        ChannelFuture written = channel.writeAndFlush(lastWords.get());
        afterFarewell(written);
        channel.eventLoop().schedule(() -> channel.close(), CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        return Optional.of(written);
    }

    /** Returns whether the last words are said. */
    final boolean isClosed() {
        return closed.get();
    }

    /** Waits until the connection is gone. */
    final void awaitClosed(long nanos) {
        channel.closeFuture().awaitUninterruptibly(nanos, TimeUnit.NANOSECONDS);
    }

    /** Puts a frame into the form of the connection. */
    abstract ByteBuf encode(Channel target, byte[] frame);

    /** Returns what the connection's pipeline takes for these bytes. */
    Object content(ByteBuf buffer) {
        return buffer;
    }

    /** Ends the connection after the last words; in any case it ends after a second. */
    void afterFarewell(ChannelFuture written) {
        written.addListener(ChannelFutureListener.CLOSE);
    }

    /** Returns the last words. */
    abstract Object farewell(Channel target, WireCode code, String text);
}
