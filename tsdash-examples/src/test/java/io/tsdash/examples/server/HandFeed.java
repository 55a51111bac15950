package io.tsdash.examples.server;

import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A feed that delivers what a test hands it. */
public final class HandFeed implements Feed {
    private final CompletableFuture<FeedListener> listener = new CompletableFuture<>();

    @Override
    public String name() {
        return "by hand";
    }

    @Override
    public void start(FeedListener value) {
        listener.complete(value);
    }

    /** Returns who takes what it delivers, once it was started. */
    public FeedListener listener() throws InterruptedException, ExecutionException, TimeoutException {
        return listener.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {}
}
