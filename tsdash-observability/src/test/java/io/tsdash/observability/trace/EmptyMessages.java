package io.tsdash.observability.trace;

import io.tsdash.distribution.Channel;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import java.util.List;

/** A form of the wire for a client that only counts. */
final class EmptyMessages implements MessageCodec {
    private static final byte[] ONE = {1};

    @Override
    public byte[] control(ServerMessage message) {
        return ONE;
    }

    @Override
    public byte[] snapshot(Channel channel, SnapshotReason reason) {
        return ONE;
    }

    @Override
    public byte[] delta(Channel channel, long previous) {
        return ONE;
    }

    @Override
    public byte[] frame(List<byte[]> messages, String position) {
        return ONE;
    }
}
