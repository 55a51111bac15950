package io.tsdash.transport;

import java.util.Map;
import java.util.Set;

/** Names of {@code docs/protocol.md}. */
final class Protocol {
    static final String JSON = "tsdash.v1.json";
    static final String MSGPACK = "tsdash.v1.msgpack";
    static final String PROTOBUF = "tsdash.v1.protobuf";
    static final String BINARY = "tsdash.v1.binary";

    /** The WebSocket that takes orders. */
    static final String ORDERS = "/orders";

    /** WebSocket paths and the kinds of channels that each takes. */
    static final Map<String, Set<String>> SOCKETS = Map.of(
            "/prices",
            Set.of("prices", "bars", "status", "node"),
            "/trades",
            Set.of("trades", "news", "alerts", "status", "node"),
            ORDERS,
            Set.of("orders", "status"));

    static final Set<String> STREAM_KINDS = Set.of("prices", "bars", "status", "node", "trades", "news", "alerts");

    private Protocol() {}
}
