/** Carries the channels of one server to all that serve copies, and decides which one that is. */
@org.jspecify.annotations.NullMarked
package io.tsdash.relay;
