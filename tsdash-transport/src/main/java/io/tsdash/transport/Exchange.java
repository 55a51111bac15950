package io.tsdash.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.tsdash.error.InvalidInputException;
import io.tsdash.resilience.RateDecision;
import io.tsdash.trace.Span;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;

/** One request until it is answered. One event loop, but for {@link #later}. */
final class Exchange {
    private final HttpRequests requests;
    private final ChannelHandlerContext context;
    private final FullHttpRequest request;
    private final Asked asked;
    private Map<String, String> rateFields = Map.of();

    Exchange(HttpRequests requests, ChannelHandlerContext context, FullHttpRequest request) {
        this.requests = requests;
        this.context = context;
        this.request = request;
        this.asked = new Asked(
                request.method().equals(HttpMethod.HEAD),
                HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess(),
                requests.timed(request));
    }

    ChannelHandlerContext context() {
        return context;
    }

    Channel channel() {
        return context.channel();
    }

    /** Returns the request; it is there until the step that has it ends, or {@linkplain #retain longer}. */
    FullHttpRequest request() {
        return request;
    }

    /** Keeps the request for one {@link #later}. */
    void retain() {
        request.retain();
    }

    /** Goes on with the request, which was retained, on its event loop. */
    void later(Runnable step) {
        try {
            context.executor().execute(() -> {
                try {
                    if (context.channel().isActive()) {
                        step.run();
                    }
                } catch (ProblemException e) {
                    answer(e.answer());
                } catch (InvalidInputException e) {
                    answer(ProblemException.badRequest(String.valueOf(e.getMessage()))
                            .answer());
                } finally {
                    request.release();
                }
            });
        } catch (RejectedExecutionException e) {
            request.release(); // the server has gone, and the connection with it
        }
    }

    /** Keeps how the limit of its sender stands, for the answer. */
    void counted(RateDecision decision) {
        rateFields = RateFields.of(decision);
    }

    /** Returns the header fields that say how the limit of its sender stands; none when it has none. */
    Map<String, String> rateFields() {
        return rateFields;
    }

    /** Sets the span of the work on the request. */
    void tracedBy(Span span) {
        asked.timed().ifPresent(timed -> timed.tracedBy(span));
    }

    /** Ends the exchange; the connection's next request follows. The request need not be there any more. */
    void answer(Answer answer) {
        requests.answer(context, asked, answer.with(rateFields));
    }

    /** Tells that the request has become a socket or a stream. */
    void became(HttpResponseStatus status) {
        asked.timed().ifPresent(timed -> timed.ended(status));
    }

    /** What an answer must know of its request. */
    record Asked(boolean head, boolean keepAlive, Optional<TimedRequest> timed) {}
}
