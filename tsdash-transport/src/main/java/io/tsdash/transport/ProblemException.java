package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.tsdash.distribution.WireCode;

/** A request that ends with a problem document. Expected, so without a stack trace. */
final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient HttpResponseStatus status;
    private final WireCode code;

    ProblemException(HttpResponseStatus status, WireCode code, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
    }

    static ProblemException badRequest(String detail) {
        return new ProblemException(HttpResponseStatus.BAD_REQUEST, WireCode.MALFORMED, detail);
    }

    static ProblemException notFound(String detail) {
        return new ProblemException(HttpResponseStatus.NOT_FOUND, WireCode.UNKNOWN_CHANNEL, detail);
    }

    static ProblemException unauthenticated(String detail) {
        return new ProblemException(HttpResponseStatus.UNAUTHORIZED, WireCode.UNAUTHENTICATED, detail);
    }

    static ProblemException tooMany(String detail) {
        return new ProblemException(HttpResponseStatus.TOO_MANY_REQUESTS, WireCode.TOO_MANY_COMMANDS, detail);
    }

    static ProblemException unavailable(String detail) {
        return new ProblemException(HttpResponseStatus.SERVICE_UNAVAILABLE, WireCode.UNAVAILABLE, detail);
    }

    /** Returns the number of what was wrong. */
    WireCode code() {
        return code;
    }

    /** Returns the answer. */
    Answer answer() {
        byte[] body = Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringProperty("type", "about:blank");
            json.writeStringProperty("title", status.reasonPhrase());
            json.writeNumberProperty("status", status.code());
            json.writeStringProperty("detail", String.valueOf(getMessage()));
            json.writeNumberProperty("code", code.code());
            json.writeBooleanProperty("retry", code.retry());
            json.writeEndObject();
        });
        return new Answer(status, "application/problem+json", body);
    }
}
