/** Measurements of what nodes share on Redis, beside its client used by hand. */
@org.jspecify.annotations.NullMarked
package io.tsdash.benchmarks.redis;
