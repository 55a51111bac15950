package io.tsdash.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.tsdash.distribution.WireCode;
import java.util.Optional;

/** Events in an HTTP answer of chunks. Thread-safe. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is told by itself
final class SseOutput extends NettyOutput {
    private final Optional<GzipStream> gzip;

    /** @param gzip for a client that asked for it */
    SseOutput(Channel channel, Outbox outbox, Optional<GzipStream> gzip) {
        super(channel, outbox);
        this.gzip = gzip;
    }

    @Override
    TransportKind kind() {
        return TransportKind.SSE;
    }

    @Override
    int write(Channel target, byte[] frame) {
        byte[] piece = gzip.isPresent() ? gzip.get().piece(frame) : frame;
        target.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece)), target.voidPromise());
        return piece.length;
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
