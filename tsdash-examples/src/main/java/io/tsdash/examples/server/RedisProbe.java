package io.tsdash.examples.server;

import io.tsdash.error.TsdashException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has Redis asked each second, so that it is known how it is also when nobody else asks: one question at a time, each for as long as
 * its connection lets it take. Thread-safe.
 */
final class RedisProbe implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisProbe.class);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "tsdash-redis-probe");
        made.setDaemon(true);
        return made;
    });

    /** @param questions whose connections see how they end */
    @SuppressWarnings("FutureReturnValueIgnored") // a turn catches what goes wrong in it
    RedisProbe(List<Runnable> questions) {
        thread.scheduleWithFixedDelay(() -> questions.forEach(RedisProbe::ask), 1, 1, TimeUnit.SECONDS);
    }

    private static void ask(Runnable question) {
        try {
            question.run();
        } catch (TsdashException e) {
            LOG.debug("Redis was asked in vain: {}", e.getMessage()); // its connection tells
        } catch (RuntimeException e) {
            LOG.error("Redis cannot be asked", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
