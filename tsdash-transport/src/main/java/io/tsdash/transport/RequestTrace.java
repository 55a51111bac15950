package io.tsdash.transport;

import io.netty.handler.codec.http.FullHttpRequest;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Span;
import io.tsdash.trace.SpanKind;
import io.tsdash.trace.TraceContext;
import java.util.concurrent.Callable;

/** Records the work on a request whose client has it traced, by the header {@code traceparent}; of others, nothing. */
final class RequestTrace {
    private static final int SERVER_ERRORS = 500;

    private RequestTrace() {}

    /** Returns the work, recorded if the request asks for that. */
    @SuppressWarnings("try") // the scope is there to be closed
    static Callable<Answer> of(
            Tracing tracing, TimeSource time, Exchange exchange, String route, Callable<Answer> work) {
        FullHttpRequest request = exchange.request();
        TraceContext parent = TraceContext.parse(request.headers().get(SocketTrace.HEADER, ""));
        if (!parent.sampled()) {
            return work;
        }
        String method = request.method().name();
        Span span = tracing.tracer()
                .begin(method + " " + route, SpanKind.SERVER, parent, time.epochNanos())
                .tag("http.request.method", method)
                .tag("http.route", route);
        exchange.tracedBy(span);
        return () -> {
            try (Span.Scope scope = span.enter()) {
                Answer answer = work.call();
                span.tag("http.response.status_code", answer.status().code());
                return answer;
            } catch (ProblemException e) {
                int status = e.answer().status().code();
                span.tag("http.response.status_code", status);
                if (status >= SERVER_ERRORS) {
                    span.failed(String.valueOf(e.getMessage()));
                }
                throw e;
            } catch (Exception e) {
                span.failed(String.valueOf(e.getMessage()));
                throw e;
            } finally {
                span.end(time.epochNanos());
            }
        };
    }
}
