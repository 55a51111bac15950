package io.tsdash.cache;

import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** One search for the value of a key, which any number of callers wait for. Thread-safe. */
final class Load<V> {
    private enum Phase {
        SEARCHING,
        KEEPING,
        OUTDATED
    }

    final String key;
    final long startNanos;
    private final CompletableFuture<CacheEntry<V>> found = new CompletableFuture<>();
    private final FutureTask<Boolean> task;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.SEARCHING);

    /** @param search is given this, and must {@link #succeed} or {@link #fail} it */
    Load(String key, long startNanos, Consumer<Load<V>> search) {
        this.key = key;
        this.startNanos = startNanos;
        this.task = new FutureTask<>(() -> search.accept(this), true);
    }

    Runnable task() {
        return task;
    }

    void succeed(CacheEntry<V> entry) {
        found.complete(entry);
    }

    void fail(TsdashException cause) {
        found.completeExceptionally(cause);
    }

    /** Puts what was found into the cache, unless something newer is known. Whoever changes the cache does so one after the other. */
    void keep(Runnable put) {
        if (phase.compareAndSet(Phase.SEARCHING, Phase.KEEPING)) {
            put.run();
        }
    }

    /** Says that something newer is known: what is found is not put into the cache any more. */
    void outdate() {
        phase.compareAndSet(Phase.SEARCHING, Phase.OUTDATED);
    }

    /** Gives the search up, if it has not ended: whoever waits is told, and its thread is interrupted. */
    boolean abandon(TsdashException cause) {
        if (!phase.compareAndSet(Phase.SEARCHING, Phase.OUTDATED)) {
            return false;
        }
        fail(cause);
        task.cancel(true);
        return true;
    }

    /**
     * Waits for what it finds.
     *
     * @throws TsdashException why it found nothing
     * @throws TimeoutException if it has not ended in time
     */
    CacheEntry<V> await(Duration wait) throws TimeoutException {
        try {
            return found.get(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw (TsdashException) e.getCause();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException("interrupted while waiting for the value of key '" + key + "'", e);
        }
    }
}
