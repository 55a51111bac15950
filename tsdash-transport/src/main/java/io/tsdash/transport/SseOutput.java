package io.tsdash.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.tsdash.distribution.WireCode;
import java.util.Optional;

/** Events in an HTTP answer of chunks. Thread-safe. */
final class SseOutput extends NettyOutput {
    private final Optional<GzipStream> gzip;

    /** @param gzip for a client that asked for it */
    SseOutput(Channel channel, Optional<GzipStream> gzip) {
        super(channel);
        this.gzip = gzip;
    }

    @Override
    ByteBuf encode(Channel target, byte[] frame) {
        return Unpooled.wrappedBuffer(gzip.map(stream -> stream.piece(frame)).orElse(frame));
    }

    @Override
    Object content(ByteBuf buffer) {
        return new DefaultHttpContent(buffer);
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
        return new DefaultLastHttpContent(
                Unpooled.wrappedBuffer(gzip.map(stream -> stream.end(event)).orElse(event)));
    }
}
