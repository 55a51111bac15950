package io.tsdash.transport;

import io.tsdash.error.TransientException;
import io.tsdash.relay.Lease;
import io.tsdash.relay.RelayEntry;
import io.tsdash.relay.RelayLog;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/** A log that all nodes share, and that can lose its end; each node has a way to it that can fail. */
final class SimulatedLog {
    private static final int ENTRIES_KEPT = 30;
    private static final Duration LEASE = Duration.ofSeconds(2);

    private final TimeSource time;
    private final Random random;
    private final List<RelayEntry> written = new ArrayList<>();
    private RelayLog base;
    private boolean mayHaveLost;

    SimulatedLog(TimeSource time, Random random) {
        this.time = time;
        this.random = random;
        this.base = RelayLog.inMemory(LEASE, ENTRIES_KEPT, time);
    }

    /** As a server does that comes back without what it had not synced, or with nothing. */
    void lose(int entries) {
        Optional<RelayEntry> snapshot = base.snapshot();
        RelayLog fresh = RelayLog.inMemory(LEASE, ENTRIES_KEPT, time);
        Lease lease = fresh.acquire().orElseThrow();
        written.subList(Math.max(0, written.size() - entries), written.size()).clear();
        long end = 0;
        for (RelayEntry entry : written) {
            fresh.append(lease, end, entry);
            end = entry.index();
        }
        long last = end;
        snapshot.filter(whole -> whole.index() <= last).ifPresent(whole -> fresh.keep(lease, whole));
        fresh.release(lease);
        base = fresh;
        mayHaveLost = true;
    }

    Way way() {
        return new Way();
    }

    final class Way implements RelayLog {
        boolean away;
        boolean bad;

        @Override
        public Optional<Lease> acquire() {
            return call(() -> base.acquire().map(lease -> {
                return new Lease(lease.term(), lease.token(), !mayHaveLost);
            }));
        }

        @Override
        public boolean renew(Lease lease) {
            return call(() -> base.renew(plain(lease)));
        }

        @Override
        public void release(Lease lease) {
            call(() -> {
                base.release(plain(lease));
                return true;
            });
        }

        @Override
        public Written append(Lease lease, long after, RelayEntry entry) {
            return call(() -> {
                long before = base.end();
                Written outcome = base.append(plain(lease), after, entry);
                if (base.end() > before) {
                    written.add(entry);
                }
                return outcome;
            });
        }

        @Override
        public Written keep(Lease lease, RelayEntry snapshot) {
            return call(() -> {
                Written outcome = base.keep(plain(lease), snapshot);
                mayHaveLost &= outcome != Written.DONE;
                return outcome;
            });
        }

        @Override
        public Optional<RelayEntry> snapshot() {
            return call(() -> base.snapshot());
        }

        @Override
        public long end() {
            return call(() -> base.end());
        }

        /** Slow, and what was read before may come again. */
        @Override
        public List<RelayEntry> read(long after, int max, Duration wait) {
            long from = bad && random.nextInt(3) == 0 ? Math.max(0, after - random.nextInt(4)) : after;
            return call(() -> base.read(from, bad ? 1 + random.nextInt(3) : max, Duration.ZERO));
        }

        @Override
        public void close() {}

        private Lease plain(Lease lease) {
            return new Lease(lease.term(), lease.token(), true);
        }

        private <T> T call(Supplier<T> what) {
            if (away) {
                throw new TransientException("the log is away");
            }
            T answer = what.get();
            if (bad && random.nextInt(10) == 0) {
                throw new TransientException("the answer was lost");
            }
            return answer;
        }
    }
}
