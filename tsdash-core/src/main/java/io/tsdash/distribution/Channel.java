package io.tsdash.distribution;

import io.tsdash.delta.ByteReader;
import io.tsdash.delta.ByteWriter;
import io.tsdash.delta.RecordSchema;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One numbered stream of changes that sessions subscribe to.
 *
 * <p>Owned by the hub's thread: nothing here may be called from elsewhere.
 */
public abstract sealed class Channel permits StateChannel, LogChannel {
    private static final int ENCODED_MAX = 16;
    private static final int WHEN_WRITTEN_MAX = 64;

    private final int id;
    private final String name;
    private final String user;
    private final RecordSchema schema;
    private final Channels owner;
    private final boolean copy;
    private final long createdAt;
    /** How far it was told to copies. */
    long told;
    /** How many sessions get it; counted by their {@link Subscriptions}. */
    int subscribers;

    private final List<Encoded> encoded = new ArrayList<>(2);
    private @Nullable ArrayDeque<Runnable> whenWritten;

    /** Makes a channel whose numbering begins here and now. */
    Channel(String name, String user, RecordSchema schema, Channels owner) {
        this.name = name;
        this.user = user;
        this.schema = schema;
        this.owner = owner;
        this.copy = false;
        this.createdAt = owner.countChange(this);
        this.id = owner.nextId();
    }

    /** Makes a channel that came into being elsewhere, after so many changes of all channels. */
    Channel(String name, RecordSchema schema, long createdAt, Channels owner) {
        this.name = name;
        this.user = "";
        this.schema = schema;
        this.owner = owner;
        this.copy = owner.areCopies();
        this.createdAt = createdAt;
        this.id = owner.nextId();
    }

    /** Returns its number in the hub: channels that came first have small ones. */
    public final int id() {
        return id;
    }

    /** Returns its name. */
    public final String name() {
        return name;
    }

    /** Returns whose private channel it is; empty when it is everyone's. */
    public final String user() {
        return user;
    }

    /** Returns the fields of its rows. */
    public final RecordSchema schema() {
        return schema;
    }

    /** Returns the life of its numbering. */
    public final String epoch() {
        return copy ? owner.epoch() : owner.ownEpoch();
    }

    final HubReport.OfChannel report() {
        return new HubReport.OfChannel(name, this instanceof LogChannel, sequence(), subscribers);
    }

    /** Returns whether it is numbered elsewhere. */
    final boolean isCopy() {
        return copy;
    }

    /** Returns whether its changes count in the position of all channels together. */
    final boolean isInStream() {
        return copy == owner.areCopies();
    }

    /** Returns how many changes there were. */
    public abstract long sequence();

    /** Returns the name of the field that tells rows apart; empty for a log. */
    public abstract String key();

    /** Shows what a snapshot for this reason holds. */
    public abstract void visitSnapshot(SnapshotReason reason, RowVisitor visitor);

    /**
     * Shows what changed since a sequence.
     *
     * @param previous not below {@link #floor()}
     */
    public abstract void visitChanges(long previous, RowVisitor visitor);

    /** Shows what a snapshot for this reason holds, all values in full. */
    public abstract void visitNumberedSnapshot(SnapshotReason reason, NumberedRowVisitor visitor);

    /**
     * Shows what changed since a sequence, as differences from what readers there have. It takes note that they are
     * brought up to date: whatever is encoded from this must reach them all, or none.
     *
     * @param previous not below {@link #floor()}
     */
    public abstract void visitDifferences(long previous, NumberedRowVisitor visitor);

    /** Returns the oldest sequence from which the way to the present one is known. */
    abstract long floor();

    /** Returns the sequence that it had after this many changes of all channels, or -1 when that is not known. */
    abstract long sequenceAt(long changes);

    /** Writes what makes another channel like this one: kind, key and bound. */
    abstract void writeKind(ByteWriter out);

    /**
     * Writes what changed since a sequence, as {@link #visitDifferences} tells it: to the copies, or to none.
     *
     * @param previous not below {@link #floor()}
     */
    abstract void writeChanges(long previous, ByteWriter out);

    /** Reads what changed. {@link Channels#moveTo} was called with where that leads. */
    abstract void readChanges(long advance, ByteReader in);

    /** Writes all that it knows, its history too. */
    abstract void writeWhole(ByteWriter out);

    /** Reads all of a channel into this one, which is new. */
    abstract void readWhole(ByteReader in);

    /** Adds what is done when the first session's socket has what the channel holds now; of too many the oldest is forgotten. */
    final void whenWritten(Runnable task) {
        if (whenWritten == null) {
            whenWritten = new ArrayDeque<>(2);
        }
        if (whenWritten.size() == WHEN_WRITTEN_MAX) {
            whenWritten.remove();
        }
        whenWritten.add(task);
    }

    /** Hands over what is to be done, for a session that sends it all. */
    final void takeWhenWritten(FrameBuilder frame) {
        if (whenWritten != null) {
            whenWritten.forEach(frame::whenWritten);
            whenWritten = null;
        }
    }

    final Channels owner() {
        return owner;
    }

    /** Returns how many changes of all channels there had been when it came into being. */
    final long createdAt() {
        return createdAt;
    }

    /** Returns the change since a sequence, encoded once for all who stand there. */
    final Encoded delta(MessageCodec codec, long previous) {
        for (Encoded each : encoded) {
            if (each.previous == previous && each.codec == codec && each.reason == null) {
                return each;
            }
        }
        ChangedRows changed = new ChangedRows(MarketSchemas.eventTimeField(name));
        visitChanges(previous, changed);
        return keep(
                new Encoded(codec, previous, null, codec.delta(this, previous), changed.count, changed.oldestNanos));
    }

    /** Returns the whole channel, encoded once for all who want it for this reason. */
    final Encoded snapshot(MessageCodec codec, SnapshotReason reason) {
        for (Encoded each : encoded) {
            if (each.reason == reason && each.codec == codec) {
                return each;
            }
        }
        return keep(new Encoded(codec, -1, reason, codec.snapshot(this, reason), 0, SessionOutput.NO_EVENT));
    }

    /** Forgets encoded forms: the channel has changed, or the flush is over. */
    final void forgetEncoded() {
        if (!encoded.isEmpty()) {
            encoded.clear();
        }
    }

    private Encoded keep(Encoded fresh) {
        if (encoded.isEmpty()) {
            owner.hasEncoded(this);
        }
        if (encoded.size() < ENCODED_MAX) {
            encoded.add(fresh);
        }
        return fresh;
    }

    /** One encoded form; its array is shared and never written to again. */
    static final class Encoded {
        final byte[] bytes;
        final long rows;
        /** The lowest event time that came with it, or {@link SessionOutput#NO_EVENT}. */
        final long oldestNanos;

        private final MessageCodec codec;
        private final long previous;
        private final @Nullable SnapshotReason reason;

        private Encoded(
                MessageCodec codec,
                long previous,
                @Nullable SnapshotReason reason,
                byte[] bytes,
                long rows,
                long oldestNanos) {
            this.codec = codec;
            this.previous = previous;
            this.reason = reason;
            this.bytes = bytes;
            this.rows = rows;
            this.oldestNanos = oldestNanos;
        }
    }
}
