/** Binds what the steps report to Micrometer and to OpenTelemetry. */
@org.jspecify.annotations.NullMarked
package io.tsdash.observability;
