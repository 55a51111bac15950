package io.tsdash.transport.access;

import io.tsdash.distribution.SubscriptionLimit;
import io.tsdash.resilience.RateDecision;
import io.tsdash.resilience.TokenBucket;
import io.tsdash.time.TimeSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts what each user has, over all connections, and says whether there may be more.
 *
 * <p>The newest grant of a user says how much that is. A user without connections is forgotten when nothing of what was
 * used counts any more. Thread-safe.
 */
public final class UserQuotas {
    /** So many users are remembered before those without a connection are looked through. */
    private static final int SWEEP_FROM = 1_024;

    private final TimeSource time;
    private final Map<String, Usage> users = new HashMap<>();
    private int sweepAt = SWEEP_FROM;

    /** @param time the clocks */
    public UserQuotas(TimeSource time) {
        this.time = time;
    }

    /** Counts a connection; empty when it would be one too many. */
    public synchronized Optional<Lease> connect(Grant grant) {
        Usage usage = usage(grant);
        if (usage.connections >= usage.quotas.connections()) {
            return Optional.empty();
        }
        usage.connections++;
        return Optional.of(new Lease(usage));
    }

    /** Counts a message or request of someone who need not have a connection, and says how it stands. */
    public synchronized RateDecision message(Grant grant) {
        return usage(grant).bucket.decide(1);
    }

    /** Returns how many users are remembered. */
    synchronized int size() {
        return users.size();
    }

    private Usage usage(Grant grant) {
        if (users.size() >= sweepAt) {
            users.values().removeIf(usage -> usage.connections == 0 && usage.bucket.isFull());
            sweepAt = Math.max(SWEEP_FROM, 2 * users.size());
        }
        Usage usage = users.computeIfAbsent(grant.user(), user -> new Usage(grant.quotas(), time));
        if (!usage.quotas.equals(grant.quotas())) {
            usage.renew(grant.quotas(), time);
        }
        return usage;
    }

    /** What one user has. Guarded by the whole. */
    private static final class Usage {
        Quotas quotas;
        TokenBucket bucket;
        int connections;
        int subscriptions;

        Usage(Quotas quotas, TimeSource time) {
            this.quotas = quotas;
            this.bucket = TokenBucket.of(quotas.messages(), time);
        }

        /** Goes on with other bounds; what is in the bucket stays, as far as it fits. */
        void renew(Quotas newer, TimeSource time) {
            quotas = newer;
            long kept = Math.min(bucket.remaining(), newer.messagesAtOnce());
            bucket = TokenBucket.startingWith(kept, newer.messages(), time);
        }
    }

    /** One connection's part of what its user has. Thread-safe. */
    public final class Lease implements SubscriptionLimit {
        private final Usage usage;
        private int subscriptions;
        private boolean released;

        private Lease(Usage usage) {
            this.usage = usage;
        }

        @Override
        public boolean allow(int wanted) {
            synchronized (UserQuotas.this) {
                int more = wanted - subscriptions;
                if (released || (more > 0 && usage.subscriptions + more > usage.quotas.subscriptions())) {
                    return false;
                }
                usage.subscriptions += more;
                subscriptions = wanted;
                return true;
            }
        }

        /** Counts a command; false when it comes too soon. */
        public boolean message() {
            synchronized (UserQuotas.this) {
                return usage.bucket.tryAcquire();
            }
        }

        /** Goes on under another grant of the same user. */
        public void renew(Grant grant) {
            synchronized (UserQuotas.this) {
                usage(grant);
            }
        }

        /** Gives all back; the connection is gone. Twice is no error. */
        public void release() {
            synchronized (UserQuotas.this) {
                if (!released) {
                    released = true;
                    usage.connections--;
                    usage.subscriptions -= subscriptions;
                }
            }
        }
    }
}
