package io.tsdash.relay;

import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What one server writes and all read: cuts of its channels, entry by entry, a snapshot now and then, and who may write.
 *
 * <p>The rules, each with a test in the contract kit:
 *
 * <ol>
 *   <li>L1: one at a time has the lease. Each that is given has a term one higher than the one before.
 *   <li>L2: a lease lasts for its time from when it was given or renewed. After that it is not renewed, and anyone can get one.
 *   <li>L3: only the lease that holds now writes entries and snapshots: for any other the answer is NOT_LEADER, and nothing
 *       changes.
 *   <li>L4: an entry is written only behind the end that its writer knows; for any other end the answer is DIVERGED.
 *   <li>L5: the newest entry written once more is written once.
 *   <li>L6: reading gives entries in order, from the first that is kept behind the place asked for; it waits for one.
 *   <li>L7: at least so many of the newest entries are kept as the log was set up for, and not many more.
 *   <li>L8: the snapshot is the newest that was written.
 *   <li>L9: a lease that is given back is free at once; one that is not held stays as it is.
 *   <li>L10: after close each call fails with {@link io.tsdash.error.PermanentException}; closing twice is no error.
 * </ol>
 *
 * <p>Thread-safe. Each call ends within a bounded time; it fails with {@link io.tsdash.error.TransientException} while the log
 * is away, and what it asked for may then have been done.
 */
public interface RelayLog extends AutoCloseable {

    /** What became of a write. */
    enum Written {
        /** It is in the log. */
        DONE,
        /** The lease does not hold any more. */
        NOT_LEADER,
        /** The log ends elsewhere: entries are lost, or another wrote. */
        DIVERGED
    }

    /** Tries to get the lease; empty when another has it. */
    Optional<Lease> acquire();

    /** Makes the lease last for its time from now; false when it does not hold any more. */
    boolean renew(Lease lease);

    /** Gives the lease back. */
    void release(Lease lease);

    /**
     * Writes an entry.
     *
     * @param after where the log ends as far as the writer knows
     * @param entry with a higher index than that
     */
    Written append(Lease lease, long after, RelayEntry entry);

    /** Writes a snapshot in the place of the one before; its index is that of the entry it stands at. */
    Written keep(Lease lease, RelayEntry snapshot);

    /** Returns the snapshot, if there is one. */
    Optional<RelayEntry> snapshot();

    /** Returns the index of the newest entry; 0 when there is none. */
    long end();

    /**
     * Returns the first entries behind a place, at most so many; waits for one at most so long.
     *
     * @param after an index
     */
    List<RelayEntry> read(long after, int max, Duration wait);

    @Override
    void close();

    /**
     * Returns a log in memory, for servers of one process and for tests.
     *
     * @param lease how long a lease lasts
     * @param entriesKept at least 1
     * @param time the clock of leases
     */
    static RelayLog inMemory(Duration lease, int entriesKept, TimeSource time) {
        return new InMemoryRelayLog(lease, entriesKept, time);
    }
}
