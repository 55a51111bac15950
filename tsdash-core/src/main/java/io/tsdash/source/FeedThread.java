package io.tsdash.source;

import io.tsdash.error.TsdashException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a feed: runs its loop once, says how it went, and stops in bounded time.
 *
 * <p>Thread-safe.
 */
final class FeedThread {
    private static final Logger LOG = LoggerFactory.getLogger(FeedThread.class);

    // The first is for a listener that is about to return, the second for one that had to be interrupted.
    private static final long JOIN_MILLIS = 1_000;

    private final String name;
    private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
    private final CountDownLatch stopAsked = new CountDownLatch(1);
    private final AtomicBoolean stopping = new AtomicBoolean();

    FeedThread(String name) {
        this.name = name;
    }

    /** What a feed does; returns when it has delivered all, or when asked to stop. */
    @FunctionalInterface
    interface Loop {
        /** Returns why it ended, in words for people. */
        String run() throws InterruptedException;
    }

    void start(FeedListener listener, Loop loop) {
        Thread started = new Thread(() -> run(listener, loop), "tsdash-feed-" + name);
        started.setDaemon(true);
        if (stopping.get() || !thread.compareAndSet(null, started)) {
            throw new IllegalStateException("feed '" + name + "' was started or closed before; open a new one");
        }
        started.start();
    }

    boolean stopping() {
        return stopping.get();
    }

    /** Waits until it is asked to stop. */
    void awaitStop() throws InterruptedException {
        stopAsked.await();
    }

    void stop() {
        stopAsked.countDown();
        stopping.set(true);
        Thread running = thread.get();
        if (running == null || running == Thread.currentThread()) {
            return;
        }
        try {
            running.join(JOIN_MILLIS);
            if (running.isAlive()) {
                running.interrupt();
                running.join(JOIN_MILLIS);
            }
        } catch (InterruptedException e) {
            running.interrupt();
            Thread.currentThread().interrupt();
        }
        if (running.isAlive()) {
            LOG.warn("feed '{}' did not stop: its listener still blocks", name);
        }
    }

    private void run(FeedListener listener, Loop loop) {
        try {
            String reason = loop.run();
            listener.onState(ConnectionState.ENDED, stopping.get() ? "closed" : reason);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            report(listener, ConnectionState.ENDED, "closed");
        } catch (TsdashException e) {
            LOG.error("feed '{}' stopped: {}", name, e.getMessage());
            report(listener, ConnectionState.DOWN, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("feed '{}' stopped", name, e);
            report(listener, ConnectionState.DOWN, String.valueOf(e.getMessage()));
        }
    }

    private void report(FeedListener listener, ConnectionState state, String reason) {
        try {
            listener.onState(state, reason);
        } catch (RuntimeException e) {
            LOG.error("feed '{}': its listener refused the news that it is {} ({})", name, state, reason, e);
        }
    }
}
