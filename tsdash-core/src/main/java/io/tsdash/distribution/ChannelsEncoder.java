package io.tsdash.distribution;

import io.tsdash.delta.ByteWriter;
import io.tsdash.delta.SchemaForm;
import java.util.List;

/**
 * Tells the channels of a hub to copies of them: changes one cut after another, and now and then the whole, for who comes
 * new. {@code docs/codecs.md} has the form. Each cut follows the one before, so all must reach the copies, in order.
 *
 * <p>Private channels are not told. One encoder serves a hub, on the hub's thread.
 */
public final class ChannelsEncoder {
    private static final int FIRST_CAPACITY = 1 << 14;

    private final ByteWriter out = new ByteWriter(FIRST_CAPACITY);
    private long told;

    /** @param channels whose changes from here on will be told */
    public ChannelsEncoder(Channels channels) {
        told = channels.changes();
        channels.shared().forEach(channel -> channel.told = channel.sequence());
    }

    /** Returns whether something changed since the last cut. */
    public boolean hasChanges(Channels channels) {
        return told != channels.changes();
    }

    /**
     * Returns what changed since the last cut; without a change, a sign of life.
     *
     * @param nowMillis by the clock, since the epoch; copies tell from it how old they are
     */
    public byte[] changes(Channels channels, long nowMillis) {
        out.reset();
        out.writeText(channels.epoch());
        out.writeVarint(told);
        out.writeVarint(channels.changes());
        out.writeVarint(nowMillis);
        List<Channel> changed = told == channels.changes()
                ? List.of()
                : channels.shared().stream()
                        .filter(channel -> channel.told < channel.sequence() || channel.createdAt() > told)
                        .toList();
        out.writeVarint(changed.size());
        for (Channel channel : changed) {
            boolean isNew = channel.createdAt() > told;
            out.writeText(channel.name());
            out.writeVarint((channel.sequence() - channel.told) << 1 | (isNew ? 1 : 0));
            if (isNew) {
                writeKind(channel);
            } else {
                out.writeVarint(channel.told);
            }
        }
        for (Channel channel : changed) {
            if (channel.sequence() > channel.told) {
                channel.writeChanges(channel.told, out);
            }
            channel.told = channel.sequence();
        }
        told = channels.changes();
        return out.toByteArray();
    }

    /** Returns all channels with what they remember, as they are now. */
    public static byte[] whole(Channels channels) {
        ChannelsEncoder encoder = new ChannelsEncoder();
        encoder.writeWhole(channels);
        return encoder.out.toByteArray();
    }

    private ChannelsEncoder() {}

    private void writeWhole(Channels channels) {
        out.writeText(channels.epoch());
        out.writeVarint(channels.changes());
        List<Channel> shared = channels.shared();
        out.writeVarint(shared.size());
        for (Channel channel : shared) {
            out.writeText(channel.name());
            out.writeVarint(channel.createdAt());
            writeKind(channel);
            channel.writeWhole(out);
        }
    }

    private void writeKind(Channel channel) {
        channel.writeKind(out);
        SchemaForm.write(channel.schema(), out);
    }
}
