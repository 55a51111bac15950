package io.tsdash.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts the data frames of one client together into messages: fragments joined, deflated ones inflated, texts checked to
 * be UTF-8. A message is bounded as a whole. One event loop.
 */
final class ClientMessages {
    private static final int RSV1 = 4;

    private final int bytesMax;
    private final boolean deflate;
    private @Nullable ByteArrayOutputStream fragments;
    private boolean text;
    private boolean deflated;

    /**
     * @param bytesMax of a message
     * @param deflate whether permessage-deflate was agreed on
     */
    ClientMessages(int bytesMax, boolean deflate) {
        this.bytesMax = bytesMax;
        this.deflate = deflate;
    }

    /**
     * Checks the reserved bits of any frame; without an extension Netty does.
     *
     * @throws CorruptedWebSocketFrameException if one is set that says nothing
     */
    void checkReserved(WebSocketFrame frame) {
        boolean begins = frame instanceof TextWebSocketFrame || frame instanceof BinaryWebSocketFrame;
        int known = deflate && begins ? RSV1 : 0;
        if ((frame.rsv() & ~known) != 0) {
            throw new CorruptedWebSocketFrameException(
                    WebSocketCloseStatus.PROTOCOL_ERROR, "reserved bits were set but mean nothing here");
        }
    }

    /**
     * Adds a data frame; returns the message that it ends.
     *
     * @throws TooLongFrameException if the message is beyond the bound
     * @throws CorruptedWebSocketFrameException if it breaks RFC 6455 or 7692
     */
    Optional<ClientMessage> add(WebSocketFrame frame) {
        if (!(frame instanceof ContinuationWebSocketFrame)) {
            text = frame instanceof TextWebSocketFrame;
            deflated = frame.rsv() != 0;
        }
        byte[] payload;
        if (fragments == null && frame.isFinalFragment()) {
            payload = ByteBufUtil.getBytes(frame.content());
        } else {
            ByteArrayOutputStream joined = join(frame.content());
            if (!frame.isFinalFragment()) {
                return Optional.empty();
            }
            payload = joined.toByteArray();
            fragments = null;
        }
        byte[] bytes = deflated ? Inflation.inflate(payload, bytesMax) : payload;
        if (text && !ByteBufUtil.isText(Unpooled.wrappedBuffer(bytes), StandardCharsets.UTF_8)) {
            throw new CorruptedWebSocketFrameException(WebSocketCloseStatus.INVALID_PAYLOAD_DATA, "text was not UTF-8");
        }
        return Optional.of(new ClientMessage(text, bytes));
    }

    private ByteArrayOutputStream join(ByteBuf part) {
        ByteArrayOutputStream joined = fragments;
        if (joined == null) {
            joined = new ByteArrayOutputStream();
            fragments = joined;
        }
        if (joined.size() + part.readableBytes() > bytesMax) {
            throw new TooLongFrameException("fragments were together larger than " + bytesMax + " bytes");
        }
        try {
            part.getBytes(part.readerIndex(), joined, part.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return joined;
    }
}
