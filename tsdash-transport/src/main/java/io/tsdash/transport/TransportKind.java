package io.tsdash.transport;

/** How a client follows channels. */
public enum TransportKind {
    /** Over a WebSocket. */
    WEBSOCKET,
    /** Over a stream of events (SSE). */
    SSE
}
