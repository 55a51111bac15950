package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many calls be under way at a time, and so many wait for so long, in order; all others are refused at once. So what is slow
 * takes a part of the threads, and never all. Thread-safe.
 */
public final class Bulkhead {
    private static final int CALLS_MAX = 1_000_000;

    private final String name;
    private final int callsMax;
    private final int waitingMax;
    private final Duration waitMax;
    private final GuardListener listener;
    private final Semaphore places;
    private final AtomicInteger waiting = new AtomicInteger();

    /**
     * @param name what is called, for messages and listeners
     * @param callsMax calls at a time, 1 to 1,000,000
     * @param waitingMax callers that may wait, 0 to 1,000,000
     * @param waitMax how long they may, up to a year; zero only where none may
     * @throws ConfigurationException with everything that is wrong
     */
    public Bulkhead(String name, int callsMax, int waitingMax, Duration waitMax, GuardListener listener) {
        List<String> problems = new ArrayList<>();
        if (name.isBlank()) {
            problems.add("name was blank but it must say what is called");
        }
        if (callsMax < 1 || callsMax > CALLS_MAX) {
            problems.add("callsMax was '" + callsMax + "' but it must be 1 to " + CALLS_MAX);
        }
        if (waitingMax < 0 || waitingMax > CALLS_MAX) {
            problems.add("waitingMax was '" + waitingMax + "' but it must be 0 to " + CALLS_MAX);
        }
        if (waitingMax > 0) {
            Durations.check(problems, "waitMax", waitMax);
        } else if (!waitMax.isZero()) {
            problems.add("waitMax was '" + waitMax + "' but it must be zero where waitingMax is 0");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        this.name = name;
        this.callsMax = callsMax;
        this.waitingMax = waitingMax;
        this.waitMax = waitMax;
        this.listener = listener;
        this.places = new Semaphore(callsMax, true);
    }

    /** Returns how many calls are under way. */
    public int underWay() {
        return callsMax - places.availablePermits();
    }

    /** Returns how many callers wait. */
    public int waiting() {
        return waiting.get();
    }

    /**
     * Makes a call that may block, after a wait if need be.
     *
     * @throws CallRefusedException if it was not made
     * @throws InterruptedException if the thread was interrupted while it waited
     * @throws Exception what the call throws
     */
    public <T extends @Nullable Object> T call(Callable<T> call) throws Exception {
        if (!places.tryAcquire(0, TimeUnit.NANOSECONDS) && !await()) {
            throw refused();
        }
        try {
            return call.call();
        } finally {
            places.release();
        }
    }

    /**
     * Makes a call that is answered later; it is under way until then. Does not wait for a place.
     *
     * @return what the call returns, or a stage that has failed
     */
    public <T extends @Nullable Object> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> call) {
        if (!places.tryAcquire()) {
            return CompletableFuture.failedFuture(refused());
        }
        CompletionStage<T> stage;
        try {
            stage = Objects.requireNonNull(call.get(), () -> "call '" + name + "' returned no stage");
        } catch (Throwable e) {
            places.release();
            return CompletableFuture.failedFuture(e);
        }
        return stage.whenComplete((result, e) -> places.release());
    }

    private boolean await() throws InterruptedException {
        try {
            return waiting.incrementAndGet() <= waitingMax
                    && places.tryAcquire(waitMax.toNanos(), TimeUnit.NANOSECONDS);
        } finally {
            waiting.decrementAndGet();
        }
    }

    private CallRefusedException refused() {
        String why = "bulkhead '" + name + "' is full: " + underWay() + " of " + callsMax + " calls are under way, "
                + waiting() + " of " + waitingMax + " wait";
        listener.refused(name, why);
        return new CallRefusedException(why);
    }
}
