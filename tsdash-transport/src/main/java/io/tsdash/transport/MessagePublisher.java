package io.tsdash.transport;

import io.tsdash.client.Replica;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.error.TransientException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SubmissionPublisher;

/** Hands messages to subscribers on their own threads, through a bounded buffer each. Messages come one at a time. */
final class MessagePublisher implements Flow.Publisher<Received>, AutoCloseable {
    private final SubmissionPublisher<Received> subscribers;
    private final WhenFull whenFull;
    private long dropped;

    MessagePublisher(Executor executor, int bufferMax, WhenFull whenFull) {
        this.subscribers = new SubmissionPublisher<>(executor, bufferMax);
        this.whenFull = whenFull;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Received> subscriber) {
        subscribers.subscribe(subscriber);
    }

    /** Takes a message; never waits. */
    void publish(ServerMessage message, Replica.Outcome outcome) {
        if (subscribers.isClosed()) {
            return;
        }
        int lag;
        try {
            lag = subscribers.offer(new Received(message, outcome, dropped), (subscriber, lost) -> false);
        } catch (RejectedExecutionException e) {
            // Its executor was shut down: that has ended the subscription already.
            return;
        }
        // A negative answer is minus the number of subscribers that were full.
        if (lag >= 0) {
            return;
        }
        dropped++;
        if (whenFull == WhenFull.FAIL) {
            subscribers.closeExceptionally(new TransientException("more than " + subscribers.getMaxBufferCapacity()
                    + " messages waited for a subscriber; the replica has them, a new publisher goes on from now"));
        }
    }

    boolean isClosed() {
        return subscribers.isClosed();
    }

    /** Ends it; subscribers still get what waits for them. */
    @Override
    public void close() {
        subscribers.close();
    }
}
