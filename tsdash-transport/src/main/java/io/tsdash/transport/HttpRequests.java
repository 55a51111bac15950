package io.tsdash.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.handler.timeout.IdleStateEvent;
import io.tsdash.distribution.Access;
import io.tsdash.distribution.Permissions;
import io.tsdash.distribution.Refusal;
import io.tsdash.distribution.Session;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.distribution.WireCode;
import io.tsdash.error.InvalidInputException;
import io.tsdash.transport.access.Authentication;
import io.tsdash.transport.access.Grant;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection's requests, answered in order: REST and files by the workers, sockets and streams by the hub. One
 * event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is told by itself
final class HttpRequests extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(HttpRequests.class);
    /** A client that sends more requests without waiting for answers is not a browser. */
    private static final int PIPELINED_MAX = 16;

    private static final String BEARER = "Bearer ";

    private final TsdashServer server;
    private final RequestDeadline deadline;
    private final ArrayDeque<FullHttpRequest> waiting = new ArrayDeque<>();
    private boolean busy;
    private boolean ended;
    private @Nullable Session session;

    HttpRequests(TsdashServer server, RequestDeadline deadline) {
        this.server = server;
        this.deadline = deadline;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        deadline.met();
        if (session != null || ended) {
            return;
        }
        if (!busy) {
            handle(context, request);
        } else if (waiting.size() < PIPELINED_MAX) {
            waiting.addLast(request.retain());
        } else {
            context.close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof IdleStateEvent) {
            // A stream's client has nothing to say; what it does not take, the hub notices.
            if (!busy && session == null) {
                context.close();
            }
        } else if (event == RequestDeadline.EXPIRED) {
            expire(context);
        } else {
            super.userEventTriggered(context, event);
        }
    }

    private void expire(ChannelHandlerContext context) {
        if (session != null || ended) {
            return;
        }
        String why = "the request was not complete " + server.config().handshake() + " after its first byte";
        server.config()
                .connections()
                .ended(
                        String.valueOf(context.channel().remoteAddress()),
                        HttpResponseStatus.REQUEST_TIMEOUT.code(),
                        why);
        if (busy) {
            context.close();
        } else {
            ProblemException late = new ProblemException(HttpResponseStatus.REQUEST_TIMEOUT, WireCode.TOO_SLOW, why);
            answer(context, new Asked(false, false), late.answer());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closeSession();
        waiting.forEach(FullHttpRequest::release);
        waiting.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause.getCause() instanceof SSLException) {
            LOG.debug("a client's TLS failed: {}", cause.getMessage());
        } else if (!(cause instanceof IOException)) {
            LOG.error("a connection failed", cause);
        }
        closeSession();
        context.close();
    }

    private void closeSession() {
        Session open = session;
        if (open != null) {
            open.close();
        }
    }

    private void handle(ChannelHandlerContext context, FullHttpRequest request) {
        busy = true;
        try {
            route(context, request);
        } catch (ProblemException e) {
            answer(context, Asked.by(request), e.answer());
        } catch (InvalidInputException e) {
            answer(
                    context,
                    Asked.by(request),
                    ProblemException.badRequest(String.valueOf(e.getMessage())).answer());
        }
    }

    private void route(ChannelHandlerContext context, FullHttpRequest request) {
        if (!request.decoderResult().isSuccess()) {
            throw ProblemException.badRequest("the request was no HTTP: "
                    + request.decoderResult().cause().getMessage());
        }
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            throw new ProblemException(
                    HttpResponseStatus.METHOD_NOT_ALLOWED,
                    WireCode.MALFORMED,
                    "method was '" + request.method() + "' but it must be GET or HEAD");
        }
        if (request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0
                && request.headers().getAll(HttpHeaderNames.HOST).size() != 1) {
            throw ProblemException.badRequest("Host must be there once");
        }
        Query query = Query.of(request.uri());
        String path = query.path();
        Set<String> kinds = Protocol.SOCKETS.get(path);
        if (kinds != null) {
            if (path.equals(Protocol.ORDERS) && server.orders().isEmpty()) {
                throw ProblemException.notFound("path was '" + path + "' but this server takes no orders");
            }
            openSocket(context, request, path, kinds);
        } else if (path.equals("/stream")) {
            List<String> channels = List.of(query.required("channels").split(",", -1));
            openStream(context, request, query.only("channels", "intervalMillis"), channels);
        } else if (path.equals("/news") || path.equals("/alerts")) {
            openStream(context, request, query.only("intervalMillis"), List.of(path.substring(1)));
        } else if (path.startsWith("/health/")) {
            work(context, request, () -> server.health().answer(path));
        } else if (path.equals("/openapi.json")) {
            query.only();
            Wishes wishes = wishes(request);
            work(context, request, () -> server.openApi().as(wishes));
        } else if (RestApi.serves(path)) {
            Wishes wishes = wishes(request);
            whenKnown(context, request, true, grant -> {
                if (grant.isPresent() && !server.gate().quotas().message(grant.get())) {
                    throw ProblemException.tooMany("requests come faster than their user may send them");
                }
                Permissions permissions = grant.map(Grant::permissions).orElse(Permissions.all());
                RestAccess.check(query, permissions);
                work(context, request, () -> new Representation(server.rest().answer(query, permissions)).as(wishes));
            });
        } else {
            Wishes wishes = wishes(request);
            work(context, request, () -> server.files().find(path).as(wishes));
        }
    }

    private Wishes wishes(FullHttpRequest request) {
        Wishes wishes = Wishes.of(request.headers());
        return server.config().compression() ? wishes : new Wishes(false, wishes.tags());
    }

    /**
     * Goes on when it is known who asks; nobody is known on a server that asks nobody. Who is refused gets the answer.
     *
     * @param needed whether there must be a token
     */
    private void whenKnown(
            ChannelHandlerContext context, FullHttpRequest request, boolean needed, Consumer<Optional<Grant>> then) {
        String header = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        if (server.gate().isOpen() || (header == null && !needed)) {
            then.accept(Optional.empty());
            return;
        }
        if (header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            throw told(
                    context,
                    "",
                    ProblemException.unauthenticated("Authorization was not 'Bearer TOKEN' but it must be"));
        }
        request.retain();
        String token = header.substring(BEARER.length()).strip();
        server.gate()
                .authenticate(
                        token,
                        answer -> later(context, request, () -> then.accept(Optional.of(granted(context, answer)))));
    }

    private Grant granted(ChannelHandlerContext context, Authentication answer) {
        if (answer instanceof Authentication.Granted granted) {
            return granted.grant();
        }
        throw answer instanceof Authentication.Refused refused
                ? told(context, "", ProblemException.unauthenticated(refused.reason()))
                : ProblemException.unavailable(((Authentication.Unavailable) answer).reason());
    }

    /** Goes on with a request, which was retained, on its event loop. */
    private void later(ChannelHandlerContext context, FullHttpRequest request, Runnable step) {
        try {
            context.executor().execute(() -> {
                try {
                    if (context.channel().isActive()) {
                        step.run();
                    }
                } catch (ProblemException e) {
                    answer(context, Asked.by(request), e.answer());
                } finally {
                    request.release();
                }
            });
        } catch (RejectedExecutionException e) {
            request.release(); // the server has gone, and the connection with it
        }
    }

    private ProblemException told(ChannelHandlerContext context, String user, ProblemException problem) {
        server.gate().refused(context.channel(), user, problem.code(), String.valueOf(problem.getMessage()));
        return problem;
    }

    /** Counts a connection of a user who is known. */
    private SocketCommands.@Nullable Admission admit(ChannelHandlerContext context, Optional<Grant> grant) {
        if (grant.isEmpty()) {
            return null;
        }
        return server.gate()
                .quotas()
                .connect(grant.get())
                .map(lease -> new SocketCommands.Admission(grant.get(), lease))
                .orElseThrow(() -> told(
                        context,
                        grant.get().user(),
                        ProblemException.tooMany(SocketCommands.tooManyConnections(grant.get()))));
    }

    private void work(ChannelHandlerContext context, FullHttpRequest request, Callable<Answer> work) {
        Asked asked = Asked.by(request);
        server.workers()
                .work(
                        work,
                        context.executor(),
                        answer -> context.executor().execute(() -> answer(context, asked, answer)));
    }

    private void answer(ChannelHandlerContext context, Asked asked, Answer answer) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                answer.status(),
                asked.head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(answer.body()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .set("x-content-type-options", "nosniff");
        if (!answer.status().equals(HttpResponseStatus.NOT_MODIFIED)) {
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        }
        answer.headers().forEach((name, value) -> response.headers().set(name, value));
        if (answer.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        if (answer.status().equals(HttpResponseStatus.SERVICE_UNAVAILABLE)) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, "1");
        }
        if (answer.status().equals(HttpResponseStatus.UNAUTHORIZED)) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        boolean keepAlive = asked.keepAlive && !server.isLeaving();
        HttpUtil.setKeepAlive(response, keepAlive);
        if (answer.status().equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
            response.headers()
                    .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                    .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, WebSocketHandshake.VERSION)
                    .add(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        }
        ChannelFuture written = context.writeAndFlush(response);
        if (!keepAlive) {
            ended = true;
            LastWords.after(written);
            return;
        }
        written.addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        busy = false;
        FullHttpRequest next = waiting.pollFirst();
        if (next != null) {
            try {
                handle(context, next);
            } finally {
                next.release();
            }
        }
    }

    private void openSocket(ChannelHandlerContext context, FullHttpRequest request, String path, Set<String> kinds) {
        WebSocketHandshake.check(request);
        checkOrigin(request);
        WireCodec codec = codec(request);
        whenKnown(context, request, false, grant -> {
            if (!path.equals(Protocol.ORDERS)
                    || (grant.isEmpty() && !server.gate().isOpen())) {
                handshake(context, request, codec, path, kinds, grant);
                return;
            }
            String user = grant.map(Grant::user).orElse(Access.ANONYMOUS);
            request.retain();
            server.orders()
                    .orElseThrow()
                    .open(user)
                    .whenComplete((done, failure) -> later(context, request, () -> {
                        if (failure != null) {
                            throw ProblemException.unavailable("the orders cannot be had now: " + failure);
                        }
                        handshake(context, request, codec, path, kinds, grant);
                    }));
        });
    }

    private void handshake(
            ChannelHandlerContext context,
            FullHttpRequest request,
            WireCodec codec,
            String path,
            Set<String> kinds,
            Optional<Grant> grant) {
        SocketCommands.Admission admission = admit(context, grant);
        if (admission != null) {
            context.channel()
                    .closeFuture()
                    .addListener(done -> admission.lease().release());
        }
        Access access = admission != null
                ? admission.access(server.gate(), context.channel())
                : server.gate().isOpen() ? Access.open() : Access.none();
        boolean deflate = server.deflates(codec)
                && DeflateExtension.isOffered(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS));
        HttpHeaders answer = new DefaultHttpHeaders();
        if (deflate) {
            answer.set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, DeflateExtension.ANSWER);
        }
        int bytesMax = server.config().frameBytesMax();
        WebSocketServerHandshaker handshaker = new WebSocketServerHandshaker13(
                request.uri(),
                codec.subprotocol(),
                WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(bytesMax)
                        .allowExtensions(deflate)
                        .closeOnProtocolViolation(false)
                        .build());
        handshaker
                .handshake(context.channel(), request, answer, context.newPromise())
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        context.close();
                        return;
                    }
                    context.pipeline().remove(deadline);
                    WebSocketOutput output = new WebSocketOutput(
                            context.channel(),
                            server.outbox(context),
                            codec.isText(),
                            server.deflater(context, deflate));
                    Session opened = server.open(context.channel(), output, server.encoder(codec), kinds, access);
                    SocketCommands commands = new SocketCommands(
                            server,
                            context.channel(),
                            opened,
                            admission,
                            path.equals(Protocol.ORDERS) ? server.orders() : Optional.empty());
                    context.pipeline()
                            .replace(
                                    this,
                                    "frames",
                                    new WebSocketFrames(
                                            opened,
                                            commands,
                                            output,
                                            codec,
                                            new ClientMessages(bytesMax, deflate),
                                            server.config().connections()));
                });
    }

    /** Returns the first form that the client asks for and the server has. */
    private WireCodec codec(FullHttpRequest request) {
        List<WireCodec> codecs = server.config().codecs();
        String asked = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (asked == null) {
            return codecs.get(0);
        }
        for (String each : asked.split(",", -1)) {
            for (WireCodec codec : codecs) {
                if (each.trim().equals(codec.subprotocol())) {
                    return codec;
                }
            }
        }
        throw ProblemException.badRequest("subprotocol was '" + asked + "' but it must be "
                + String.join(", ", codecs.stream().map(WireCodec::subprotocol).toList()) + ", or none");
    }

    /** Any page may open a WebSocket to any server; only its origin tells them apart (RFC 6455 section 10.2). */
    private void checkOrigin(FullHttpRequest request) {
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        if (origin == null || server.config().origins().contains(origin)) {
            return;
        }
        int scheme = origin.indexOf("://");
        String host = request.headers().get(HttpHeaderNames.HOST, "");
        if (scheme < 0 || !origin.substring(scheme + 3).equalsIgnoreCase(host)) {
            throw new ProblemException(
                    HttpResponseStatus.FORBIDDEN,
                    WireCode.MALFORMED,
                    "origin was '" + origin + "' but it must be this server's own or one that is allowed");
        }
    }

    private void openStream(
            ChannelHandlerContext context, FullHttpRequest request, Query query, List<String> channels) {
        if (request.method().equals(HttpMethod.HEAD)) {
            throw ProblemException.badRequest("a stream's method was HEAD but it must be GET");
        }
        channels.forEach(CommandFields::checkedName);
        int interval = (int) query.integer(
                "intervalMillis", SubscribeCommand.KEEP_INTERVAL, 0, SubscribeCommand.INTERVAL_MILLIS_MAX);
        String position =
                Optional.ofNullable(request.headers().get("last-event-id")).orElse("");
        SubscribeCommand command = new SubscribeCommand(1, channels, interval, Map.of(), position);
        boolean gzip = wishes(request).gzip();
        whenKnown(context, request, true, grant -> {
            if (grant.isPresent() && !server.gate().quotas().message(grant.get())) {
                throw ProblemException.tooMany("requests come faster than their user may send them");
            }
            openStream(context, Asked.by(request), command, gzip, admit(context, grant));
        });
    }

    private void openStream(
            ChannelHandlerContext context,
            Asked asked,
            SubscribeCommand command,
            boolean gzip,
            SocketCommands.@Nullable Admission admission) {
        Access access = admission == null ? Access.open() : admission.access(server.gate(), context.channel());
        if (admission != null) {
            context.channel()
                    .closeFuture()
                    .addListener(done -> admission.lease().release());
        }
        server.hub()
                .check(Protocol.STREAM_KINDS, access, command)
                .whenComplete((refusal, failure) -> context.executor().execute(() -> {
                    if (admission != null && (failure != null || refusal.isPresent())) {
                        admission.lease().release();
                    }
                    if (failure != null) {
                        String why = String.valueOf(failure.getMessage());
                        answer(context, asked, ProblemException.unavailable(why).answer());
                    } else if (refusal.isPresent()) {
                        answer(
                                context,
                                asked,
                                told(context, access.user(), problem(refusal.get()))
                                        .answer());
                    } else {
                        stream(context, command, gzip, access, admission);
                    }
                }));
    }

    private static ProblemException problem(Refusal refusal) {
        return switch (refusal.code()) {
            case UNKNOWN_CHANNEL -> ProblemException.notFound(refusal.message());
            case FORBIDDEN -> new ProblemException(HttpResponseStatus.FORBIDDEN, WireCode.FORBIDDEN, refusal.message());
            default -> ProblemException.badRequest(refusal.message());
        };
    }

    private void stream(
            ChannelHandlerContext context,
            SubscribeCommand command,
            boolean gzip,
            Access access,
            SocketCommands.@Nullable Admission admission) {
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED)
                .set("x-content-type-options", "nosniff")
                .set("x-accel-buffering", "no");
        Optional<GzipStream> piped = server.deflater(context, gzip).map(GzipStream::new);
        if (gzip) {
            response.headers()
                    .set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP)
                    .set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING);
        }
        context.pipeline().remove(deadline);
        context.writeAndFlush(response);
        if (gzip) {
            context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(GzipStream.header())));
        }
        NettyOutput output = new SseOutput(context.channel(), server.outbox(context), piped);
        Session opened = server.open(context.channel(), output, server.sseCodec(), Protocol.STREAM_KINDS, access);
        if (admission != null) {
            Expiry expiry = new Expiry(
                    context.channel().eventLoop(),
                    server.gate().time(),
                    () -> opened.dismiss(WireCode.UNAUTHENTICATED, "the token has ended: ask again with a new one"));
            expiry.at(admission.grant().expiresNanos());
            context.channel().closeFuture().addListener(done -> expiry.cancel());
        }
        session = opened;
        opened.accept(command);
    }

    /** What an answer must know of its request. */
    private record Asked(boolean head, boolean keepAlive) {
        static Asked by(FullHttpRequest request) {
            return new Asked(
                    request.method().equals(HttpMethod.HEAD),
                    HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess());
        }
    }
}
