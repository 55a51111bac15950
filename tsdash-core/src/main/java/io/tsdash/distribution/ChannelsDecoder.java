package io.tsdash.distribution;

import io.tsdash.delta.ByteReader;
import io.tsdash.delta.RecordSchema;
import io.tsdash.delta.SchemaForm;
import io.tsdash.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the channels of a hub copies of those that a {@link ChannelsEncoder} tells, with the same epoch and sequences: a
 * client that stands in one stands in the other. On the hub's thread; holds nothing.
 */
public final class ChannelsDecoder {
    private static final int ROWS_MAX = 1 << 20;

    /** What became of a cut. */
    public enum Outcome {
        /** The channels are as it says. */
        APPLIED,
        /** They were there already. */
        KNOWN,
        /** It does not follow where they are: the whole is needed. */
        ELSEWHERE
    }

    private ChannelsDecoder() {}

    /**
     * Takes a cut.
     *
     * @throws InvalidInputException if it is none; the channels then need the whole
     */
    public static Outcome change(Channels channels, byte[] cut) {
        ByteReader in = new ByteReader(cut);
        String epoch = in.readText();
        long before = in.readVarint();
        long after = in.readVarint();
        in.readVarint();
        if (!epoch.equals(channels.epoch())) {
            return Outcome.ELSEWHERE;
        }
        if (after <= channels.changes()) {
            return Outcome.KNOWN;
        }
        if (before != channels.changes()) {
            return Outcome.ELSEWHERE;
        }
        List<Head> heads = new ArrayList<>();
        for (int left = in.readCount(3); left > 0; left--) {
            Head head = head(channels, in, after);
            if (head.channel.sequence() != head.previous) {
                return Outcome.ELSEWHERE;
            }
            heads.add(head);
        }
        for (Head head : heads) {
            if (head.channel instanceof LogChannel log) {
                log.makeRoom(head.advance);
            }
        }
        channels.moveTo(after);
        for (Head head : heads) {
            if (head.advance > 0) {
                head.channel.readChanges(head.advance, in);
            }
            if (head.isNew) {
                channels.addCopy(head.channel);
            }
        }
        return Outcome.APPLIED;
    }

    /** Returns when a cut was made, milliseconds since the epoch. */
    public static long madeAtMillis(byte[] cut) {
        ByteReader in = new ByteReader(cut);
        in.readText();
        in.readVarint();
        in.readVarint();
        return in.readVarint();
    }

    /**
     * Puts the whole in the place of all shared channels. Sessions go on where they stand, if that is known; else they get
     * the channel anew.
     *
     * @throws InvalidInputException if it is none; the channels are as they were
     */
    public static void replace(Channels channels, byte[] whole) {
        ByteReader in = new ByteReader(whole);
        String epoch = in.readText();
        long changes = in.readVarint();
        List<Channel> fresh = new ArrayList<>();
        for (int left = in.readCount(4); left > 0; left--) {
            String name = in.readText();
            Channel channel = channel(channels, name, in.readVarint(), in);
            channel.readWhole(in);
            fresh.add(channel);
        }
        channels.replace(epoch, changes, fresh);
    }

    private static Head head(Channels channels, ByteReader in, long after) {
        String name = in.readText();
        long advance = in.readVarint();
        boolean isNew = (advance & 1) != 0;
        Channel channel;
        long previous;
        if (isNew) {
            previous = 0;
            channel = channel(channels, name, after, in);
        } else {
            previous = in.readVarint();
            channel = channels.find(name)
                    .orElseThrow(() -> InvalidInputException.of("channel", name, "must have been told before"));
        }
        return new Head(channel, isNew, previous, advance >>> 1);
    }

    private static Channel channel(Channels channels, String name, long createdAt, ByteReader in) {
        long key = in.readVarint();
        long rowsMax = in.readVarint();
        RecordSchema schema = SchemaForm.read(in);
        if (key < 0 || key > schema.size() || rowsMax < 1 || rowsMax > ROWS_MAX) {
            throw new InvalidInputException("channel '" + name + "' had key " + key + " and " + rowsMax
                    + " rows at most but there are " + schema.size() + " fields, and 1 to " + ROWS_MAX + " rows");
        }
        return key == 0
                ? new LogChannel(name, schema, (int) rowsMax, createdAt, channels)
                : new StateChannel(name, schema, (int) key - 1, (int) rowsMax, createdAt, channels);
    }

    private record Head(Channel channel, boolean isNew, long previous, long advance) {}
}
