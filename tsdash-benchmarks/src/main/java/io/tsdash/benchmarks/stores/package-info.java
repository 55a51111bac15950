/** What stores take and answer, beside the fastest way that their own clients offer. */
@org.jspecify.annotations.NullMarked
package io.tsdash.benchmarks.stores;
