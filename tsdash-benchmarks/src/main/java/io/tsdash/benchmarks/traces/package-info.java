/** What it costs to trace. */
@org.jspecify.annotations.NullMarked
package io.tsdash.benchmarks.traces;
