package io.tsdash.relay;

import io.tsdash.distribution.ChannelsDecoder;
import io.tsdash.distribution.ChannelsEncoder;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.NodeChannel;
import io.tsdash.distribution.PartState;
import io.tsdash.distribution.PartStatus;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of several servers with the same channels: it serves copies, and leads when it has the lease. The leader's own hub
 * gets copies too, so no client has seen what is not in the log, and any other server can go on from there.
 *
 * <p>Three threads: one reads the log, one keeps the lease, one leads. Thread-safe.
 */
public final class RelayNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RelayNode.class);
    private static final Duration READ_WAIT = Duration.ofMillis(250);
    private static final Duration READ_PAUSE = Duration.ofMillis(5);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(50);
    private static final Duration CATCH_UP_MAX = Duration.ofSeconds(5);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(10);
    private static final long STATUS_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int FINISH_TRIES = 10;

    private final RelayLog log;
    private final Hub hub;
    private final Supplier<Hub> sources;
    private final RelayWork work;
    private final RelaySettings settings;
    private final TimeSource time;
    private final RelayListener listener;
    private final RelayFollower follower;
    private final NodeChannel channel;
    private final long startedNanos;
    private final Thread reading = thread("read");
    private final Thread leasing = thread("lease");
    private final Thread leadingThread = thread("lead");
    private volatile boolean closing;
    private volatile boolean handedOver;
    private volatile String problem = "";
    private volatile @Nullable Lease lease;
    private volatile boolean deposed;
    private volatile @Nullable Leading leading;
    private long waitsSinceNanos = -1; // of the leading thread
    private long toldNanos; // of the reading thread

    /**
     * @param log the log that all nodes share
     * @param hub of copies, which serves this node's clients
     * @param sources makes a hub for a time of leading, with a thread of its own; not of copies
     * @param work fills that hub
     * @param settings bounds
     * @param time the clocks
     * @param listener hears what happens
     */
    public RelayNode(
            RelayLog log,
            Hub hub,
            Supplier<Hub> sources,
            RelayWork work,
            RelaySettings settings,
            TimeSource time,
            RelayListener listener) {
        this.log = log;
        this.hub = hub;
        this.sources = sources;
        this.work = work;
        this.settings = settings;
        this.time = time;
        this.listener = listener;
        this.follower = new RelayFollower(log, hub, time, listener);
        this.channel = new NodeChannel(hub);
        this.startedNanos = time.epochNanos();
    }

    /** Begins to read, and to ask for the lead. */
    public void start() {
        reading.start();
        leasing.start();
        leadingThread.start();
    }

    /** Returns how it stands. */
    public RelayStatus status() {
        Leading now = leading;
        long quietNanos = time.monotonicNanos() - follower.newestNanos();
        boolean stale = quietNanos > settings.staleAfter().toNanos();
        String quiet = "nothing came for " + TimeUnit.NANOSECONDS.toSeconds(quietNanos) + " s";
        return new RelayStatus(
                settings.node(),
                now != null,
                now == null ? 0 : now.writer.lease().term(),
                follower.isLoaded(),
                follower.index(),
                follower.lagMillis(),
                stale,
                stale && problem.isEmpty() ? quiet : problem);
    }

    /** Gives the lead over, if it has it, with all that was done in the log; within some seconds. Twice is no error. */
    @Override
    public void close() {
        closing = true;
        try {
            if (leadingThread.isAlive()) {
                LockSupport.unpark(leadingThread);
                leadingThread.join(CLOSE_MAX.toMillis());
            } else {
                handOver();
            }
            handedOver = true;
            for (Thread thread : List.of(leasing, reading)) {
                LockSupport.unpark(thread);
                thread.join(CLOSE_MAX.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reads what is in the log; returns whether there may be more. */
    boolean read(Duration wait) throws InterruptedException {
        try {
            boolean more = follower.poll(wait);
            problem = "";
            return more;
        } catch (TransientException e) {
            problem = String.valueOf(e.getMessage());
            throw e;
        } finally {
            tell();
        }
    }

    /** Renews the lease, or asks for one. */
    void keepLease() {
        Lease held = lease;
        if (held != null && log.renew(held)) {
            return;
        }
        lease = null;
        Optional<Lease> next = log.acquire();
        deposed = next.isEmpty();
        lease = next.orElse(null);
    }

    /** Does a step of leading: takes the lead, writes, or gives it up. Returns whether there may be more to do at once. */
    boolean lead() throws InterruptedException {
        Lease held = lease;
        Leading now = leading;
        if (now == null) {
            return held != null && takeOver(held);
        }
        if (held == null) {
            // Without an answer who has it, it may be nobody: the log is away for all alike.
            if (deposed) {
                stepDown(now, "another server leads");
            }
            return false;
        }
        if (!held.equals(now.writer.lease()) && !now.writer.goOn(held)) {
            stepDown(now, "another server led in between");
            return true;
        }
        return now.writer.write() == RelayWriter.Step.WROTE;
    }

    private boolean takeOver(Lease held) throws InterruptedException {
        long end = log.end();
        if (waitsSinceNanos < 0) {
            waitsSinceNanos = time.monotonicNanos();
        }
        boolean nothingThere = !follower.isLoaded() && log.snapshot().isEmpty();
        boolean caughtUp = follower.isLoaded() && follower.index() >= end;
        if (!nothingThere && !caughtUp && time.monotonicNanos() - waitsSinceNanos < CATCH_UP_MAX.toNanos()) {
            return false;
        }
        waitsSinceNanos = -1;
        Hub source = sources.get();
        try {
            if (follower.isLoaded()) {
                byte[] whole = hub.call(ChannelsEncoder::whole);
                source.submit(channels -> ChannelsDecoder.replace(channels, whole));
            }
            RelayWriter writer = new RelayWriter(log, source, held, end, settings, time, listener);
            String broken = broken(held, end);
            if (!broken.isEmpty()) {
                writer.beginEpoch(broken);
            }
            leading = new Leading(source, writer, work.begin(source, follower.madeNanos()));
        } catch (RuntimeException e) {
            source.close();
            lease = null;
            log.release(held);
            throw e;
        }
        listener.onLeading(held.term());
        return true;
    }

    /** Returns why clients cannot go on in the channels as this node knows them; empty if they can. */
    private String broken(Lease held, long end) {
        if (!follower.isLoaded()) {
            return "the log is empty";
        }
        if (follower.index() != end) {
            return "the log ends at entry " + end + ", not at " + follower.index();
        }
        return held.unbroken() ? "" : "the log's server may have lost entries";
    }

    private void stepDown(Leading now, String reason) {
        listener.onFollowing(reason);
        end(now.work);
        now.source.close();
        leading = null;
    }

    private void handOver() throws InterruptedException {
        Leading now = leading;
        if (now != null) {
            now.writer.workEnds();
            end(now.work);
            for (int tries = FINISH_TRIES; tries > 0; tries--) {
                try {
                    now.writer.finish();
                    break;
                } catch (TransientException e) {
                    listener.onFailed(e);
                    LockSupport.parkNanos(this, PAUSE_AFTER_FAILURE.toNanos());
                }
            }
            now.source.close();
            leading = null;
            listener.onFollowing("this server goes");
        }
        Lease held = lease;
        handedOver = true;
        lease = null;
        if (held != null) {
            try {
                log.release(held);
            } catch (TransientException e) {
                listener.onFailed(e);
            }
        }
    }

    private static void end(AutoCloseable work) {
        try {
            work.close();
        } catch (Exception e) {
            LOG.error("the leader's work did not close", e);
        }
    }

    /** Shows clients how this node stands, once a second. */
    private void tell() throws InterruptedException {
        long now = time.monotonicNanos();
        if (now - toldNanos < STATUS_NANOS && toldNanos != 0) {
            return;
        }
        toldNanos = now;
        RelayStatus status = status();
        channel.show(new PartStatus(
                "relay",
                status.stale() ? PartState.DOWN : PartState.LIVE,
                startedNanos,
                status.text(),
                status.lagMillis(),
                0,
                0,
                0,
                0,
                status.stale()));
    }

    private Thread thread(String name) {
        Thread thread = new Thread(() -> run(name), "tsdash-relay-" + name);
        thread.setDaemon(true);
        return thread;
    }

    private void run(String name) {
        try {
            while (name.equals("lead") ? !closing : !handedOver) {
                try {
                    switch (name) {
                        case "read" -> {
                            if (!read(READ_WAIT)) {
                                LockSupport.parkNanos(this, READ_PAUSE.toNanos());
                            }
                        }
                        case "lease" -> {
                            keepLease();
                            LockSupport.parkNanos(this, settings.renewEvery().toNanos());
                        }
                        default -> {
                            if (!lead()) {
                                LockSupport.parkNanos(this, settings.pace().toNanos());
                            }
                        }
                    }
                } catch (TsdashException e) {
                    listener.onFailed(e);
                    LockSupport.parkNanos(this, PAUSE_AFTER_FAILURE.toNanos());
                } catch (RuntimeException e) {
                    // Such as an answer of the log that makes no sense: it must not end a thread that all depends on.
                    String failed = "the relay's " + name + " failed: " + e;
                    if (!failed.equals(problem)) {
                        LOG.error("relay: {} failed, and goes on", name, e);
                    }
                    problem = failed;
                    listener.onFailed(e);
                    LockSupport.parkNanos(this, PAUSE_AFTER_FAILURE.toNanos());
                }
            }
            if (name.equals("lead")) {
                handOver();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("relay: {} has ended", name, e);
        }
    }

    /** What there is while it leads. */
    private record Leading(Hub source, RelayWriter writer, AutoCloseable work) {}
}
