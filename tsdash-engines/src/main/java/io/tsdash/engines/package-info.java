/** Starts the real database servers that tests and benchmarks run on, as child processes of this machine. */
@org.jspecify.annotations.NullMarked
package io.tsdash.engines;
