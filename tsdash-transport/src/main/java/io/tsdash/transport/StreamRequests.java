package io.tsdash.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.tsdash.distribution.Access;
import io.tsdash.distribution.Refusal;
import io.tsdash.distribution.Session;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.distribution.WireCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Answers requests with streams of events that do not end. One event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is told by itself
final class StreamRequests {
    private final TsdashServer server;
    private final Admissions admissions;
    private final Consumer<Session> opened;

    /** @param opened takes the session of a stream: from there on the connection takes no requests */
    StreamRequests(TsdashServer server, Admissions admissions, Consumer<Session> opened) {
        this.server = server;
        this.admissions = admissions;
        this.opened = opened;
    }

    /** Opens a stream. */
    void open(Exchange exchange, Query query, List<String> channels) {
        if (exchange.request().method().equals(HttpMethod.HEAD)) {
            throw ProblemException.badRequest("a stream's method was HEAD but it must be GET");
        }
        channels.forEach(CommandFields::checkedName);
        int interval = (int) query.integer(
                "intervalMillis", SubscribeCommand.KEEP_INTERVAL, 0, SubscribeCommand.INTERVAL_MILLIS_MAX);
        String position = Optional.ofNullable(exchange.request().headers().get("last-event-id"))
                .orElse("");
        SubscribeCommand command = new SubscribeCommand(1, channels, interval, Map.of(), position);
        boolean gzip = Wishes.of(exchange.request().headers(), server.config().compression())
                .gzip();
        admissions.whenKnown(
                exchange,
                true,
                grant -> admissions.whenCounted(
                        exchange,
                        grant,
                        () -> open(exchange, command, gzip, admissions.admit(exchange.channel(), grant))));
    }

    private void open(
            Exchange exchange, SubscribeCommand command, boolean gzip, SocketCommands.@Nullable Admission admission) {
        Access access = admissions.access(exchange.channel(), admission);
        server.hub()
                .check(Protocol.STREAM_KINDS, access, command)
                .whenComplete((refusal, failure) -> exchange.context()
                        .executor()
                        .execute(() -> {
                            if (admission != null && (failure != null || refusal.isPresent())) {
                                admission.lease().release();
                            }
                            if (failure != null) {
                                String why = String.valueOf(failure.getMessage());
                                exchange.answer(
                                        ProblemException.unavailable(why).answer());
                            } else if (refusal.isPresent()) {
                                exchange.answer(admissions
                                        .told(exchange.channel(), access.user(), problem(refusal.get()))
                                        .answer());
                            } else {
                                stream(exchange, command, gzip, access, admission);
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
            Exchange exchange,
            SubscribeCommand command,
            boolean gzip,
            Access access,
            SocketCommands.@Nullable Admission admission) {
        ChannelHandlerContext context = exchange.context();
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED)
                .set("x-content-type-options", "nosniff")
                .set("x-accel-buffering", "no");
        exchange.rateFields().forEach(response.headers()::set);
        Optional<GzipStream> piped = server.deflater(context, gzip).map(GzipStream::new);
        if (gzip) {
            response.headers()
                    .set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP)
                    .set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING);
        }
        context.pipeline().remove(RequestDeadline.class);
        exchange.became(HttpResponseStatus.OK);
        context.writeAndFlush(response);
        if (gzip) {
            context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(GzipStream.header())));
        }
        NettyOutput output = new SseOutput(context.channel(), server.outbox(context), piped);
        Session session = server.open(context.channel(), output, server.sseCodec(), Protocol.STREAM_KINDS, access);
        if (admission != null) {
            Expiry expiry = new Expiry(
                    context.channel().eventLoop(),
                    server.gate().time(),
                    () -> session.dismiss(WireCode.UNAUTHENTICATED, "the token has ended: ask again with a new one"));
            expiry.at(admission.grant().expiresNanos());
            context.channel().closeFuture().addListener(done -> expiry.cancel());
        }
        opened.accept(session);
        session.accept(command);
    }
}
