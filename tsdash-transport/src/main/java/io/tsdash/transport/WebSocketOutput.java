package io.tsdash.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.tsdash.distribution.WireCode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Frames of a WebSocket (RFC 6455 section 5.2), written past Netty's encoder. Thread-safe. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is told by itself
final class WebSocketOutput extends NettyOutput {
    private static final int FINAL_TEXT = 0x81;
    private static final int FINAL_BINARY = 0x82;
    private static final int DEFLATED = 0x40;
    private static final int TWO_BYTE_LENGTH = 126;
    private static final int EIGHT_BYTE_LENGTH = 127;
    private static final int HEADER_MAX = 10;
    /** A control frame holds 125 bytes, two of them the code. */
    private static final int REASON_MAX = 123;

    private final ChannelHandlerContext outlet;
    private final int firstByte;
    private final Optional<FrameDeflater> deflater;

    /**
     * @param text whether the form is text
     * @param deflater for a client that agreed on permessage-deflate
     */
    WebSocketOutput(Channel channel, Outbox outbox, boolean text, Optional<FrameDeflater> deflater) {
        super(channel, outbox);
        this.outlet = channel.pipeline().context(Outlet.class);
        this.firstByte = text ? FINAL_TEXT : FINAL_BINARY;
        this.deflater = deflater;
    }

    @Override
    TransportKind kind() {
        return TransportKind.WEBSOCKET;
    }

    @Override
    int write(Channel target, byte[] frame) {
        Optional<byte[]> deflated =
                deflater.isEmpty() ? Optional.empty() : deflater.get().deflate(frame);
        ByteBuf buffer = deflated.isPresent()
                ? encode(target, firstByte | DEFLATED, deflated.get())
                : encode(target, firstByte, frame);
        int bytes = buffer.readableBytes();
        outlet.writeAndFlush(buffer, target.voidPromise());
        return bytes;
    }

    private static ByteBuf encode(Channel target, int first, byte[] payload) {
        ByteBuf buffer = target.alloc().buffer(HEADER_MAX + payload.length);
        buffer.writeByte(first);
        if (payload.length < TWO_BYTE_LENGTH) {
            buffer.writeByte(payload.length);
        } else if (payload.length <= 0xffff) {
            buffer.writeByte(TWO_BYTE_LENGTH).writeShort(payload.length);
        } else {
            buffer.writeByte(EIGHT_BYTE_LENGTH).writeLong(payload.length);
        }
        return buffer.writeBytes(payload);
    }

    /**
     * Ends a connection whose client broke the rules of WebSockets. Nothing more of it can be read, not its own close
     * either; but to end the connection while its bytes still come would lose our words.
     */
    void fail(int code, String reason) {
        end(CloseReason.PROTOCOL, () -> new CloseWebSocketFrame(code, shortened(reason)), LastWords::after);
    }

    /** Answers the client's close; a code below 0 says that it gave none. */
    void answerClose(int code) {
        end(
                CloseReason.CLIENT,
                () -> code < 0 ? new CloseWebSocketFrame() : new CloseWebSocketFrame(code, ""),
                written -> written.addListener(ChannelFutureListener.CLOSE));
    }

    @Override
    Object farewell(Channel target, WireCode code, String text) {
        return new CloseWebSocketFrame(code.code(), shortened(text));
    }

    /** The client's own close must come first, or it may lose ours (RFC 6455 section 7.1.1). */
    @Override
    void afterFarewell(ChannelFuture written) {}

    private static String shortened(String text) {
        String shorter = text;
        while (shorter.getBytes(StandardCharsets.UTF_8).length > REASON_MAX) {
            shorter = shorter.substring(0, Math.min(shorter.length() - 1, REASON_MAX));
        }
        return shorter;
    }
}
