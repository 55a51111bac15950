/** Rebuilds the server's state from snapshots and deltas. */
@org.jspecify.annotations.NullMarked
package io.tsdash.client;
