package io.tsdash.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.tsdash.distribution.Access;
import io.tsdash.distribution.Session;
import io.tsdash.transport.access.Grant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns requests into WebSockets. One event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails ends the connection, which is told by itself
final class SocketRequests {
    private final TsdashServer server;
    private final Admissions admissions;

    SocketRequests(TsdashServer server, Admissions admissions) {
        this.server = server;
        this.admissions = admissions;
    }

    /**
     * Opens a WebSocket.
     *
     * @param kinds of channels that it takes
     */
    void open(Exchange exchange, String path, Set<String> kinds) {
        FullHttpRequest request = exchange.request();
        WebSocketHandshake.check(request);
        admissions.checkOrigin(exchange, Optional.empty(), server.config().origins());
        WireCodec codec = WebSocketHandshake.codec(request, server.config().codecs());
        SocketTrace trace =
                new SocketTrace(server.config().tracing(), server.gate().time(), exchange.channel(), request, path);
        trace.verifying();
        admissions.whenKnown(exchange, false, grant -> {
            if (grant.isPresent()) {
                trace.verified();
            }
            if (!path.equals(Protocol.ORDERS)
                    || (grant.isEmpty() && !server.gate().isOpen())) {
                handshake(exchange, codec, path, kinds, grant, trace);
                return;
            }
            String user = grant.map(Grant::user).orElse(Access.ANONYMOUS);
            exchange.retain();
            server.orders()
                    .orElseThrow()
                    .open(user)
                    .whenComplete((done, failure) -> exchange.later(() -> {
                        if (failure != null) {
                            throw ProblemException.unavailable("the orders cannot be had now: " + failure);
                        }
                        handshake(exchange, codec, path, kinds, grant, trace);
                    }));
        });
    }

    private void handshake(
            Exchange exchange,
            WireCodec codec,
            String path,
            Set<String> kinds,
            Optional<Grant> grant,
            SocketTrace trace) {
        Channel channel = exchange.channel();
        FullHttpRequest request = exchange.request();
        SocketCommands.Admission admission = admissions.admit(channel, grant);
        boolean deflate = server.deflates(codec)
                && DeflateExtension.isOffered(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS));
        HttpHeaders answer = new DefaultHttpHeaders();
        if (deflate) {
            answer.set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, DeflateExtension.ANSWER);
        }
        new WebSocketServerHandshaker13(
                        request.uri(),
                        codec.subprotocol(),
                        WebSocketDecoderConfig.newBuilder()
                                .maxFramePayloadLength(server.config().frameBytesMax())
                                .allowExtensions(deflate)
                                .closeOnProtocolViolation(false)
                                .build())
                .handshake(channel, request, answer, exchange.context().newPromise())
                .addListener(done -> {
                    if (done.isSuccess()) {
                        exchange.became(HttpResponseStatus.SWITCHING_PROTOCOLS);
                        frames(exchange.context(), codec, deflate, path, kinds, admission, trace);
                    } else {
                        channel.close();
                    }
                });
    }

    /** From here on there are frames, and no more requests. */
    private void frames(
            ChannelHandlerContext context,
            WireCodec codec,
            boolean deflate,
            String path,
            Set<String> kinds,
            SocketCommands.@Nullable Admission admission,
            SocketTrace trace) {
        Channel channel = context.channel();
        context.pipeline().remove(RequestDeadline.class);
        WebSocketOutput output =
                new WebSocketOutput(channel, server.outbox(context), codec.isText(), server.deflater(context, deflate));
        Session session =
                server.open(channel, output, server.encoder(codec), kinds, admissions.access(channel, admission));
        SocketCommands commands = new SocketCommands(
                server,
                channel,
                session,
                trace,
                admission,
                path.equals(Protocol.ORDERS) ? server.orders() : Optional.empty());
        context.pipeline()
                .replace(
                        context.handler(),
                        "frames",
                        new WebSocketFrames(
                                session,
                                commands,
                                output,
                                codec,
                                new ClientMessages(server.config().frameBytesMax(), deflate),
                                server.config().connections(),
                                server.config().traffic()));
    }
}
