package io.tsdash.transport;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.timeout.IdleStateEvent;
import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.Session;
import io.tsdash.distribution.WireCode;
import java.io.IOException;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands a client's frames to its session. One event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is told by itself
final class WebSocketFrames extends SimpleChannelInboundHandler<WebSocketFrame> {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketFrames.class);

    private final Session session;
    private final NettyOutput output;
    private final WireCodec codec;
    private final int frameBytesMax;
    private boolean asked;

    WebSocketFrames(Session session, NettyOutput output, WireCodec codec, int frameBytesMax) {
        this.session = session;
        this.output = output;
        this.codec = codec;
        this.frameBytesMax = frameBytesMax;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
        asked = false;
        if (frame instanceof TextWebSocketFrame) {
            session.accept(CommandReader.read(ByteBufUtil.getBytes(frame.content())));
        } else if (frame instanceof BinaryWebSocketFrame) {
            session.accept(codec.command(ByteBufUtil.getBytes(frame.content())));
        } else if (frame instanceof PingWebSocketFrame) {
            context.writeAndFlush(new PongWebSocketFrame(frame.content().retain()));
        } else if (frame instanceof CloseWebSocketFrame) {
            session.close();
            context.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                    .addListener(done -> context.close());
        } else if (!(frame instanceof PongWebSocketFrame)) {
            session.accept(new ClientCommand.Malformed(
                    OptionalLong.empty(), "frame was a fragment but it must be one frame with one command"));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof IdleStateEvent) {
            if (asked) {
                context.close();
            } else {
                asked = true;
                context.writeAndFlush(new PingWebSocketFrame());
            }
        } else {
            super.userEventTriggered(context, event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        session.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        session.close();
        if (isTooLong(cause)) {
            output.close(WireCode.FRAME_TOO_LARGE, "frame was larger than " + frameBytesMax + " bytes");
        } else if (cause instanceof CorruptedWebSocketFrameException) {
            output.close(WireCode.MALFORMED, "frame was no WebSocket frame: " + cause.getMessage());
        } else {
            if (!(cause instanceof IOException)) {
                LOG.error("session {} failed", session.name(), cause);
            }
            context.close();
        }
    }

    private static boolean isTooLong(Throwable cause) {
        return cause instanceof TooLongFrameException
                || (cause instanceof CorruptedWebSocketFrameException corrupted
                        && corrupted.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG));
    }
}
