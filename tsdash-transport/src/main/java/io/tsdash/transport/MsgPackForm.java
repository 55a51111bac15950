package io.tsdash.transport;

import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.MessageCodec;

/** {@code tsdash.v1.msgpack}: binary frames, each a MessagePack array of messages with JSON's names. */
enum MsgPackForm implements WireCodec {
    INSTANCE;

    @Override
    public String subprotocol() {
        return Protocol.MSGPACK;
    }

    @Override
    public boolean isText() {
        return false;
    }

    @Override
    public boolean isCompact() {
        return false;
    }

    @Override
    public MessageCodec encoder() {
        return new MsgPackEncoder();
    }

    @Override
    public Decoder decoder() {
        return MsgPackReader::messages;
    }

    @Override
    public ClientCommand command(byte[] frame) {
        return MsgPackReader.command(frame);
    }
}
