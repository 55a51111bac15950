package io.tsdash.relay;

import io.tsdash.error.PermanentException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A {@link RelayLog} of one process; lasts as long as that. */
final class InMemoryRelayLog implements RelayLog {
    private final long leaseNanos;
    private final int entriesKept;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    private final ArrayDeque<RelayEntry> entries = new ArrayDeque<>();
    private @Nullable RelayEntry snapshot;
    private @Nullable Lease holder;
    private long heldUntilNanos;
    private long term;
    private boolean closed;

    InMemoryRelayLog(Duration lease, int entriesKept, TimeSource time) {
        this.leaseNanos = lease.toNanos();
        this.entriesKept = entriesKept;
        this.time = time;
    }

    @Override
    public Optional<Lease> acquire() {
        enter();
        try {
            if (holder != null && holds(holder)) {
                return Optional.empty();
            }
            term++;
            Lease lease = new Lease(term, UUID.randomUUID().toString(), true);
            holder = lease;
            heldUntilNanos = time.monotonicNanos() + leaseNanos;
            return Optional.of(lease);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean renew(Lease lease) {
        enter();
        try {
            if (!holds(lease)) {
                return false;
            }
            heldUntilNanos = time.monotonicNanos() + leaseNanos;
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void release(Lease lease) {
        enter();
        try {
            if (lease.equals(holder)) {
                holder = null;
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Written append(Lease lease, long after, RelayEntry entry) {
        enter();
        try {
            if (!holds(lease)) {
                return Written.NOT_LEADER;
            }
            if (lastIndex() == entry.index()) {
                return Written.DONE;
            }
            if (lastIndex() != after) {
                return Written.DIVERGED;
            }
            entries.addLast(entry);
            if (entries.size() > entriesKept) {
                entries.removeFirst();
            }
            written.signalAll();
            return Written.DONE;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Written keep(Lease lease, RelayEntry whole) {
        enter();
        try {
            if (!holds(lease)) {
                return Written.NOT_LEADER;
            }
            snapshot = whole;
            return Written.DONE;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<RelayEntry> snapshot() {
        enter();
        try {
            return Optional.ofNullable(snapshot);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long end() {
        enter();
        try {
            return lastIndex();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<RelayEntry> read(long after, int max, Duration wait) {
        enter();
        try {
            long left = wait.toNanos();
            while (lastIndex() <= after && left > 0 && !closed) {
                left = written.awaitNanos(left);
            }
            return entries.stream()
                    .filter(entry -> entry.index() > after)
                    .limit(max)
                    .toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            written.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private long lastIndex() {
        return entries.isEmpty() ? 0 : entries.getLast().index();
    }

    private boolean holds(Lease lease) {
        return lease.equals(holder) && time.monotonicNanos() - heldUntilNanos < 0;
    }

    private void enter() {
        lock.lock();
        if (closed) {
            lock.unlock();
            throw new PermanentException("the relay's log is closed");
        }
    }
}
