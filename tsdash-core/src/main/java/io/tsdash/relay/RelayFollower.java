package io.tsdash.relay;

import io.tsdash.distribution.Channels;
import io.tsdash.distribution.ChannelsDecoder;
import io.tsdash.distribution.Hub;
import io.tsdash.error.InvalidInputException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the copies of a hub as the log says: the snapshot first, then entry after entry; what does not follow is loaded
 * again. {@link #poll} is for one thread, the rest for any.
 */
final class RelayFollower {
    private static final int ENTRIES_MAX = 64;

    private final RelayLog log;
    private final Hub hub;
    private final TimeSource time;
    private final RelayListener listener;
    private volatile boolean loaded;
    private volatile long index;
    private volatile long newestNanos;
    private volatile long lagMillis;
    private String whyLoad = "this server is new";

    RelayFollower(RelayLog log, Hub hub, TimeSource time, RelayListener listener) {
        this.log = log;
        this.hub = hub;
        this.time = time;
        this.listener = listener;
        this.newestNanos = time.monotonicNanos();
    }

    /**
     * Reads on, waiting for an entry at most so long.
     *
     * @return whether the copies are further than before
     */
    boolean poll(Duration wait) throws InterruptedException {
        if (!whyLoad.isEmpty() && !load()) {
            return false;
        }
        List<RelayEntry> entries = log.read(index, ENTRIES_MAX, wait);
        if (entries.isEmpty()) {
            if (log.end() < index) {
                whyLoad = "the log has lost entries";
            }
            return false;
        }
        // What is in the hub counts, also when a wait for it was broken off: an entry that is known changes nothing.
        Applied applied = hub.call(channels -> apply(channels, entries));
        index = applied.index();
        whyLoad = applied.problem();
        RelayEntry newest = applied.newest();
        if (newest != null) {
            newestNanos = time.monotonicNanos();
            lagMillis = Math.max(
                    0, TimeUnit.NANOSECONDS.toMillis(time.epochNanos()) - ChannelsDecoder.madeAtMillis(newest.bytes()));
        }
        return whyLoad.isEmpty();
    }

    /** Returns the place of the last entry that the copies hold. */
    long index() {
        return index;
    }

    /** Returns whether the copies are there. */
    boolean isLoaded() {
        return loaded;
    }

    /** Returns when the newest entry was taken, by the monotonic clock; at first when this was made. */
    long newestNanos() {
        return newestNanos;
    }

    /** Returns when the newest entry was made, by this node's monotonic clock, as far as the clocks of the nodes agree. */
    long madeNanos() {
        return newestNanos - TimeUnit.MILLISECONDS.toNanos(lagMillis);
    }

    /** Returns how old the newest entry was when it was taken. */
    long lagMillis() {
        return lagMillis;
    }

    private boolean load() throws InterruptedException {
        Optional<RelayEntry> snapshot = log.snapshot();
        if (snapshot.isEmpty()) {
            return false;
        }
        try {
            hub.call(channels -> {
                ChannelsDecoder.replace(channels, snapshot.get().bytes());
                return true;
            });
        } catch (InvalidInputException e) {
            listener.onFailed(e);
            return false;
        }
        listener.onLoaded(whyLoad);
        index = snapshot.get().index();
        loaded = true;
        whyLoad = "";
        return true;
    }

    private Applied apply(Channels channels, List<RelayEntry> entries) {
        long at = index;
        RelayEntry newest = null;
        for (RelayEntry entry : entries) {
            try {
                if (ChannelsDecoder.change(channels, entry.bytes()) == ChannelsDecoder.Outcome.ELSEWHERE) {
                    return new Applied(at, newest, "entry " + entry.index() + " does not follow entry " + at);
                }
            } catch (InvalidInputException e) {
                return new Applied(at, newest, "entry " + entry.index() + " cannot be read: " + e.getMessage());
            }
            at = entry.index();
            newest = entry;
        }
        return new Applied(at, newest, "");
    }

    /** How far a batch of entries went, and why no further. */
    private record Applied(long index, @Nullable RelayEntry newest, String problem) {}
}
