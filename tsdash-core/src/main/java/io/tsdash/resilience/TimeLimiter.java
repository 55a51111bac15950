package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends the wait for a call that takes too long.
 *
 * <p>A call that may block is made on another thread and interrupted when its time is over; the caller goes on at once, whether or
 * not it ends then. One that never ends keeps its thread and its place, of which there are so many: when all are taken, calls
 * are refused instead of filling the executor. Thread-safe; the executor stays its owner's to close.
 */
public final class TimeLimiter {
    private static final int CALLS_MAX = 100_000;

    private final String name;
    private final Duration timeout;
    private final int callsMax;
    private final Executor executor;
    private final GuardListener listener;
    private final Semaphore places;

    /**
     * @param name what is called, for messages and listeners
     * @param timeout how long a call may take, with the wait for a thread; up to a year
     * @param callsMax calls at a time, those that were given up and have not ended included; 1 to 100,000
     * @param executor makes the calls that may block; must not make them on the thread that hands them over
     * @throws ConfigurationException with everything that is wrong
     */
    public TimeLimiter(String name, Duration timeout, int callsMax, Executor executor, GuardListener listener) {
        List<String> problems = new ArrayList<>();
        if (name.isBlank()) {
            problems.add("name was blank but it must say what is called");
        }
        Durations.check(problems, "timeout", timeout);
        if (callsMax < 1 || callsMax > CALLS_MAX) {
            problems.add("callsMax was '" + callsMax + "' but it must be 1 to " + CALLS_MAX);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        this.name = name;
        this.timeout = timeout;
        this.callsMax = callsMax;
        this.executor = executor;
        this.listener = listener;
        this.places = new Semaphore(callsMax);
    }

    /** Returns how many calls are under way, those that were given up and have not ended included. */
    public int underWay() {
        return callsMax - places.availablePermits();
    }

    /**
     * Makes a call that may block.
     *
     * @throws CallTimeoutException if it took too long
     * @throws CallRefusedException if it was not made
     * @throws InterruptedException if the caller was interrupted; the call is too, then
     * @throws Exception what the call throws
     */
    public <T extends @Nullable Object> T call(Callable<T> call) throws Exception {
        FutureTask<T> task = start(call);
        try {
            return task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw timedOut();
        } catch (InterruptedException e) {
            task.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    /**
     * Makes a call that is answered later; a stage that takes too long is cancelled. The place is free when the caller is answered.
     *
     * @return what the call returns, or a stage that has failed
     */
    public <T extends @Nullable Object> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> call) {
        if (!places.tryAcquire()) {
            return CompletableFuture.failedFuture(refused());
        }
        CompletableFuture<T> stage;
        try {
            stage = Objects.requireNonNull(call.get(), () -> "call '" + name + "' returned no stage")
                    .toCompletableFuture();
        } catch (Throwable e) {
            places.release();
            return CompletableFuture.failedFuture(e);
        }
        return stage.copy().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS).handle((result, e) -> {
            places.release();
            if (e == null) {
                return result;
            }
            // What the stage itself failed with comes wrapped; this is the time that is over.
            if (e instanceof TimeoutException) {
                stage.cancel(true);
                throw new CompletionException(timedOut());
            }
            throw e instanceof CompletionException wrapped ? wrapped : new CompletionException(e);
        });
    }

    private <T extends @Nullable Object> FutureTask<T> start(Callable<T> call) {
        if (!places.tryAcquire()) {
            throw refused();
        }
        Place place = new Place();
        // The place is free before the caller has its answer, and also if the call was given up before it began.
        FutureTask<T> task = new FutureTask<>(() -> {
            try {
                return call.call();
            } finally {
                place.release();
            }
        });
        try {
            executor.execute(() -> {
                task.run();
                place.release();
            });
            return task;
        } catch (RejectedExecutionException e) {
            place.release();
            throw refused();
        }
    }

    private CallTimeoutException timedOut() {
        listener.timedOut(name);
        return new CallTimeoutException("call '" + name + "' took longer than " + timeout);
    }

    private CallRefusedException refused() {
        String why = "call '" + name + "' was not made: " + underWay() + " of " + callsMax
                + " are under way, and its executor may be full";
        listener.refused(name, why);
        return new CallRefusedException(why);
    }

    /** What a call holds until it ends. */
    private final class Place {
        private final AtomicBoolean held = new AtomicBoolean(true);

        void release() {
            if (held.compareAndSet(true, false)) {
                places.release();
            }
        }
    }
}
