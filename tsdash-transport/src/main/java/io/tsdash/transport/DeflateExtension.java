package io.tsdash.transport;

import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionUtil;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Agrees on permessage-deflate (RFC 7692), in one form only: no message builds on the one before, in either direction.
 * So an idle connection holds no compressor, and one compressed frame serves all who get it.
 */
final class DeflateExtension {
    /** What the server answers to an offer that it takes. */
    static final String ANSWER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    private static final String NAME = "permessage-deflate";
    private static final String SERVER_WINDOW = "server_max_window_bits";
    private static final String CLIENT_WINDOW = "client_max_window_bits";
    private static final int WINDOW_MIN = 8;
    /** The only window that the JDK's deflater has. */
    private static final int WINDOW_MAX = 15;

    private DeflateExtension() {}

    /** Returns whether one of the offers of a {@code Sec-WebSocket-Extensions} header can be taken. */
    static boolean isOffered(@Nullable String header) {
        if (header == null) {
            return false;
        }
        for (WebSocketExtensionData offer : WebSocketExtensionUtil.extractExtensions(header)) {
            if (offer.name().equals(NAME) && isTaken(offer.parameters())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isTaken(Map<String, @Nullable String> parameters) {
        for (Map.Entry<String, @Nullable String> each : parameters.entrySet()) {
            Optional<String> value = Optional.ofNullable(each.getValue());
            boolean taken = switch (each.getKey()) {
                case "server_no_context_takeover", "client_no_context_takeover" -> value.isEmpty();
                case CLIENT_WINDOW -> value.isEmpty() || window(value.get()) >= WINDOW_MIN;
                case SERVER_WINDOW -> value.isPresent() && window(value.get()) == WINDOW_MAX;
                default -> false;
            };
            if (!taken) {
                return false;
            }
        }
        return true;
    }

    private static int window(String digits) {
        return digits.matches("[89]|1[0-5]") ? Integer.parseInt(digits) : 0;
    }
}
