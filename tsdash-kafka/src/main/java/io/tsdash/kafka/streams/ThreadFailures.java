package io.tsdash.kafka.streams;

import io.tsdash.error.PermanentException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiConsumer;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;

/**
 * Decides what happens when a thread of Kafka Streams fails: another takes its place, and goes on from the last commit; but
 * the client is shut down when the reason stays, such as wrong settings, or when threads fail again and again. Thread-safe.
 */
public final class ThreadFailures implements StreamsUncaughtExceptionHandler {
    private static final int REPLACED_MAX = 10;
    private static final Duration WITHIN = Duration.ofMinutes(5);
    private static final int CAUSES_MAX = 20;

    private final TimeSource time;
    private final BiConsumer<Throwable, StreamThreadExceptionResponse> told;
    private final Deque<Long> replacedAtNanos = new ArrayDeque<>();

    /**
     * @param time the clock for durations
     * @param told hears of each failure and of what is done about it
     */
    public ThreadFailures(TimeSource time, BiConsumer<Throwable, StreamThreadExceptionResponse> told) {
        this.time = time;
        this.told = told;
    }

    @Override
    public StreamThreadExceptionResponse handle(Throwable failure) {
        StreamThreadExceptionResponse response = stays(failure) || tooMany()
                ? StreamThreadExceptionResponse.SHUTDOWN_CLIENT
                : StreamThreadExceptionResponse.REPLACE_THREAD;
        told.accept(failure, response);
        return response;
    }

    private static boolean stays(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < CAUSES_MAX; i++) {
            if (cause instanceof PermanentException || cause instanceof Error) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private synchronized boolean tooMany() {
        long now = time.monotonicNanos();
        while (!replacedAtNanos.isEmpty() && now - replacedAtNanos.getFirst() > WITHIN.toNanos()) {
            replacedAtNanos.removeFirst();
        }
        replacedAtNanos.addLast(now);
        return replacedAtNanos.size() > REPLACED_MAX;
    }
}
