package io.tsdash.transport;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.tsdash.distribution.WireCode;
import java.util.Base64;
import java.util.Collection;
import java.util.List;

/** The rules for a client's opening handshake: RFC 6455 section 4.2.1, its origin, and the form of the wire. */
final class WebSocketHandshake {
    /** The one version there is. */
    static final String VERSION = "13";

    private static final int KEY_BYTES = 16;

    private WebSocketHandshake() {}

    /** @throws ProblemException if a rule is broken */
    static void check(FullHttpRequest request) {
        if (!request.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
            throw upgradeRequired("the request was plain HTTP but this address is a WebSocket");
        }
        if (!VERSION.equals(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            throw upgradeRequired("Sec-WebSocket-Version was '"
                    + request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION) + "' but it must be " + VERSION);
        }
        check(request.method().equals(HttpMethod.GET), "a WebSocket's method was not GET but it must be");
        check(
                request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0,
                "a WebSocket's HTTP version was below 1.1");
        check(
                request.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true),
                "Connection did not name Upgrade");
        List<String> keys = request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        check(keys.size() == 1 && isKey(keys.get(0)), "Sec-WebSocket-Key must be there once: 16 bytes in base64");
    }

    /** Any page may open a WebSocket to any server; only its origin tells them apart (RFC 6455 section 10.2). */
    static void checkOrigin(FullHttpRequest request, Collection<String> allowed) {
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        if (origin == null || allowed.contains(origin)) {
            return;
        }
        int scheme = origin.indexOf("://");
        String host = request.headers().get(HttpHeaderNames.HOST, "");
        if (scheme < 0 || !origin.substring(scheme + 3).equalsIgnoreCase(host)) {
            throw new ProblemException(
                    HttpResponseStatus.FORBIDDEN,
                    WireCode.FORBIDDEN,
                    "origin was '" + origin + "' but it must be this server's own or one that is allowed");
        }
    }

    /** Returns the first form that the client asks for and the server has. */
    static WireCodec codec(FullHttpRequest request, List<WireCodec> codecs) {
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

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key.trim()).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static ProblemException upgradeRequired(String detail) {
        return new ProblemException(HttpResponseStatus.UPGRADE_REQUIRED, WireCode.MALFORMED, detail);
    }

    private static void check(boolean holds, String rule) {
        if (!holds) {
            throw ProblemException.badRequest(rule);
        }
    }
}
