package io.tsdash.resilience;

import io.tsdash.time.TimeSource;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps calls away from what fails, for a pause, and then lets a few through to see (M. Nygard, "Release It!", 2007).
 *
 * <p>Closed, it lets calls through and counts how they go; it is judged when one fails or is slow, and opens when that is too much.
 * Open, it refuses calls at once with a {@link CallRefusedException}. After the pause it is half open: so many calls are let
 * through, all others refused; all well closes it, and one that is not opens it again for twice the pause, up to the longest.
 *
 * <p>Thread-safe, for virtual threads too: nothing is locked while a call is made. With a count window and without slow calls, a
 * healthy call costs two volatile reads and no clock. Where calls must be timed, slow ones take a second or more and a window
 * ten, it is by the coarse clock ({@link TimeSource#coarseNanos}); below that, by the exact one.
 */
public final class CircuitBreaker {
    /** Where it is. */
    public enum State {
        /** Calls are let through. */
        CLOSED,
        /** Nothing is let through, for a pause. */
        OPEN,
        /** A few calls are let through to see. */
        HALF_OPEN,
        /** Nothing is let through until someone says otherwise. */
        FORCED_OPEN,
        /** All is let through and nothing counted until someone says otherwise. */
        DISABLED
    }

    private static final AtomicReferenceFieldUpdater<CircuitBreaker, BreakerState> STATE =
            AtomicReferenceFieldUpdater.newUpdater(CircuitBreaker.class, BreakerState.class, "state");

    private final String name;
    private final TimeSource time;
    private final CircuitBreakerListener listener;
    private final CircuitBreakerBuilder.Opening opening;
    private final Predicate<Throwable> failure;
    private final Predicate<Throwable> nothing;
    private final boolean timed;
    private final boolean counted;
    private final boolean coarse;
    private final long slowNanos;
    private final double slowRate;
    private final long pauseMinNanos;
    private final long pauseMaxNanos;
    private final double spread;
    private final int probes;
    private final long probeTimeoutNanos;
    private final LongAdder refused = new LongAdder();
    private volatile BreakerState state;

    CircuitBreaker(CircuitBreakerBuilder settings) {
        name = settings.name;
        time = settings.time;
        listener = settings.listener;
        opening = settings.opening;
        failure = settings.failure;
        nothing = settings.nothing;
        timed = settings.slowRate > 0;
        counted = opening.isTimed();
        coarse = settings.isCoarse();
        slowNanos = settings.slow.toNanos();
        slowRate = settings.slowRate;
        pauseMinNanos = settings.pauseMin.toNanos();
        pauseMaxNanos = settings.pauseMax.toNanos();
        spread = settings.spread;
        probes = settings.probes;
        probeTimeoutNanos = settings.probeTimeout.orElse(settings.pauseMax).toNanos();
        state = closed();
    }

    /**
     * Returns a builder; as it is, the breaker opens after 5 failures in a row for 30 s and then lets one call through to see.
     *
     * @param name what it guards, for messages and listeners
     */
    public static CircuitBreakerBuilder builder(String name) {
        return new CircuitBreakerBuilder(name);
    }

    /** Returns what it guards. */
    public String name() {
        return name;
    }

    /** Returns where it is. An open one whose pause is over stays open until the next call. */
    public State state() {
        return state.name();
    }

    /** Returns what it has counted. */
    public BreakerCounts counts() {
        OutcomeWindow.Counts window =
                state instanceof ClosedState closed ? closed.counts(nowIfCounted()) : new OutcomeWindow.Counts(0, 0, 0);
        return new BreakerCounts(window.calls(), window.failed(), window.slow(), refused.sum());
    }

    /**
     * Makes a call that may block.
     *
     * @throws CallRefusedException if it was not made
     * @throws Exception what the call throws
     */
    public <T extends @Nullable Object> T call(Callable<T> call) throws Exception {
        BreakerState admitted = admitted();
        long startNanos = timed ? callNanos() : 0;
        T result;
        try {
            result = call.call();
        } catch (Throwable e) {
            admitted.failed(timed ? callNanos() - startNanos : 0, e);
            throw e;
        }
        succeeded(admitted, startNanos);
        return result;
    }

    /**
     * Makes a call that may block and throws nothing that must be caught.
     *
     * @throws CallRefusedException if it was not made
     */
    public <T extends @Nullable Object> T get(Supplier<T> call) {
        BreakerState admitted = admitted();
        long startNanos = timed ? callNanos() : 0;
        T result;
        try {
            result = call.get();
        } catch (Throwable e) {
            admitted.failed(timed ? callNanos() - startNanos : 0, e);
            throw e;
        }
        succeeded(admitted, startNanos);
        return result;
    }

    /**
     * Makes a call that is answered later. It counts when its stage ends; one that never ends is never counted, and half open it
     * is given up after a time.
     *
     * @return what the call returns; when it was refused, threw or returned null, a stage that has failed
     */
    public <T extends @Nullable Object> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> call) {
        BreakerState admitted = admit();
        if (admitted == null) {
            return CompletableFuture.failedFuture(refusal());
        }
        long startNanos = timed ? callNanos() : 0;
        CompletionStage<T> stage;
        try {
            stage = Objects.requireNonNull(call.get(), () -> "a call through breaker '" + name + "' returned no stage");
        } catch (Throwable e) {
            admitted.failed(timed ? callNanos() - startNanos : 0, e);
            return CompletableFuture.failedFuture(e);
        }
        return stage.whenComplete((result, e) -> {
            if (e == null) {
                succeeded(admitted, startNanos);
            } else {
                Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
                admitted.failed(timed ? callNanos() - startNanos : 0, cause);
            }
        });
    }

    /**
     * Asks whether a call may be made, for callers that count durations themselves or have no one place where the call ends.
     *
     * @return what tells the breaker how the call went; null when it must not be made
     */
    public @Nullable CallPermit tryAcquire() {
        return admit();
    }

    /** Refuses all calls until it is told otherwise. */
    public void forceOpen() {
        set(new ForcedState(this, State.FORCED_OPEN));
    }

    /** Lets all calls through and counts nothing until it is told otherwise. */
    public void disable() {
        set(new ForcedState(this, State.DISABLED));
    }

    /** Closes it and forgets what was counted; from there on it goes by itself. */
    public void forceClosed() {
        set(closed());
    }

    private BreakerState admitted() {
        BreakerState admitted = admit();
        if (admitted == null) {
            throw refusal();
        }
        return admitted;
    }

    private @Nullable BreakerState admit() {
        BreakerState admitted = state.admit();
        if (admitted == null) {
            refused.increment();
            listener.refused(name);
        }
        return admitted;
    }

    private CallRefusedException refusal() {
        return new CallRefusedException("breaker '" + name + "' " + state.refusal());
    }

    private void succeeded(BreakerState admitted, long startNanos) {
        long now = timed || counted ? callNanos() : 0;
        admitted.report(timed && now - startNanos >= slowNanos ? Outcome.SLOW : Outcome.OK, now);
    }

    /** Returns the time for pauses. */
    long now() {
        return time.monotonicNanos();
    }

    private long callNanos() {
        return coarse ? time.coarseNanos() : time.monotonicNanos();
    }

    /** Returns the time for a window that goes by it. */
    long nowIfCounted() {
        return counted ? callNanos() : 0;
    }

    boolean isSlow(long durationNanos) {
        return timed && durationNanos >= slowNanos;
    }

    boolean isFailure(Throwable cause) {
        return failure.test(cause);
    }

    boolean saysNothing(Throwable cause) {
        return nothing.test(cause);
    }

    boolean isTooMuch(OutcomeWindow.Counts counts) {
        return counts.calls() >= opening.callsMin()
                && ((double) counts.failed() / counts.calls() >= opening.failureRate()
                        || (timed && (double) counts.slow() / counts.calls() >= slowRate));
    }

    int probes() {
        return probes;
    }

    long probeTimeoutNanos() {
        return probeTimeoutNanos;
    }

    long pauseMinNanos() {
        return pauseMinNanos;
    }

    BreakerState current() {
        return state;
    }

    boolean isAt(BreakerState at) {
        return state == at;
    }

    /** Goes to the next state unless others have gone elsewhere; whoever went tells. */
    boolean move(BreakerState from, BreakerState to) {
        return STATE.compareAndSet(this, from, to);
    }

    /** Goes to the next state, or to where others have gone meanwhile; returns where it is. */
    BreakerState follow(BreakerState from, BreakerState to) {
        if (move(from, to)) {
            tell(from, to);
            return to;
        }
        return state;
    }

    BreakerState opened(long wantedNanos) {
        long pause = Math.min(pauseMaxNanos, wantedNanos);
        double spreadBy =
                spread == 0 ? 1 : 1 + spread * (2 * ThreadLocalRandom.current().nextDouble() - 1);
        return new OpenState(this, pause, now() + (long) (pause * spreadBy));
    }

    BreakerState closed() {
        return new ClosedState(this, opening.window(nowIfCounted()));
    }

    private void set(BreakerState to) {
        BreakerState from = state;
        while (!STATE.compareAndSet(this, from, to)) {
            from = state;
        }
        tell(from, to);
    }

    void tell(BreakerState from, BreakerState to) {
        if (from.name() != to.name()) {
            listener.changed(name, from.name(), to.name());
        }
    }
}
