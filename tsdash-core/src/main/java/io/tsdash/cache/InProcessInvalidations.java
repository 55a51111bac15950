package io.tsdash.cache;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Invalidations between nodes of one process: for tests, and as a measure for others. Each node has one. Thread-safe. */
public final class InProcessInvalidations implements Invalidations {
    private record Subscriber(InProcessInvalidations node, Listener listener) {}

    private final List<Subscriber> subscribers;

    /** Makes the first node. */
    public InProcessInvalidations() {
        this(new CopyOnWriteArrayList<>());
    }

    private InProcessInvalidations(List<Subscriber> subscribers) {
        this.subscribers = subscribers;
    }

    /** Returns another node, which hears this one and is heard by it. */
    public InProcessInvalidations node() {
        return new InProcessInvalidations(subscribers);
    }

    @Override
    public Subscription subscribe(Listener listener) {
        Subscriber subscriber = new Subscriber(this, listener);
        subscribers.add(subscriber);
        return () -> subscribers.remove(subscriber);
    }

    @Override
    public void changed(Collection<String> keys) {
        List<String> copy = List.copyOf(keys);
        for (Subscriber subscriber : subscribers) {
            if (subscriber.node() != this) {
                subscriber.listener().onChanged(copy);
            }
        }
    }

    /** Tells all nodes that they may have missed something, as a connection does that was away. */
    public void missed() {
        subscribers.forEach(subscriber -> subscriber.listener().onMissed());
    }
}
