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
        boolean known = position.epoch().equals(channel.epoch())
                && position.sequence() >= channel.floor()
                && position.sequence() <= channel.sequence();
        return known ? resumed(channel, position.sequence()) : snapshot(channel, SnapshotReason.RESET);
    }

    /** Begins where a client stands after this many changes of all channels. */
    static Subscription after(Channel channel, long changes) {
        if (channel.createdAt() > changes) {
            return snapshot(channel, SnapshotReason.SUBSCRIBED);
        }
        long sequence = channel.sequenceAt(changes);
        if (sequence >= channel.floor()) {
            return resumed(channel, sequence);
        }
        return snapshot(channel, channel instanceof StateChannel ? SnapshotReason.SLOW : SnapshotReason.RESET);
    }

    boolean isBehind() {
        return snapshotReason != null || resumed || sent < channel.sequence();
    }
}
