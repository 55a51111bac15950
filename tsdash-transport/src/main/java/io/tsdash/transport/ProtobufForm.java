package io.tsdash.transport;

import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.MessageCodec;

/** {@code tsdash.v1.protobuf}: binary frames, each a {@code ServerFrame} of {@code tsdash.proto}. */
enum ProtobufForm implements WireCodec {
    INSTANCE;

    @Override
    public String subprotocol() {
        return Protocol.PROTOBUF;
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
        return new ProtobufEncoder();
    }

    @Override
    public Decoder decoder() {
        return ProtobufReader::messages;
    }

    @Override
    public ClientCommand command(byte[] frame) {
        return ProtobufReader.command(frame);
    }
}
