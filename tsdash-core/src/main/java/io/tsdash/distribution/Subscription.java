package io.tsdash.distribution;

import org.jspecify.annotations.Nullable;

/** The tie between a session and one channel: how far the session has got. */
final class Subscription {
    final Channel channel;
    /** Set while a snapshot is owed. */
    @Nullable
    SnapshotReason snapshotReason;
    /** Whether the answer to resume is owed. */
    boolean resumed;

    long sent;
    /** The position of all channels together that it waits for; -1 for none. */
    private long awaited = -1;

    private Subscription(Channel channel) {
        this.channel = channel;
    }

    static Subscription snapshot(Channel channel, SnapshotReason reason) {
        Subscription subscription = new Subscription(channel);
        subscription.snapshotReason = reason;
        return subscription;
    }

    static Subscription resumed(Channel channel, long sequence) {
        Subscription subscription = new Subscription(channel);
        subscription.resumed = true;
        subscription.sent = sequence;
        return subscription;
    }

    /** Begins where a client says it stands in this channel. */
    static Subscription at(Channel channel, Position position) {
        // A client of a copy may come from another that is ahead: this one gets there.
        boolean known = position.epoch().equals(channel.epoch())
                && position.sequence() >= channel.floor()
                && (position.sequence() <= channel.sequence() || channel.isCopy());
        return known ? resumed(channel, position.sequence()) : snapshot(channel, SnapshotReason.RESET);
    }

    /** Begins where a client says it stands in all channels together. */
    static Subscription after(Channel channel, StreamPosition position) {
        Channels all = channel.owner();
        boolean known =
                position.epoch().equals(all.epoch()) && (position.changes() <= all.changes() || all.areCopies());
        if (!known) {
            return snapshot(channel, SnapshotReason.RESET);
        }
        if (channel.isInStream() && channel.createdAt() > position.changes()) {
            return snapshot(channel, SnapshotReason.SUBSCRIBED);
        }
        Subscription subscription = new Subscription(channel);
        subscription.awaited = position.changes();
        subscription.arrive();
        return subscription;
    }

    /** Returns whether it owes something that it can send. */
    boolean isBehind() {
        return !isAhead() && (snapshotReason != null || resumed || sent < channel.sequence());
    }

    /** Returns whether its client comes from a copy that is ahead of this one. */
    boolean isAhead() {
        arrive();
        return awaited >= 0 || (snapshotReason == null && sent > channel.sequence());
    }

    /** Begins at the place that was waited for, if it is reached. */
    private void arrive() {
        if (awaited < 0 || awaited > channel.owner().changes()) {
            return;
        }
        long sequence = channel.isInStream() ? channel.sequenceAt(awaited) : -1;
        awaited = -1;
        if (sequence >= channel.floor()) {
            resumed = true;
            sent = sequence;
        } else {
            snapshotReason = channel instanceof StateChannel ? SnapshotReason.SLOW : SnapshotReason.RESET;
        }
    }

    /** Stands in another channel of the same name, which has taken this one's place, as it stood in this one. */
    Subscription in(Channel other, String epoch) {
        if (awaited >= 0) {
            return snapshot(other, SnapshotReason.RESET);
        }
        return snapshotReason != null ? snapshot(other, snapshotReason) : at(other, new Position(epoch, sent));
    }
}
