/** What the loss of a region costs, simulated from stated assumptions. */
@org.jspecify.annotations.NullMarked
package io.tsdash.benchmarks.regions;
