package io.tsdash.distribution;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who listens to what: takes updates of channels in and sends sessions what they have not got, at their pace.
 *
 * <p>One thread owns channels and sessions: the one that {@link #start} makes, or in a test whoever calls
 * {@link #doWork}. Updates wait in a bounded queue, and a publisher waits when it is full. Because snapshot, position
 * and change are all taken by this thread, nothing falls between them. The public methods are thread-safe.
 */
public final class Hub implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);
    private static final int UPDATES_PER_TURN = 16;
    private static final int COMMANDS_PER_TURN = 1_024;
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long HEARTBEAT_GRID_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
    private static final Comparator<HubReport.OfSession> SLOWEST_FIRST = Comparator.comparingLong(
                    HubReport.OfSession::fullMillis)
            .thenComparingLong(HubReport.OfSession::queuedBytes)
            .thenComparingLong(HubReport.OfSession::conflated)
            .reversed();

    private final HubConfig config;
    private final TimeSource time;
    private final HubListener listener;
    private final String server;
    private final Channels channels;
    private final ArrayBlockingQueue<Consumer<Channels>> updates;
    private final ArrayBlockingQueue<Runnable> commands;
    private final List<Session> sessions = new ArrayList<>();
    private final Set<Session> immediate = new LinkedHashSet<>();
    private final Set<Session> urgent = new LinkedHashSet<>();
    private @Nullable FrameBuilder frame;
    private String positionText = "";
    private long positionVersion = -1;
    private long flushedVersion;
    private long nextDueNanos;
    private int firstInTurn;
    private boolean heldUp;
    private long sessionsOpened;
    private boolean turning;
    private volatile ChannelCatalog catalog = name -> Optional.empty();
    private volatile Consumer<Channels> beforeOverwrite = channels -> {};
    private volatile boolean idle;
    private volatile boolean closing;
    private volatile boolean closed;
    private volatile @Nullable Thread thread;

    Hub(HubConfig config, TimeSource time, HubListener listener, String epoch, boolean copies, String server) {
        this.config = config;
        this.time = time;
        this.listener = listener;
        this.server = server;
        this.channels = new Channels(epoch, copies, config.channelsMax(), new ChannelsOwner());
        this.updates = new ArrayBlockingQueue<>(config.updatesMax());
        this.commands = new ArrayBlockingQueue<>(config.commandsMax());
        this.nextDueNanos = time.monotonicNanos();
    }

    /** Returns a builder with the defaults. */
    public static HubBuilder builder() {
        return new HubBuilder();
    }

    /** Gives the hub a thread of its own. */
    public synchronized void start() {
        if (thread != null || closing) {
            throw new IllegalStateException("a hub starts once");
        }
        Thread fresh = new Thread(this::run, "tsdash-hub");
        fresh.setDaemon(true);
        thread = fresh;
        fresh.start();
    }

    /** Sets who knows which channels can come to be; any may by default. */
    public void catalog(ChannelCatalog value) {
        catalog = value;
    }

    /** Sets who is called on the hub's thread before rows of a log are overwritten that were not told to copies. */
    public void beforeOverwrite(Consumer<Channels> value) {
        beforeOverwrite = value;
    }

    /**
     * Hands over an update; it runs on the hub's thread. Waits while the queue is full.
     *
     * @throws PermanentException if the hub is closed
     * @throws InterruptedException if interrupted while waiting; the update was not taken
     */
    public void submit(Consumer<Channels> update) throws InterruptedException {
        // Not put(): a hub that closes meanwhile would leave its publisher waiting for ever.
        do {
            if (closing) {
                throw new PermanentException("the hub is closed");
            }
        } while (!updates.offer(update, 100, TimeUnit.MILLISECONDS));
        wakeIfIdle();
    }

    /**
     * Does something with the channels on the hub's thread, after the updates that wait, and returns what came of it.
     *
     * @throws PermanentException if the hub is closed
     * @throws TransientException if it has not come to it within 10 s
     */
    public <T> T call(Function<Channels, T> update) throws InterruptedException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        submit(channels -> complete(answer, update, channels));
        while (thread == null && !answer.isDone()) {
            doWork();
        }
        try {
            return answer.get(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new TransientException("the hub was busy for " + CALL_TIMEOUT, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        }
    }

    private static <T> void complete(CompletableFuture<T> answer, Function<Channels, T> question, Channels channels) {
        try {
            answer.complete(question.apply(channels));
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    /** Answers a question about the channels on the hub's thread; fails when too many commands wait. */
    public <T> CompletableFuture<T> ask(Function<Channels, T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        boolean taken = command(() -> complete(answer, question, channels));
        if (!taken) {
            answer.completeExceptionally(
                    new TransientException("the hub is closed or has " + config.commandsMax() + " commands waiting"));
        }
        return answer;
    }

    /**
     * Tells who listens to what. It looks at each channel and session, some milliseconds for ten thousand of each, in which
     * nothing is sent: not to be asked more often than once a second.
     *
     * @param prefix how the names of channels begin; empty for all
     * @param channelsMax how many channels are told
     * @param sessionsMax how many sessions are told
     */
    public CompletableFuture<HubReport> report(String prefix, int channelsMax, int sessionsMax) {
        return ask(all -> {
            sessions.removeIf(this::isGone);
            return new HubReport(
                    all.size(),
                    sessions.size(),
                    all.withPrefix(prefix).stream()
                            .map(Channel::report)
                            .sorted(Comparator.comparingInt(HubReport.OfChannel::subscribers)
                                    .reversed())
                            .limit(channelsMax)
                            .toList(),
                    sessions.stream()
                            .map(session -> session.report(time.monotonicNanos()))
                            .sorted(SLOWEST_FIRST)
                            .limit(sessionsMax)
                            .toList());
        });
    }

    /**
     * Opens a session and greets it.
     *
     * @param output the way to the client
     * @param codec the form of its messages; sessions that share one share its work
     * @param kinds the kinds of channels that it may subscribe to
     */
    public Session open(SessionOutput output, MessageCodec codec, Set<String> kinds) {
        return open(output, codec, kinds, Access.open());
    }

    /**
     * Opens a session of a user and greets it.
     *
     * @param output the way to the client
     * @param codec the form of its messages; sessions that share one share its work
     * @param kinds the kinds of channels that it may subscribe to
     * @param access whose it is, and what it may see
     */
    public Session open(SessionOutput output, MessageCodec codec, Set<String> kinds, Access access) {
        Session session;
        synchronized (this) {
            sessionsOpened++;
            session =
                    new Session(this, Long.toString(sessionsOpened, Character.MAX_RADIX), output, codec, kinds, access);
        }
        boolean taken = command(() -> {
            if (!session.isClosed()) {
                sessions.add(session);
                session.greet(time.monotonicNanos(), server, config.heartbeat().toMillis());
                urgent.add(session);
            }
        });
        if (!taken) {
            session.close();
            output.close(
                    closing ? WireCode.SHUTTING_DOWN : WireCode.TOO_MANY_COMMANDS,
                    closing ? "the server is shutting down" : "the server has too many commands waiting");
        }
        return session;
    }

    /**
     * Does a bounded piece of work: takes updates and commands, and sends what is due.
     *
     * @return how much was done; 0 when there was nothing to do
     */
    public int doWork() {
        turning = true;
        try {
            int work = drainCommands() + drainUpdates();
            long now = time.monotonicNanos();
            wakeImmediate(now);
            work += flushUrgent(now) + flushDue(now);
            if (work > 0 && !heldUp) {
                channels.forgetEncoded();
            }
            return work;
        } finally {
            turning = false;
        }
    }

    /** Does what waits, tells all sessions that the server goes, and ends, within 2 s. Closing twice is no error. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closing = true;
            running = thread;
        }
        if (running == null) {
            finish();
            return;
        }
        LockSupport.unpark(running);
        try {
            running.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Says whether a subscription would be refused, for transports that must know before they answer.
     *
     * @param kinds the kinds of channels that the connection takes
     * @param access whose connection it is, and what it may see
     * @param command what the client asks for
     */
    public CompletableFuture<Optional<Refusal>> check(Set<String> kinds, Access access, SubscribeCommand command) {
        return ask(any -> refusal(kinds, access, command));
    }

    Optional<Refusal> refusal(Set<String> kinds, Access access, SubscribeCommand command) {
        for (String channel : command.channels()) {
            if (!access.permissions().cover(channel)) {
                return Optional.of(new Refusal(WireCode.FORBIDDEN, access.forbidden(channel)));
            }
            Optional<String> problem = problem(kinds, access.user(), channel, command);
            if (problem.isPresent()) {
                return Optional.of(
                        new Refusal(WireCode.UNKNOWN_CHANNEL, "channel was '" + channel + "' but " + problem.get()));
            }
        }
        if (!command.streamPosition().isEmpty()) {
            try {
                StreamPosition.parse(command.streamPosition());
            } catch (InvalidInputException e) {
                return Optional.of(new Refusal(WireCode.MALFORMED, String.valueOf(e.getMessage())));
            }
        }
        return Optional.empty();
    }

    private Optional<String> problem(Set<String> kinds, String user, String channel, SubscribeCommand command) {
        int colon = channel.indexOf(':');
        String kind = colon < 0 ? channel : channel.substring(0, colon);
        if (!kinds.contains(kind)) {
            return Optional.of("this connection takes "
                    + String.join(", ", kinds.stream().sorted().toList()) + ", each alone or with ':' and the rest");
        }
        // Who stood in a channel knows that it exists: after a restart it may only not be back yet.
        if (channels.find(user, channel).isPresent()
                || command.resume().containsKey(channel)
                || (command.watchlist() && kind.equals("prices") && !channel.endsWith("*"))) {
            return Optional.empty();
        }
        return catalog.problem(channel);
    }

    /** Returns the clocks that it goes by. */
    public TimeSource clock() {
        return time;
    }

    HubConfig config() {
        return config;
    }

    HubListener listener() {
        return listener;
    }

    Channels channels() {
        return channels;
    }

    /** Returns when the next sign of life is due: on a grid, so that many sessions are looked at together. */
    long nextHeartbeat(long nowNanos) {
        long next = nowNanos + config.heartbeat().toNanos();
        return next - Math.floorMod(next, HEARTBEAT_GRID_NANOS);
    }

    /** Returns the builder that a flush fills; one at a time, so one serves all. */
    FrameBuilder frame(MessageCodec codec, SessionOutput output) {
        if (frame == null) {
            frame = new FrameBuilder(this, codec, output);
        }
        frame.begin(codec, output);
        return frame;
    }

    void wake() {
        Thread running = thread;
        if (running != null) {
            LockSupport.unpark(running);
        }
    }

    boolean command(Runnable command) {
        if (closing || !commands.offer(command)) {
            return false;
        }
        wakeIfIdle();
        return true;
    }

    void urgent(Session session) {
        urgent.add(session);
    }

    /** Looks at all sessions at this time or before. */
    void dueBy(long dueNanos) {
        nextDueNanos = Math.min(nextDueNanos, dueNanos);
    }

    /** Puts a session among those that want each change, or takes it out. */
    void pace(Session session) {
        if (session.wantsEachChange()) {
            immediate.add(session);
        } else {
            immediate.remove(session);
        }
    }

    /** Returns where a session stands that has all; a stream resumes from it. Empty for copies that are not there yet. */
    String position() {
        if (positionVersion != channels.version()) {
            positionVersion = channels.version();
            positionText = channels.areThere() ? new StreamPosition(channels.epoch(), channels.changes()).text() : "";
        }
        return positionText;
    }

    private void run() {
        try {
            while (!closing) {
                if (doWork() == 0) {
                    rest();
                }
            }
        } finally {
            finish();
        }
    }

    private void rest() {
        idle = true;
        if (updates.isEmpty() && commands.isEmpty() && !closing) {
            LockSupport.parkNanos(this, Math.max(1, Math.min(IDLE_NANOS, nextDueNanos - time.monotonicNanos())));
        }
        idle = false;
    }

    private void wakeIfIdle() {
        if (idle) {
            wake();
        }
    }

    private int drainCommands() {
        int work = 0;
        Runnable command;
        while (work < COMMANDS_PER_TURN && (command = commands.poll()) != null) {
            try {
                command.run();
            } catch (RuntimeException e) {
                LOG.error("a session's command failed", e);
            }
            work++;
        }
        return work;
    }

    private int drainUpdates() {
        int work = 0;
        Consumer<Channels> update;
        while (work < UPDATES_PER_TURN && (update = updates.poll()) != null) {
            try {
                update.accept(channels);
            } catch (RuntimeException e) {
                LOG.error("an update of the channels failed", e);
                listener.refused("update", String.valueOf(e));
            }
            work++;
        }
        return work;
    }

    private int flushUrgent(long now) {
        if (urgent.isEmpty()) {
            return 0;
        }
        List<Session> batch = List.copyOf(urgent);
        urgent.clear();
        for (Session session : batch) {
            flush(session, now);
            dueBy(session.dueNanos());
        }
        return batch.size();
    }

    /** Makes the sessions due that want each change, if there was one. */
    private void wakeImmediate(long now) {
        if (flushedVersion != channels.version()) {
            flushedVersion = channels.version();
            if (!immediate.isEmpty()) {
                immediate.forEach(session -> session.dueNow(now));
                dueBy(now);
            }
        }
    }

    /** Sends to the sessions that are due, first to those that had to wait the last time. */
    private int flushDue(long now) {
        if (now < nextDueNanos) {
            return 0;
        }
        sessions.removeIf(this::isGone);
        int count = sessions.size();
        int work = 0;
        int held = -1;
        long next = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            int at = (firstInTurn + i) % count;
            Session session = sessions.get(at);
            if (now >= session.dueNanos()) {
                if (flushDue(session, now)) {
                    work++;
                } else if (held < 0) {
                    held = at;
                }
            }
            next = Math.min(next, session.dueNanos());
        }
        heldUp = held >= 0;
        firstInTurn = Math.max(0, held);
        nextDueNanos = next;
        return work;
    }

    private boolean flushDue(Session session, long now) {
        try {
            return session.flushDue(now);
        } catch (RuntimeException e) {
            failed(session, e);
            return true;
        }
    }

    private boolean isGone(Session session) {
        if (session.isClosed()) {
            immediate.remove(session);
            urgent.remove(session);
            session.release();
            return true;
        }
        return false;
    }

    private void flush(Session session, long now) {
        try {
            session.flush(now);
        } catch (RuntimeException e) {
            failed(session, e);
        }
    }

    private static void failed(Session session, RuntimeException e) {
        LOG.error("session {} failed", session, e);
        session.end(WireCode.INTERNAL, "the server could not send: reconnect and resume");
    }

    private synchronized void finish() {
        if (closed || turning) {
            return;
        }
        closed = true;
        int work;
        do {
            work = drainCommands() + drainUpdates();
        } while (work > 0);
        long now = time.monotonicNanos();
        for (Session session : sessions) {
            flush(session, now);
            session.end(WireCode.SHUTTING_DOWN, "the server is shutting down");
            session.release();
        }
        sessions.clear();
        immediate.clear();
        urgent.clear();
        channels.forgetEncoded();
    }

    /** What the hub does about its channels. */
    private final class ChannelsOwner implements Channels.Owner {
        @Override
        public void created(Channel channel) {
            sessions.forEach(session -> session.created(channel));
        }

        @Override
        public void replaced(String epochBefore) {
            sessions.forEach(session -> session.replaced(epochBefore));
        }

        @Override
        public void flushLog(LogChannel channel) {
            beforeOverwrite.accept(channels);
            long now = time.monotonicNanos();
            sessions.forEach(session -> session.flushLog(channel, now));
        }

        @Override
        public void refused(String channel, String why) {
            listener.refused(channel, why);
        }
    }
}
