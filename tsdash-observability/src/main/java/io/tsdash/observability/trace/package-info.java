/** Binds traces to the OpenTelemetry API. */
@org.jspecify.annotations.NullMarked
package io.tsdash.observability.trace;
