/** Stores beside the fastest that their engines' own clients can do. */
@org.jspecify.annotations.NullMarked
package io.tsdash.benchmarks.stores;
