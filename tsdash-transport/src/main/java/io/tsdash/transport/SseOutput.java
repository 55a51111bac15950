package io.tsdash.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.tsdash.distribution.WireCode;

/** Events in an HTTP answer of chunks. Thread-safe. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is told by itself
final class SseOutput extends NettyOutput {

    SseOutput(Channel channel, Outbox outbox) {
        super(channel, outbox);
    }

    @Override
    void write(Channel target, byte[] frame) {
        target.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(frame)), target.voidPromise());
    }

    @Override
    Object farewell(Channel target, WireCode code, String text) {
        byte[] event = SseCodec.event("close", Json.bytes(json -> {
            json.writeStartObject();
            json.writeNumberProperty("code", code.code());
            json.writeStringProperty("message", text);
            json.writeBooleanProperty("retry", code.retry());
            json.writeEndObject();
        }));
        return new DefaultLastHttpContent(Unpooled.wrappedBuffer(event));
    }
}
