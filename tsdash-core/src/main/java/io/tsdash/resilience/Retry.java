package io.tsdash.resilience;

import io.tsdash.time.TimeSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes a call again that failed in passing: a few times, after pauses that grow, and only as long as its time and its budget last. The
 * last failure is passed on. For calls that may be made twice. Thread-safe; waits on the thread that calls.
 */
public final class Retry {
    private final String name;
    private final int attemptsMax;
    private final BackOff backOff;
    private final long deadlineNanos;
    private final Predicate<Exception> retries;
    private final Optional<RetryBudget> budget;
    private final TimeSource time;
    private final RetryListener listener;

    Retry(RetryBuilder settings) {
        name = settings.name;
        attemptsMax = settings.attemptsMax;
        backOff = settings.backOff;
        deadlineNanos = settings.deadline.toNanos();
        retries = settings.retries;
        budget = settings.budget;
        time = settings.time;
        listener = settings.listener;
    }

    /**
     * Returns a builder; as it is, what failed with a {@link io.tsdash.error.TransientException} is tried three times within 10 s.
     *
     * @param name what is called, for messages and listeners
     */
    public static RetryBuilder builder(String name) {
        return new RetryBuilder(name);
    }

    /**
     * Makes a call, again if need be.
     *
     * @throws InterruptedException if the thread was interrupted in a pause; the last failure is suppressed in it
     * @throws Exception what the last try threw
     */
    public <T extends @Nullable Object> T call(Callable<T> call) throws Exception {
        return call(call, () -> true);
    }

    /**
     * Makes a call, again if need be and as long as it may be made again: for one that hands out its answer in parts, until the first.
     *
     * @param repeatable asked after each failure that could be tried again
     * @throws InterruptedException if the thread was interrupted in a pause; the last failure is suppressed in it
     * @throws Exception what the last try threw
     */
    public <T extends @Nullable Object> T call(Callable<T> call, BooleanSupplier repeatable) throws Exception {
        long untilNanos = time.monotonicNanos() + deadlineNanos;
        for (int attempt = 1; ; attempt++) {
            try {
                T result = call.call();
                budget.ifPresent(RetryBudget::succeeded);
                return result;
            } catch (Exception e) {
                if (!retries.test(e) || !repeatable.getAsBoolean()) {
                    throw e;
                }
                pause(attempt, untilNanos, e);
            }
        }
    }

    /** Waits until the next try, or throws what makes it the last. */
    private void pause(int attempt, long untilNanos, Exception cause) throws Exception {
        long now = time.monotonicNanos();
        long pauseNanos = backOff.pauseNanos(attempt);
        boolean affordable = budget.map(RetryBudget::failed).orElse(true);
        if (attempt >= attemptsMax || !affordable || now + pauseNanos - untilNanos >= 0) {
            listener.gaveUp(name, attempt, cause);
            throw cause;
        }
        listener.retrying(name, attempt, pauseNanos, cause);
        try {
            time.sleepUntil(now + pauseNanos);
        } catch (InterruptedException e) {
            e.addSuppressed(cause);
            throw e;
        }
    }
}
