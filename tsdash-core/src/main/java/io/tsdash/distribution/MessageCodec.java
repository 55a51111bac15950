package io.tsdash.distribution;

import java.util.List;

/**
 * Turns messages into bytes. Called on the hub's thread only, once for each update and flush, whatever the number of
 * sessions.
 *
 * <p>Arrays that it returns are shared between sessions and must not be written to again. An empty array says that
 * this form has no such message. Single-threaded.
 */
public interface MessageCodec {

    /** Encodes a message about the session. */
    byte[] control(ServerMessage message);

    /** Encodes the whole of a channel as it stands. */
    byte[] snapshot(Channel channel, SnapshotReason reason);

    /** Encodes the answer that the client stands at this sequence of a channel. */
    default byte[] resumed(Channel channel, long sequence) {
        return control(new ServerMessage.Resumed(channel.name(), new Position(channel.epoch(), sequence)));
    }

    /** Encodes what changed in a channel since a sequence. */
    byte[] delta(Channel channel, long previous);

    /**
     * Puts messages into one frame.
     *
     * @param messages at least one, in order
     * @param position where the whole session stands after them; empty when it is still behind
     */
    byte[] frame(List<byte[]> messages, String position);
}
