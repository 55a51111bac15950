package io.tsdash.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.timeout.IdleStateEvent;
import io.tsdash.distribution.Session;
import io.tsdash.distribution.WireCode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands a client's messages to its session, and answers its control frames (RFC 6455 section 5.5). One event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is told by itself
final class WebSocketFrames extends SimpleChannelInboundHandler<WebSocketFrame> {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketFrames.class);
    /** Codes from here on belong to nobody (section 7.4.2). */
    private static final int CLOSE_CODE_END = 5_000;

    private final Session session;
    private final SocketCommands commands;
    private final WebSocketOutput output;
    private final WireCodec codec;
    private final ClientMessages messages;
    private final ConnectionListener listener;
    private final TrafficListener traffic;
    private boolean asked;
    private @Nullable ByteBuf unanswered;

    WebSocketFrames(
            Session session,
            SocketCommands commands,
            WebSocketOutput output,
            WireCodec codec,
            ClientMessages messages,
            ConnectionListener listener,
            TrafficListener traffic) {
        this.session = session;
        this.commands = commands;
        this.output = output;
        this.codec = codec;
        this.messages = messages;
        this.listener = listener;
        this.traffic = traffic;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
        asked = false;
        if (frame instanceof CloseWebSocketFrame close) {
            close(context, close);
        } else if (!output.isClosed()) {
            messages.checkReserved(frame);
            if (frame instanceof PingWebSocketFrame) {
                answer(context, frame.content());
            } else if (!(frame instanceof PongWebSocketFrame)) {
                traffic.received(frame.content().readableBytes());
                messages.add(frame).ifPresent(this::hear);
            }
        }
    }

    private void hear(ClientMessage message) {
        commands.accept(message.text() ? CommandReader.read(message.bytes()) : codec.command(message.bytes()));
    }

    /** Answers a close with the same code; one that answers ours ends the connection (section 5.5.1). */
    private void close(ChannelHandlerContext context, CloseWebSocketFrame frame) {
        session.close();
        if (output.isClosed()) {
            context.close();
            return;
        }
        messages.checkReserved(frame);
        int code = frame.statusCode();
        if (code >= CLOSE_CODE_END) {
            throw new CorruptedWebSocketFrameException(
                    WebSocketCloseStatus.PROTOCOL_ERROR, "close code was " + code + " but there is no such");
        }
        output.answerClose(code);
    }

    /** A client that pings and does not read must not fill our memory: then only the newest ping is answered. */
    private void answer(ChannelHandlerContext context, ByteBuf payload) {
        if (context.channel().isWritable()) {
            context.writeAndFlush(new PongWebSocketFrame(payload.retain()));
        } else {
            forget();
            unanswered = payload.retain();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        ByteBuf payload = unanswered;
        if (payload != null && context.channel().isWritable()) {
            unanswered = null;
            context.writeAndFlush(new PongWebSocketFrame(payload));
        }
        context.fireChannelWritabilityChanged();
    }

    private void forget() {
        if (unanswered != null) {
            unanswered.release();
            unanswered = null;
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof IdleStateEvent) {
            if (asked) {
                listener.ended(client(context), ConnectionListener.SILENT, "a ping was not answered");
                output.reason(CloseReason.SILENT);
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
        forget();
        session.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        session.close();
        if (isTooLong(cause)) {
            fail(context, WireCode.FRAME_TOO_LARGE.code(), cause);
        } else if (cause instanceof CorruptedWebSocketFrameException corrupted) {
            fail(context, corrupted.closeStatus().code(), cause);
        } else {
            if (!(cause instanceof IOException)) {
                LOG.error("session {} failed", session.name(), cause);
                output.reason(CloseReason.ERROR);
            }
            context.close();
        }
    }

    private void fail(ChannelHandlerContext context, int code, Throwable cause) {
        String why = String.valueOf(cause.getMessage());
        listener.ended(client(context), code, why);
        output.fail(code, why);
    }

    private static String client(ChannelHandlerContext context) {
        return String.valueOf(context.channel().remoteAddress());
    }

    private static boolean isTooLong(Throwable cause) {
        return cause instanceof TooLongFrameException
                || (cause instanceof CorruptedWebSocketFrameException corrupted
                        && corrupted.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG));
    }
}
