package io.tsdash.distribution;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection to the hub.
 *
 * <p>The public methods are thread-safe and return at once: they hand a command to the hub, whose thread owns all the
 * rest. Answers come in the order of the commands. When a session is behind, it is behind by position only: nothing
 * is queued for it, since a channel can tell what changed since any position it remembers.
 */
public final class Session {
    /** A client that sends more before it gets answers is not waiting for answers. */
    private static final int PENDING_COMMANDS_MAX = 256;

    /** Subscriptions that wait for their first message and are told of it. */
    private static final int LISTENERS_MAX = 16;

    private static final int DEFAULT_INTERVAL_MILLIS = 100;
    private static final long NANOS_PER_MILLI = 1_000_000L;
    /** How soon a session is looked at again that waits for what carries its frames. */
    private static final long HELD_UP_NANOS = NANOS_PER_MILLI;
    /** So long a client that is ahead of this copy waits for it; then it gets all anew. */
    private static final long AHEAD_NANOS = 5_000 * NANOS_PER_MILLI;
    /** How soon a session is looked at again that could not take everything. */
    private static final long BACKLOG_NANOS = 10 * NANOS_PER_MILLI;

    private final Hub hub;
    private final String name;
    private final SessionOutput output;
    private final MessageCodec codec;
    private final Set<String> kinds;
    private final AtomicInteger pendingCommands = new AtomicInteger();
    private volatile boolean closed;
    private Access access;

    private final Map<String, Position> resume = new HashMap<>();
    private final Subscriptions subscriptions = new Subscriptions();
    /** The checksums that are owed, by channel: the id of the command. */
    private final Map<Channel, Long> checksums = new HashMap<>(0);

    private final List<byte[]> answers = new ArrayList<>();
    private @Nullable StreamPosition stream;
    private long intervalNanos = DEFAULT_INTERVAL_MILLIS * NANOS_PER_MILLI;
    private long dueNanos;
    private long heartbeatNanos;
    private long fullSinceNanos = -1;
    private long aheadUntilNanos = Long.MAX_VALUE;
    private long conflated;
    private int cursor;
    private final ArrayDeque<SubscriptionListener> waiting = new ArrayDeque<>(0);

    Session(Hub hub, String name, SessionOutput output, MessageCodec codec, Set<String> kinds, Access access) {
        this.hub = hub;
        this.name = name;
        this.output = output;
        this.codec = codec;
        this.kinds = Set.copyOf(kinds);
        this.access = access;
    }

    /** Returns its name in logs and in the greeting. */
    public String name() {
        return name;
    }

    /** Does what a client asks for; the answer comes in the order of the commands. */
    public void accept(ClientCommand asked) {
        if (asked instanceof SubscribeCommand subscribe) {
            subscribe(subscribe, SubscriptionListener.none());
        } else if (asked instanceof ClientCommand.Unsubscribe unsubscribe) {
            command(() -> doUnsubscribe(unsubscribe.id(), unsubscribe.channels()));
        } else if (asked instanceof ClientCommand.Ping ping) {
            command(() -> answer(new ServerMessage.Pong(ping.id())));
        } else if (asked instanceof ClientCommand.Checksum checksum) {
            command(() -> doChecksum(checksum));
        } else if (asked instanceof ClientCommand.Malformed malformed) {
            command(() -> fail(malformed.id(), WireCode.MALFORMED, malformed.message()));
        } else {
            throw new IllegalArgumentException("a command that the transport has to do: " + asked);
        }
    }

    /** Subscribes, as {@link #accept} does, and tells how that begins. */
    public void subscribe(SubscribeCommand asked, SubscriptionListener listener) {
        command(() -> {
            Optional<Refusal> refusal = doSubscribe(asked);
            if (refusal.isEmpty() && listener != SubscriptionListener.none()) {
                waiting.add(listener);
                if (waiting.size() > LISTENERS_MAX) {
                    waiting.remove().gone();
                }
            }
            listener.subscribed(refusal);
        });
    }

    /** Answers a command that was done elsewhere, in its turn. */
    public void tell(ServerMessage message) {
        command(() -> answer(message));
    }

    /** Answers a command that is not done, in its turn. */
    public void refuse(OptionalLong id, WireCode code, String message) {
        command(() -> fail(id, code, message));
    }

    /**
     * Takes note of who the client is, and what it may see from now on. Subscriptions that are not permitted any more end,
     * are told, and nothing more is sent of them.
     *
     * @param now of the same user as before, unless there was none
     * @param answer comes before what is told
     */
    public void admit(Access now, ServerMessage answer) {
        command(() -> doAdmit(now, answer));
    }

    /** Ends the session with a last word, after the answers that wait. */
    public void dismiss(WireCode code, String text) {
        command(() -> {
            flush(hub.clock().monotonicNanos());
            end(code, text);
        });
    }

    /** Ends the session: the connection is gone. */
    public void close() {
        closed = true;
        hub.wake();
    }

    boolean isClosed() {
        return closed;
    }

    /** Lets go of its channels, and tells those who wait for what will not come. */
    void release() {
        subscriptions.clear();
        waiting.forEach(SubscriptionListener::gone);
        waiting.clear();
    }

    HubReport.OfSession report(long nowNanos) {
        return new HubReport.OfSession(
                name,
                access.user(),
                subscriptions.size(),
                intervalNanos / NANOS_PER_MILLI,
                output.queuedBytes(),
                fullSinceNanos < 0 ? 0 : (nowNanos - fullSinceNanos) / NANOS_PER_MILLI,
                conflated);
    }

    void greet(long nowNanos, String server, long heartbeatMillis) {
        heartbeatNanos = hub.nextHeartbeat(nowNanos);
        answer(new ServerMessage.Hello(name, heartbeatMillis, server));
    }

    /** Returns when it must be looked at again. */
    long dueNanos() {
        return Math.min(dueNanos, heartbeatNanos);
    }

    boolean wantsEachChange() {
        return intervalNanos == 0;
    }

    /** Covers a channel that has just come into being. */
    void created(Channel channel) {
        if (subscriptions.covers(channel.name())
                && (channel.user().isEmpty() || channel.user().equals(access.user()))) {
            begin(channel);
        }
    }

    /** Goes on in the channels that have taken the place of those it had. */
    void replaced(String epochBefore) {
        for (Subscription each : subscriptions.all()) {
            Channel old = each.channel;
            Channel now = find(old.name()).orElse(null);
            if (now == old) {
                continue;
            }
            subscriptions.remove(old);
            Long checksum = checksums.remove(old);
            if (now != null) {
                begin(each.in(now, epochBefore));
                if (checksum != null) {
                    checksums.put(now, checksum);
                }
            }
        }
        subscriptions.names().forEach(this::beginMissing);
        if (stream != null && !stream.epoch().equals(hub.channels().epoch())) {
            stream = null; // all has been reset: what comes into being from now on is new
        }
    }

    private void beginMissing(String channelOrPattern) {
        Collection<Channel> all = channelOrPattern.endsWith("*")
                ? hub.channels().withPrefix(channelOrPattern.substring(0, channelOrPattern.length() - 1))
                : find(channelOrPattern).map(List::of).orElse(List.of());
        for (Channel each : all) {
            if (subscriptions.find(each) == null) {
                begin(each);
            }
        }
    }

    /** Makes updates due at once, for a session that wants each change. */
    void dueNow(long nowNanos) {
        dueNanos = nowNanos;
    }

    /**
     * Sends what is due: updates, or a sign of life alone when it is not time for updates yet.
     *
     * @return whether it could; otherwise it is due again in a moment
     */
    boolean flushDue(long nowNanos) {
        if (output.isBehind()) {
            dueNanos = nowNanos + HELD_UP_NANOS;
            heartbeatNanos = Math.max(heartbeatNanos, dueNanos);
            return false;
        }
        if (nowNanos >= dueNanos) {
            flush(nowNanos);
        } else if (!closed) {
            FrameBuilder frame = hub.frame(codec, output);
            beat(nowNanos, frame);
            frame.send(false);
        }
        return true;
    }

    /** Sends all that the session has not got. */
    void flush(long nowNanos) {
        if (closed) {
            return;
        }
        dueNanos = intervalNanos == 0 ? Long.MAX_VALUE : (nowNanos / intervalNanos + 1) * intervalNanos;
        giveUpWaiting(nowNanos);
        if (output.queuedBytes() >= hub.config().queueBytesMax()) {
            skip(nowNanos);
            return;
        }
        fullSinceNanos = -1;
        FrameBuilder frame = hub.frame(codec, output);
        if (!answers.isEmpty()) {
            answers.forEach(frame::add);
            answers.clear();
        }
        long conflatedBefore = conflated;
        int behind = subscriptions.size();
        while (behind > 0 && !frame.isFull() && !closed) {
            cursor = cursor < subscriptions.size() ? cursor : 0;
            Subscription subscription = subscriptions.get(cursor);
            if (subscription.isBehind() || !checksums.isEmpty()) {
                send(subscription, frame);
            }
            cursor++;
            behind--;
        }
        if (conflated > conflatedBefore) {
            hub.listener().conflated(name, conflated - conflatedBefore);
        }
        if (closed) {
            return;
        }
        if (behind > 0) {
            comeBack(nowNanos);
        }
        beat(nowNanos, frame);
        frame.send(behind == 0 && !isAhead());
    }

    /** Sends a log's rows before they are overwritten, or ends the session. */
    void flushLog(LogChannel channel, long nowNanos) {
        Subscription subscription = subscriptions.find(channel);
        if (closed || subscription == null || subscription.snapshotReason != null || !subscription.isBehind()) {
            return;
        }
        if (output.queuedBytes() < hub.config().queueBytesMax()) {
            flush(nowNanos);
        }
        if (channel.sequence() - subscription.sent > channel.rowsMax() / 2) {
            end(WireCode.TOO_SLOW, "too slow for " + channel.name() + ": reconnect and resume");
        }
    }

    void end(WireCode code, String text) {
        if (!closed) {
            closed = true;
            output.close(code, text);
            hub.listener().closed(name, code, text);
        }
    }

    private void command(Runnable command) {
        if (closed) {
            return;
        }
        if (pendingCommands.incrementAndGet() > PENDING_COMMANDS_MAX || !hub.command(() -> run(command))) {
            closed = true;
            output.close(WireCode.TOO_MANY_COMMANDS, "commands come faster than they can be done");
        }
    }

    private void run(Runnable command) {
        pendingCommands.decrementAndGet();
        if (!closed) {
            command.run();
            hub.urgent(this);
        }
    }

    private Optional<Refusal> doSubscribe(SubscribeCommand command) {
        Optional<Refusal> refusal = refusal(command);
        if (refusal.isPresent()) {
            fail(
                    OptionalLong.of(command.id()),
                    refusal.get().code(),
                    refusal.get().message());
            return refusal;
        }
        stream = command.streamPosition().isEmpty() ? null : StreamPosition.parse(command.streamPosition());
        resume.putAll(command.resume());
        if (command.intervalMillis() >= 0) {
            intervalNanos = command.intervalMillis() * NANOS_PER_MILLI;
            hub.pace(this);
        }
        answer(new ServerMessage.Subscribed(command.id(), command.channels()));
        for (String channel : command.channels()) {
            beginAll(channel);
        }
        if (!command.channels().isEmpty()) {
            // What is kept serves channels that are not there yet; it must not grow with each command.
            resume.keySet().removeIf(each -> find(each).isPresent() || !subscriptions.covers(each));
        }
        return Optional.empty();
    }

    private Optional<Refusal> refusal(SubscribeCommand command) {
        Optional<Refusal> refusal = hub.refusal(kinds, access, command);
        if (refusal.isPresent()) {
            return refusal;
        }
        int wanted = subscriptions.sizeWith(command.channels());
        int max = hub.config().subscriptionsMax();
        if (wanted > max
                || resume.size() + command.resume().size() > hub.config().channelsMax()) {
            return tooMany("subscriptions would be " + wanted + " but a session may have at most " + max
                    + ", and no more positions than there may be channels");
        }
        if (!access.limit().allow(wanted)) {
            return tooMany("subscriptions of this session would be " + wanted
                    + " but all sessions of a user together may have fewer");
        }
        return Optional.empty();
    }

    private static Optional<Refusal> tooMany(String message) {
        return Optional.of(new Refusal(WireCode.TOO_MANY_SUBSCRIPTIONS, message));
    }

    private void beginAll(String channelOrPattern) {
        if (channelOrPattern.endsWith("*")) {
            subscriptions.addName(channelOrPattern);
            String prefix = channelOrPattern.substring(0, channelOrPattern.length() - 1);
            // In the order that subscriptions are kept in: each is then put at the end.
            hub.channels().withPrefix(prefix).stream()
                    .sorted(Comparator.comparingInt(Channel::id))
                    .forEach(this::begin);
        } else {
            Optional<Channel> channel = find(channelOrPattern);
            // The channel's own text, which all sessions share, rather than the one that came over the wire.
            subscriptions.addName(channel.map(Channel::name).orElse(channelOrPattern));
            channel.ifPresent(this::begin);
        }
    }

    private Optional<Channel> find(String channel) {
        return hub.channels().find(access.user(), channel);
    }

    private void begin(Channel channel) {
        Position position = resume.remove(channel.name());
        Subscription fresh;
        if (position != null) {
            fresh = Subscription.at(channel, position);
        } else if (stream != null) {
            fresh = Subscription.after(channel, stream);
        } else {
            fresh = Subscription.snapshot(channel, SnapshotReason.SUBSCRIBED);
        }
        begin(fresh);
    }

    private void begin(Subscription fresh) {
        subscriptions.put(fresh);
        if (fresh.isAhead()) {
            aheadUntilNanos = hub.clock().monotonicNanos() + AHEAD_NANOS;
        }
        hub.urgent(this);
    }

    /** Returns whether its client is ahead of this copy in some channel: then it stands nowhere that a stream could name. */
    private boolean isAhead() {
        if (aheadUntilNanos == Long.MAX_VALUE) {
            return false;
        }
        if (subscriptions.all().stream().anyMatch(Subscription::isAhead)) {
            return true;
        }
        aheadUntilNanos = Long.MAX_VALUE;
        return false;
    }

    /** A copy that does not get to where its client was will not: what the client has is from another life. */
    private void giveUpWaiting(long nowNanos) {
        if (nowNanos < aheadUntilNanos) {
            dueNanos = Math.min(dueNanos, aheadUntilNanos);
            return;
        }
        aheadUntilNanos = Long.MAX_VALUE;
        for (Subscription each : subscriptions.all()) {
            if (each.isAhead()) {
                subscriptions.put(Subscription.snapshot(each.channel, SnapshotReason.RESET));
            }
        }
    }

    private void doChecksum(ClientCommand.Checksum command) {
        for (String channel : command.channels()) {
            Subscription subscription = find(channel).map(subscriptions::find).orElse(null);
            if (subscription == null || !(subscription.channel instanceof StateChannel)) {
                fail(
                        OptionalLong.of(command.id()),
                        WireCode.UNKNOWN_CHANNEL,
                        "channel was '" + channel + "' but it must be a state channel that the session has");
                return;
            }
        }
        for (String channel : command.channels()) {
            checksums.put(find(channel).orElseThrow(), command.id());
        }
    }

    private void doUnsubscribe(long id, List<String> channels) {
        channels.forEach(subscriptions::removeName);
        forgetUncovered();
        answer(new ServerMessage.Unsubscribed(id, channels));
    }

    private void forgetUncovered() {
        subscriptions.forgetUncovered();
        access.limit().allow(subscriptions.names().size());
    }

    private void doAdmit(Access now, ServerMessage answer) {
        if (!access.user().isEmpty() && !access.user().equals(now.user())) {
            throw new IllegalArgumentException("a session of " + access.user() + " cannot become one of " + now.user());
        }
        access = now;
        answer(answer);
        for (String each : subscriptions.names()) {
            if (!now.permissions().cover(each)) {
                subscriptions.removeName(each);
                answer(new ServerMessage.Ended(each, WireCode.FORBIDDEN.code(), now.forbidden(each)));
            }
        }
        forgetUncovered();
    }

    private void answer(ServerMessage message) {
        byte[] bytes = codec.control(message);
        if (bytes.length > 0) {
            answers.add(bytes);
        }
    }

    private void fail(OptionalLong id, WireCode code, String message) {
        answer(new ServerMessage.Failure(id, code.code(), message, code.retry()));
    }

    /** Adds to the frame what one channel owes the session. */
    private void send(Subscription subscription, FrameBuilder frame) {
        Channel channel = subscription.channel;
        SnapshotReason reason = subscription.snapshotReason;
        if (reason == null && subscription.sent < channel.floor()) {
            if (channel instanceof LogChannel) {
                end(WireCode.TOO_SLOW, "too slow for " + channel.name() + ": reconnect and resume");
                return;
            }
            reason = subscription.resumed ? SnapshotReason.RESET : SnapshotReason.SLOW;
            subscription.resumed = false;
        }
        if (reason != null) {
            watch(channel, frame);
            frame.add(channel.snapshot(codec, reason).bytes);
            subscription.snapshotReason = null;
            subscription.sent = channel.sequence();
            checksum(subscription, frame);
            return;
        }
        if (subscription.resumed) {
            subscription.resumed = false;
            watch(channel, frame);
            frame.add(codec.resumed(channel, subscription.sent));
        }
        if (subscription.sent < channel.sequence()) {
            Channel.Encoded delta = channel.delta(codec, subscription.sent);
            watch(channel, frame);
            frame.add(delta.bytes, delta.oldestNanos);
            long unsent = channel.sequence() - subscription.sent - delta.rows;
            conflated += unsent;
            subscription.sent = channel.sequence();
        }
        checksum(subscription, frame);
    }

    /** Has those told who wait for what is added next. */
    private void watch(Channel channel, FrameBuilder frame) {
        while (!waiting.isEmpty()) {
            frame.whenWritten(waiting.remove()::shown);
        }
        channel.takeWhenWritten(frame);
    }

    /** Adds the checksum that was asked for, of the state that the client has after what went before. */
    private void checksum(Subscription subscription, FrameBuilder frame) {
        Long id = checksums.isEmpty() ? null : checksums.remove(subscription.channel);
        if (id != null && subscription.channel instanceof StateChannel state) {
            Position position = new Position(state.epoch(), state.sequence());
            frame.add(codec.control(new ServerMessage.Checksum(id, state.name(), position, state.checksum())));
        }
    }

    private void beat(long nowNanos, FrameBuilder frame) {
        if (nowNanos >= heartbeatNanos) {
            heartbeatNanos = hub.nextHeartbeat(nowNanos);
            frame.add(codec.control(
                    new ServerMessage.Heartbeat(hub.clock().epochNanos(), conflated, output.queuedBytes())));
        }
    }

    private void skip(long nowNanos) {
        if (fullSinceNanos < 0) {
            fullSinceNanos = nowNanos;
            hub.listener().skipped(name, output.queuedBytes());
        } else if (nowNanos - fullSinceNanos >= hub.config().stall().toNanos()) {
            end(WireCode.TOO_SLOW, "nothing was taken for " + hub.config().stall());
            return;
        }
        comeBack(nowNanos);
        heartbeatNanos = Math.max(heartbeatNanos, dueNanos);
    }

    private void comeBack(long nowNanos) {
        dueNanos = nowNanos + BACKLOG_NANOS;
        hub.dueBy(dueNanos);
    }

    @Override
    public String toString() {
        return name;
    }
}
