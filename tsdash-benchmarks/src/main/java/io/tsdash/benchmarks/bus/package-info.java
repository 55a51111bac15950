/** Measurements of the buses between processes, beside their clients used by hand. */
@org.jspecify.annotations.NullMarked
package io.tsdash.benchmarks.bus;
