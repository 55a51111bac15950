package io.tsdash.kafka;

import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaFuture;

/** Waits for what Kafka's admin client was asked, for a bounded time. */
final class Replies {
    private Replies() {}

    /**
     * Returns the reply.
     *
     * @param missing what is said when none comes in time
     * @throws TransientException if none comes in time
     * @throws ExecutionException with what the brokers said instead
     */
    static <T> T get(KafkaFuture<T> future, String missing, long untilNanos, TimeSource time)
            throws ExecutionException {
        try {
            return future.get(Math.max(1, untilNanos - time.monotonicNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw new TransientException(missing + " in time", e);
        } catch (ExecutionException e) {
            // The client gives up by its own timeout, which is as long.
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
                throw new TransientException(
                        missing + " in time: " + e.getCause().getMessage(), e.getCause());
            }
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException("interrupted: " + missing, e);
        }
    }
}
