package io.tsdash.transport;

import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.MessageCodec;
import java.util.OptionalLong;

/** {@code tsdash.v1.binary}: the compact form for data; other messages are JSON inside it. */
enum BinaryForm implements WireCodec {
    INSTANCE;

    @Override
    public String subprotocol() {
        return Protocol.BINARY;
    }

    @Override
    public boolean isText() {
        return false;
    }

    @Override
    public boolean isCompact() {
        return true;
    }

    @Override
    public MessageCodec encoder() {
        return new BinaryCodec();
    }

    @Override
    public Decoder decoder() {
        return new BinaryDecoder();
    }

    @Override
    public ClientCommand command(byte[] frame) {
        return new ClientCommand.Malformed(
                OptionalLong.empty(), "frame was binary but " + subprotocol() + " takes commands in text frames only");
    }
}
