package io.tsdash.transport;

import io.tsdash.error.TransientException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Calls a source of tokens on a thread of its own, so that one that blocks holds up nobody else. There is one call at a
 * time: who asks meanwhile gets its answer too. Thread-safe.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a timeout that finds the answer there does nothing
final class TokenCalls {
    private final Supplier<String> source;
    private final Duration within;
    private CompletableFuture<String> call = CompletableFuture.failedFuture(new TransientException("not called yet"));

    TokenCalls(Supplier<String> source, Duration within) {
        this.source = source;
        this.within = within;
    }

    /** Returns the token to come; fails with what the source threw, or when it took too long. */
    synchronized CompletableFuture<String> ask() {
        if (call.isDone()) {
            call = CompletableFuture.supplyAsync(source, ClientThreads.TOKENS);
        }
        // A copy, for the call goes on when this one no longer waits for it.
        CompletableFuture<String> answer = call.copy();
        ClientThreads.CLOCK.schedule(
                () -> answer.completeExceptionally(
                        new TransientException("the source of tokens gave none within " + within.toMillis() + " ms")),
                within.toMillis(),
                TimeUnit.MILLISECONDS);
        return answer;
    }
}
