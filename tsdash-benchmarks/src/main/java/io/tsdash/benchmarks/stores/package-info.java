/** Measures the adapters of databases beside hand-written loops with the databases' own clients. */
@org.jspecify.annotations.NullMarked
package io.tsdash.benchmarks.stores;
