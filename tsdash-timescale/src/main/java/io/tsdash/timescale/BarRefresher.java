package io.tsdash.timescale;

import io.tsdash.error.TsdashException;
import io.tsdash.store.MarketStore;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the pre-computed bars up to date from time to time, by a thread of its own; a failure is logged and tried again. */
final class BarRefresher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BarRefresher.class);
    private static final long STOP_SECONDS_MAX = 10;
    private static final BarRefresher NONE = new BarRefresher(null);

    private final @Nullable ExecutorService thread;

    private BarRefresher(@Nullable ExecutorService thread) {
        this.thread = thread;
    }

    static BarRefresher none() {
        return NONE;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it ends with its thread, and never fails
    static BarRefresher every(Duration pause, MarketStore store) {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread created = new Thread(task, "tsdash-bar-refresher");
            created.setDaemon(true);
            return created;
        });
        thread.scheduleWithFixedDelay(() -> refresh(store), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
        return new BarRefresher(thread);
    }

    @Override
    public void close() {
        if (thread == null) {
            return;
        }
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                LOG.warn("a refresh of bars still runs; it ends with its connection");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void refresh(MarketStore store) {
        try {
            store.refreshBars();
        } catch (TsdashException e) {
            LOG.warn("the pre-computed bars could not be brought up to date; the next attempt follows", e);
        }
    }
}
