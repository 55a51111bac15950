package io.tsdash.cache;

import java.util.Collection;

/**
 * Tells nodes which keys of a shared cache have changed, so that they forget their copies.
 *
 * <ul>
 *   <li>I1: Who has subscribed is told of each key that another node puts or removes, after that is done, and perhaps of its own.
 *   <li>I2: When something may have been missed, because a connection broke say, it is told so once that is over: from then on
 *       nothing is missed again. In between it is not told; how old a copy gets then is for the local tier to bound.
 *   <li>I3: After the subscription is closed it is told nothing more.
 * </ul>
 *
 * <p>Thread-safe.
 */
public interface Invalidations {

    /** Hears what has changed. Called from threads of the connection; must not block. */
    interface Listener {

        /** These keys have changed. */
        void onChanged(Collection<String> keys);

        /** Anything may have changed. */
        void onMissed();
    }

    /** Ends a subscription. */
    @FunctionalInterface
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** Tells this listener of changes from now on. */
    Subscription subscribe(Listener listener);

    /** Tells other nodes that this one has changed keys; nothing to do where the shared cache sees that by itself. */
    void changed(Collection<String> keys);

    /** Returns invalidations that never come: only the local tier's lifetime bounds the age of its copies. */
    static Invalidations none() {
        return new Invalidations() {
            @Override
            public Subscription subscribe(Listener listener) {
                return () -> {};
            }

            @Override
            public void changed(Collection<String> keys) {
                // nobody hears
            }
        };
    }
}
