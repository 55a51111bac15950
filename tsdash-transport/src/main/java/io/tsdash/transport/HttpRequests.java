package io.tsdash.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.concurrent.EventExecutor;
import io.tsdash.distribution.Permissions;
import io.tsdash.distribution.Session;
import io.tsdash.distribution.WireCode;
import io.tsdash.error.InvalidInputException;
import io.tsdash.transport.access.Grant;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection's requests, answered in order, until it becomes a socket or a stream. One event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is told by itself
final class HttpRequests extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(HttpRequests.class);
    /** A client that sends more requests without waiting for answers is not a browser. */
    private static final int PIPELINED_MAX = 16;

    private final TsdashServer server;
    private final RequestDeadline deadline;
    private final Admissions admissions;
    private final SocketRequests sockets;
    private final StreamRequests streams;
    private final ArrayDeque<FullHttpRequest> waiting = new ArrayDeque<>();
    private boolean busy;
    private boolean ended;
    private @Nullable Session session;

    HttpRequests(TsdashServer server, RequestDeadline deadline) {
        this.server = server;
        this.deadline = deadline;
        this.admissions = new Admissions(server.gate());
        this.sockets = new SocketRequests(server, admissions);
        this.streams = new StreamRequests(server, admissions, opened -> session = opened);
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

    /** Begins to measure a request, where someone hears of it. */
    Optional<TimedRequest> timed(FullHttpRequest request) {
        ServerConfig config = server.config();
        return config.traffic() == TrafficListener.NONE
                ? Optional.empty()
                : Optional.of(new TimedRequest(
                        config.traffic(),
                        server.hub().clock(),
                        Routes.method(request.method()),
                        Routes.pattern(request.uri(), config.pages().keySet())));
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
            answer(context, new Exchange.Asked(false, false, Optional.empty()), late.answer());
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
        Exchange exchange = new Exchange(this, context, request);
        try {
            check(request);
            route(exchange, Query.of(request.uri()));
        } catch (ProblemException e) {
            exchange.answer(e.answer());
        } catch (InvalidInputException e) {
            exchange.answer(
                    ProblemException.badRequest(String.valueOf(e.getMessage())).answer());
        }
    }

    private static void check(FullHttpRequest request) {
        if (!request.decoderResult().isSuccess()) {
            throw ProblemException.badRequest("the request was no HTTP: "
                    + request.decoderResult().cause().getMessage());
        }
        boolean reads =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        boolean keeps = request.method().equals(HttpMethod.PUT) && request.uri().startsWith(UserRequests.PREFIX);
        if (!reads && !keeps) {
            throw new ProblemException(
                    HttpResponseStatus.METHOD_NOT_ALLOWED,
                    WireCode.MALFORMED,
                    "method was '" + request.method() + "' but it must be GET or HEAD, or PUT below "
                            + UserRequests.PREFIX);
        }
        if (request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0
                && request.headers().getAll(HttpHeaderNames.HOST).size() != 1) {
            throw ProblemException.badRequest("Host must be there once");
        }
    }

    private void route(Exchange exchange, Query query) {
        String path = query.path();
        Set<String> kinds = Protocol.SOCKETS.get(path);
        Wishes wishes = Wishes.of(exchange.request().headers(), server.config().compression());
        ServedPage page = server.config().pages().get(path);
        if (page != null) {
            query.only();
            page(exchange, page, wishes);
        } else if (kinds != null) {
            if (path.equals(Protocol.ORDERS) && server.orders().isEmpty()) {
                throw ProblemException.notFound("path was '" + path + "' but this server takes no orders");
            }
            sockets.open(exchange, path, kinds);
        } else if (path.equals("/stream")) {
            List<String> channels = List.of(query.required("channels").split(",", -1));
            streams.open(exchange, query.only("channels", "intervalMillis"), channels);
        } else if (path.equals("/news") || path.equals("/alerts")) {
            streams.open(exchange, query.only("intervalMillis"), List.of(path.substring(1)));
        } else if (path.equals("/health") || path.startsWith("/health/")) {
            work(exchange, () -> server.health().answer(path));
        } else if (path.equals("/openapi.json")) {
            query.only();
            work(exchange, () -> server.openApi().as(wishes));
        } else if (RestApi.serves(path)) {
            rest(exchange, query, wishes);
        } else if (path.equals(OperatorRequests.PATH)) {
            operator(exchange, query, wishes);
        } else if (path.startsWith(UserRequests.PREFIX) && server.users().isPresent()) {
            user(exchange, query, wishes, server.users().get());
        } else {
            work(exchange, () -> server.files().find(path).as(wishes));
        }
    }

    private void rest(Exchange exchange, Query query, Wishes wishes) {
        admissions.whenKnown(
                exchange,
                true,
                grant -> admissions.whenCounted(exchange, grant, () -> {
                    admissions.permit(exchange.channel(), grant, mine -> RestAccess.check(query, mine));
                    Permissions permissions = grant.map(Grant::permissions).orElse(Permissions.all());
                    Callable<Answer> answer =
                            () -> new Representation(server.rest().answer(query, permissions)).as(wishes);
                    work(
                            RestApi.asksStore(query.path()) ? server.storeWorkers() : server.workers(),
                            exchange,
                            RequestTrace.of(
                                    server.config().tracing(), server.gate().time(), exchange, query.path(), answer));
                }));
    }

    private void operator(Exchange exchange, Query query, Wishes wishes) {
        admissions.whenKnown(
                exchange,
                true,
                grant -> admissions.whenCounted(exchange, grant, () -> {
                    admissions.permit(exchange.channel(), grant, OperatorRequests::check);
                    work(exchange, () -> new Representation(server.operator().answer(query)).as(wishes));
                }));
    }

    private void page(Exchange exchange, ServedPage page, Wishes wishes) {
        String accept = exchange.request().headers().get(HttpHeaderNames.ACCEPT, "");
        if (page.isOpen()) {
            work(exchange, () -> page.answer(accept, wishes));
            return;
        }
        admissions.whenKnown(exchange, true, grant -> {
            admissions.permit(exchange.channel(), grant, page::check);
            work(exchange, () -> page.answer(accept, wishes));
        });
    }

    private void user(Exchange exchange, Query query, Wishes wishes, UserRequests users) {
        admissions.whenKnown(
                exchange,
                true,
                grant -> admissions.whenCounted(exchange, grant, () -> {
                    if (exchange.request().method().equals(HttpMethod.PUT)) {
                        // any page may have its visitors send requests here
                        admissions.checkOrigin(exchange, grant, server.config().origins());
                    }
                    work(server.storeWorkers(), exchange, users.work(exchange.request(), query, grant, wishes));
                }));
    }

    private void work(Exchange exchange, Callable<Answer> work) {
        work(server.workers(), exchange, work);
    }

    private static void work(RestWorkers workers, Exchange exchange, Callable<Answer> work) {
        EventExecutor loop = exchange.context().executor();
        workers.work(work, loop, answer -> loop.execute(() -> exchange.answer(answer)));
    }

    /** Answers, and goes on with the next request. */
    void answer(ChannelHandlerContext context, Exchange.Asked asked, Answer answer) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                answer.status(),
                asked.head() ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(answer.body()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .set("x-content-type-options", "nosniff");
        if (!answer.status().equals(HttpResponseStatus.NOT_MODIFIED)
                && !answer.status().equals(HttpResponseStatus.NO_CONTENT)) {
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        }
        answer.headers().forEach((name, value) -> response.headers().set(name, value));
        if (answer.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        if (answer.status().equals(HttpResponseStatus.SERVICE_UNAVAILABLE)
                || (answer.status().equals(HttpResponseStatus.TOO_MANY_REQUESTS)
                        && !response.headers().contains(HttpHeaderNames.RETRY_AFTER))) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, "1");
        }
        if (answer.status().equals(HttpResponseStatus.UNAUTHORIZED)) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        boolean keepAlive = asked.keepAlive() && !server.isLeaving();
        HttpUtil.setKeepAlive(response, keepAlive);
        if (answer.status().equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
            response.headers()
                    .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                    .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, WebSocketHandshake.VERSION)
                    .add(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        }
        asked.timed().ifPresent(timed -> timed.ended(answer.status()));
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
}
