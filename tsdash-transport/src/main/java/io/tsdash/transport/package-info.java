/** Serves channels over WebSocket and SSE, and history over REST. */
@org.jspecify.annotations.NullMarked
package io.tsdash.transport;
