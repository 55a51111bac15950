package io.tsdash.examples.server;

import io.tsdash.trace.TradeSample;
import java.net.URI;
import java.util.Optional;

/**
 * Where traces go, and of what.
 *
 * @param address of a back end that takes OTLP: {@code otlp://HOST:PORT} by gRPC, {@code http://…} or {@code https://…} by HTTP; empty
 *     to trace nothing
 * @param sample which trades are traced
 */
public record TraceSettings(Optional<URI> address, TradeSample sample) {}
