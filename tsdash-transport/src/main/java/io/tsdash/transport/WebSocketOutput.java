package io.tsdash.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.tsdash.distribution.WireCode;
import java.nio.charset.StandardCharsets;

/** Frames of a WebSocket (RFC 6455 section 5.2), written past Netty's encoder. Thread-safe. */
final class WebSocketOutput extends NettyOutput {
    private static final int FINAL_TEXT = 0x81;
    private static final int FINAL_BINARY = 0x82;
    private static final int TWO_BYTE_LENGTH = 126;
    private static final int EIGHT_BYTE_LENGTH = 127;
    private static final int HEADER_MAX = 10;
    /** A control frame holds 125 bytes, two of them the code. */
    private static final int REASON_MAX = 123;

    private final int firstByte;

    WebSocketOutput(Channel channel, boolean text) {
        super(channel);
        firstByte = text ? FINAL_TEXT : FINAL_BINARY;
    }

    @Override
    ByteBuf encode(Channel target, byte[] frame) {
        ByteBuf buffer = target.alloc().buffer(HEADER_MAX + frame.length);
        buffer.writeByte(firstByte);
        if (frame.length < TWO_BYTE_LENGTH) {
            buffer.writeByte(frame.length);
        } else if (frame.length <= 0xffff) {
            buffer.writeByte(TWO_BYTE_LENGTH).writeShort(frame.length);
        } else {
            buffer.writeByte(EIGHT_BYTE_LENGTH).writeLong(frame.length);
        }
        return buffer.writeBytes(frame);
    }

    @Override
    Object farewell(Channel target, WireCode code, String text) {
        return new CloseWebSocketFrame(code.code(), shortened(text));
    }

    private static String shortened(String text) {
        String shorter = text;
        while (shorter.getBytes(StandardCharsets.UTF_8).length > REASON_MAX) {
            shorter = shorter.substring(0, Math.min(shorter.length() - 1, REASON_MAX));
        }
        return shorter;
    }
}
