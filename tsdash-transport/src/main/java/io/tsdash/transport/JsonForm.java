package io.tsdash.transport;

import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.MessageCodec;
import java.util.OptionalLong;

/** {@code tsdash.v1.json}: text frames, each a JSON array of messages. */
enum JsonForm implements WireCodec {
    INSTANCE;

    @Override
    public String subprotocol() {
        return Protocol.JSON;
    }

    @Override
    public boolean isText() {
        return true;
    }

    @Override
    public boolean isCompact() {
        return false;
    }

    @Override
    public MessageCodec encoder() {
        return new JsonCodec(Protocol.JSON);
    }

    @Override
    public Decoder decoder() {
        return MessageReader::read;
    }

    @Override
    public ClientCommand command(byte[] frame) {
        return new ClientCommand.Malformed(
                OptionalLong.empty(), "frame was binary but " + subprotocol() + " takes commands in text frames only");
    }
}
