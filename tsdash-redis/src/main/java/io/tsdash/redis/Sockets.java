package io.tsdash.redis;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The sockets of a client, which are closed when several commands in a row got no answer: the client then connects anew. For an
 * answer whose end was lost on the way the client waits, and takes that of the next command for it: on that socket no command
 * would get its own answer in time again. Thread-safe.
 */
final class Sockets implements NettyCustomizer {
    private static final int IN_VAIN_MAX = 6;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger inVain = new AtomicInteger();
    private final AtomicLong notBeforeNanos = new AtomicLong(Long.MIN_VALUE);

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // it is told when the channel is closed
    public void afterChannelInitialized(Channel channel) {
        open.add(channel);
        channel.closeFuture().addListener(done -> open.remove(channel));
    }

    void answered() {
        inVain.setPlain(0);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a channel that cannot be closed is closed
    void noAnswer(long nowNanos) {
        long notBefore = notBeforeNanos.get();
        if (inVain.incrementAndGet() >= IN_VAIN_MAX
                && (notBefore == Long.MIN_VALUE || nowNanos - notBefore >= 0)
                && notBeforeNanos.compareAndSet(notBefore, nowNanos + PAUSE_NANOS)) {
            inVain.set(0);
            open.forEach(Channel::close);
        }
    }
}
