package io.tsdash.influx;

import io.tsdash.error.TsdashException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that refreshes pre-computed bars from time to time; what fails is tried again the next time. */
final class Refresher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Refresher.class);
    private static final long CLOSE_SECONDS_MAX = 10;

    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    private Refresher(Runnable refresh, Duration every, String where) {
        this.thread = new Thread(() -> run(refresh, every, where), "tsdash-influx-refresher");
        thread.setDaemon(true);
    }

    static Refresher start(Runnable refresh, Duration every, String where) {
        Refresher refresher = new Refresher(refresh, every, where);
        refresher.thread.start();
        return refresher;
    }

    private void run(Runnable refresh, Duration every, String where) {
        try {
            while (!closing.await(every.toNanos(), TimeUnit.NANOSECONDS)) {
                try {
                    refresh.run();
                } catch (TsdashException e) {
                    LOG.warn(
                            "{}could not bring pre-computed bars up to date; it is tried again in {}", where, every, e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it: a refresh that runs is broken off, and its marks stay. */
    @Override
    public void close() {
        closing.countDown();
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS_MAX));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
