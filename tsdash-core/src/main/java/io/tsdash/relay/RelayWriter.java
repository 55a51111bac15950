package io.tsdash.relay;

import io.tsdash.distribution.Channels;
import io.tsdash.distribution.ChannelsEncoder;
import io.tsdash.distribution.Hub;
import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Brings what changes in a leader's own hub to the log. A cut is taken when the one before is written, so a slow log gets
 * fewer and larger ones; rows of logs that would be overwritten meanwhile are cut in time and wait here, up to a bound.
 *
 * <p>{@link #write} is for one thread; cuts are taken on the hub's.
 */
final class RelayWriter {
    private static final long SIGN_OF_LIFE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** What a step has done. */
    enum Step {
        WROTE,
        NOTHING_TO_WRITE,
        NOT_LEADER
    }

    private final RelayLog log;
    private final Hub source;
    private final RelaySettings settings;
    private final TimeSource time;
    private final RelayListener listener;

    // of the hub's thread and the writer's, which hand over by the monitor; nothing slow is done in it
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean overflowed;

    // of the hub's thread
    private @Nullable ChannelsEncoder encoder;

    /** When the work took its last event, epoch milliseconds: what is told later is no younger. */
    private volatile long workEndedMillis = Long.MAX_VALUE;

    // of the writer's thread
    private Lease lease;
    private long end;
    private long entriesSinceSnapshot;
    private long writtenNanos;
    private String newEpoch = "";

    /**
     * @param source holds what the log holds up to its end
     * @param end of the log
     */
    RelayWriter(
            RelayLog log,
            Hub source,
            Lease lease,
            long end,
            RelaySettings settings,
            TimeSource time,
            RelayListener listener)
            throws InterruptedException {
        this.log = log;
        this.source = source;
        this.lease = lease;
        this.end = end;
        this.settings = settings;
        this.time = time;
        this.listener = listener;
        this.writtenNanos = time.monotonicNanos();
        this.entriesSinceSnapshot = settings.snapshotAfter(); // leaders that follow each other soon must not starve it
        source.beforeOverwrite(this::cut);
        source.submit(channels -> encoder = new ChannelsEncoder(channels));
    }

    Lease lease() {
        return lease;
    }

    /**
     * Goes on with another lease of this node.
     *
     * @return false if another node may have written in between
     */
    boolean goOn(Lease next) {
        long logEnd = log.end();
        if (logEnd < end || !next.unbroken()) {
            beginEpoch("the log may have lost entries");
        } else if (next.term() != lease.term() + 1) {
            return false;
        }
        lease = next;
        return true;
    }

    /** Lets the next step begin a new life of the numbering, with a snapshot. */
    void beginEpoch(String reason) {
        if (newEpoch.isEmpty()) {
            newEpoch = Long.toString(time.epochNanos(), Character.MAX_RADIX) + "_" + lease.term();
            listener.onNewEpoch(reason);
        }
    }

    /**
     * Writes what waits, or takes a cut and writes that.
     *
     * @throws TransientException while the log is away; the next step tries again
     */
    Step write() throws InterruptedException {
        if (!newEpoch.isEmpty()) {
            return writeEpoch();
        }
        if (overflowed()) {
            beginEpoch("more than " + settings.waitingBytesMax() + " bytes waited for the log");
            return writeEpoch();
        }
        byte[] cut = first();
        if (cut == null) {
            boolean signOfLife = time.monotonicNanos() - writtenNanos >= SIGN_OF_LIFE_NANOS;
            source.call(channels -> take(channels, signOfLife));
            cut = first();
        }
        if (cut == null) {
            return Step.NOTHING_TO_WRITE;
        }
        Step step = append(cut);
        if (step == Step.WROTE && entriesSinceSnapshot >= settings.snapshotAfter()) {
            return writeSnapshot();
        }
        return step;
    }

    /**
     * Takes note that the work takes no more events: however long it takes to bring the rest to the log, who leads next goes on
     * from this time.
     */
    void workEnds() {
        workEndedMillis = nowMillis();
    }

    /** Writes all there is, and a snapshot: the last thing that a leader does. */
    Step finish() throws InterruptedException {
        Step step;
        do {
            step = write();
        } while (step == Step.WROTE);
        return step == Step.NOT_LEADER ? step : writeSnapshot();
    }

    private Step append(byte[] cut) {
        RelayEntry entry = new RelayEntry(end + 1, cut);
        return switch (log.append(lease, end, entry)) {
            case DONE -> {
                end = entry.index();
                entriesSinceSnapshot++;
                writtenNanos = time.monotonicNanos();
                removeFirst();
                yield Step.WROTE;
            }
            case NOT_LEADER -> Step.NOT_LEADER;
            case DIVERGED -> {
                beginEpoch("the log does not end at entry " + end);
                yield Step.WROTE;
            }
        };
    }

    /** The snapshot goes first: followers look for it when they find an entry of another epoch. */
    private Step writeEpoch() throws InterruptedException {
        long logEnd = log.end();
        long index = Math.max(end, logEnd);
        byte[][] signOfLife = {{}};
        byte[] whole = source.call(channels -> {
            channels.beginEpoch(newEpoch);
            encoder = new ChannelsEncoder(channels);
            signOfLife[0] = encoder.changes(channels, nowMillis());
            forgetWaiting();
            return ChannelsEncoder.whole(channels);
        });
        if (log.keep(lease, new RelayEntry(index, whole)) == RelayLog.Written.NOT_LEADER) {
            return Step.NOT_LEADER;
        }
        return switch (log.append(lease, logEnd, new RelayEntry(index + 1, signOfLife[0]))) {
            case DONE -> {
                end = index + 1;
                entriesSinceSnapshot = 0;
                writtenNanos = time.monotonicNanos();
                newEpoch = "";
                yield Step.WROTE;
            }
            case NOT_LEADER -> Step.NOT_LEADER;
            case DIVERGED -> Step.WROTE; // the next step looks where the log ends
        };
    }

    private Step writeSnapshot() throws InterruptedException {
        int[] cuts = {0};
        byte[] whole = source.call(channels -> {
            take(channels, false);
            cuts[0] = count();
            return ChannelsEncoder.whole(channels);
        });
        for (int left = cuts[0]; left > 0; left--) {
            byte[] cut = first();
            Step step = cut == null ? Step.WROTE : append(cut);
            if (step == Step.NOT_LEADER || !newEpoch.isEmpty()) {
                return step;
            }
        }
        if (log.keep(lease, new RelayEntry(end, whole)) == RelayLog.Written.NOT_LEADER) {
            return Step.NOT_LEADER;
        }
        entriesSinceSnapshot = 0;
        return Step.WROTE;
    }

    /** Before rows are overwritten. On the hub's thread. */
    private void cut(Channels channels) {
        take(channels, false);
    }

    private boolean take(Channels channels, boolean signOfLife) {
        ChannelsEncoder telling = encoder;
        if (telling == null || !(signOfLife || telling.hasChanges(channels))) {
            return false;
        }
        synchronized (waiting) {
            if (overflowed) {
                return false;
            }
        }
        byte[] cut = telling.changes(channels, nowMillis());
        synchronized (waiting) {
            waiting.addLast(cut);
            waitingBytes += cut.length;
            overflowed = waitingBytes > settings.waitingBytesMax();
        }
        return true;
    }

    private long nowMillis() {
        return Math.min(workEndedMillis, TimeUnit.NANOSECONDS.toMillis(time.epochNanos()));
    }

    private byte @Nullable [] first() {
        synchronized (waiting) {
            return waiting.peekFirst();
        }
    }

    private void removeFirst() {
        synchronized (waiting) {
            waitingBytes -= waiting.removeFirst().length;
        }
    }

    private int count() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    private boolean overflowed() {
        synchronized (waiting) {
            return overflowed;
        }
    }

    private void forgetWaiting() {
        synchronized (waiting) {
            waiting.clear();
            waitingBytes = 0;
            overflowed = false;
        }
    }
}
