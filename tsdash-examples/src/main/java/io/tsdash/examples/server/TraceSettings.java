package io.tsdash.examples.server;

import java.net.URI;
import java.util.Optional;

/**
 * Where traces go, and of what.
 *
 * @param address of a back end that takes OTLP: {@code otlp://HOST:PORT} by gRPC, {@code http://…} or {@code https://…} by HTTP; empty
 *     to trace nothing
 * @param share of the trades that are traced, 0 to 1
 */
public record TraceSettings(Optional<URI> address, double share) {}
