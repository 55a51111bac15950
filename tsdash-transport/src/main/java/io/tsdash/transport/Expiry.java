package io.tsdash.transport;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tsdash.time.TimeSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Does something when a grant ends, by the clock on the wall, which may be set meanwhile. One event loop. */
final class Expiry {
    /** A clock that was set is noticed after this. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final EventLoop loop;
    private final TimeSource time;
    private final Runnable ended;
    private @Nullable ScheduledFuture<?> next;

    Expiry(EventLoop loop, TimeSource time, Runnable ended) {
        this.loop = loop;
        this.time = time;
        this.ended = ended;
    }

    /** Sets when, nanoseconds since the epoch, instead of what was set before. */
    void at(long epochNanos) {
        cancel();
        long left = epochNanos - time.epochNanos();
        if (left <= 0) {
            ended.run();
        } else {
            next = loop.schedule(() -> at(epochNanos), Math.min(left, LOOK_AGAIN_NANOS), TimeUnit.NANOSECONDS);
        }
    }

    void cancel() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }
}
