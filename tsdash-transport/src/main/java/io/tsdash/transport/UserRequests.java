package io.tsdash.transport;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.tsdash.distribution.WireCode;
import io.tsdash.transport.access.Grant;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** What users keep with the server: {@code GET} and {@code PUT /user/NAME}. Thread-safe. */
final class UserRequests {
    static final String PREFIX = "/user/";

    private static final String ANONYMOUS = "anonymous";
    private static final String JSON = "application/json";

    private final UserData data;

    UserRequests(UserData data) {
        this.data = data;
    }

    /**
     * Checks a request, and returns the work that answers it.
     *
     * @throws ProblemException if the request is not as it must be
     */
    Callable<Answer> work(FullHttpRequest request, Query query, Optional<Grant> grant, Wishes wishes) {
        query.only();
        String name = query.path().substring(PREFIX.length());
        if (!data.names().contains(name)) {
            throw ProblemException.notFound("path was '" + query.path() + "' but what users keep here is "
                    + String.join(", ", data.names().stream().sorted().toList()));
        }
        String user = grant.map(Grant::user).orElse(ANONYMOUS);
        if (!request.method().equals(HttpMethod.PUT)) {
            return () ->
                    data.read(user, name).map(json -> found(json).as(wishes)).orElseGet(UserRequests::nothing);
        }
        String json = body(request);
        return () -> {
            data.write(user, name, json);
            return nothing();
        };
    }

    private static String body(FullHttpRequest request) {
        String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        if (!type.equals(JSON) && !type.startsWith(JSON + ";")) {
            throw ProblemException.badRequest("content-type was '" + type + "' but it must be " + JSON);
        }
        int length = request.content().readableBytes();
        if (length > UserData.BYTES_MAX) {
            throw new ProblemException(
                    HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                    WireCode.FRAME_TOO_LARGE,
                    "the body had " + length + " bytes but it must have at most " + UserData.BYTES_MAX);
        }
        byte[] bytes = new byte[length];
        request.content().getBytes(request.content().readerIndex(), bytes);
        try (JsonParser parser = Json.parser(bytes)) {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT && first != JsonToken.START_ARRAY) {
                throw ProblemException.badRequest("the body must be an object or an array");
            }
            parser.skipChildren();
            if (parser.nextToken() != null) {
                throw ProblemException.badRequest("the body must be one object or array, and nothing after it");
            }
        } catch (JacksonException e) {
            throw ProblemException.badRequest("the body was no JSON: " + e.getOriginalMessage());
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static Representation found(String json) {
        return new Representation(new Answer(
                HttpResponseStatus.OK,
                JSON,
                json.getBytes(StandardCharsets.UTF_8),
                Map.of("cache-control", "private, no-cache")));
    }

    private static Answer nothing() {
        return new Answer(HttpResponseStatus.NO_CONTENT, JSON, new byte[0]);
    }
}
