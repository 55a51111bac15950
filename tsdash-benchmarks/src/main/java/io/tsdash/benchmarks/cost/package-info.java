/** The paths on which the cost of metrics is measured. */
@org.jspecify.annotations.NullMarked
package io.tsdash.benchmarks.cost;
